"""The receptive field: what one element of a tensor sees of an input of the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Literal, NamedTuple

from netspec.graph.concrete import concrete
from netspec.graph.nodes import Node, Value, axes
from netspec.graph.size_origin import speaks_for_itself
from netspec.graph.typed_graph import Graph
from netspec.layers.base import ConcreteShape, Layer
from netspec.layers.shape_rules import FieldRule, Window

_LONGEST_PERIOD = 4096

Stretch = tuple[int, int] | None
"""The first and last element that are seen; None where there is none."""


class AxisField(NamedTuple):
    """The exact receptive field of each element along an axis: that of element t % period, shifted.

    Where the network only makes an axis shorter, the period is 1; behind a layer that makes it n times
    as long, neighbors see the same or not by turns of n.
    """

    stretches: tuple[Stretch, ...]
    shift: int
    """How far the stretches of one period are from those of the one before."""

    def span_of(self, t: int) -> Stretch:
        """What element t sees."""
        turn, place = divmod(t, len(self.stretches))
        here = self.stretches[place]
        return None if here is None else (here[0] + turn * self.shift, here[1] + turn * self.shift)

    @property
    def size(self) -> int:
        """How many elements one element sees; the most, where they differ."""
        return max((s[1] - s[0] + 1 for s in self.stretches if s is not None), default=0)

    @property
    def jump(self) -> Fraction:
        """How far the stretch moves from one element to the next, on the average."""
        return Fraction(self.shift, len(self.stretches))

    @property
    def start(self) -> int:
        """Where the stretch of element 0 begins: before the input, where it is padded."""
        return next((s[0] for s in self.stretches if s is not None), 0)

    def through(self, window: Window) -> AxisField | None:
        """The field behind a layer whose elements see such windows of this axis; None if too uneven."""
        period, every = len(self.stretches), window.every
        longer = every * period // gcd(window.stride, every * period)
        if longer > _LONGEST_PERIOD:
            return None
        turns = longer * window.stride // (every * period)
        return AxisField(tuple(self._seen(window, t) for t in range(longer)), turns * self.shift)

    def _seen(self, window: Window, t: int) -> Stretch:
        low, period = t * window.stride - window.before, len(self.stretches)
        first, last = -(-low // window.every), (low + window.span - 1) // window.every
        if None not in self.stretches and last - first > 1:
            return _hull((self.span_of(first), self.span_of(last)))
        # They repeat with an offset, so only the fields at the ends of a long window count.
        ends = (
            *range(first, min(last + 1, first + period)),
            *range(max(first, last + 1 - period), last + 1),
        )
        return _hull(map(self.span_of, ends))

    def joined(self, other: AxisField) -> AxisField | None:
        """What is seen by way of either; None where they do not move at one speed."""
        if self.jump != other.jump:
            return None
        period = lcm(len(self.stretches), len(other.stretches))
        both = tuple(_hull((self.span_of(t), other.span_of(t))) for t in range(period))
        return AxisField(both, self.shift * (period // len(self.stretches)))


Into = dict[tuple[int, int], tuple[int, bool]]
"""The axis of a result by the (input, axis) that goes into it, and whether that is one of a product."""

FieldKind = Literal["stretch", "everything", "unclear", "unknown"]

ONE = AxisField(((0, 0),), 1)
"""Each element sees itself."""


def _hull(stretches: Iterable[Stretch]) -> Stretch:
    spans = [s for s in stretches if s is not None]
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


class Seen(NamedTuple):
    """What an element of a value sees: a stretch, everything, or something that is no stretch."""

    kind: FieldKind
    """`stretch`, `everything`, `unclear`, or `unknown` behind a layer that does not say."""
    axis: int = -1
    """The axis of the value along which it moves; -1 where it does not."""
    field: AxisField | None = None
    by: Value | None = None
    """The value, of those that flow in, by whose way most is seen."""

    @property
    def rank(self) -> tuple[int, int]:
        """What is larger sees more."""
        order = ("stretch", "unclear", "unknown", "everything").index(self.kind)
        return order, self.field.size if self.field is not None else 0


class ReceptiveFields:
    """What the values of a network see of one axis of one input, at given sizes.

    Found as far as it is asked for, in the order of the nodes: what is near an input is known at once in a
    network of any length.
    """

    def __init__(self, graph: Graph, source: Value, axis: int, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.seen: dict[Value, Seen] = {source: Seen("stretch", axis, ONE)}
        self._shapes: dict[Value, ConcreteShape] = {}
        self._to_come = iter(graph.nodes)
        self._passed: set[Node] = set()

    def of(self, value: Value) -> Seen | None:
        """What an element of a value sees; None where nothing of the input flows to it."""
        value = value.source
        while value not in self.seen and value.node not in self._passed:
            if not self._go_on():
                break
        return self.seen.get(value)

    def everything(self) -> Iterable[Seen]:
        """What all values see, to the end of the network."""
        while self._go_on():
            pass
        return self.seen.values()

    def _go_on(self) -> bool:
        """One node further; whether there was one."""
        node = next(self._to_come, None)
        if node is None:
            return False
        self._passed.add(node)
        if node.known and any(v.source in self.seen for v in node.inputs):
            self._node(node)
        return True

    def way(self, value: Value) -> list[Value]:
        """The values on the way from the input by which most is seen."""
        path = [value]
        while (seen := self.of(path[-1])) is not None and seen.by is not None:
            path.append(seen.by)
        return path[::-1]

    def _node(self, node: Node) -> None:
        inputs = [v.source for v in node.inputs]
        shapes = tuple(self._shape(v) for v in inputs)
        layer = concrete(node.layer, self.sizes) if node.layer is not None else None
        if layer is None:
            return
        for value in node.outputs:
            rules = _FieldRules(layer, value.index, shapes, len(self._shape(value)))
            fields = [
                rules.behind(k, before, by=v)
                for k, v in enumerate(inputs)
                if (before := self.seen.get(v)) is not None
            ]
            self.seen[value] = _joined(fields)

    def _shape(self, value: Value) -> ConcreteShape:
        if value not in self._shapes:
            assert value.shape is not None
            self._shapes[value] = axes(value.shape, self.sizes)
        return self._shapes[value]


def receptive_fields(
    graph: Graph, source: Value, axis: int, sizes: Mapping[str, int]
) -> ReceptiveFields:
    """What the values of a network see; what was found for one of them is kept for the next."""
    key = "sights", source, axis, tuple(sorted(sizes.items()))
    fields = graph.derived.get(key)
    if not isinstance(fields, ReceptiveFields):
        fields = graph.derived[key] = ReceptiveFields(graph, source, axis, sizes)
    return fields


def receptive_field_behind(
    layer: Layer, result: int, index: int, before: Seen, shapes: tuple[ConcreteShape, ...], shape: ConcreteShape,
    *, by: Value | None = None,
) -> Seen:  # fmt: skip
    """What an element of a result sees, by what an element of input number `index` does."""
    return _FieldRules(layer, result, shapes, len(shape)).behind(index, before, by=by)


class _FieldRules:
    """How one result of a layer sees its inputs, which can be many."""

    def __init__(
        self, layer: Layer, result: int, shapes: tuple[ConcreteShape, ...], rank: int
    ) -> None:
        self.layer, self.result, self.shapes = layer, result, shapes
        self._into = goes_into(layer, result, shapes, rank)
        self._is_known = speaks_for_itself(layer, "receptive_field")
        # A rule takes the shapes of all inputs: to call it for each of n inputs costs n². Layers of netspec that
        # take any number of inputs have one rule for all of them.
        own = type(layer).receptive_field.__module__.startswith("netspec.layers.")
        self._shared: dict[int, FieldRule] | None = {} if layer.variadic and own else None

    def behind(self, index: int, before: Seen, *, by: Value | None) -> Seen:
        """What an element of the result sees, by what an element of input number `index` does."""
        if before.kind in ("everything", "unknown") or before.axis < 0:
            return Seen(before.kind, by=by)
        if not self._is_known:
            return Seen("unknown", by=by)
        rule = self._rule(index, before.axis)
        if rule == "everything":
            return Seen("everything", by=by)
        axis, whole = self._into.get((index, before.axis), (-1, False))
        if rule == "unclear":
            return Seen("unclear", axis, by=by)
        axis = axis if rule.axis is None else rule.axis
        if axis < 0:
            alone = by is not None and by.shape is not None and by.shape[before.axis] == 1
            return Seen("unclear" if alone else "everything", by=by)
        field = before.field.through(rule) if before.field is not None and not whole else None
        return Seen("unclear" if field is None else "stretch", axis, field, by)

    def _rule(self, index: int, axis: int) -> FieldRule:
        """The elements of an input on which an element of the result depends."""
        if self._shared is None:
            return self.layer.receptive_field(self.result, index, axis, *self.shapes)
        rule = self._shared.get(axis)
        if rule is None:
            rule = self.layer.receptive_field(self.result, index, axis, *self.shapes)
            self._shared[axis] = rule
        return rule


def goes_into(layer: Layer, result: int, shapes: tuple[ConcreteShape, ...], rank: int) -> Into:
    """The first axis of a result that each axis of an input goes into, and whether others do, too."""
    axis_map: Into = {}
    for result_axis in range(rank):
        origin = layer.origin(result, result_axis, *shapes)
        for part in origin.parts:
            axis_map.setdefault(part, (result_axis, origin.kind == "product"))
    return axis_map


def _joined(fields: list[Seen]) -> Seen:
    """What is seen by several ways at once: the hull of what each sees."""
    most = max(fields, key=lambda seen: seen.rank)
    if most.kind != "stretch":
        return most
    field = most.field
    for seen in fields:
        if field is not None and seen is not most:
            alike = seen.axis == most.axis and seen.field is not None
            field = field.joined(seen.field) if alike and seen.field is not None else None
    return most._replace(field=field) if field is not None else Seen("unclear", by=most.by)
