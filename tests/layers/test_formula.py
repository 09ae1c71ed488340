"""The arithmetic of a size, written out: its value is the size that the rule infers."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import pytest
from layer_oracle import Numbers, drawn, infer, make

from netspec.layer.base import Layer, ShapeError
from netspec.layers import OPS

WORKED = ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
          "MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d",
          "LPPool2d", "LPPool3d", "Upsample", "Interpolate", "UpsamplingNearest2d",
          "UpsamplingBilinear2d", "PixelShuffle", "PixelUnshuffle", "ZeroPad2d", "ReflectionPad2d", "Pad",
          "Unfold", "Fold", "Slice", "Chunk", "GLU", "Unflatten")  # fmt: skip
"""The layers of whose sizes of kind `window` each has its arithmetic."""


def value(text: str) -> float:
    """What a line of arithmetic comes to."""
    signs = {"·": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "²": "**2"}
    python = "".join(signs.get(c, c) for c in text)
    result_value: float = eval(python, {"floor": floor, "ceil": ceil})
    return result_value


def windows(op: str) -> list[tuple[Layer, list[tuple[int, ...]], int, int, int]]:
    """Sizes of kind `window`: the layer, the inputs, the result, the axis, and what is inferred."""
    window_cases: list[Any] = []
    for i in range(60):
        args, names, shapes = drawn(op, f"{op} {i}")
        layer = make(op, args, names)
        result = infer(layer, Numbers(), shapes) if layer is not None else ShapeError("", "")
        for number, shape in enumerate([] if isinstance(result, ShapeError) else result):
            for axis, size in enumerate(shape):
                assert layer is not None
                if layer.origin(number, axis, *shapes).kind == "window":
                    window_cases.append((layer, shapes, number, axis, size))
    return window_cases


@pytest.mark.parametrize("op", OPS)
def test_what_is_worked_out_is_what_is_inferred(op: str) -> None:
    for layer, shapes, result, axis, size in windows(op):
        text = layer.formula(result, axis, *shapes)
        assert not text or value(text) == size, (layer.changed(), shapes, text)


@pytest.mark.parametrize("op", WORKED)
def test_every_window_of_these_is_worked_out(op: str) -> None:
    window_cases = windows(op)
    assert window_cases
    assert all(
        layer.formula(result, axis, *shapes) for layer, shapes, result, axis, _ in window_cases
    )
