# ruff: noqa: D102 - the contract of a form is documented once, on Symbolic
"""What a symbolic size may be: a floor form, a product of such, or a tree that neither can hold.

A `Floor` is `m * floor((B + a) / t) + c` over a symbol `B` (or over another floor). Convolution,
pooling, padding and upsampling map it to itself, and nested floors collapse, so the form of a map
after any number of layers is a handful of integers. A `Product` is what reshaping makes of several.
An `Opaque` is an exact expression tree: a `Sum` of several forms, or a `Step` (`//`, `%`, `scale`).

All are immutable and in normal form: what is equal in structure is equal in value.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, gcd
from typing import Final

_SUM: Final = 1
_TERM: Final = 2
_ATOM: Final = 3


class Symbolic:
    """A size that hangs on a symbol. Ordering is not defined: ask the solver."""

    __slots__ = ("_hash",)
    _hash: int

    # The normal forms and the arithmetic on them need each other; the imports below, on the rare
    # paths only, break the circle.

    def plus(self, amount: int) -> Size:
        """This and a number."""
        from netspec.dims.arithmetic import add

        return add(self, amount)

    def times(self, factor: int) -> Size:
        """This, a number of times."""
        from netspec.dims.arithmetic import multiply

        return multiply(self, factor)

    def over(self, divisor: int) -> Size:
        """This divided by a number, rounded down."""
        from netspec.dims.arithmetic import floor_divide

        return floor_divide(self, divisor)

    def __add__(self, other: Size) -> Size:
        if type(other) is int:
            return self.plus(other)
        from netspec.dims.arithmetic import add, is_size

        return add(self, other) if is_size(other) else NotImplemented

    def __radd__(self, other: int) -> Size:
        return self.plus(other) if type(other) is int else NotImplemented

    def __sub__(self, other: Size) -> Size:
        if type(other) is int:
            return self.plus(-other)
        from netspec.dims.arithmetic import is_size, subtract

        return subtract(self, other) if is_size(other) else NotImplemented

    def __rsub__(self, other: int) -> Size:
        from netspec.dims.arithmetic import subtract

        return subtract(other, self) if type(other) is int else NotImplemented

    def __mul__(self, other: Size) -> Size:
        if type(other) is int:
            return self.times(other)
        from netspec.dims.arithmetic import is_size, multiply

        return multiply(self, other) if is_size(other) else NotImplemented

    def __rmul__(self, other: int) -> Size:
        return self.times(other) if type(other) is int else NotImplemented

    def __floordiv__(self, other: Size) -> Size:
        if type(other) is int:
            return self.over(other)
        from netspec.dims.arithmetic import floor_divide, is_size

        return floor_divide(self, other) if is_size(other) else NotImplemented

    def __rfloordiv__(self, other: int) -> Size:
        from netspec.dims.arithmetic import floor_divide

        return floor_divide(other, self) if type(other) is int else NotImplemented

    def __mod__(self, other: Size) -> Size:
        from netspec.dims.arithmetic import is_size, modulo

        return modulo(self, other) if is_size(other) else NotImplemented

    def __rmod__(self, other: int) -> Size:
        from netspec.dims.arithmetic import modulo

        return modulo(other, self) if type(other) is int else NotImplemented

    def __neg__(self) -> Size:
        return self.times(-1)

    def __pos__(self) -> Size:
        return self

    def parts(self) -> tuple[object, ...]:
        """What it consists of: equal parts, equal sizes."""
        raise NotImplementedError

    def at(self, values: Mapping[str, int]) -> int:
        """Its value where the symbols have these values."""
        raise NotImplementedError

    def names(self) -> frozenset[str]:
        """The symbols that it hangs on."""
        raise NotImplementedError

    def shown(self) -> tuple[str, int]:
        """Its text, and how tightly that text's outermost operator binds."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return False
        assert isinstance(other, Symbolic)
        return self.parts() == other.parts()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            self._hash = found = hash(self.parts())
            return found

    def __str__(self) -> str:
        return self.shown()[0]

    __repr__ = __str__


Size = int | Symbolic
"""A size: a number, or a form that hangs on symbols."""
Shape = tuple[Size, ...]
"""The sizes of a tensor's axes."""


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
            return Floor(self.base, self.a, self.t, self.m * factor, self.c * factor)
        return super().times(factor)

    def over(self, divisor: int) -> Size:
        """The quotient, again one floor wherever that is possible.

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
            return Floor(Floor(self.base, self.a, self.t, m, 0), c % d, d, 1, c // d)
        return floor_of(self.base, self.a + self.t * c, self.t * d)

    def at(self, values: Mapping[str, int]) -> int:
        base = self.base
        inner = values[base] if isinstance(base, str) else base.at(values)
        return self.m * ((inner + self.a) // self.t) + self.c

    def names(self) -> frozenset[str]:
        return frozenset((self.symbol,))

    @property
    def symbol(self) -> str:
        """The one symbol that it hangs on."""
        base = self.base
        while isinstance(base, Floor):
            base = base.base
        return base

    def shown(self) -> tuple[str, int]:
        text, binds = str(self.base), _ATOM
        if self.t > 1:
            text = f"({text}+{self.a})//{self.t}" if self.a else f"{text}//{self.t}"
            binds = _TERM
        if self.m > 1:
            text = f"{self.m}*({text})" if binds < _ATOM else f"{self.m}*{text}"
            binds = _TERM
        return (f"{text}{self.c:+d}", _SUM) if self.c else (text, binds)


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
            return Floor(Floor(base.base, base.a, base.t, m, 0), a % t, t, 1, a // t)
        a, t, base = base.a + base.t * a, base.t * t, base.base
    return Floor(base, a % t, t, 1, a // t)


class Product(Symbolic):
    """`coefficient` (at least 1) times two or more sizes without a common divisor of their own."""

    __slots__ = ("coefficient", "factors")

    def __init__(self, coefficient: int, factors: tuple[Symbolic, ...]) -> None:
        self.coefficient = coefficient
        self.factors = factors

    def parts(self) -> tuple[object, ...]:
        return (self.coefficient, self.factors)

    def at(self, values: Mapping[str, int]) -> int:
        result = self.coefficient
        for factor in self.factors:
            result *= factor.at(values)
        return result

    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*(f.names() for f in self.factors))

    def shown(self) -> tuple[str, int]:
        texts = [tight(f) for f in self.factors]
        if self.coefficient > 1:
            texts.insert(0, str(self.coefficient))
        return "*".join(texts), _TERM


class Opaque(Symbolic):
    """An exact size that neither a floor nor a product can hold: a `Sum` or a `Step`."""

    __slots__ = ()


class Sum(Opaque):
    """A number and terms, each a number of times: `constant + Σ count * term`, in a fixed order."""

    __slots__ = ("constant", "terms")

    def __init__(self, constant: int, terms: tuple[tuple[Symbolic, int], ...]) -> None:
        self.constant = constant
        self.terms = terms

    def parts(self) -> tuple[object, ...]:
        return (self.constant, self.terms)

    def at(self, values: Mapping[str, int]) -> int:
        result = self.constant
        for term, count in self.terms:
            result += count * term.at(values)
        return result

    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*(t.names() for t, _ in self.terms))

    def shown(self) -> tuple[str, int]:
        pieces = ["+" + _counted(t, n) for t, n in self.terms if n > 0]
        leading = "" if pieces or self.constant > 0 else "-"
        pieces += ["-" + _counted(t, -n) for t, n in self.terms if n < 0]
        if leading and self.terms[0][1] == -1 and not isinstance(self.terms[0][0], Product):
            pieces[0] = "-" + tight(self.terms[0][0])
        if self.constant:
            first = not leading and pieces[0].startswith("-")
            pieces.insert(0 if first else len(pieces), f"{self.constant:+d}")
        return "".join(pieces).removeprefix("+"), _SUM


class Step(Opaque):
    """One operation that does not dissolve into another form: `//`, `%`, or `scale` by a float."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Size, right: Size | float) -> None:
        self.operator = operator
        self.left = left
        self.right = right

    def parts(self) -> tuple[object, ...]:
        return (self.operator, self.left, self.right)

    def at(self, values: Mapping[str, int]) -> int:
        left = _at(self.left, values)
        if self.operator == "scale":
            assert isinstance(self.right, float)
            return floor(left * self.right)
        assert not isinstance(self.right, float)
        right = _at(self.right, values)
        return left // right if self.operator == "//" else left % right

    def names(self) -> frozenset[str]:
        sides = (s for s in (self.left, self.right) if isinstance(s, Symbolic))
        return frozenset[str]().union(*(s.names() for s in sides))

    def shown(self) -> tuple[str, int]:
        if self.operator == "scale":
            return f"floor({tight(self.left)}*{self.right})", _ATOM
        loose = isinstance(self.left, Product)
        left = str(self.left) if loose else tight(self.left)
        return f"{left}{self.operator}{tight(self.right)}", _TERM


def _at(size: Size, values: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else size.at(values)


def tight(size: Size | float) -> str:
    """The text of a size as an operand of any operator: in brackets if it has one itself."""
    if not isinstance(size, Symbolic):
        return str(size) if size >= 0 else f"({size})"
    text, binds = size.shown()
    return text if binds == _ATOM else f"({text})"


def _counted(term: Symbolic, count: int) -> str:
    if count == 1:
        return str(term)
    if isinstance(term, Product):
        return f"{count}*{term}"
    return f"{count}*{tight(term)}"
