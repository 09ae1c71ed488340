"""The receptive field of an interpolated element: the elements around its position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.layer.shape_rules import FieldRule, Window
from netspec.layers.adaptive import uneven

if TYPE_CHECKING:
    from fractions import Fraction

_REACH = {"linear": 1, "bilinear": 1, "trilinear": 1, "bicubic": 2}
"""How far away, in elements, those are that count."""


def looks(mode: str, size: int, ratio: Fraction, axis: int, *, corners: bool) -> FieldRule:
    """The elements of the `size` inputs on which an element of a dimension resized by `ratio` depends.

    With `corners`, the centers of the first and last elements of both coincide, otherwise their edges do.
    """
    long, short = ratio.numerator, ratio.denominator
    if mode == "area":
        return uneven(size, int(size * ratio), axis)
    if mode == "nearest":
        return Window(long, short, long - 1, long, axis)
    if mode == "nearest-exact":
        return Window(2 * long, 2 * short, 2 * long - 1 - short, 2 * long, axis)
    if corners:
        every = int(size * ratio) - 1
        return _around(_REACH[mode], size - 1, 0, every, axis) if every > 0 else "unclear"
    return _around(_REACH[mode], 2 * short, short - long, 2 * long, axis)


def _around(reach: int, stride: int, offset: int, every: int, axis: int) -> Window:
    """The elements nearer than `reach` to the point (t·stride + offset) / every."""
    return Window(2 * reach * every - 1, stride, reach * every - 1 - offset, every, axis)
