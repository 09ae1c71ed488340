"""How a size changes with its symbols: its range, its threshold, the pattern that it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd, lcm
from typing import Final

from netspec.dims.compound import EXTREMES, OpaqueStep, Product, SizeSum
from netspec.dims.domain import EVERY, Domain
from netspec.dims.floor import Floor
from netspec.dims.symbolic import Size, Symbolic

Known = Mapping[str, Domain]
"""The known domains of the symbols; a missing symbol is at least 1."""
Range = tuple[int | None, int | None]
"""The minimum and maximum; None if there is no bound or it is uncertain."""

LONGEST: Final = 100_000
"""The longest pattern that is searched value by value."""


def threshold(size: Floor, bound: int) -> int:
    """The least value of the symbol at which `size >= bound`.

    >>> from netspec.dims import symbol
    >>> threshold((symbol("H") + 3) // 32, 1)
    29
    """
    least = -((size.c - bound) // size.m) * size.t - size.a
    return least if isinstance(size.base, str) else threshold(size.base, least)


def period_and_rise(size: Size) -> tuple[int, int] | None:
    """Period and rise: `size` grows by exactly the rise with each period; None if it does not.

    >>> from netspec.dims import symbol
    >>> period_and_rise(3 * (symbol("H") // 4)), period_and_rise(symbol("H") % 4)
    ((4, 3), (4, 0))
    """
    if isinstance(size, int):
        return 1, 0
    if isinstance(size, Floor):
        inner = (1, 1) if isinstance(size.base, str) else period_and_rise(size.base)
        return _divided(inner, size.t, size.m)
    if isinstance(size, SizeSum):
        return _total([(period_and_rise(t), n) for t, n in size.terms])
    if isinstance(size, Product):
        repeated = [period_and_rise(f) for f in size.factors]
        flat = all(p is not None and p[1] == 0 for p in repeated)
        return _total([(p, 1) for p in repeated]) if flat else None
    if isinstance(size, OpaqueStep) and _divides(size):
        assert isinstance(size.right, int)
        return _divided(period_and_rise(size.left), size.right, size.operator == "//")
    return None


def _divides(size: OpaqueStep) -> bool:
    """Whether it is a division by a number, or its remainder."""
    return size.operator in ("//", "%") and isinstance(size.right, int) and size.right > 0


def _divided(inner: tuple[int, int] | None, divisor: int, times: int) -> tuple[int, int] | None:
    if inner is None:
        return None
    period, rise = inner
    repeats = divisor // gcd(divisor, rise)
    return period * repeats, rise * repeats // divisor * times


def _total(parts: list[tuple[tuple[int, int] | None, int]]) -> tuple[int, int] | None:
    known = [(p, n) for p, n in parts if p is not None]
    if len(known) < len(parts):
        return None
    period = lcm(*(p for (p, _), _ in known))
    return period, sum(rise * (period // p) * n for (p, rise), n in known)


def cycle(size: Size, divisor: int) -> int | None:
    """A period of `size % divisor`, if it has one that follows from its form."""
    if isinstance(size, int):
        return 1
    if isinstance(size, Floor):
        within = size.t * divisor
        return within if isinstance(size.base, str) else cycle(size.base, within)
    if isinstance(size, OpaqueStep):
        if not _divides(size):
            return None
        assert isinstance(size.right, int)
        return cycle(size.left, size.right * (divisor if size.operator == "//" else 1))
    parts: list[Symbolic] = []
    if isinstance(size, SizeSum):
        parts = [t for t, _ in size.terms]
    elif isinstance(size, Product):
        parts = list(size.factors)
    cycles = [cycle(p, divisor) for p in parts]
    return lcm(*(c or 0 for c in cycles)) or None


def rises_from(size: Size) -> int | None:
    """A value of its one symbol from which `size` only rises, and without end; None if unsure."""
    if isinstance(size, Floor):
        return 1
    if isinstance(size, OpaqueStep):
        right = size.right
        rising = isinstance(right, int | float) and right > 0 and size.operator in ("//", "scale")
        return rises_from(size.left) if rising else None
    if isinstance(size, SizeSum):
        falls = any(n < 0 for _, n in size.terms)
        return None if falls else _latest(t for t, _ in size.terms)
    if isinstance(size, Product):
        start = _latest(size.factors)
        return None if start is None else max(start, *(first(f, 0, start) for f in size.factors))
    return None


def _latest(sizes: Iterable[Size]) -> int | None:
    starts = [rises_from(s) for s in sizes]
    known = [s for s in starts if s is not None]
    return max(known, default=1) if len(known) == len(starts) else None


def first(size: Symbolic, bound: int, start: int) -> int:
    """The least value from `start` at which `size >= bound`; from there on it must only rise."""
    if isinstance(size, Floor):
        return max(threshold(size, bound), start)
    (name,) = size.names()
    step, low, high = 1, start - 1, start
    while size.evaluate({name: high}) < bound:
        low, high, step = high, high + step, step * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if size.evaluate({name: middle}) >= bound else (middle, high)
    return high


def span(size: Size, known: Known) -> Range:
    """Bounds of the size for all known values of its symbols."""
    if isinstance(size, int):
        return size, size
    if isinstance(size, Floor):
        domain = known.get(size.symbol, EVERY)
        name, hi = size.symbol, domain.hi
        return size.evaluate({name: domain.lo}), None if hi is None else size.evaluate({name: hi})
    if isinstance(size, Product):
        return _span_of_product(size, known)
    if isinstance(size, SizeSum):
        return _span_of_sum(size, known)
    if isinstance(size, OpaqueStep):
        return _span_of_step(size, known)
    return None, None


def _span_of_product(size: Product, known: Known) -> Range:
    least, most = size.coefficient, size.coefficient
    endless = False
    for low, high in (span(f, known) for f in size.factors):
        if low is None or low < 0:
            return None, None
        least *= low
        endless = endless or high is None
        most *= high or 0
    return least, None if endless else most


def _span_of_sum(size: SizeSum, known: Known) -> Range:
    least: int | None = size.constant
    most: int | None = size.constant
    for term, count in size.terms:
        low, high = span(term, known)
        if count < 0:
            low, high = high, low
        least = None if least is None or low is None else least + count * low
        most = None if most is None or high is None else most + count * high
    return least, most


def _span_of_step(size: OpaqueStep, known: Known) -> Range:
    right = size.right
    if size.operator in EXTREMES:
        return _span_of_extreme(size, known)
    if not isinstance(right, int | float) or right <= 0:
        return None, None
    if size.operator == "%":
        assert isinstance(right, int)
        return 0, right - 1
    low, high = (
        None if end is None else OpaqueStep(size.operator, end, right).evaluate({})
        for end in span(size.left, known)
    )
    return low, high


def _span_of_extreme(size: OpaqueStep, known: Known) -> Range:
    assert not isinstance(size.right, float)
    ends = list(zip(span(size.left, known), span(size.right, known), strict=True))
    (low, high) = ([end for end in pair if end is not None] for pair in ends)
    if size.operator == "min":
        return (min(low) if len(low) == 2 else None), min(high, default=None)
    return max(low, default=None), (max(high) if len(high) == 2 else None)
