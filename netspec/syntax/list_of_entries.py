"""A list where a mapping belongs: `- width: 64` in place of `width: 64`, or `- name: Block`."""

from __future__ import annotations

from netspec.diagnostics import Edit, Span
from netspec.document import Entries, Entry, Mapping, Scalar, Sequence, TextNode, splices


def listed_entries(node: TextNode) -> tuple[Entry, ...]:
    """The entries of a list of mappings, one for each item; empty if an item is not an entry."""
    items = node.items if isinstance(node, Sequence) else []
    entries = [_entry(item) for item in items]
    return tuple(entry for entry in entries if entry) if all(entries) else ()


def _entry(item: TextNode) -> Entry | None:
    """The entry of an item: its only key, or the value of `name`."""
    if not isinstance(item, Mapping):
        return None
    name = item.get("name")
    if len(item.entries) == 1 and name is None:
        return item.entries[0]
    if not isinstance(name, Scalar) or not isinstance(name.value, str) or len(item.entries) < 2:
        return None
    rest: Entries = {key.text: (key, value) for key, value in item.entries if key.text != "name"}
    return name, Mapping(item.source, item.start, item.end, rest)


def as_mapping(node: Sequence) -> tuple[Edit, ...]:
    """The edits that turn a list of entries into a mapping; none if that needs a different layout."""
    edits: list[Edit] = []
    for k, item in enumerate(node.items):
        own = _in_flow(item) if splices.is_flow(item) else _in_lines(node, k)
        if own is None:
            return ()
        edits += own
    if splices.is_flow(node):
        opened, closed = _part(node, node.start, 1), _part(node, node.end - 1, 1)
        return (Edit(opened, "{"), *edits, Edit(closed, "}"))
    starts = {edit.span.start for edit in edits}
    dashes = [splices.begin(node, k) for k in range(len(node.items))]
    return (*(Edit(_part(node, d, 2), "  ") for d in dashes if d not in starts), *edits)


def _part(node: TextNode, start: int, length: int) -> Span:
    return Span(node.source, start, start + length)


def _in_flow(item: TextNode) -> list[Edit] | None:
    """`{a: b}` as `a: b`, and `{name: a, b: c}` as `a: {b: c}`."""
    assert isinstance(item, Mapping)
    if len(item.entries) == 1:
        return [Edit(_part(item, item.start, 1), ""), Edit(_part(item, item.end - 1, 1), "")]
    (key, value), (second, _) = item.entries[:2]
    if key.text != "name":
        return None
    return [Edit(Span(item.source, item.start, second.start), f"{value.span.text}: {{")]


def _in_lines(node: Sequence, k: int) -> list[Edit] | None:
    """`- name: a` with other keys below as `a:`; an item of one key is only moved."""
    item = node.items[k]
    assert isinstance(item, Mapping)
    if len(item.entries) == 1:
        return []
    key, value = item.entries[0]
    if splices.is_flow(node) or key.text != "name":
        return None
    dash = splices.begin(node, k)
    return [Edit(Span(node.source, dash, value.end), f"{value.span.text}:")]
