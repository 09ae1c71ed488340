"""The tree of a text, with the span of every key and value."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Code, Diagnostic, Source, Span
from netspec.record import field, record

Value = None | bool | int | float | str

MAX_DEPTH = 100
"""The maximum nesting of collections, which protects the stack."""

_UNREADABLE = frozenset({Code.UNREADABLE, Code.NOT_TEXT, Code.TOO_LARGE})


class TextNode:
    """A piece of the document: the characters `start` to `end` (exclusive) of the source's text."""

    __slots__ = ("end", "source", "start")

    source: Source
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place of the node, as diagnostics want it."""
        return Span(self.source, self.start, self.end)


class Scalar(TextNode):
    """A text, number, boolean or null; `text` is the content, `value` its meaning."""

    __slots__ = ("text", "value")

    def __init__(self, source: Source, start: int, end: int, text: str, value: Value) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = text
        self.value = value

    @property
    def quoted(self) -> bool:
        """Whether it was quoted or a block scalar, so that it is certainly text."""
        return self.start < self.end and self.source.text[self.start] in "'\"|>"

    def part(self, start: int, end: int) -> Span:
        """The place of some characters of its text; all of it where escapes or lines hide the place."""
        span = self.span
        plain = span.text in (self.text, f'"{self.text}"', f"'{self.text}'")
        if not plain or "\n" in span.text or end <= start:
            return span
        first = self.start + (span.text != self.text)
        return Span(self.source, first + start, min(first + end, self.end))

    def __repr__(self) -> str:
        return f"Scalar({self.text!r}, {self.start}:{self.end})"


class Sequence(TextNode):
    """A list of nodes."""

    __slots__ = ("items",)

    def __init__(self, source: Source, start: int, end: int, items: list[TextNode]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.items = items

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)} items, {self.start}:{self.end})"


Entry = tuple[Scalar, TextNode]
"""A key and its value."""
Entries = dict[str, Entry]
"""The values of a mapping, by the text of the key."""

_FEW = 8
"""So few entries are looked through one by one: most mappings are small, and a dict is not."""


class Mapping(TextNode):
    """Keys and values in the order of the text; keys are compared by their text."""

    __slots__ = ("_entries",)

    def __init__(
        self, source: Source, start: int, end: int, entries: Entries | tuple[Entry, ...]
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        if isinstance(entries, dict) and len(entries) <= _FEW:
            entries = tuple(entries.values())
        self._entries = entries

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Each key with its value."""
        if isinstance(self._entries, dict):
            return tuple(self._entries.values())
        return self._entries

    def _entry(self, key: str) -> Entry | None:
        if isinstance(self._entries, dict):
            return self._entries.get(key)
        for entry in self._entries:
            if entry[0].text == key:
                return entry
        return None

    def get(self, key: str) -> TextNode | None:
        """The value of `key`, or None if it is missing."""
        entry = self._entry(key)
        return entry[1] if entry else None

    def key(self, key: str) -> Scalar | None:
        """The node of the key itself, or None if it is missing."""
        entry = self._entry(key)
        return entry[0] if entry else None

    def __repr__(self) -> str:
        names = ", ".join(key.text for key, _ in self.entries)
        return f"Mapping({names}, {self.start}:{self.end})"


def children(node: TextNode) -> list[TextNode]:
    """The nodes directly in a node: items of a sequence, keys and values of a mapping."""
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Mapping):
        return [part for entry in node.entries for part in entry]
    return []


def subtree(node: TextNode | None) -> Iterator[TextNode]:
    """A node and all nodes below it, in the order of the text."""
    waiting = [node] if node is not None else []
    while waiting:
        part = waiting.pop()
        yield part
        waiting += children(part)[::-1]


@record(slots=True)
class Document:
    """A text after reading: its tree, if there is one, and its diagnostics."""

    source: Source
    root: TextNode | None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def unreadable(self) -> bool:
        """Whether there was no text to read at all."""
        binary = frozenset({Code.FOREIGN}) if not self.source.text else frozenset()
        return any(d.code in _UNREADABLE | binary for d in self.diagnostics)

    @property
    def has_version(self) -> bool:
        """Whether its top level has the key `netspec`, which every spec has."""
        return isinstance(self.root, Mapping) and self.root.get("netspec") is not None

    @property
    def is_graph_data(self) -> bool:
        """Whether it is a graph as data: its top level has `nodes`, and `inputs` or `schema_version`."""
        root = self.root
        if not isinstance(root, Mapping) or self.has_version or root.get("nodes") is None:
            return False
        return root.get("schema_version") is not None or root.get("inputs") is not None
