"""Sizes times a fraction, rounded as floats round."""

from __future__ import annotations

from math import floor, isfinite
from typing import TYPE_CHECKING, Final

from netspec.dims.arithmetic import floor_divide, multiply
from netspec.dims.compound import OpaqueStep
from netspec.dims.symbolic import Size

if TYPE_CHECKING:
    from fractions import Fraction

_LARGEST_PART: Final = 4096
"""Numerators and denominators up to this are looked for in a float."""


def scale(size: Size, factor: float) -> Size:
    """`floor(size * factor)`, with the rounding of double precision, as torch computes it.

    >>> from netspec.dims import symbol
    >>> H = symbol("H")
    >>> scale(H, 2.0), scale(H, 0.5), scale(H, 1.5), scale(H, 1 / 49)
    (2*H, H//2, 3*H//2, floor(H*0.02040816326530612))
    """
    if not isfinite(factor):
        raise ValueError(f"cannot scale by {factor}")
    if isinstance(size, int):
        return floor(size * factor)
    from fractions import Fraction  # it is slow to import, and few networks scale

    ratio = Fraction(factor).limit_denominator(_LARGEST_PART)
    if ratio > 0 and _rounds_like(factor, ratio):
        return floor_divide(multiply(size, ratio.numerator), ratio.denominator)
    return OpaqueStep("scale", size, float(factor))


def _rounds_like(factor: float, ratio: Fraction) -> bool:
    """Whether `floor(n * factor)` in floats is `floor(n * ratio)` for all sizes below 2**26.

    Where `n * ratio` is whole, the float product must not fall below it: it is rounded to it if the
    factor is at least the ratio or short of it by 2**-54 at most, a tie that goes to the even end.
    Where it is not whole, the next integer is at least 1/4096 away, out of reach of rounding.
    """
    short = 1 - ratio.from_float(factor) / ratio
    return -1 <= short * 2**52 <= 1 / 4
