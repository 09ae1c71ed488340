"""Which tensors torch saves for the backward pass, and which layers really work in place, compared with torch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
import torch
from layer_oracle import Numbers, apply, crashes, drawn, flat, infer, make, tensors_for

from netspec.layer.base import Layer, ShapeError
from netspec.layers import OPS, find

Spot = tuple[str, int]
"""An input or a result, by its number."""

ON_OTHER_DEVICES = {
    ("RNN", "result"), ("GRU", "result"),  # cuDNN saves the whole result
    ("ScaledDotProductAttention", "input"), ("ScaledDotProductAttention", "result"),  # fused kernels
}  # fmt: skip
"""What some kernels save that the one torch takes on the CPU may not."""
COPIED_FIRST = {
    "Conv1d", "Conv2d", "Conv3d", "MultiheadAttention", "GRU", "RNN", "LSTM", "MatMul",
    "TransformerEncoderLayer", "TransformerEncoder", "TransformerDecoderLayer", "TransformerDecoder",
    "Transformer", "ScaledDotProductAttention", "Upsample", "Interpolate", "Einsum", "TakeAlongDim",
}  # fmt: skip
"""Layers that may save a copy of an input instead: with an uneven padding, a batch first, a
broadcast. Resizing an area to a single element takes a mean, which saves nothing."""
MASKS = ("attn_mask", "mask", "padding_mask", "is_causal", "condition")
CRASHES = {"MaxPool3d"}
"""Whose indices must not be touched: torch then writes where they point to."""


def ways(op: str, draws: int) -> Iterator[tuple[Layer, list[tuple[int, ...]], bool]]:
    """Random calls that both we and torch take."""
    for k in range(draws):
        args, names, shapes = drawn(op, f"saved {op} {k}")
        layer = make(op, args, names)
        if layer is None or crashes(layer, shapes):
            continue
        if isinstance(infer(layer, Numbers(), shapes), ShapeError):
            continue
        for training in (True, False):
            yield layer, shapes, training


def attempt(
    layer: Layer, shapes: list[tuple[int, ...]], training: bool, spot: Spot | None
) -> str | None:
    """What torch says of a backward pass after a write to one tensor; None where there is none to run."""
    torch.manual_seed(0)
    tensors = tensors_for(layer, shapes)
    for name, tensor in tensors.items():
        if tensor.is_floating_point():
            tensors[name] = (torch.rand(tensor.shape) * 0.8 + 0.1).requires_grad_().clone()
    results = flat(apply(layer, dict(tensors), training))
    if spot is not None:
        where, index = spot
        target = results[index] if where == "result" else list(tensors.values())[index]
        target.add_(0)
    losses = [r.float().sum() for r in results if r.requires_grad]
    if not losses:
        return None
    torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
    return ""


def rejected(
    layer: Layer, shapes: list[tuple[int, ...]], training: bool, spot: Spot | None
) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return attempt(layer, shapes, training, spot)
        except (RuntimeError, ValueError, AssertionError) as error:
            return str(error)


def spots(layer: Layer, shapes: list[tuple[int, ...]]) -> Iterator[Spot]:
    """What may be overwritten: floating-point inputs and results, and indices, but no masks."""
    op = type(layer).__name__
    names = layer.inputs[:1] * len(shapes) if layer.variadic else layer.taken or layer.inputs
    for index, name in enumerate(names[: len(shapes)]):
        written = layer.overwrites() and index == 0
        if not written and not any(name.endswith(mask) for mask in MASKS):
            yield "input", index
    for index in range(len(layer.results)):
        if index == 0 or op not in CRASHES:
            yield "result", index


def declared(layer: Layer, spot: Spot) -> bool:
    where, index = spot
    return layer.saves_input(index) if where == "input" else layer.saves_result(index)


def disagreements(op: str, draws: int) -> Iterator[str]:
    """Where torch rejects what we take, and what it never rejects though we say so."""
    claimed, met = set(), set()
    for layer, shapes, training in ways(op, draws):
        if layer.view or rejected(layer, shapes, training, None) != "":
            continue
        for spot in spots(layer, shapes):
            answer = rejected(layer, shapes, training, spot)
            fails = bool(answer) and ("inplace" in str(answer) or "is a view" in str(answer))
            assert fails or not answer, (op, spot, answer)
            where = (layer.changed(), spot, shapes)
            if fails and not declared(layer, spot):
                yield f"{op}: torch saves {where}"
            if declared(layer, spot):
                claimed.add(spot[0])
                if fails:
                    met.add(spot[0])
                elif op not in COPIED_FIRST and (op, spot[0]) not in ON_OTHER_DEVICES:
                    yield f"{op}: torch does not save {where}"
    for where in claimed - met:
        if (op, where) not in ON_OTHER_DEVICES:
            yield f"{op}: torch never saves its {where}"


@pytest.mark.parametrize("op", OPS)
def test_layers_declare_what_torch_saves(op: str) -> None:
    assert next(disagreements(op, 6), None) is None


@pytest.mark.sweep
@pytest.mark.parametrize("op", OPS)
def test_layers_declare_what_torch_saves_over_many_calls(op: str) -> None:
    assert next(disagreements(op, 100), None) is None


def writers() -> list[str]:
    return [op for op in OPS if "inplace" in getattr(find(op), "arguments", {})]


@pytest.mark.parametrize("op", writers())
def test_a_layer_overwrites_its_input_just_where_torch_does(op: str) -> None:
    for layer, shapes, training in ways(op, 40):
        tensor = torch.rand(shapes[0])
        version = tensor._version
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            apply(layer, {"x0": tensor}, training)
        if training:
            assert (tensor._version > version) == layer.overwrites(), layer.changed()
        elif tensor._version > version:
            assert layer.overwrites()


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("LeakyReLU", {"negative_slope": -0.1}),
        ("LeakyReLU", {"negative_slope": 0.0}),
        ("ELU", {"alpha": -1.0}),
        ("ELU", {"alpha": 0.0}),
        ("CELU", {"alpha": -1.0}),
        ("CELU", {"alpha": 2.0}),
    ],
)
def test_a_gradient_that_cannot_be_had_from_the_result(op: str, args: dict[str, float]) -> None:
    layer = make(op, {**args, "inplace": True})
    assert layer is not None
    torch_says = rejected(layer, [(2, 3)], True, None)
    assert bool(torch_says) == bool(layer.one_way())  # type: ignore[attr-defined]
