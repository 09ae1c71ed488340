"""Why a size is what it is: walked back through the graph, only when an error is printed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from netspec.diagnostics import Label, Span
from netspec.dims import Size
from netspec.document import Mapping, Scalar, Sequence
from netspec.elaborate.graph import Node, Value

_MOST_TERMS = 2000
_MOST_LABELS = 6


class Term(NamedTuple):
    """One part of a sum or product, and where it was decided."""

    size: Size
    node: Node
    span: Span | None

    @property
    def title(self) -> str:
        """The node as a message calls it."""
        return self.node.path


class Explanation(NamedTuple):
    """A size and the terms it is made of; `joiner` is the node that adds or multiplies them."""

    size: Size
    kind: str
    """`sum`, `product` or `term`."""
    terms: tuple[Term, ...]
    joiner: Node | None

    def arithmetic(self) -> str:
        """`88 = 24×3 + 16`: equal neighbours grouped; empty for a single term."""
        if self.kind == "product":
            return f"{self.size} = " + " × ".join(str(t.size) for t in self.terms)
        if self.kind != "sum":
            return ""
        parts = []
        for size, run in groupby(self.terms, key=lambda t: t.size):
            count = len(list(run))
            parts.append(f"{size}×{count}" if count > 1 else str(size))
        return f"{self.size} = {' + '.join(parts)}"

    def labels(self) -> tuple[Label, ...]:
        """The place of each term, equal places once."""
        found: dict[tuple[int, int], Label] = {}
        for span, run in groupby(self.terms, key=lambda t: t.span):
            if span is None:
                continue
            terms = list(run)
            times = f", {len(terms)} times" if len(terms) > 1 else ""
            at = (span.start, span.end)
            if at not in found:
                found[at] = Label(span, f"{terms[0].size} from `{terms[0].title}`{times}")
        return tuple(found.values())[:_MOST_LABELS]


def explain(value: Value, axis: int) -> Explanation:
    """Where size `axis` of a value comes from."""
    assert value.shape is not None
    size = value.shape[axis]
    value, axis = _source(value, axis)
    layer = value.node.layer
    if layer is None:
        return Explanation(size, "term", (_term(value, axis),), None)
    origin = layer.origin(value.index, axis, *value.node.shapes)
    if origin.kind == "sum":
        return Explanation(size, "sum", tuple(_terms(value, axis)), value.node)
    if origin.kind == "product":
        parts = [_part(value.node, part) for part in origin.parts]
        return Explanation(size, "product", tuple(parts), value.node)
    return Explanation(size, "term", (_term(value, axis),), None)


def _source(value: Value, axis: int) -> tuple[Value, int]:
    """Back through everything that hands the size on unchanged."""
    while True:
        layer = value.node.layer
        if layer is None:
            return value, axis
        origin = layer.origin(value.index, axis, *value.node.shapes)
        if origin.kind != "same" or not origin.parts:
            return value, axis
        index, axis = origin.parts[0]
        value = value.node.inputs[index]


def _terms(value: Value, axis: int) -> Iterable[Term]:
    """The terms of a sum, sums within it taken apart as well."""
    stack = [(value, axis)]
    count = 0
    while stack and count < _MOST_TERMS:
        value, axis = _source(*stack.pop())
        layer = value.node.layer
        origin = layer.origin(value.index, axis, *value.node.shapes) if layer else None
        if origin is not None and origin.kind == "sum":
            inputs = value.node.inputs
            stack.extend((inputs[i], a) for i, a in reversed(origin.parts))
            continue
        count += 1
        yield _term(value, axis)


def _part(node: Node, part: tuple[int, int]) -> Term:
    index, axis = part
    value = node.inputs[index]
    assert value.shape is not None
    source, at = _source(value, axis)
    term = _term(source, at)
    return Term(value.shape[axis], term.node, term.span)


def _term(value: Value, axis: int) -> Term:
    assert value.shape is not None
    return Term(value.shape[axis], value.node, _span(value, axis))


def _span(value: Value, axis: int) -> Span | None:
    """The text that decided a size: the argument's value, the input's declared size, or the step."""
    node = value.node
    if node.layer is None:
        return _declared(node, axis)
    origin = node.layer.origin(value.index, axis, *node.shapes)
    if origin.kind == "argument" and node.step is not None:
        written = argument_span(node, origin.argument)
        if written is not None:
            return written
    return node.place.span if node.place is not None else None


def _declared(node: Node, axis: int) -> Span | None:
    place = node.place
    if isinstance(place, Sequence) and axis < len(place.items):
        return place.items[axis].span
    return place.span if place is not None else None


def argument_span(node: Node, argument: str, *, key: bool = False) -> Span | None:
    """Where the step writes an argument: its value, or its key."""
    if node.step is None:
        return None
    for name, value in node.step.arguments:
        if name.text == argument:
            return name.span if key else value.span
    return None


def way(value: Value, axis: int) -> str:
    """The way of a size from the input: `32 (image) → 30 (conv1) → 15 (pool1)`."""
    stops: list[str] = []
    while True:
        assert value.shape is not None
        node = value.node
        layer = node.layer
        origin = layer.origin(value.index, axis, *node.shapes) if layer else None
        if origin is None or origin.kind == "window" or not origin.parts:
            stops.append(f"{value.shape[axis]} ({node.path})")
        if origin is None or not origin.parts:
            return " → ".join(_shortened(stops[::-1]))
        index, axis = origin.parts[0]
        value = node.inputs[index]


def _shortened(stops: list[str]) -> list[str]:
    return stops if len(stops) <= 9 else [*stops[:4], "…", *stops[-4:]]


def reference_span(node: Node, index: int) -> Span | None:
    """Where the step says that input number `index` flows in: in its `from`, or in its branches."""
    step = node.step
    if step is None:
        return None
    if isinstance(step.source, Sequence) and len(step.source.items) == len(node.inputs):
        return step.source.items[index].span
    if isinstance(step.source, Mapping) and len(step.source.entries) == len(node.inputs):
        return step.source.entries[index][1].span
    if step.branches is not None and index < len(step.branches):
        return step.branches[index].place.span
    return step.source.span if isinstance(step.source, Scalar) else None
