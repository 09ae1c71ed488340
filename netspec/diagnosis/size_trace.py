"""The trace of a size from the network's input, and which inputs would make it another size."""

from __future__ import annotations

from netspec.dims import Domain, Size, symbol
from netspec.graph.conditions import Conditions
from netspec.graph.derivation import Term
from netspec.graph.nodes import Node, Value
from netspec.graph.size_origin import origin_of
from netspec.layer.base import ShapeError

_MOST_STOPS = 9
_INPUT = "S"
"""The symbol that stands for the input's size while it is looked for."""


class SizeTrace:
    """The places where a size changed, from the input on; `start` is where it was declared."""

    def __init__(self, value: Value, axis: int) -> None:
        self.stops: list[Term] = []
        while True:
            origin = origin_of(value, axis)
            if origin is None or origin.kind != "same":
                self.stops.append(Term(value, axis))
            if origin is None or origin.kind not in ("same", "window") or not origin.parts:
                break
            index, axis = origin.parts[0]
            value = value.node.inputs[index]
        self.stops.reverse()

    @property
    def start(self) -> Term:
        """Where the size was declared, or set by an argument."""
        return self.stops[0]

    @property
    def from_input(self) -> bool:
        """Whether it leads back to a fixed size of an input of the network."""
        return self.start.value.node.layer is None and isinstance(self.start.size, int)

    def __str__(self) -> str:
        before = [None, *(term.size for term in self.stops)]
        changes = [t for t, size in zip(self.stops, before, strict=False) if t.size != size]
        stops = [f"{term.size} ({term.title})" for term in changes]
        if len(stops) > _MOST_STOPS:
            stops[4:-4] = ["…"]
        return " → ".join(stops)

    def giving(self, target: int) -> Domain | None:
        """The sizes of the input for which the last stop would be `wanted`."""
        if len(self.stops) == 1:  # no step is between
            return Domain.between(target, target)
        conditions = Conditions({})
        size = self._followed(conditions)
        if size is None or not conditions.equal(size, target):
            return None
        return conditions.domains.get(_INPUT)

    def least(self, node: Node, index: int, axis: int) -> int | None:
        """The least size of the input with which `node`, which it is input `index` of, works."""
        conditions = Conditions({})
        size = self._followed(conditions)
        if size is None or _applied(node, index, axis, size, conditions, free=True) is None:
            return None
        domain = conditions.domains.get(_INPUT)
        return None if domain is None or domain.empty else domain.smallest()

    def _followed(self, conditions: Conditions) -> Size | None:
        """The size at the last stop for an unknown size of the input."""
        size: Size | None = symbol(_INPUT)
        for term in self.stops[1:]:
            origin = origin_of(term.value, term.axis)
            assert origin is not None
            index, axis = origin.parts[0]
            node = term.value.node
            shapes = _applied(node, index, axis, size, conditions) if size is not None else None
            size = None if shapes is None else shapes[term.value.index][term.axis]
        return size


def same_start(one: SizeTrace, two: SizeTrace) -> Domain | None:
    """The sizes of the input that both lead back to, for which they end with the same size."""
    a, b = one.start, two.start
    if not one.from_input or not two.from_input or (a.value, a.axis) != (b.value, b.axis):
        return None
    conditions = Conditions({})
    sizes = one._followed(conditions), two._followed(conditions)
    if sizes[0] is None or sizes[1] is None or not conditions.equal(sizes[0], sizes[1]):
        return None
    domain = conditions.domains.get(_INPUT)
    return None if domain is None or domain.empty else domain


def _applied(
    node: Node, index: int, axis: int, size: Size, conditions: Conditions, *, free: bool = False
) -> list[tuple[Size, ...]] | None:
    """The shapes that a layer gives with another size of one of its inputs.

    Where the others are `free`, the sides of that input may have any size as well.
    """
    assert node.layer is not None
    shapes = [list(shape) for shape in node.shapes]
    if free and node.layer.axes:
        sides = range(len(shapes[index]) - node.layer.axes, len(shapes[index]))
        for k in sides:
            shapes[index][k] = symbol(f"{_INPUT}_{k}")
    shapes[index][axis] = size
    conditions.set_location(node.place, node.path)
    try:
        result = node.layer.infer(conditions, *map(tuple, shapes))
    except (ShapeError, OverflowError):
        return None
    return result if isinstance(result, list) else [result]
