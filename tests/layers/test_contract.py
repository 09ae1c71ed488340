"""What every layer promises, whichever it is."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, get_overloads

import pytest
from layer_cases import missing
from layer_oracle import Numbers, construct, drawn, infer, make
from torch import nn

from netspec.layer.base import Function, Layer, Module, ShapeError
from netspec.layers import OPS, find
from netspec.layers.initializers import INITIALIZERS


def cls_of(op: str) -> type[Layer]:
    """The layer's class."""
    layer = find(op)
    assert layer is not None
    return layer


MODULES = tuple(op for op in OPS if issubclass(cls_of(op), Module))

NOT_ARGUMENTS = {
    "device", "dtype", "args", "kwargs", "min_value", "max_value", "_weight", "_freeze",
    "_random_samples", "process_group", "custom_encoder", "custom_decoder",
}  # fmt: skip
"""Other parameters of torch's constructors: the caller's business, catch-alls, and two old names."""


PARTS: dict[str, Any] = {
    "encoder_layer": nn.TransformerEncoderLayer, "decoder_layer": nn.TransformerDecoderLayer,
}  # fmt: skip
"""The layers that torch's constructors take, whose arguments ours take in their place."""


def accepted(op: str, count: int = 40) -> list[tuple[Layer, list[tuple[int, ...]], list[Any]]]:
    """Some layers of that op, shapes that they accept, and their outputs."""
    accepted_cases = []
    for i in range(count):
        args, names, shapes = drawn(op, f"{op} {i}")
        layer = make(op, args, names)
        if layer is not None:
            result = infer(layer, Numbers(), shapes)
            if not isinstance(result, ShapeError):
                accepted_cases.append((layer, shapes, result))
    return accepted_cases


def test_every_layer_has_cases() -> None:
    assert missing() == []


def test_no_layer_is_declared_twice() -> None:
    assert len(OPS) == len(set(OPS)) > 120


@pytest.mark.parametrize("op", OPS)
def test_the_docstring_says_what_it_is_and_how_shapes_change(op: str) -> None:
    doc = inspect.getdoc(cls_of(op))
    assert doc is not None
    assert re.match(r"[A-Z][^\n]*\.\n\nShape: [^\n]+\n", doc)
    assert re.search(r"^Source: ", doc, re.MULTILINE)


@pytest.mark.parametrize("op", OPS)
def test_every_argument_is_explained_and_takes_its_own_default(op: str) -> None:
    for name, argument in cls_of(op).arguments.items():
        assert argument.name == name
        assert len(argument.doc) > 5
        assert not argument.doc.endswith(".")
        assert argument.kind.expected != "anything"
        if not argument.required and not argument.inferred:
            assert argument.kind.accept(argument.default) == argument.default


def parameters_of(function: Any) -> list[inspect.Parameter]:
    """What a method of torch takes; of several signatures, the first."""
    declared = next(iter(get_overloads(function)), function)
    signature_parameters = []
    for parameter in inspect.signature(declared).parameters.values():
        if parameter.name in PARTS:
            signature_parameters.extend(parameters_of(PARTS[parameter.name].__init__))
        elif parameter.name not in NOT_ARGUMENTS | {"self"}:
            signature_parameters.append(parameter)
    return signature_parameters


@pytest.mark.parametrize("op", MODULES)
def test_arguments_have_torchs_names_order_and_defaults(op: str) -> None:
    cls = cls_of(op)
    assert issubclass(cls, Module)
    built = parameters_of(getattr(nn, op).__init__)
    called = [p for p in parameters_of(getattr(nn, op).forward) if p.name in cls.call_arguments]
    ours = cls.arguments
    assert list(ours) == [p.name for p in (*built, *called)]
    for parameter in (*built, *called):
        argument = ours[parameter.name]
        default = getattr(parameter.default, "__name__", parameter.default)
        if parameter.default is not inspect.Parameter.empty and not argument.inferred:
            assert argument.default == default
        else:
            assert argument.required or argument.inferred


@pytest.mark.filterwarnings("ignore:dropout option adds", "ignore:enable_nested_tensor")
@pytest.mark.parametrize("op", MODULES)
def test_the_constructor_call_builds_the_class_that_it_names(op: str) -> None:
    for layer, shapes, _ in accepted(op):
        assert isinstance(layer, Module)
        text = construct(layer, shapes)
        built = eval(text, {"nn": nn})
        assert type(built).__name__ == op


@pytest.mark.filterwarnings("ignore:dropout option adds", "ignore:enable_nested_tensor")
@pytest.mark.parametrize("op", MODULES)
def test_parameters_and_buffers_are_those_of_torch_in_its_order(op: str) -> None:
    for layer, shapes, _ in accepted(op):
        assert isinstance(layer, Module)
        built = eval(construct(layer, shapes), {"nn": nn})
        ours = {**layer.parameters(*shapes), **layer.buffers(*shapes)}
        theirs = {name: tuple(t.shape) for name, t in built.state_dict().items()}
        assert list(ours.items()) == list(theirs.items())
        assert list(layer.parameters(*shapes)) == [name for name, _ in built.named_parameters()]


@pytest.mark.parametrize("op", OPS)
def test_every_size_of_a_result_has_an_origin(op: str) -> None:
    for layer, shapes, result in accepted(op):
        for number, shape in enumerate(result):
            for axis, size in enumerate(shape):
                origin = layer.origin(number, axis, *shapes)
                parts = [shapes[i][a] for i, a in origin.parts]
                if origin.kind == "same":
                    assert size in parts
                    assert set(parts) == {size}
                elif origin.kind == "sum":
                    assert sum(parts) == size
                elif origin.kind == "argument":
                    assert origin.argument in ("", *layer.arguments)
                else:
                    assert parts


@pytest.mark.parametrize("op", OPS)
def test_macs_are_integers_and_only_where_weights_or_tensors_multiply(
    op: str,
) -> None:
    works = op.startswith("Conv") or op in (
        "Linear", "Bilinear", "MatMul", "Einsum", "ScaledDotProductAttention", "MultiheadAttention", "RNN",
        "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell", "Transformer", "TransformerEncoder",
        "TransformerDecoder", "TransformerEncoderLayer", "TransformerDecoderLayer",
    )  # fmt: skip
    for layer, shapes, result in accepted(op):
        macs = layer.macs(shapes, result)
        assert type(macs) is int
        assert (macs > 0) == (works and (op != "Einsum" or len(shapes) > 1))


@pytest.mark.parametrize("op", OPS)
def test_as_many_results_are_named_as_there_are(op: str) -> None:
    for layer, _, result in accepted(op):
        assert len(layer.results) == len(result) == len(set(layer.results))


@pytest.mark.parametrize("op", [op for op in OPS if op not in ("Parameter", "Constant")])
def test_generated_expressions_compose(op: str) -> None:
    """Where an input is a sum, the expression means that sum and not a part of it."""
    for layer, shapes, _ in accepted(op, 5):
        texts = {n: repr(getattr(layer, n)) for n in layer.arguments}
        sums = [f"a{i} + b{i}" for i in range(len(shapes))]
        plain = [f"c{i}" for i in range(len(shapes))]
        if isinstance(layer, Module):
            called = {n: texts[n] for n in layer.call_arguments}
            long, short = layer.write("m", *sums, **called), layer.write("m", *plain, **called)
        else:
            assert isinstance(layer, Function)
            long, short = layer.write(*sums, **texts), layer.write(*plain, **texts)
        for i, total in enumerate(sums):
            short = re.sub(rf"\bc{i}\b", f"({total})", short)
        assert ast.dump(ast.parse(long)) == ast.dump(ast.parse(short))


@pytest.mark.parametrize("op", OPS)
def test_an_unknown_argument_is_named_and_a_missing_one_is_explained(op: str) -> None:
    cls = cls_of(op)
    layer, errors = cls.make({"flavour": 1})
    assert layer is None
    assert errors[0].message == f"`{op}` has no argument `flavour`"
    needed = [n for n, a in cls.arguments.items() if a.required]
    if needed:
        assert errors[-1].message == f"`{op}` requires " + ", ".join(f"`{n}`" for n in needed)
        assert len(errors[-1].helps) == len(needed)


def test_initializers_are_functions_of_torch() -> None:
    theirs = {n for n in dir(nn.init) if n.endswith("_") and not n.startswith("_")}
    assert set(INITIALIZERS) == theirs
