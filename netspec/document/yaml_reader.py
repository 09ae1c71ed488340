"""YAML to nodes, in one loop through the parser's events; every key and value gets its span."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from netspec.diagnostics import Diagnostic, Source, Span
from netspec.document import flow_collections, syntax_hints, text_diagnostics, yaml_pitfalls
from netspec.document.aliases import Anchors, merged
from netspec.document.broken_text import Broken
from netspec.document.pure_loader import MOST_READ_AGAIN, STRICTER, PureLoader, problem_words
from netspec.document.recovery import Composed
from netspec.document.scalars import resolve
from netspec.document.tree import MAX_DEPTH, Entries, Mapping, Scalar, Sequence, TextNode
from netspec.document.yaml_1_2 import spaces_for_tabs, stand_ins, without_directives
from netspec.record import field, record

if TYPE_CHECKING:
    from yaml._yaml import Mark as CMark

    Mark = yaml.Mark | CMark | None

LOADER: Callable[[str], object] = getattr(yaml, "CBaseLoader", PureLoader)
"""The parser whose events are read: libyaml where the wheel has it."""

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*(?:#.*\n\s*)?)+")
_BOM = "\ufeff"


def compose(source: Source, loader: Callable[[str], object] | None = None) -> Composed:
    """Read the one document that the source should hold; never raises for bad text."""
    loader = loader or LOADER
    parsed = without_directives(source.text)
    composed = _read(source, loader, parsed)
    if composed.fault is None:
        return composed
    text = spaces_for_tabs(parsed)
    again = _read(source, loader, text) if text != parsed else composed
    return again if again.fault is None or again.broken_at > composed.broken_at else composed


def _read(source: Source, loader: Callable[[str], object], parsed: str) -> Composed:
    composer = _Composer(source, loader, parsed)
    composed = composer.run()
    if composer.problem in STRICTER and len(parsed) <= MOST_READ_AGAIN:
        return _Composer(source, PureLoader, parsed).run()
    return composed


@record(slots=True)
class _OpenNode:
    """A collection that has begun and not ended."""

    start: int
    flow: bool
    anchor: str | None
    items: list[TextNode] | None
    """The items of a sequence; None for a mapping."""
    entries: Entries = field(default_factory=dict)
    key: Scalar | None = None
    skip_value: bool = False
    """The key was not usable; its value is read and dropped."""
    merge_key: Scalar | None = None
    from_merge: set[str] = field(default_factory=set)


class _StopError(Exception):
    """Reading cannot continue; the error has been reported."""


class _Composer:
    """`parsed` is the text for the parser, with the same length as the source."""

    def __init__(self, source: Source, loader: Callable[[str], object], parsed: str) -> None:
        self.source = source
        self.text = source.text
        self.shift = 1 if self.text.startswith(_BOM) else 0
        replaced = stand_ins(parsed)
        self.restored = {ord(new): chr(old) for old, new in replaced.items()}
        parsed = parsed.translate(replaced) if replaced else parsed
        self.parser: yaml.BaseLoader = loader(parsed[self.shift :])  # type: ignore[assignment]
        self.root: TextNode | None = None
        self.diagnostics: list[Diagnostic] = []
        self.mistakes: list[Diagnostic] = []
        self.stack: list[_OpenNode] = []
        self.anchors = Anchors(source)
        self.end = 0
        self.problem = ""
        """The message of the parser when it stopped."""
        self.documents = 0
        self.last_quoted: tuple[int, int] | None = None
        self.looked_through = -1
        """The collection in which split expressions have been looked for last."""

    def run(self) -> Composed:
        """Read everything up to the end or the first error."""
        fault: Diagnostic | None = None
        offset = 0
        try:
            self._events()
        except _StopError:
            pass
        except yaml.MarkedYAMLError as error:
            offset = min(self._offset(error.problem_mark), len(self.text))
            fault = self._explain(error, offset)
        self._close_all()
        mistakes = [m for m in self.mistakes if not (fault and _meet(m, fault))]
        return Composed(self.root, self.diagnostics, mistakes, fault, offset)

    def _events(self) -> None:
        next_event: Callable[[], Event | None] = self.parser.get_event
        while True:
            event = next_event()
            if event.__class__ is ScalarEvent:
                self._scalar(event)
            elif isinstance(event, CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, CollectionEndEvent):
                self._finish(self._offset(event.end_mark))
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                self._document(event)
            elif event is None:
                return

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            offset = self._offset(event.start_mark)
            self.diagnostics.append(yaml_pitfalls.second_document(self.source, offset))
            raise _StopError

    def _scalar(self, event: ScalarEvent) -> None:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        if event.anchor or self.text.startswith("!", start):
            self._reject_tag(start, end)
            match = _PROPERTIES.match(self.text, start)
            start = min(match.end(), end) if match else start
        text: str = event.value.translate(self.restored) if self.restored else event.value
        plain = not event.style
        if plain and not text:
            start = end = self._after_content(start)
        elif event.style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        elif not plain:
            self.last_quoted = (start, end)
        node = Scalar(self.source, start, end, text, resolve(text) if plain else text)
        if plain:
            self._look_at(node)
        if event.anchor:
            self.anchors.mark(event.anchor, node)
        self._add(node, end)

    def _after_content(self, offset: int) -> int:
        """The position of a missing value: right after the previous token."""
        while offset > self.end and self.text[offset - 1].isspace():
            offset -= 1
        return offset

    def _look_at(self, node: Scalar) -> None:
        """Detect an unquoted scalar that YAML reads differently than its author intended."""
        within = self.stack[-1] if self.stack else None
        if node.end - node.start > len(node.text) and yaml_pitfalls.LIST_LINE.search(
            node.span.text
        ):
            self._mistake(yaml_pitfalls.list_line(node))
        elif "${" in node.text:
            name = within is not None and within.items is None and within.key is None
            self._mistake(yaml_pitfalls.dollar(node, name=name))
        elif within is None or not within.flow:
            if ":" in node.text and self._may_be_entry(node, within):
                self._mistake(yaml_pitfalls.missing_space(node))
        elif not node.text and within.key:
            self._mistake(yaml_pitfalls.missing_space(within.key))
        elif node.text.count("(") != node.text.count(")"):
            self._mistake(self._split_expressions())

    def _may_be_entry(self, node: Scalar, within: _OpenNode | None) -> bool:
        """Whether an entry can begin here: not after a key on the same line."""
        if within is None or within.items is not None:
            return True
        return within.key is not None and "\n" in self.text[within.key.end : node.start]

    def _mistake(self, mistake: Diagnostic | None) -> None:
        if mistake:
            self.mistakes.append(mistake)

    def _split_expressions(self) -> Diagnostic | None:
        start = self._flow_start()
        if start is None or start == self.looked_through:
            return None
        self.looked_through = start
        return flow_collections.split_expressions(self.source, start)

    def _begin(self, event: CollectionStartEvent) -> None:
        start = self._offset(event.start_mark)
        if event.anchor or self.text.startswith("!", start):
            self._reject_tag(start, self._offset(event.end_mark))
            start = self._offset(event.end_mark)
            if self.text[start - 1] in "[{-":
                start -= 1
        if len(self.stack) >= MAX_DEPTH:
            self.diagnostics.append(text_diagnostics.too_deep(self.source, start))
            raise _StopError
        if event.anchor:
            self.anchors.open(event.anchor)
        items: list[TextNode] | None = None if isinstance(event, MappingStartEvent) else []
        self.stack.append(_OpenNode(start, bool(event.flow_style), event.anchor, items))
        self.end = start

    def _finish(self, end: int) -> None:
        done = self.stack.pop()
        braces = done.flow and self.text[done.start] in "[{"
        # A block collection ends with its last child; its end event is at the next token.
        if not braces:
            end = self.end
        node: TextNode
        if done.items is None:
            node = Mapping(self.source, done.start, end, done.entries)
        else:
            node = Sequence(self.source, done.start, end, done.items)
        if done.anchor:
            self.anchors.mark(done.anchor, node)
        self._add(node, end)

    def _close_all(self) -> None:
        while self.stack:
            within = self.stack[-2] if len(self.stack) > 1 else None
            if within and within.items is None and within.key is None:
                within.skip_value = True  # the unfinished collection is a key
            self._finish(self.end)

    def _alias(self, event: AliasEvent) -> None:
        start, end = self._offset(event.start_mark), self._offset(event.end_mark)
        span = Span(self.source, start, end)
        node = self.anchors.follow(event.anchor or "", span, len(self.stack))
        if isinstance(node, Diagnostic):
            self.diagnostics.append(node)
        if not isinstance(node, TextNode):
            within = self.stack[-1] if self.stack else None
            if within and within.key and within.key is within.merge_key:
                node = Mapping(self.source, start, end, {})
            else:
                node = Scalar(self.source, start, end, span.text, span.text)
        self._add(node, end)

    def _add(self, node: TextNode, end: int) -> None:
        """Add a finished node to its parent: as an item, a key, a value, or the root."""
        self.end = end
        if not self.stack:
            self.root = node
            return
        within = self.stack[-1]
        if within.items is not None:
            within.items.append(node)
        elif within.skip_value:
            within.skip_value = False
        elif within.key is None:
            self._key(within, node)
        else:
            key, within.key = within.key, None
            if key is within.merge_key:
                self._merge(within, node)
            else:
                self._entry(within, key, node)

    def _key(self, within: _OpenNode, node: TextNode) -> None:
        if not isinstance(node, Scalar):
            self._mistake(yaml_pitfalls.key_is_collection(node))
            within.skip_value = True
            return
        if node.text == "<<" and not node.quoted and within.merge_key is None:
            within.merge_key = node
        within.key = node

    def _entry(self, within: _OpenNode, key: Scalar, value: TextNode) -> None:
        first = within.merge_key if key.text == "<<" and not key.quoted else None
        if key.text in within.from_merge:
            within.from_merge.discard(key.text)
            del within.entries[key.text]
        elif key.text in within.entries:
            first = within.entries[key.text][0]
        if first:
            self.diagnostics.append(text_diagnostics.duplicate_key(first, key))
        else:
            within.entries[key.text] = (key, value)

    def _merge(self, within: _OpenNode, value: TextNode) -> None:
        mappings = merged(value)
        if isinstance(mappings, Diagnostic):
            self.diagnostics.append(mappings)
            return
        for mapping in mappings:
            for key, node in mapping.entries:
                if key.text not in within.entries:
                    within.entries[key.text] = (key, node)
                    within.from_merge.add(key.text)

    def _reject_tag(self, start: int, end: int) -> None:
        match = re.compile(r"(?:&\S+\s+)?(!\S*)").match(self.text, start, end)
        if match:
            self.diagnostics.append(yaml_pitfalls.tag(self.source, match.start(1), match.end(1)))

    def _offset(self, mark: Mark) -> int:
        """Where a mark of the parser is in the text."""
        return mark.index + self.shift if mark else self.end

    def _flow_start(self) -> int | None:
        return next((open_.start for open_ in self.stack if open_.flow), None)

    def _explain(self, error: yaml.MarkedYAMLError, offset: int) -> Diagnostic:
        context = self._offset(error.context_mark) if error.context_mark else offset
        self.problem = problem_words(error.context, str(error.problem))
        if "directive" in (error.context or ""):
            offset = context
        return syntax_hints.syntax_hint(
            Broken(self.source, offset, context, self.problem, self._flow_start(), self.last_quoted)
        )


def _meet(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether two diagnostics are about the same characters, and so about the same mistake."""
    if one.span is None or other.span is None:
        return False
    return one.span.start < other.span.end and other.span.start < one.span.end
