"""Arithmetic on sizes: the result is exact and in normal form.

Two views of a size do the work: as a sum (`as_sum`, for `+ - // %` by numbers) and as a product
(`as_product`, for `*` and for exact division).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from math import gcd
from operator import mul
from typing import Final, TypeGuard

from netspec.dims.compound import OpaqueStep, Product, SizeSum
from netspec.dims.floor import Floor
from netspec.dims.symbolic import Size, Symbolic


def symbol(name: str) -> Size:
    """The symbol of this name, as a size.

    >>> (symbol("H") - 7 + 2 * 3) // 2 + 1
    (H+1)//2
    """
    size = _SYMBOLS.get(name)
    if size is None:
        size = _SYMBOLS[name] = Floor(name, 0, 1, 1, 0)
    return size


_SYMBOLS: Final[dict[str, Floor]] = {}


def is_size(value: object) -> TypeGuard[Size]:
    """Whether this is a size: an integer (not a boolean) or a symbolic one."""
    return type(value) is int or isinstance(value, Symbolic)


def is_symbolic(value: object) -> TypeGuard[Symbolic]:
    """Whether this is a size that depends on a symbol."""
    return isinstance(value, Symbolic)


def evaluate(size: Size, values: Mapping[str, int]) -> int:
    """The size where the symbols have these values; KeyError for a symbol without one."""
    return size if isinstance(size, int) else size.evaluate(values)


def symbols(size: Size) -> frozenset[str]:
    """The symbols that a size depends on."""
    return frozenset() if isinstance(size, int) else size.names()


def as_integer(size: Size) -> int | None:
    """The size as a number, if it is one."""
    return size if isinstance(size, int) else None


# ---- sums -------------------------------------------------------------------------------------


def as_sum(size: Size) -> tuple[int, dict[Symbolic, int]]:
    """A size as `constant + Σ count * term`, its terms without factor and constant of their own."""
    if isinstance(size, int):
        return size, {}
    if isinstance(size, Floor):
        return size.c, {Floor(size.base, size.a, size.t, 1, 0): size.m}
    if isinstance(size, Product):
        return 0, {Product(1, size.factors): size.coefficient}
    if isinstance(size, SizeSum):
        return size.constant, dict(size.terms)
    return 0, {size: 1}


def from_sum(number: int, terms: Mapping[Symbolic, int]) -> Size:
    """The normal form of `number + Σ count * term`."""
    nonzero = [(t, n) for t, n in terms.items() if n]
    if not nonzero:
        return number
    if len(nonzero) == 1 and nonzero[0][1] > 0:
        term, count = nonzero[0]
        if isinstance(term, Floor):
            return Floor(term.base, term.a, term.t, count, count * term.c + number)
        if number == 0 and isinstance(term, Product):
            return Product(count, term.factors)
        if number == 0 and count == 1:
            return term
    return SizeSum(number, tuple(sorted(nonzero, key=lambda pair: _order(pair[0]))))


def add(a: Size, b: Size) -> Size:
    """The sum; opposite terms cancel, and equal terms are counted."""
    return _combine(a, b, 1)


def subtract(a: Size, b: Size) -> Size:
    """Their difference, which may be below zero."""
    return _combine(a, b, -1)


def _combine(a: Size, b: Size, sign: int) -> Size:
    number, terms = as_sum(a)
    more, others = as_sum(b)
    for term, count in others.items():
        terms[term] = terms.get(term, 0) + sign * count
    return from_sum(number + sign * more, terms)


# ---- products ---------------------------------------------------------------------------------


def as_product(size: Size) -> tuple[int, tuple[Symbolic, ...]]:
    """A size as a number times factors that have no common divisor of their own."""
    if isinstance(size, int):
        return size, ()
    if isinstance(size, Product):
        return size.coefficient, size.factors
    if isinstance(size, Floor):
        common = gcd(size.m, size.c)
        return common, (Floor(size.base, size.a, size.t, size.m // common, size.c // common),)
    if isinstance(size, SizeSum):
        return _sum_as_product(size)
    return 1, (size,)


def _sum_as_product(size: SizeSum) -> tuple[int, tuple[Symbolic, ...]]:
    common = gcd(size.constant, *(n for _, n in size.terms))
    if all(n < 0 for _, n in size.terms) and size.constant <= 0:
        common = -common
    rest = from_sum(size.constant // common, {t: n // common for t, n in size.terms})
    if isinstance(rest, Product):
        return common * rest.coefficient, rest.factors
    assert isinstance(rest, Symbolic)
    return common, (rest,)


def from_product(number: int, factors: Iterable[Symbolic]) -> Size:
    """The normal form of a number times factors."""
    ordered = tuple(sorted(factors, key=_order))
    if not number or not ordered:
        return number
    if len(ordered) == 1:
        return _times(ordered[0], number)
    if number < 0:
        return SizeSum(0, ((Product(1, ordered), number),))
    return Product(number, ordered)


def _times(size: Size, factor: int) -> Size:
    number, terms = as_sum(size)
    return from_sum(number * factor, {t: n * factor for t, n in terms.items()})


def multiply(a: Size, b: Size) -> Size:
    """Their product."""
    if isinstance(b, int):
        return _times(a, b)
    if isinstance(a, int):
        return _times(b, a)
    number, factors = as_product(a)
    more, others = as_product(b)
    return from_product(number * more, factors + others)


def product(sizes: Iterable[Size]) -> Size:
    """The product of them all; 1 of none."""
    return reduce(mul, sizes, 1)


def _order(size: Symbolic) -> tuple[bool, str]:
    text = str(size)
    return not text.isidentifier(), text


def without_common(a: Size, b: Size) -> tuple[Size, Size]:
    """Both without the number and the factors that they share."""
    number, factors = as_product(a)
    more, others = as_product(b)
    common = gcd(number, more) or 1
    left, right = list(factors), list(others)
    for factor in factors:
        if factor in right:
            left.remove(factor)
            right.remove(factor)
    return from_product(number // common, left), from_product(more // common, right)


def divide_exactly(total: Size, part: Size) -> Size | None:
    """The factor that turns `part` into `total`, if it is certain; otherwise None.

    >>> H, W = symbol("H"), symbol("W")
    >>> divide_exactly(12 * H * W, 4 * W), divide_exactly(H * W, 2), divide_exactly(H * W + W, W)
    (3*H, None, H+1)
    """
    if part == 0:
        return None
    over, under = without_common(total, part)
    if isinstance(under, int) and abs(under) == 1:
        return _times(over, under)
    if not isinstance(total, SizeSum) or (len(total.terms) == 1 and not total.constant):
        return None
    return _divide_terms(total, part)


def _divide_terms(total: SizeSum, part: Size) -> Size | None:
    result = divide_exactly(total.constant, part) if total.constant else 0
    for term, count in total.terms:
        quotient = divide_exactly(_times(term, count), part)
        if result is None or quotient is None:
            return None
        result = add(result, quotient)
    return result


# ---- division ---------------------------------------------------------------------------------


def floor_divide(a: Size, b: Size) -> Size:
    """`a // b`, rounded down as Python does; exact where `b` divides."""
    if isinstance(b, int):
        return _quotient(_times(a, -1), -b) if b < 0 else _quotient(a, b)
    exact = divide_exactly(a, b)
    if exact is not None:
        return exact
    over, under = without_common(a, b)
    if isinstance(under, int):
        return floor_divide(over, under)
    return OpaqueStep("//", over, under)


def _quotient(size: Size, divisor: int) -> Size:
    """Division by a positive integer: multiples leave the floor, and the rest has no common divisor."""
    number, terms = as_sum(size)
    out = {t: n // divisor for t, n in terms.items() if n % divisor == 0}
    rest = {t: n for t, n in terms.items() if n % divisor}
    whole, number = divmod(number, divisor)
    common = gcd(divisor, *rest.values())
    divisor //= common
    if not rest or divisor == 1:
        out.update((t, n // common) for t, n in rest.items())
        return from_sum(whole + number // common, out)
    inner = from_sum(number // common, {t: n // common for t, n in rest.items()})
    return add(from_sum(whole, out), _collapsed(inner, divisor))


def _collapsed(inner: Size, divisor: int) -> Size:
    """`inner // divisor`; a floor of a floor is one floor."""
    if isinstance(inner, Floor):
        return inner.over(divisor)
    number, terms = as_sum(inner)
    if len(terms) == 1:
        ((term, count),) = terms.items()
        if count == 1 and isinstance(term, OpaqueStep) and term.operator == "//":
            under = term.right
            if isinstance(under, int):
                return _quotient(add(term.left, number * under), under * divisor)
    return OpaqueStep("//", inner, divisor)


def remainder(a: Size, b: Size) -> Size:
    """`a % b`, with the sign of `b` as in Python; an integer if it is certain."""
    if isinstance(b, int):
        return _times(_remainder(_times(a, -1), -b), -1) if b < 0 else _remainder(a, b)
    return 0 if divide_exactly(a, b) is not None else OpaqueStep("%", a, b)


def _remainder(size: Size, divisor: int) -> Size:
    number, terms = as_sum(size)
    rest = from_sum(number % divisor, {t: n % divisor for t, n in terms.items()})
    return rest if isinstance(rest, int) else OpaqueStep("%", rest, divisor)
