"""What one element of a result sees of an input, compared with the gradients of torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from layer_oracle import Numbers, apply, drawn, flat, infer, make, tensors_for
from sampling import examples

from netspec.explain.receptive_field import ONE, LayerResult, Seen
from netspec.layer.base import Layer, ShapeError
from netspec.layers import OPS

NO_GRADIENT = ("Parameter", "Constant", "FloorDivide", "CrossMapLRN2d")
"""Those without an input, one that torch has no gradient of, and one whose backward pass fails in torch for an even `size`."""
WITH_GRADIENT = tuple(op for op in OPS if op not in NO_GRADIENT)
EXACT = ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
         "AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "LPPool1d",
         "LPPool2d", "PixelShuffle", "ZeroPad1d", "ZeroPad2d", "Permute", "Transpose",
         "Slice", "Unsqueeze", "UpsamplingNearest2d", "UpsamplingBilinear2d", "Mean")  # fmt: skip
"""Those whose elements see every element of their window, where weights are positive."""


DOMAINS = {
    "Acos": (0.8, 0.1),
    "Asin": (0.8, 0.1),
    "Erfinv": (0.8, 0.1),
    "Logit": (0.8, 0.1),
    "Acosh": (1, 1.1),
}
"""Scale and minimum of random elements for functions that have no gradient elsewhere."""


def fills_edges(layer: Layer) -> bool:
    """Whether elements at the edge take from elsewhere in the input."""
    modes = ("reflect", "circular", "replicate")
    mode = getattr(layer, "padding_mode", getattr(layer, "mode", ""))
    return mode in modes


def has_holes(layer: Layer) -> bool:
    """Whether a window leaves elements out, so that less than its stretch is left at an edge."""
    dilation = getattr(layer, "dilation", 1)
    return any(d > 1 for d in ([dilation] if isinstance(dilation, int) else dilation))


def cases(op: str, count: int) -> list[tuple[Layer, list[tuple[int, ...]], list[Any]]]:
    """Layers of that op with shapes that they take and give."""
    layer_cases = []
    for i in range(count):
        args, names, shapes = drawn(op, f"{op} {i}")
        layer = make(op, args, names)
        if layer is not None and not fills_edges(layer):
            result = infer(layer, Numbers(), shapes)
            if not isinstance(result, ShapeError):
                layer_cases.append((layer, shapes, result))
    return layer_cases


def seen_of(tensor: torch.Tensor, axis: int) -> tuple[int, int] | None:
    """The first and last place along an axis where a gradient is not zero."""
    if tensor.grad is None:
        return None
    others = [a for a in range(tensor.dim()) if a != axis]
    nonzero = (tensor.grad != 0) & ~tensor.grad.isnan()  # a variance of one element is NaN
    places = nonzero.any(dim=others) if others else nonzero
    positions = places.nonzero().flatten().tolist()
    return (positions[0], positions[-1]) if positions else None


def results_of(layer: Layer, tensors: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """What torch makes of copies of these tensors, which a layer may overwrite."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return flat(apply(layer, {name: t.clone() for name, t in tensors.items()}, training=False))


def claimed(
    layer: Layer,
    shapes: list[tuple[int, ...]],
    out: tuple[int, ...],
    result: int,
    k: int,
    axis: int,
) -> Seen:
    """What the rules say that an element of a result sees of one axis of an input."""
    return LayerResult(layer, result, tuple(shapes), len(out)).seen(k, Seen("stretch", axis, ONE))


def disagreement(layer: Layer, shapes: list[tuple[int, ...]], *, exact: bool) -> str | None:
    tensors = tensors_for(layer, shapes)
    for tensor in tensors.values():
        if tensor.dtype == torch.float32:
            scale, least = DOMAINS.get(type(layer).__name__, (1, 0.5))
            tensor.data = torch.rand(tensor.shape) * scale + least
            tensor.requires_grad_()
    if not any(t.requires_grad for t in tensors.values()):
        return None
    results = results_of(layer, tensors)
    for number, result in enumerate(results):
        if not result.requires_grad or not result.numel():
            continue
        corner = tuple(0 for _ in result.shape)
        middle = tuple(size // 2 for size in result.shape)
        for output_position in {corner, middle}:
            for tensor in tensors.values():
                tensor.grad = None
            result[output_position].backward(retain_graph=True)
            for k, tensor in enumerate(tensors.values()):
                stretches = [
                    stretch(
                        claimed(layer, shapes, tuple(result.shape), number, k, axis),
                        output_position,
                        size,
                    )
                    for axis, size in enumerate(tensor.shape)
                ]
                if not exact or NOTHING not in stretches or seen_of(tensor, 0) is not None:
                    for axis, claim in enumerate(stretches):
                        if not agree(claim, seen_of(tensor, axis), exact=exact):
                            return (
                                f"{layer.changed()} {shapes}: result {number} at {output_position} sees "
                                f"{seen_of(tensor, axis)} of axis {axis} of input {k}, not {claim}"
                            )
    return None


NOTHING = (0, -1)
"""A stretch without an element."""


def stretch(claim: Seen, output_position: tuple[int, ...], size: int) -> tuple[int, int] | None:
    """The elements of an axis of that size that are claimed to be seen; None where they may be any."""
    if claim.kind != "stretch":
        return None
    assert claim.field is not None
    span_seen = claim.field.span_of(output_position[claim.axis]) or NOTHING
    inside = max(span_seen[0], 0), min(span_seen[1], size - 1)
    return inside if inside[0] <= inside[1] else NOTHING


def agree(
    claimed_span: tuple[int, int] | None, real: tuple[int, int] | None, *, exact: bool
) -> bool:
    """Whether what is claimed holds all that is seen; with `exact`, also the other way round."""
    if claimed_span is None:
        return True
    if exact:
        return claimed_span == (real or NOTHING)
    return real is None or (claimed_span[0] <= real[0] and real[1] <= claimed_span[1])


@pytest.mark.parametrize("op", WITH_GRADIENT)
def test_no_element_sees_more_than_its_layer_says(op: str) -> None:
    failures = [
        disagreement(layer, shapes, exact=False) for layer, shapes, _ in cases(op, examples(60))
    ]
    assert [f for f in failures if f] == []


@pytest.mark.parametrize("op", EXACT)
def test_an_element_sees_all_that_its_layer_says(op: str) -> None:
    whole = [(layer, shapes) for layer, shapes, _ in cases(op, 60) if not has_holes(layer)]
    assert len(whole) > 8
    failures = [disagreement(layer, shapes, exact=True) for layer, shapes in whole]
    assert [f for f in failures if f] == []
