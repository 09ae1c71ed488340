"""Sizes made of several: products, sums, and the operations that dissolve into neither."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import floor

from netspec.dims.symbolic import ATOM, SUM, TERM, Size, Symbolic, in_bounds, tight, with_complexity


class Product(Symbolic):
    """`coefficient` (at least 1) times two or more sizes without a common divisor of their own."""

    __slots__ = ("_weight", "coefficient", "factors")

    def __init__(self, coefficient: int, factors: tuple[Symbolic, ...]) -> None:
        self.coefficient = in_bounds(coefficient)
        self.factors = factors
        self._weight = with_complexity(factors)

    def parts(self) -> tuple[object, ...]:
        return (self.coefficient, self.factors)

    def evaluate(self, values: Mapping[str, int]) -> int:
        result = self.coefficient
        for factor in self.factors:
            result *= factor.evaluate(values)
        return result

    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*(f.names() for f in self.factors))

    @property
    def weight(self) -> int:
        return self._weight

    def shown(self) -> tuple[str, int]:
        texts = [tight(f) for f in self.factors]
        if self.coefficient > 1:
            texts.insert(0, str(self.coefficient))
        return "*".join(texts), TERM


class Opaque(Symbolic):
    """An exact size that neither a floor nor a product can hold: a `SizeSum` or a `OpaqueStep`."""

    __slots__ = ()


class SizeSum(Opaque):
    """A number and terms, each a number of times: `constant + Σ count * term`, in a fixed order."""

    __slots__ = ("_weight", "constant", "terms")

    def __init__(self, constant: int, terms: tuple[tuple[Symbolic, int], ...]) -> None:
        self.constant = in_bounds(constant)
        self.terms = terms
        self._weight = with_complexity([t for t, _ in terms])

    def parts(self) -> tuple[object, ...]:
        return (self.constant, self.terms)

    def evaluate(self, values: Mapping[str, int]) -> int:
        result = self.constant
        for term, count in self.terms:
            result += count * term.evaluate(values)
        return result

    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*(t.names() for t, _ in self.terms))

    @property
    def weight(self) -> int:
        return self._weight

    def shown(self) -> tuple[str, int]:
        pieces = ["+" + _counted(t, n) for t, n in self.terms if n > 0]
        leading = "" if pieces or self.constant > 0 else "-"
        pieces += ["-" + _counted(t, -n) for t, n in self.terms if n < 0]
        if leading and self.terms[0][1] == -1 and not isinstance(self.terms[0][0], Product):
            pieces[0] = "-" + tight(self.terms[0][0])
        if self.constant:
            first = not leading and pieces[0].startswith("-")
            pieces.insert(0 if first else len(pieces), f"{self.constant:+d}")
        return "".join(pieces).removeprefix("+"), SUM


class OpaqueStep(Opaque):
    """One operation that does not dissolve into another form: `//`, `%`, `min`, `max`, or `scale` by a float."""

    __slots__ = ("_weight", "left", "operator", "right")

    def __init__(self, operator: str, left: Size, right: Size | float) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self._weight = with_complexity((left, right))

    def parts(self) -> tuple[object, ...]:
        return (self.operator, self.left, self.right)

    def evaluate(self, values: Mapping[str, int]) -> int:
        left = _evaluate(self.left, values)
        if self.operator == "scale":
            assert isinstance(self.right, float)
            return floor(left * self.right)
        assert not isinstance(self.right, float)
        right = _evaluate(self.right, values)
        return _COMPUTE[self.operator](left, right)

    def names(self) -> frozenset[str]:
        sides = (s for s in (self.left, self.right) if isinstance(s, Symbolic))
        return frozenset[str]().union(*(s.names() for s in sides))

    @property
    def weight(self) -> int:
        return self._weight

    def shown(self) -> tuple[str, int]:
        if self.operator == "scale":
            return f"floor({tight(self.left)}*{self.right})", ATOM
        if self.operator in EXTREMES:
            inside = str(self.left)
            if isinstance(self.left, OpaqueStep) and self.left.operator == self.operator:
                inside = inside[4:-1]
            return f"{self.operator}({inside}, {self.right})", ATOM
        loose = isinstance(self.left, Product)
        left = str(self.left) if loose else tight(self.left)
        return f"{left}{self.operator}{tight(self.right)}", TERM


EXTREMES = ("min", "max")
_COMPUTE: dict[str, Callable[[int, int], int]] = {
    "//": operator.floordiv,
    "%": operator.mod,
    "min": min,
    "max": max,
}


def _evaluate(size: Size, values: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else size.evaluate(values)


def _counted(term: Symbolic, count: int) -> str:
    if count == 1:
        return str(term)
    if isinstance(term, Product):
        return f"{count}*{term}"
    return f"{count}*{tight(term)}"
