"""The receptive field of a value as text, for each axis of each input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

from netspec.dims import Shape, symbols
from netspec.explain.receptive_field import FieldKind, Seen, receptive_fields
from netspec.graph import Graph, Value
from netspec.graph.nodes import axes
from netspec.layer.checks import axis_name
from netspec.record import record, replace

_MOST_STOPS = 9


@record(frozen=True, slots=True)
class Receptive:
    """The receptive field of one element of a value along one dimension of an input."""

    source: str
    """The input."""
    axes: tuple[str, ...]
    """The axes of it that this is true of: `height`, `width`."""
    length: int
    """How long these are."""
    kind: FieldKind | Literal["nothing"]
    """`stretch`, `everything`, `unclear`, `unknown`, or `nothing` where the input does not flow to the value."""
    size: int = 0
    jump: Fraction = Fraction(1)
    start: int = 0
    """Where the stretch of the first element begins; below 0 it is padding."""
    since: str = ""
    """The node from which on the field is everything or unclear."""
    way: tuple[tuple[int, str], ...] = ()
    """The size of the field after each node on the widest path, if it changes there."""


def receptive(graph: Graph, value: Value, sizes: Mapping[str, int]) -> list[Receptive]:
    """The receptive field of a value in each spatial dimension of an input; equal dimensions together."""
    fields: list[Receptive] = []
    for source in graph.inputs:
        for axis in extents(source.shape or ()):
            fact = _fact(graph, source, axis, value, sizes)
            alike = fields[-1] if fields and replace(fields[-1], axes=fact.axes) == fact else None
            if alike is None:
                fields.append(fact)
            else:
                fields[-1] = replace(alike, axes=(*alike.axes, *fact.axes))
    return fields


def extents(shape: Shape) -> list[int]:
    """The axes along which an input extends: those of an image or a sequence, not batch or channels."""
    if len(shape) > 3:
        return list(range(2, len(shape)))
    free = [axis for axis in range(1, len(shape)) if symbols(shape[axis])]
    return free or list(range(2, len(shape)))


def _fact(
    graph: Graph, source: Value, axis: int, value: Value, sizes: Mapping[str, int]
) -> Receptive:
    view = receptive_fields(graph, source, axis, sizes)
    shape = source.shape or ()
    length = axes(shape, sizes)[axis]
    location = source.node.name, (named(shape, axis),), length
    seen = view.of(value)
    if seen is None:
        return Receptive(*location, "nothing")
    way = [(v.node.path or v.node.name, view.seen[v]) for v in view.way(value)]
    if seen.kind != "stretch" or seen.field is None:
        return Receptive(*location, seen.kind, since=next(p for p, s in way if s.kind == seen.kind))
    field = seen.field
    return Receptive(
        *location, "stretch", field.size, field.jump, field.start, "", tuple(_changes(way))
    )


def _changes(way: list[tuple[str, Seen]]) -> Iterator[tuple[int, str]]:
    before = 0
    for path, seen in way:
        size = seen.field.size if seen.field is not None else 0
        if size != before:
            yield size, path
        before = size


def named(shape: Shape, axis: int) -> str:
    """`height`; for a sequence the symbol of its length."""
    return (
        str(shape[axis]) if len(shape) < 4 and symbols(shape[axis]) else axis_name(len(shape), axis)
    )


def field_text(fact: Receptive) -> list[str]:
    """The field in words."""
    of = f"the {' and '.join(fact.axes)} of {fact.source}"
    if fact.kind == "nothing":
        return [f"independent of {fact.source}"]
    if fact.kind == "everything":
        return [f"unbounded along {of} from `{fact.since}`"]
    if fact.kind == "unknown":
        return [f"unknown along {of}: `{fact.since}` does not declare its receptive field"]
    if fact.kind == "unclear":
        return [f"undefined along {of}: `{fact.since}` reorders elements"]
    steps = f"{fact.size} of {fact.length} along {of}"
    begins = f"offset {str(fact.start).replace('-', '−')}"
    ahead = f" ({-fact.start} before the edge)" if fact.start < 0 else ""
    lines = [steps, f"stride {fact.jump}, {begins}{ahead}"]
    if len(fact.way) > 1:
        lines.append(f"widest path: {_shortened(fact.way)}")
    return lines


def _shortened(way: tuple[tuple[int, str], ...]) -> str:
    stops = [f"{size} ({path})" for size, path in way]
    if len(stops) > _MOST_STOPS:
        stops[4:-4] = ["…"]
    return " → ".join(stops)
