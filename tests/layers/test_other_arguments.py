"""Arguments of torch's functions and constructors that a layer has by another name, or not at all."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional

from netspec import layers
from netspec.check import check_text
from netspec.fix import fix
from netspec.layers.other_arguments import remark, suggested_argument
from netspec.layers.other_names import translated

NOT_ASKED = {"self", "out", "generator", "args", "kwargs", "_stacklevel", "a", "b", "l", "n", "s"}
WITHOUT_COUNTERPART = {
    "alpha", "rounding_mode", "use_input_stats", "embed_dim_to_check", "in_proj_bias", "bias_k", "bias_v",
    "out_proj_bias", "use_separate_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight", "static_k",
    "static_v", "_freeze", "_random_samples", "process_group", "custom_encoder", "custom_decoder", "source",
    "destination", "length", "value", "out_dtype", "names", "data", "requires_grad",
    "layout", "memory_format", "non_blocking", "sparse_grad", "operands", "output_size", "eps", "y", "dim0", "dim1",
}  # fmt: skip
"""What no argument of a layer stands for: the list of its arguments is the answer."""


ANOTHER_FUNCTION = {"unfold"}
"""`Tensor.unfold` slides a window along one axis; `nn.Unfold` takes images apart."""


def signatures() -> Iterator[tuple[str, list[str]]]:
    """Names of functions and classes with the names of their arguments."""
    for module in (torch, torch.Tensor, functional, nn):
        for name in dir(module):
            function = getattr(module, name)
            of_tensors = name in ANOTHER_FUNCTION and module is torch.Tensor
            if name.startswith("_") or name.endswith("_") or of_tensors or not callable(function):
                continue
            try:
                arguments = list(inspect.signature(function).parameters)
            except (TypeError, ValueError):
                arguments = []
            match = re.search(
                rf"^\s*{name}\((.*?)\) *->", str(function.__doc__ or ""), re.MULTILINE
            )
            if match is not None:
                written = [part.strip().lstrip("*") for part in match[1].split(",")]
                arguments += [re.split(r"[=:]", part)[0].strip() for part in written]
            yield name, [argument for argument in arguments if argument.isidentifier()]


def test_an_argument_of_a_function_of_torch_is_known_here_or_has_its_answer() -> None:
    unanswered: set[tuple[str, str]] = set()
    asked = 0
    for name, arguments in signatures():
        translation = translated(name)
        if translation is None or not translation.certain:
            continue
        for op in translation.layers:
            layer = layers.find(op)
            assert layer is not None
            for argument in {*arguments} - {*layer.arguments} - NOT_ASKED - WITHOUT_COUNTERPART:
                asked += 1
                suggestion = suggested_argument(op, argument, layer.arguments)
                if suggestion is None and remark(argument, layer.inputs) is None:
                    unanswered.add((op, argument))
    assert asked > 300
    assert unanswered == set()


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("op: Split, split_size_or_sections: 2, dim: 1", "split_size"),
        ("op: Softmax, axis: 1", "dim"),
        ("op: Permute, axes: [1, 0]", "dims"),
        ("op: Mean, dim: 1, keepdims: true", "keepdim"),
        ("op: Linear, units: 3", "out_features"),
        ("op: Norm, p: 1", "ord"),
        ("op: Hardtanh, min_value: 0", "min_val"),
        ("op: Reshape, size: [-1, 2]", "shape"),
        ("op: Linear, features: 3", "out_features"),
        ("op: Linear, num_hidden: 3", "out_features"),
        ("op: Linear, out_features: 3, input_dim: 4", "in_features"),
        ("op: LeakyReLU, slope: 0.1", "negative_slope"),
        ("op: Dropout, prob: 0.1", "p"),
        ("op: Linear, out_features: 3, times: 2", "repeat"),
    ],
)
def test_the_name_elsewhere_is_fixed(written: str, suggestion: str) -> None:
    text = f"netspec: 1\ninputs: {{rows: [N, 4]}}\nbody:\n  - s: {{{written}}}\n"
    [diagnostic] = check_text(text, "net.yaml").diagnostics
    [help_] = diagnostic.helps
    assert help_.text == f"did you mean `{suggestion}`?"
    [edit] = help_.edits
    fixed = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert check_text(fixed, "net.yaml").valid


def test_tensors_among_the_arguments_belong_to_from() -> None:
    text = "netspec: 1\ninputs: {rows: [N, 4]}\nbody:\n  - {op: Concat, tensors: [rows, rows]}\n"
    [diagnostic] = check_text(text, "net.yaml").diagnostics
    assert [h.text for h in diagnostic.helps] == ["pass its inputs with `from`"]


@pytest.mark.parametrize(
    "written",
    [
        "no_bias: true",
        "activation: relu",
        "input_shape: [4]",
        "kernel_initializer: zeros",
        "trainable: false",
    ],
)
def test_an_argument_without_a_counterpart_is_explained_and_not_renamed(written: str) -> None:
    text = f"netspec: 1\ninputs: {{rows: [N, 4]}}\nbody:\n  - {{op: Linear, out_features: 3, {written}}}\n"
    checked = check_text(text, "net.yaml")
    [diagnostic] = checked.diagnostics
    [help_] = diagnostic.helps
    assert "its arguments are" not in help_.text
    assert fix(checked, check_text).text == text


def test_the_size_of_an_upsampling_of_keras_is_a_factor() -> None:
    text = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\nbody:\n  - {op: UpSampling2D, size: 2}\n"
    checked = check_text(text, "net.yaml")
    assert "`scale_factor`" in checked.diagnostics[0].helps[0].text
    assert fix(checked, check_text).text == text
