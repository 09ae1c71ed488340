"""Where the fields of a graph are in the text that it was read from."""

from __future__ import annotations

from netspec.diagnostics import Span
from netspec.document import Document, Mapping, Scalar, Sequence, TextNode
from netspec.schema.graph.marked_text import Location

_NAMES = ("path", "name", "node")
"""The keys whose value names an object of a graph, to point at in place of the whole object."""


class GraphPlaces:
    """The places of fields; a field that the text omits is at the innermost object around it."""

    def __init__(self, document: Document) -> None:
        self._root = document.root
        self._start = Span(document.source, 0, 0)

    def of(self, location: Location) -> Span:
        """The place of the value of a field."""
        node, key = self._field(location)
        return self._place(node, key)

    def of_key(self, location: Location) -> Span:
        """The place of the key of a field."""
        node, key = self._field(location)
        return key.span if key is not None else self._place(node, key)

    def steps(self, location: Location) -> Location:
        """The part of a path that is in the text."""
        node, steps = self._root, 0
        for step in location:
            below = _below(node, step)
            if below is None:
                break
            node, steps = below[1], steps + 1
        return location[:steps]

    def _field(self, location: Location) -> tuple[TextNode | None, Scalar | None]:
        """The node of a field and its key, if it has one."""
        node, key = self._root, None
        for step in location:
            below = _below(node, step)
            if below is not None:
                key, node = below
        return node, key

    def _place(self, node: TextNode | None, key: Scalar | None) -> Span:
        if node is None:
            return self._start
        if isinstance(node, Mapping) and node is not self._root:
            names = (node.get(name) for name in _NAMES)
            name = next((value for value in names if isinstance(value, Scalar)), None)
            if name is not None:
                return name.span
        if isinstance(node, Scalar) or "\n" not in node.span.text:
            return node.span
        return key.span if key is not None else Span(node.source, node.start, node.start + 1)


def _below(node: TextNode | None, step: int | str) -> tuple[Scalar | None, TextNode] | None:
    """The entry of a collection that a step of a path leads to; inputs by name have numbers as well."""
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return None, node.items[step]
    if not isinstance(node, Mapping):
        return None
    if isinstance(step, str):
        key, value = node.key(step), node.get(step)
        return (key, value) if key is not None and value is not None else None
    return node.entries[step] if step < len(node.entries) else None
