"""Anchors (`&name`), aliases (`*name`) and merge keys (`<<`), with a limit on their expansion."""

from __future__ import annotations

from itertools import islice

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.text_diagnostics import too_deep
from netspec.document.tree import MAX_DEPTH, Mapping, Sequence, TextNode, children
from netspec.limits import MOST_EXPANDED
from netspec.similar_words import closest

MAX_EXPANSION = MOST_EXPANDED
"""The maximum number of nodes that all aliases of a text expand to."""

_MOST_DIAGNOSTICS = 20


class Anchors:
    """The anchored nodes, and the number of nodes that the aliases so far expand to."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes: dict[str, TextNode] = {}
        self._open: set[str] = set()
        self._extent: dict[TextNode, tuple[int, int]] = {}
        self._left = MAX_EXPANSION
        self._rejected: set[str] = set()

    def open(self, name: str) -> None:
        """A collection with this mark begins."""
        self._open.add(name)

    def mark(self, name: str, node: TextNode) -> None:
        """From here on `*name` is this node."""
        self._open.discard(name)
        self._nodes[name] = node

    def follow(self, name: str, span: Span, depth: int) -> TextNode | Diagnostic | None:
        """The node of an alias, `depth` collections deep; or an error, reported once."""
        target = self._find(name, span, depth)
        if isinstance(target, Diagnostic):
            kind = name if self._left >= 0 else ""
            if kind in self._rejected or len(self._rejected) > _MOST_DIAGNOSTICS:
                return None
            self._rejected.add(kind)
        return target

    def _find(self, name: str, span: Span, depth: int) -> TextNode | Diagnostic:
        if name in self._open:
            return _alias(
                span,
                f"alias `*{name}` is inside its own anchor",
                "write the value instead of the alias",
            )
        node = self._nodes.get(name)
        if node is None:
            return _unknown(span, name, self._nodes)
        size, height = self._measure(node)
        if depth + height > MAX_DEPTH:
            return too_deep(self._source, span.start)
        self._left -= size
        if self._left < 0:
            return _alias(
                span,
                f"the aliases of this file expand to more than {MAX_EXPANSION:,} values",
                "declare a block, and repeat it with `repeat`",
            )
        return node

    def _measure(self, node: TextNode) -> tuple[int, int]:
        """How many nodes it is with every alias written out, and how deep."""
        known = self._extent.get(node)
        if known is None:
            known = self._extent[node] = _extent(node, self._extent)
        return known


def _extent(node: TextNode, known: dict[TextNode, tuple[int, int]]) -> tuple[int, int]:
    size, height = 0, 0
    todo = [(node, 0)]
    while todo:
        node, depth = todo.pop()
        more, higher = known.get(node, (1, isinstance(node, Sequence | Mapping)))
        size, height = size + more, max(height, depth + higher)
        if node not in known:
            todo.extend((child, depth + 1) for child in children(node))
        if size > MAX_EXPANSION:
            break
    return size, height


def _alias(span: Span, message: str, help: str) -> Diagnostic:
    return Diagnostic(Code.ALIAS, message, span, helps=(Help(help),))


def _unknown(span: Span, name: str, known: dict[str, TextNode]) -> Diagnostic:
    near = closest(name, islice(known, 100))
    message = f"alias `*{name}` has no anchor `&{name}` above it"
    if near:
        return _alias(span, message, f"did you mean `*{near}`?")
    return _alias(span, message, f'to write text, quote it: "*{name}"')


def merged(value: TextNode) -> list[Mapping] | Diagnostic:
    """The mappings that `<<: value` merges, or the error."""
    sources = value.items if isinstance(value, Sequence) else [value]
    mappings = [node for node in sources if isinstance(node, Mapping)]
    if len(mappings) == len(sources):
        return mappings
    return _alias(
        value.span,
        "`<<` merges a mapping, or a list of mappings",
        "write `<<: *name`, where `&name` marks an earlier mapping",
    )
