"""Padding of every mode and rank with negative numbers, compared with torch."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from layer_oracle import Numbers, infer, make, torch_shapes

from netspec.layer.base import ShapeError

PADS = [
    f"{mode}Pad{axes}d"
    for mode in ("Zero", "Constant", "Reflection", "Replication", "Circular")
    for axes in (1, 2, 3)
]
MODES = ("constant", "reflect", "replicate", "circular")


def filled_from_nothing(sides: list[int], shape: tuple[int, ...]) -> bool:
    """Whether circular padding takes more than the cut leaves: torch then reads memory it never wrote."""
    pairs = zip(sides[::2], sides[1::2], reversed(shape), strict=False)
    return any(
        max(low + -min(high, 0), high - min(low, 0)) > size
        for low, high, size in pairs
        if max(low, high) > 0
    )


def differs(op: str, args: dict[str, Any], shape: tuple[int, ...]) -> str:
    layer = make(op, args)
    ours = None if layer is None else infer(layer, Numbers(), [shape])
    shapes_text = (
        None if layer is None or isinstance(ours, ShapeError) else [tuple(s) for s in ours or ()]
    )
    theirs = None if layer is None else torch_shapes(layer, [shape])
    pads = args.get("padding", args.get("pad"))
    if (
        shapes_text is None
        and "ircular" in f"{op}{args.get('mode')}"
        and filled_from_nothing(pads, shape)
    ):
        return ""
    return "" if shapes_text == theirs else f"{op} {args} on {shape}: {ours}, torch {theirs}"


def sides(r: Random, axes: int) -> list[int]:
    return [r.randint(-5, 4) if r.random() < 0.6 else 0 for _ in range(2 * axes)]


@pytest.mark.parametrize("op", PADS)
def test_padding_layers_that_cut(op: str) -> None:
    r, axes = Random(op), int(op[-2])
    for _ in range(400):
        shape = (*([2] if r.random() < 0.7 else []), 2, *(r.randint(1, 6) for _ in range(axes)))
        value = {"value": 1.0} if op.startswith("Constant") else {}
        assert differs(op, {"padding": sides(r, axes), **value}, shape) == ""


@pytest.mark.parametrize("mode", MODES)
def test_pad_that_cuts(mode: str) -> None:
    r = Random(mode)
    for _ in range(800):
        axes = r.randint(1, 3)
        shape = (*([2] if r.random() < 0.7 else []), 2, *(r.randint(1, 6) for _ in range(axes)))
        assert differs("Pad", {"pad": sides(r, axes), "mode": mode}, shape) == ""


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_convolutions_that_cut_before_they_look(axes: int) -> None:
    r = Random(axes)
    for _ in range(200):
        shape = (2, 2, *(r.randint(1, 7) for _ in range(axes)))
        args = {
            "out_channels": 2, "kernel_size": r.randint(1, 3),
            "padding": [r.randint(-3, 3) for _ in range(axes)],
            "padding_mode": r.choice(["zeros", "reflect", "replicate", "circular"]),
        }  # fmt: skip
        if args["padding_mode"] == "zeros" and min(args["padding"]) < 0:
            assert make(f"Conv{axes}d", args) is None
        else:
            assert differs(f"Conv{axes}d", args, shape) == ""
