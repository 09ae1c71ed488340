"""The minimum and maximum of several sizes, if it is not the same one for every input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from netspec.dims.compound import OpaqueStep
from netspec.dims.symbolic import Size, Symbolic


def extreme(which: str, sizes: Iterable[Size]) -> Size:
    """The `min` or `max` of the sizes: an integer, one of them, or an expression.

    >>> from netspec.dims import symbol
    >>> extreme("max", [symbol("W"), 7, symbol("H"), 5])
    max(H, W, 7)
    """
    flat = [part for size in sizes for part in parts_of(which, size)]
    numbers = [part for part in flat if isinstance(part, int)]
    symbolic = sorted({part for part in flat if isinstance(part, Symbolic)}, key=str)
    number = (min if which == "min" else max)(numbers, default=None)
    ordered: list[Size] = [*symbolic, *([] if number is None else [number])]
    return reduce(lambda left, right: OpaqueStep(which, left, right), ordered)


def parts_of(which: str, size: Size | float) -> Iterator[Size]:
    """The sizes of a minimum or maximum, flattened; any other size is itself."""
    if isinstance(size, OpaqueStep) and size.operator == which:
        yield from parts_of(which, size.left)
        yield from parts_of(which, size.right)
    elif not isinstance(size, float):
        yield size
