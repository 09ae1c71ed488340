"""The YAML that specs are written in nearly always, read line by line, and several times as fast.

It takes names, items, words, quoted text and brackets that close on their line, and gives the very
nodes that the YAML parser would. What is not certain, errors above all, it leaves to that parser.
"""

from __future__ import annotations

import re

from netspec.diagnostics import Source
from netspec.document.scalars import resolve
from netspec.document.tree import MAX_DEPTH, Entries, Mapping, Scalar, Sequence, TextNode, Value

_BEGIN = r"(?:[\w+/~=]|-(?=[\w.])|\.(?=\w|/|\./))"
_IN_FLOW = r"\ \w.+*/%<>=!~^|&@;`\-"
_IN_BLOCK = rf"{_IN_FLOW}{{}}\[\](),'\""
_WORD = rf"{_BEGIN}[{_IN_FLOW}]*+(?<!\ )"
_CALL = rf"(?:{_BEGIN}|\()(?>[{_IN_FLOW}()']*(?<!\ ))"
_NAME = rf"(?:{_BEGIN}|\()(?>[{_IN_BLOCK}]*(?<!\ ))"
_TEXT = rf"(?:{_BEGIN}|\()(?>(?:[{_IN_BLOCK}]|:(?=[\w/\]]))*(?<!\ ))"
_QUOTED = r"\"[^\"\\\n]*+\"|'[^'\n]*+'(?!')"
_LIST = rf"\[(?:{_WORD}(?:,\ (?!\])|(?=\])))++\]"
_LINE_END = r"""
    \ *+ (?:(?<=\ )\#[^\n]*+)? (?:\n|\Z)
    (?: \ *+ (?:\#[^\n]*+)? \n )*+ (?: \ *+ (?:\#[^\n]*+)? \Z )?
"""
_LINE = re.compile(
    rf"""
    (\ *+) ((?:-\ ++)*+)                              # indentation, begins of items
    (?: ({_NAME}|{_QUOTED}) \ *+ :(?=[ \n]|\Z) \ *+ )?
    (?: ( \{{ (?:{_WORD}:\ (?:{_WORD}|{_LIST}) (?:,\ (?!\}})|(?=\}})))++ \}}
        | {_LIST}
        | {_QUOTED}
        | {_TEXT}
        )? {_LINE_END}
      | (?=[\[{{]) () )                               # brackets that are not so simple
    """,
    re.VERBOSE,
)
_ENTRY = re.compile(rf"({_WORD}):\ ({_WORD}|{_LIST})")
_LINE_ENDS = re.compile(_LINE_END, re.VERBOSE)
_FLOW = re.compile(rf"\ *+(?:([\[{{\]}},])|({_QUOTED}|{_CALL})(\ *+:(?=\ ))?)", re.VERBOSE)
_TOP = re.compile(r"(?:---\n)?(?:\ *+(?:\#[^\n]*+)?\n)*+", re.VERBOSE)
_NOT_PLAIN = "\t\r\x85\u2028\u2029\ufeff$"
"""Characters with a special meaning, which the YAML parser handles."""
_LONGEST = 1000
"""YAML has names of at most 1024 characters on one line."""


def read_plain(source: Source) -> TextNode | None:
    """The root, if the text is certainly plain, valid YAML; otherwise None."""
    if any(character in source.text for character in _NOT_PLAIN):
        return None
    try:
        return _PlainReader(source).read()
    except _NotPlainError:
        return None


_Piece = tuple[str, int, int, Value, str, int, int, Value]
"""A name and a word between braces, each with its range and its value."""


class _NotPlainError(Exception):
    """The YAML parser should have a look at this."""


class _Values(dict[str, Value]):
    """Cached values of the words of a text; most words recur."""

    def __missing__(self, text: str) -> Value:
        value = self[text] = resolve(text)
        return value


class _OpenCollection:
    """A collection that has begun in some column and not ended."""

    __slots__ = ("column", "entries", "items", "key", "start")

    def __init__(self, column: int, start: int, items: list[TextNode] | None) -> None:
        self.column = column
        self.start = start
        self.items = items
        self.entries: Entries = {}
        self.key: Scalar | None = None
        """The name whose value is still missing."""


class _PlainReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.values = _Values()
        self.pieces: dict[str, list[_Piece]] = {}
        self.stack: list[_OpenCollection] = []
        self.root: TextNode | None = None
        self.end = 0
        """Where the last node ends."""

    def read(self) -> TextNode | None:
        """Read line by line; None for blank lines only."""
        text, line = self.text, _LINE.match
        top = _TOP.match(text)
        offset, size = top.end() if top else 0, len(text)
        while offset < size:
            match = line(text, offset)
            if match is None:
                raise _NotPlainError
            indentation, items, name, value, brackets = match.groups()
            column = len(indentation)
            if items and name and value and self._is_all(column, items, match.end()):
                self._item(name, offset + column + 2, value, match.start(4))
                offset = match.end()
                continue
            self._close(column, bool(items))
            if items:
                self._items(items, offset + column, column)
                column += len(items)
            if name:
                self._name(name, offset + column, column, bool(items))
            elif not items:
                self._below(column, value, brackets)
            elif value is None and brackets is None:
                raise _NotPlainError
            if value:
                self._value(value, match.start(4))
            offset = match.end() if brackets is None else self._flow(match.end())
        self._close(-1, False)
        return self.root

    def _below(self, column: int, value: str | None, brackets: str | None) -> None:
        """Hold a line that begins with a bracket against the name above it, whose value it is."""
        top = self.stack[-1] if self.stack else None
        if top is None or not top.key or top.column >= column:
            raise _NotPlainError
        if brackets is None and (not value or value[0] not in "[{"):
            raise _NotPlainError  # a text that may go on in the next line

    def _is_all(self, column: int, items: str, end: int) -> bool:
        """Whether a line is one whole item of the list that is being read, as most lines are."""
        top = self.stack[-1] if self.stack else None
        if top is None or top.items is None or top.column != column or items != "- ":
            return False
        return not self.text.startswith(" " * (column + 1), end)

    def _item(self, name: str, start: int, value: str, offset: int) -> None:
        """Add the item `- name: value`."""
        if len(name) > _LONGEST:
            raise _NotPlainError
        key, node = self._key(name, start), self._node(value, offset)
        self.end = node.end
        items = self.stack[-1].items
        assert items is not None
        items.append(Mapping(self.source, start, node.end, ((key, node),)))

    def _close(self, column: int, item: bool) -> None:
        """End the collections that a line in this column is no part of."""
        stack = self.stack
        while stack:
            top = stack[-1]
            if top.column < column or (top.column == column and (item or top.items is None)):
                return
            stack.pop()
            if top.items is not None:
                self._add(Sequence(self.source, top.start, self.end, top.items))
                continue
            if top.key:
                self._nothing(top, top.key)
            self._add(Mapping(self.source, top.start, self.end, top.entries))

    def _nothing(self, within: _OpenCollection, key: Scalar) -> None:
        """The null value of a name without a value, at the position of the value."""
        self.end = self.text.index(":", key.end) + 1
        within.entries[key.text] = (key, Scalar(self.source, self.end, self.end, "", None))

    def _items(self, items: str, start: int, column: int) -> None:
        """Begin an item for each `- `; the first may go on with a list that is there already."""
        top = self.stack[-1] if self.stack else None
        if top is None or top.items is None or top.column != column:
            self._begin(column, start, [], top)
        dash = items.find("-", 1)
        while dash > 0:
            self._push(_OpenCollection(column + dash, start + dash, []))
            dash = items.find("-", dash + 1)

    def _begin(
        self, column: int, start: int, items: list[TextNode] | None, top: _OpenCollection | None
    ) -> None:
        """Begin the value of the last name, or the root."""
        if self.root is not None or (top and not top.key):
            raise _NotPlainError
        self._push(_OpenCollection(column, start, items))

    def _push(self, opened: _OpenCollection) -> None:
        if len(self.stack) > MAX_DEPTH - 10:
            raise _NotPlainError
        self.stack.append(opened)

    def _name(self, name: str, start: int, column: int, first: bool) -> None:
        """Take the name of an entry; `first` if it is the first one of an item."""
        if first:
            self._push(_OpenCollection(column, start, None))
        top = self.stack[-1] if self.stack else None
        if top is None or top.column != column:
            self._begin(column, start, None, top)
            top = self.stack[-1]
        elif top.key:
            self._nothing(top, top.key)
        if top.items is not None or len(name) > _LONGEST:
            raise _NotPlainError
        top.key = self._key(name, start)
        if top.key.text in top.entries:
            raise _NotPlainError

    def _value(self, value: str, start: int) -> None:
        """Read the value after a name or `- `, which ends with its line."""
        if ":" in value and self.stack[-1].items is not None and value[0] not in "{[\"'":
            raise _NotPlainError  # a space may be missing
        self._add(self._node(value, start))

    def _node(self, value: str, start: int) -> TextNode:
        first = value[0]
        if first == "{":
            return self._simple_mapping(value, start)
        if first == "[":
            return self._simple_list(value, start)
        return self._scalar(value, start)

    def _simple_mapping(self, value: str, start: int) -> TextNode:
        source = self.source
        pieces = self.pieces.get(value) or self._take_apart(value)
        entries = [
            (
                Scalar(source, start + offset, start + colon, name, name_value),
                self._simple_list(word, start + begin)
                if word[0] == "["
                else Scalar(source, start + begin, start + end, word, word_value),
            )
            for name, offset, colon, name_value, word, begin, end, word_value in pieces
        ]
        return Mapping(source, start, start + len(value), tuple(entries))

    def _take_apart(self, value: str) -> list[_Piece]:
        """Cached entries of simple braces, which recur."""
        values = self.values
        pieces: list[_Piece] = []
        for entry in _ENTRY.finditer(value):
            name, word = entry.groups()
            (offset, colon), (begin, end) = entry.span(1), entry.span(2)
            named = values[word] if word[0] != "[" else None
            pieces.append((name, offset, colon, values[name], word, begin, end, named))
        if len(value) > _LONGEST or len({piece[0] for piece in pieces}) < len(pieces):
            raise _NotPlainError
        self.pieces[value] = pieces
        return pieces

    def _simple_list(self, value: str, start: int) -> TextNode:
        items: list[TextNode] = []
        offset = start + 1
        for word in value[1:-1].split(", "):
            end = offset + len(word)
            items.append(Scalar(self.source, offset, end, word, self.values[word]))
            offset = end + 2
        return Sequence(self.source, start, start + len(value), items)

    def _scalar(self, written: str, start: int) -> Scalar:
        end = start + len(written)
        if written[0] in "\"'":
            text = written[1:-1]
            return Scalar(self.source, start, end, text, text)
        return Scalar(self.source, start, end, written, self.values[written])

    def _key(self, written: str, start: int) -> Scalar:
        """A name on a line of its own: most occur once, so their values are not cached."""
        if written[0] in "\"'":
            return self._scalar(written, start)
        return Scalar(self.source, start, start + len(written), written, resolve(written))

    def _add(self, node: TextNode) -> None:
        """Add a finished node to its parent."""
        self.end = node.end
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.items is not None:
            top.items.append(node)
        elif top.key:
            top.entries[top.key.text] = (top.key, node)
            top.key = None
        else:
            raise _NotPlainError

    def _flow(self, offset: int) -> int:
        """Read brackets and the rest of the line; returns the end."""
        around = len(self.stack)
        expects_value = True
        while True:
            match = _FLOW.match(self.text, offset)
            if match is None:
                raise _NotPlainError
            mark, word, colon = match.groups()
            offset = match.end()
            if word:
                self._flow_word(word, match.start(2), bool(colon), expects_value)
                expects_value = bool(colon)
            elif mark in "[{":
                self._flow_begin(mark, offset - 1, expects_value)
                expects_value = True
            elif mark == ",":
                if expects_value:
                    raise _NotPlainError
                expects_value = True
            else:
                self._flow_end(mark, offset, expects_value)
                expects_value = False
                if len(self.stack) == around:
                    break
        ends = _LINE_ENDS.match(self.text, offset)
        if ends is None:
            raise _NotPlainError
        return ends.end()

    def _flow_begin(self, mark: str, start: int, expects_value: bool) -> None:
        top = self.stack[-1]
        if not expects_value or (top.items is None and top.key is None):
            raise _NotPlainError
        self._push(_OpenCollection(-1, start, [] if mark == "[" else None))

    def _flow_end(self, mark: str, end: int, expects_value: bool) -> None:
        done = self.stack.pop()
        empty = not done.items and not done.entries and done.key is None
        if (mark == "]") != (done.items is not None) or (expects_value and not empty):
            raise _NotPlainError
        if done.items is not None:
            self._add(Sequence(self.source, done.start, end, done.items))
        else:
            self._add(Mapping(self.source, done.start, end, done.entries))

    def _flow_word(self, word: str, start: int, name: bool, expects_value: bool) -> None:
        top = self.stack[-1]
        expects_name = top.items is None and top.key is None
        if not expects_value or name != expects_name or word.count("(") != word.count(")"):
            raise _NotPlainError
        scalar = self._scalar(word, start)
        if not name:
            self._add(scalar)
        elif scalar.text in top.entries or len(word) > _LONGEST:
            raise _NotPlainError
        else:
            top.key = scalar
