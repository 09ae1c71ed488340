"""The valid values of a symbol: bounds and residues, or a list of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import gcd, lcm
from typing import Final

_LISTED: Final = 16
"""The maximum size of a finite domain with gaps that is stored as a list."""
_SHOWN: Final = 10
_MOST_RESIDUES: Final = 1_000_000


class Domain:
    """The numbers `lo <= v <= hi` with `v % modulus in residues`, and of them, if given, `values`.

    Make one with `at_least`, `between`, `multiple_of`, `modulo` or `exactly`. Bounds are members,
    the modulus is the least that will do, so equal domains have equal parts (apart from finite ones
    of more than 16 members with gaps, for which `contains_all` both ways is the test).
    """

    __slots__ = ("hi", "lo", "modulus", "residues", "values")

    def __init__(
        self,
        lo: int,
        hi: int | None,
        modulus: int = 1,
        residues: frozenset[int] = frozenset((0,)),
        values: frozenset[int] | None = None,
    ) -> None:
        self.lo = lo
        self.hi = hi
        self.modulus = modulus
        self.residues = residues
        self.values = values

    @staticmethod
    def at_least(least: int) -> Domain:
        """All numbers from `least` (but at least 1)."""
        return Domain(max(least, 1), None)

    @staticmethod
    def between(lo: int, hi: int | None) -> Domain:
        """All numbers from `lo` (but at least 1) to `hi`."""
        lo = max(lo, 1)
        return NOTHING if hi is not None and hi < lo else Domain(lo, hi)

    @staticmethod
    def multiple_of(divisor: int) -> Domain:
        """All multiples of `divisor` from 1."""
        return congruent(divisor, (0,))

    @staticmethod
    def exactly(values: Iterable[int]) -> Domain:
        """These numbers, of those that are at least 1."""
        positive = frozenset(v for v in values if v >= 1)
        if not positive:
            return NOTHING
        lo, hi = min(positive), max(positive)
        if hi - lo + 1 == len(positive):
            return Domain(lo, hi)
        return Domain(lo, hi, values=positive)

    @property
    def empty(self) -> bool:
        """Whether it has no members."""
        return self.hi is not None and self.hi < self.lo

    def smallest(self) -> int:
        """Its least member; ValueError if it is empty."""
        if self.empty:
            raise ValueError("an empty domain has no smallest value")
        return self.lo

    def only(self) -> int | None:
        """Its one member, if it has one member."""
        return self.lo if self.lo == self.hi else None

    @property
    def divisor(self) -> int:
        """The largest number that is known to divide all its members.

        >>> congruent(6, (0, 3)).divisor, Domain.exactly([8, 12]).divisor, Domain.at_least(4).divisor
        (3, 4, 1)
        """
        if self.lo == self.hi:
            return self.lo
        return gcd(*self.values) if self.values is not None else gcd(self.modulus, *self.residues)

    def members(self) -> Iterator[int]:
        """Its members in order; endless if it has no upper bound."""
        if self.values is not None:
            yield from sorted(self.values)
            return
        ordered = sorted(self.residues)
        start = self.lo - self.lo % self.modulus
        while self.hi is None or start <= self.hi:
            for residue in ordered:
                value = start + residue
                if self.hi is not None and value > self.hi:
                    return
                if value >= self.lo:
                    yield value
            start += self.modulus

    def __contains__(self, value: int) -> bool:
        if self.values is not None:
            return value in self.values
        return (
            value >= self.lo
            and (self.hi is None or value <= self.hi)
            and value % self.modulus in self.residues
        )

    def contains_all(self, other: Domain) -> bool:
        """Whether every member of `other` is a member of this."""
        if other.empty:
            return True
        if self.empty or other.lo < self.lo:
            return False
        if self.hi is not None and (other.hi is None or other.hi > self.hi):
            return False
        if other.values is None and self.values is None and self._allows_residues(other):
            return True
        return other.hi is not None and all(v in self for v in other.members())

    def _allows_residues(self, other: Domain) -> bool:
        """Whether all that is congruent to a member of `other` is congruent to one of this."""
        common = gcd(self.modulus, other.modulus)
        other_residues = {r % common for r in other.residues}
        met = sum(1 for r in self.residues if r % common in other_residues)
        return met == len(other_residues) * (self.modulus // common)

    def intersect(self, other: Domain) -> Domain:
        """The intersection; OverflowError if it requires more than a million residues."""
        highest = min((d.hi for d in (self, other) if d.hi is not None), default=None)
        if self.modulus == other.modulus == 1 and self.values is other.values is None:
            return Domain.between(max(self.lo, other.lo), highest)
        for one, two in ((self, other), (other, self)):
            if one.contains_all(two):
                return two
        for one, two in ((self, other), (other, self)):
            if one.values is not None:
                return Domain.exactly(v for v in one.values if v in two)
        modulus, residues = _congruent_to_both(self, other)
        return congruent(modulus, residues, max(self.lo, other.lo), highest)

    def describe(self, name: str) -> str:
        """The condition on `name`, for people.

        >>> Domain.at_least(29).describe("H"), Domain.between(28, 31).describe("H")
        ('H >= 29', '28 <= H <= 31')
        >>> Domain.multiple_of(32).describe("H"), congruent(4, (0, 3), 5).describe("H")
        ('H divisible by 32', 'H >= 7 with H mod 4 in {0, 3}')
        """
        if self.empty:
            return f"no {name}"
        if self.values is not None:
            return f"{name} in {_listed(self.values)}"
        bounds, rest = self._describe_bounds(name), self._describe_residues(name)
        if not bounds or not rest:
            return bounds or rest or f"any {name}"
        if rest.startswith(f"{name} divisible"):
            return f"{bounds} and {rest.removeprefix(name + ' ')}"
        return f"{bounds} with {rest}"

    def _describe_bounds(self, name: str) -> str:
        if self.lo == self.hi:
            return f"{name} = {self.lo}"
        from_start = self.lo == next(self._unbounded().members())
        if self.hi is None:
            return "" if from_start else f"{name} >= {self.lo}"
        return f"{name} <= {self.hi}" if from_start else f"{self.lo} <= {name} <= {self.hi}"

    def _describe_residues(self, name: str) -> str:
        if self.modulus == 1 or self.lo == self.hi:
            return ""
        if self.residues == {0}:
            return f"{name} divisible by {self.modulus}"
        if self.modulus == 2:
            return f"{name} odd"
        if len(self.residues) == 1:
            return f"{name} = {next(iter(self.residues))} mod {self.modulus}"
        return f"{name} mod {self.modulus} in {_listed(self.residues)}"

    def _unbounded(self) -> Domain:
        return Domain(1, None, self.modulus, self.residues)

    def _parts(self) -> tuple[object, ...]:
        return (self.lo, self.hi, self.modulus, self.residues, self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Domain) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"<{self.describe('v')}>"


def _listed(numbers: Iterable[int]) -> str:
    """The numbers in braces, four or more in a row as `0..7`; of many, a few and their count."""
    ordered = sorted(numbers)
    pieces: list[str] = []
    start = 0
    while start < len(ordered) and len(pieces) < _SHOWN:
        end = start
        while end + 1 < len(ordered) and ordered[end + 1] == ordered[end] + 1:
            end += 1
        if end - start < 3:
            end = start
        pieces.append(str(ordered[start]) if end == start else f"{ordered[start]}..{ordered[end]}")
        start = end + 1
    if start < len(ordered):
        return f"{{{', '.join(pieces)}, …}} ({len(ordered)} values)"
    return f"{{{', '.join(pieces)}}}"


EVERY: Final = Domain(1, None)
"""The domain of a symbol without declared bounds: a size is at least 1."""
NOTHING: Final = Domain(1, 0)


def congruent(modulus: int, residues: Iterable[int], lo: int = 1, hi: int | None = None) -> Domain:
    """The numbers from `lo` (but at least 1) to `hi` that are congruent to one of `residues`."""
    modulus, residue_set = _least_modulus(modulus, frozenset(r % modulus for r in residues))
    lo = max(lo, 1)
    if not residue_set or (hi is not None and hi < lo):
        return NOTHING
    lo = _next_congruent(lo, modulus, residue_set)
    if hi is None:
        return Domain(lo, None, modulus, residue_set)
    hi = -_next_congruent(-hi, modulus, frozenset(-r % modulus for r in residue_set))
    if hi < lo:
        return NOTHING
    if modulus > 1 and (hi - lo) * len(residue_set) <= modulus * 2 * _LISTED:
        values = list(Domain(lo, hi, modulus, residue_set).members())
        if len(values) <= _LISTED or len(values) == hi - lo + 1:
            return Domain.exactly(values)
    return Domain(lo, hi, modulus, residue_set)


def _next_congruent(start: int, modulus: int, residues: frozenset[int]) -> int:
    return start + min((r - start) % modulus for r in residues)


def _least_modulus(modulus: int, residues: frozenset[int]) -> tuple[int, frozenset[int]]:
    """The same congruences with the smallest modulus that can express them."""
    if len(residues) == modulus:
        return 1, frozenset((0,))
    for prime in prime_divisors(gcd(modulus, len(residues))):
        while modulus % prime == 0 and len(residues) % prime == 0:
            less = modulus // prime
            folded = frozenset(r % less for r in residues)
            if len(folded) * prime != len(residues):
                break
            modulus, residues = less, folded
    return modulus, residues


def prime_divisors(number: int) -> Iterator[int]:
    """The primes that divide a number, in order; by trial, so not for large primes."""
    prime = 2
    while prime * prime <= number:
        if number % prime == 0:
            yield prime
            while number % prime == 0:
                number //= prime
        prime += 1
    if number > 1:
        yield number


def _congruent_to_both(one: Domain, two: Domain) -> tuple[int, list[int]]:
    """Modulus and residues of all numbers congruent to a member of either (Chinese remainder theorem)."""
    common = gcd(one.modulus, two.modulus)
    modulus = lcm(one.modulus, two.modulus)
    classes: dict[int, list[int]] = {}
    for residue in two.residues:
        classes.setdefault(residue % common, []).append(residue)
    if sum(len(classes.get(r % common, ())) for r in one.residues) > _MOST_RESIDUES:
        raise OverflowError(f"more than {_MOST_RESIDUES} residues modulo {modulus}")
    inverse = pow(one.modulus // common, -1, two.modulus // common)
    return modulus, [
        first + one.modulus * ((second - first) // common * inverse % (two.modulus // common))
        for first in one.residues
        for second in classes.get(first % common, ())
    ]
