"""Sizes with other sizes in the place of symbols."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from netspec.dims.arithmetic import add, product, symbol
from netspec.dims.compound import EXTREMES, OpaqueStep, Product, SizeSum
from netspec.dims.floor import Floor
from netspec.dims.minmax import extreme
from netspec.dims.scale import scale
from netspec.dims.symbolic import Size


def substitute(size: Size, sizes: Mapping[str, Size]) -> Size:
    """The size with other sizes in the place of symbols.

    >>> substitute((symbol("H") + 1) // 2, {"H": 4 * symbol("K")})
    2*K
    """
    if isinstance(size, Floor):
        base = size.base
        inner = sizes.get(base, symbol(base)) if isinstance(base, str) else substitute(base, sizes)
        return (inner + size.a) // size.t * size.m + size.c
    if isinstance(size, Product):
        return product([size.coefficient, *(substitute(f, sizes) for f in size.factors)])
    if isinstance(size, SizeSum):
        total: Size = size.constant
        return reduce(add, (substitute(t, sizes) * n for t, n in size.terms), total)
    if isinstance(size, OpaqueStep):
        left, right = substitute(size.left, sizes), size.right
        if isinstance(right, float):
            return scale(left, right)
        over = substitute(right, sizes)
        if size.operator in EXTREMES:
            return extreme(size.operator, (left, over))
        return left // over if size.operator == "//" else left % over
    return size
