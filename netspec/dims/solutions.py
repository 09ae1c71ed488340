"""Where a size of one symbol is zero, not negative, or divisible: exact sets, never a guess."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import NamedTuple

from netspec.dims.domain import EVERY, NOTHING, Domain, congruent
from netspec.dims.floor import Floor
from netspec.dims.monotonicity import LONGEST, cycle, first, period_and_rise, rises_from, threshold
from netspec.dims.symbolic import Symbolic


class Solutions(NamedTuple):
    """The values in `tail`, which begins at `start` or later, and those in `early`, before it."""

    tail: Domain
    start: int = 1
    early: frozenset[int] = frozenset()


@lru_cache(maxsize=4096)
def zeros(size: Symbolic) -> Solutions | None:
    """Where a size of one symbol is 0; None if undecided."""
    if isinstance(size, Floor):
        return Solutions(Domain.between(threshold(size, 0), threshold(size, 1) - 1))
    repeated = period_and_rise(size)
    if repeated is not None and repeated[0] <= LONGEST:
        return Solutions(_zeros_of_pattern(size, *repeated))
    for rising in (size, -size):
        start = rises_from(rising)
        if start is not None and start <= LONGEST and isinstance(rising, Symbolic):
            tail = Domain.between(first(rising, 0, start), first(rising, 1, start) - 1)
            return Solutions(
                tail, start, frozenset(v for v in range(1, start) if not _evaluate(size, v))
            )
    return None


def _zeros_of_pattern(size: Symbolic, period: int, rise: int) -> Domain:
    values = ((v, _evaluate(size, v)) for v in range(1, period + 1))
    if rise == 0:
        return congruent(period, [v for v, x in values if x == 0])
    return Domain.exactly(
        v + period * (-x // rise) for v, x in values if x % rise == 0 and -x // rise >= 0
    )


@lru_cache(maxsize=4096)
def not_negative(size: Symbolic) -> Solutions | None:
    """Where a size of one symbol is at least 0; None if undecided."""
    rising = _not_negative_rising(size)
    if rising is not None:
        return rising
    opposite = -1 - size
    falling = _not_negative_rising(opposite) if isinstance(opposite, Symbolic) else None
    return None if falling is None else _complement(falling)


def _not_negative_rising(size: Symbolic) -> Solutions | None:
    if isinstance(size, Floor):
        return Solutions(Domain.at_least(threshold(size, 0)))
    repeated = period_and_rise(size)
    if repeated is not None and repeated[0] <= LONGEST:
        period, rise = repeated
        if rise < 0:
            return None
        return _rising_pattern(size, period, rise)
    start = rises_from(size)
    if start is None or start > LONGEST:
        return None
    early = frozenset(v for v in range(1, start) if _evaluate(size, v) >= 0)
    return Solutions(Domain.at_least(first(size, 0, start)), start, early)


def _rising_pattern(size: Symbolic, period: int, rise: int) -> Solutions | None:
    """Each residue holds from some value on, if there is a rise at all."""
    values = [(v, _evaluate(size, v)) for v in range(1, period + 1)]
    if rise == 0:
        return Solutions(congruent(period, [v for v, x in values if x >= 0]))
    misses = [(v, -(x // rise)) for v, x in values if x < 0]
    start = max((v + period * (n - 1) for v, n in misses), default=0) + 1
    if sum(n for _, n in misses) == start - 1:
        return Solutions(Domain.at_least(start))
    if start > 10 * LONGEST:
        return None
    missed = {v + period * i for v, n in misses for i in range(n)}
    early = frozenset(v for v in range(1, start) if v not in missed)
    return Solutions(Domain.at_least(start), start, early)


def _complement(solutions: Solutions) -> Solutions | None:
    """The complement of both parts; the tail must have no gaps, or repeat from the start."""
    tail, start, early = solutions
    if tail.empty:
        return Solutions(EVERY)
    if tail.modulus > 1:
        missing = frozenset(range(tail.modulus)) - tail.residues
        return Solutions(congruent(tail.modulus, missing))
    if not early:
        return Solutions(Domain.between(1, tail.lo - 1))
    before = Domain.between(start, tail.lo - 1)
    return Solutions(before, start, frozenset(range(1, start)) - early)


@lru_cache(maxsize=4096)
def multiples(size: Symbolic, divisor: int) -> Solutions | None:
    """Where `divisor` divides a size of one symbol; None if undecided."""
    if isinstance(size, Floor) and isinstance(size.base, str) and size.t <= LONGEST:
        return Solutions(_multiples_of_floor(size, divisor))
    period = cycle(size, divisor)
    if period is None or period > LONGEST:
        return None
    return Solutions(
        congruent(period, [v for v in range(1, period + 1) if _evaluate(size, v) % divisor == 0])
    )


def _multiples_of_floor(size: Floor, divisor: int) -> Domain:
    """Solves `m*q + c = 0` modulo the divisor; each `q` corresponds to `t` consecutive values."""
    common = gcd(size.m, divisor)
    if size.c % common:
        return NOTHING
    modulus = divisor // common
    quotient = -size.c // common * pow(size.m // common, -1, modulus) % modulus
    start = size.t * quotient - size.a
    return congruent(size.t * modulus, range(start, start + size.t))


def as_domain(solutions: Solutions, known: Domain) -> Domain | None:
    """A domain that has, of the values in `known`, exactly the solutions; None if there is none."""
    tail, start, early = solutions
    if not early and tail.lo >= start:
        return tail
    whole = _joined(solutions)
    if whole is not None:
        return whole
    before = known.intersect(Domain.between(1, start - 1))
    met = Domain.exactly(v for v in before.members() if v in early)
    if met.empty:
        return tail.intersect(Domain.at_least(start))
    if known.intersect(tail).empty:
        return met
    if met == before and tail == Domain.at_least(start):
        return known
    return None


def _joined(solutions: Solutions) -> Domain | None:
    """All solutions as one domain, if one can hold them."""
    tail, start, early = solutions
    if tail.empty:
        return Domain.exactly(early)
    if tail.hi is not None and tail.hi - tail.lo < LONGEST:
        return Domain.exactly(early.union(tail.members()))
    longer = congruent(tail.modulus, tail.residues, min(early), tail.hi)
    if tail.lo > start and not longer.intersect(Domain.between(start, tail.lo - 1)).empty:
        return None
    if all((v in early) == (v in longer) for v in range(1, start)):
        return longer
    return None


def _evaluate(size: Symbolic, value: int) -> int:
    (name,) = size.names()
    return size.evaluate({name: value})
