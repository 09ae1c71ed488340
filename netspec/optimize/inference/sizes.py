"""A symbolic size as an expression of the dimensions of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations

from netspec.dims import Symbolic, is_symbolic
from netspec.graph import Value
from netspec.optimize.inference.statement import Part, Size


def size_parts(
    size: Symbolic, values: Sequence[Value], computed: Iterable[Value]
) -> tuple[Part, ...] | None:
    """Find an expression of a size.

    Args:
        size: The size.
        values: Tensors that exist where it is read.
        computed: Tensors that may be freed by then.

    Returns:
        The expression; None if no dimension, product of two, multiple or sum with a number is the size.
    """
    later = (
        (Size(value, axis),)
        for value in computed
        for axis, each in _symbolic_axes(value)
        if each == size
    )
    return next(chain(_of_one(size, values), _products(size, values), later), None)


def _of_one(size: Symbolic, values: Iterable[Value]) -> Iterator[tuple[Part, ...]]:
    """The size as a dimension, or one with a number."""
    for value in values:
        for axis, each in _symbolic_axes(value):
            if each == size:
                yield (value, f".size({axis})")
            elif relation := _relation(each, size):
                yield ("(", value, f".size({axis}){relation})")


def _products(size: Symbolic, values: Iterable[Value]) -> Iterator[tuple[Part, ...]]:
    """The size as the product of two dimensions of a tensor."""
    for value in values:
        for (axis, each), (other, factor) in combinations(_symbolic_axes(value), 2):
            if each * factor == size:
                yield ("(", value, f".size({axis}) * ", value, f".size({other}))")


def _symbolic_axes(value: Value) -> Iterator[tuple[int, Symbolic]]:
    for axis, size in enumerate(value.shape or ()):
        if is_symbolic(size):
            yield axis, size


def _relation(size: Symbolic, result: Symbolic) -> str:
    """What a size is multiplied by, divided by or added to for a result; empty for something else."""
    for k in range(2, 65):
        if size * k == result:
            return f" * {k}"
        if size // k == result:
            return f" // {k}"
    difference = result - size
    if not isinstance(difference, int):
        return ""
    return f" + {difference}" if difference > 0 else f" - {-difference}"
