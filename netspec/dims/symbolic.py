"""The common part of all symbolic sizes: operators, structural equality, and text.

A `Floor` is `m * floor((B + a) / t) + c` over a symbol `B` (or over another floor). Convolution,
pooling, padding and upsampling map it to itself, and nested floors collapse, so the form of a map
after any number of layers is a handful of integers. A `Product` is what reshaping makes of several.
An `Opaque` is an exact expression tree: a `Sum` of several forms, or a `Step` (`//`, `%`, `scale`).

All are immutable and in normal form: what is equal in structure is equal in value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

SUM: Final = 1
"""How tightly the outermost operator of a text binds: as `+`, as `*`, or there is none."""
TERM: Final = 2
ATOM: Final = 3


MOST_PARTS: Final = 100
"""The maximum number of parts of a size: no network needs more, and all functions on sizes recurse."""
MOST_BITS: Final = 256
"""The same for the numbers in it."""


class Symbolic:
    """A size that depends on a symbol. Ordering is not defined: ask the solver.

    Operations raise OverflowError where the result would have too many parts or too large numbers.
    """

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
        from netspec.dims.arithmetic import is_size, remainder

        return remainder(self, other) if is_size(other) else NotImplemented

    def __rmod__(self, other: int) -> Size:
        from netspec.dims.arithmetic import remainder

        return remainder(other, self) if type(other) is int else NotImplemented

    def __neg__(self) -> Size:
        return self.times(-1)

    def __pos__(self) -> Size:
        return self

    def parts(self) -> tuple[object, ...]:
        """Its parts; equal parts mean equal sizes."""
        raise NotImplementedError

    def evaluate(self, values: Mapping[str, int]) -> int:
        """Its value where the symbols have these values."""
        raise NotImplementedError

    def names(self) -> frozenset[str]:
        """The symbols that it depends on."""
        raise NotImplementedError

    @property
    def weight(self) -> int:
        """The number of roundings, terms and factors in it, with repetitions."""
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
            self._hash = hash_ = hash(self.parts())
            return hash_

    def __str__(self) -> str:
        return self.shown()[0]

    __repr__ = __str__


Size = int | Symbolic
"""A size: an integer, or an expression over symbols."""
Shape = tuple[Size, ...]
"""The sizes of the dimensions of a tensor."""


def with_complexity(parts: Iterable[Size | float]) -> int:
    """The complexity of a size with these parts; OverflowError above the limit."""
    total = 1 + sum(p.weight for p in parts if isinstance(p, Symbolic))
    if total > MOST_PARTS:
        raise OverflowError(f"a size of more than {MOST_PARTS} parts")
    return total


def in_bounds(number: int) -> int:
    """The number; OverflowError if it is too large for a size."""
    if number.bit_length() > MOST_BITS:
        raise OverflowError(f"a size with numbers of more than {MOST_BITS} bits")
    return number


def tight(size: Size | float) -> str:
    """The text of a size as an operand of any operator: in brackets if it has one itself."""
    if not isinstance(size, Symbolic):
        return str(size) if size >= 0 else f"({size})"
    text, binds = size.shown()
    return text if binds == ATOM else f"({text})"
