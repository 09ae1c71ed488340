"""The floor form: the sizes that convolution and pooling compute."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from netspec.dims.symbolic import ATOM, SUM, TERM, Size, Symbolic, in_bounds, with_complexity


class Floor(Symbolic):
    """`m * floor((base + a) / t) + c` with `m, t >= 1` and `0 <= a < t`; see `floor_of`."""

    __slots__ = ("a", "base", "c", "m", "t")

    def __init__(self, base: str | Floor, a: int, t: int, m: int, c: int) -> None:
        self.base = base
        self.a = a
        self.t = t
        self.m = m
        self.c = c

    def parts(self) -> tuple[object, ...]:
        return (self.base, self.a, self.t, self.m, self.c)

    def plus(self, amount: int) -> Size:
        return Floor(self.base, self.a, self.t, self.m, self.c + amount) if amount else self

    def times(self, factor: int) -> Size:
        if factor > 0:
            return Floor(self.base, self.a, self.t, in_bounds(self.m * factor), self.c * factor)
        return super().times(factor)

    def over(self, divisor: int) -> Size:
        """The quotient, again a single floor if possible.

        With g = gcd(m, d): floor((g*m*q + c) / (g*d)) = floor((m*q + floor(c/g)) / d).
        """
        if divisor <= 1:
            return self if divisor == 1 else super().over(divisor)
        if self.m == 1:
            return floor_of(self.base, self.a + self.t * self.c, self.t * divisor)
        common = gcd(self.m, divisor)
        m, c, d = self.m // common, self.c // common, divisor // common
        if d == 1:
            return Floor(self.base, self.a, self.t, m, c)
        if m > 1:
            return _nested(Floor(self.base, self.a, self.t, m, 0), c, d)
        return floor_of(self.base, self.a + self.t * c, self.t * d)

    def evaluate(self, values: Mapping[str, int]) -> int:
        base = self.base
        inner = values[base] if isinstance(base, str) else base.evaluate(values)
        return self.m * ((inner + self.a) // self.t) + self.c

    def names(self) -> frozenset[str]:
        return frozenset((self.symbol,))

    @property
    def symbol(self) -> str:
        """The one symbol that it depends on."""
        base = self.base
        while isinstance(base, Floor):
            base = base.base
        return base

    @property
    def weight(self) -> int:
        weight, base = 1, self.base
        while isinstance(base, Floor):
            weight, base = weight + 1, base.base
        return weight

    def shown(self) -> tuple[str, int]:
        text, binds = str(self.base), ATOM
        a, c = self.a, self.c
        if self.m == 1 and c < 0:  # (H+1)//2-1 reads better as (H-1)//2
            a, c = a + self.t * c, 0
        if self.t > 1:
            text = f"({text}{a:+d})//{self.t}" if a else f"{text}//{self.t}"
            binds = TERM
        elif a:
            text, binds = f"{text}{a:+d}", SUM
        if self.m > 1:
            text = f"{self.m}*({text})" if binds < ATOM else f"{self.m}*{text}"
            binds = TERM
        return (f"{text}{c:+d}", SUM) if c else (text, binds)

    def where(self, multiple_of: int) -> Size:
        """The same size for symbols that are multiples of a number: 16*(H//16) is then H."""
        if isinstance(self.base, Floor) or multiple_of % self.t:
            return self
        common = gcd(self.m, self.t)
        return Floor(self.base, 0, self.t // common, self.m // common, self.c)


def floor_of(base: str | Floor, a: int, t: int) -> Floor:
    """The normal form of `floor((base + a) / t)`.

    A floor of a floor is one: floor((floor((B + a)/t) + c) / d) = floor((B + a + t*c) / (t*d)).
    """
    while isinstance(base, Floor):
        a += base.c
        common = gcd(base.m, t)
        m, a, t = base.m // common, a // common, t // common
        if t == 1:
            return Floor(base.base, base.a, base.t, m, a)
        if m > 1:
            return _nested(Floor(base.base, base.a, base.t, m, 0), a, t)
        a, t, base = base.a + base.t * a, base.t * t, base.base
    return Floor(base, a % in_bounds(t), t, 1, a // t)


def _nested(base: Floor, a: int, t: int) -> Floor:
    with_complexity((base,))
    return Floor(base, a % t, t, 1, a // t)
