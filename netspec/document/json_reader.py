"""JSON to nodes: the same tree as from YAML, every key and value with its place."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from netspec.diagnostics import Diagnostic, Help, Source
from netspec.document import text_diagnostics
from netspec.document.scalars import resolve
from netspec.document.tree import MAX_DEPTH, Document, Entries, Mapping, Scalar, Sequence, TextNode
from netspec.record import field, record

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(
    r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)(?=[\s,\]}]|\Z)"
)
_NO_WORD = re.compile(r"[^\s,\[\]{}:]+|.", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON_WORDS = {"True": "true", "False": "false", "None": "null", "yes": "true", "no": "false"}


def read_json_document(source: Source) -> Document:
    """The document of a JSON text. Raises `NotJsonError` with the error."""
    reader = _JsonReader(source)
    try:
        root = reader.read()
    except _TooDeepError as error:
        return Document(source, None, [text_diagnostics.too_deep(source, error.args[0])])
    return Document(source, root, reader.diagnostics)


class NotJsonError(Exception):
    """The text is not JSON; `diagnostic` has the reason."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class _TooDeepError(Exception):
    """Nesting without end; the argument is where."""


@record(slots=True)
class _OpenJson:
    """A list or an object that has begun and not ended."""

    start: int
    items: list[TextNode] | None
    """The items of a list; None for an object."""
    entries: Entries = field(default_factory=dict)
    key: Scalar | None = None

    @property
    def closer(self) -> str:
        return "}" if self.items is None else "]"


class _JsonReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.offset = 1 if self.text.startswith("\ufeff") else 0
        self.stack: list[_OpenJson] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> TextNode:
        """The root of the tree."""
        while True:
            node = self._value()
            while node is not None:
                if not self.stack:
                    return self._last(node)
                self._add(node)
                node = self._next()

    def _value(self) -> TextNode | None:
        """One value; None if a list or an object has only begun."""
        char = self._blank()
        if char in ("{", "["):
            return self._begin(char)
        if char == '"':
            return self._string()
        word = _WORD.match(self.text, self.offset)
        if not word:
            raise NotJsonError(self._no_value(char))
        start, self.offset = self.offset, word.end()
        return Scalar(self.source, start, self.offset, word[0], resolve(word[0]))

    def _begin(self, char: str) -> TextNode | None:
        if len(self.stack) >= MAX_DEPTH:
            raise _TooDeepError(self.offset)
        self.stack.append(_OpenJson(self.offset, [] if char == "[" else None))
        self.offset += 1
        if self._blank() == self.stack[-1].closer:
            return self._end()
        if char == "{":
            self._key()
        return None

    def _end(self) -> TextNode:
        done = self.stack.pop()
        self.offset += 1
        if done.items is None:
            return Mapping(self.source, done.start, self.offset, done.entries)
        return Sequence(self.source, done.start, self.offset, done.items)

    def _add(self, node: TextNode) -> None:
        within = self.stack[-1]
        if within.items is not None:
            within.items.append(node)
        elif within.key is not None:
            first = within.entries.get(within.key.text)
            if first:
                self.diagnostics.append(text_diagnostics.duplicate_key(first[0], within.key))
            else:
                within.entries[within.key.text] = (within.key, node)

    def _next(self) -> TextNode | None:
        """Go to the next value; if there is none, the collection that ends instead."""
        within = self.stack[-1]
        char = self._blank()
        if char == within.closer:
            return self._end()
        if char != ",":
            raise NotJsonError(self._no_comma(within, char))
        comma = self.offset
        self.offset += 1
        if self._blank() in ("]", "}"):
            edit = text_diagnostics.replacement(self.source, comma, comma + 1, "")
            help = Help("remove it", (edit,))
            raise NotJsonError(self._fault(comma, "trailing commas are not valid JSON", help))
        if within.items is None:
            self._key()
        return None

    def _key(self) -> None:
        char = self._blank()
        if char != '"':
            raise NotJsonError(self._no_name(char))
        self.stack[-1].key = self._string()
        if self._blank() != ":":
            raise NotJsonError(self._fault(self.offset, "missing `:` after the name"))
        self.offset += 1

    def _string(self) -> Scalar:
        start = self.offset
        try:
            text, self.offset = scanstring(self.text, start + 1)
        except JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                raise NotJsonError(text_diagnostics.open_quote(self.source, start)) from None
            raise NotJsonError(self._bad_string(error)) from None
        if _SURROGATE.search(text):
            message = "unpaired surrogate: `\\ud800` to `\\udfff` form a character only in pairs"
            raise NotJsonError(text_diagnostics.syntax(self.source, start, self.offset, message))
        return Scalar(self.source, start, self.offset, text, text)

    def _last(self, root: TextNode) -> TextNode:
        if self._blank():
            raise NotJsonError(
                self._fault(self.offset, "extra text after the end of the JSON document")
            )
        return root

    def _blank(self) -> str:
        """Skip white space; the character that follows, nothing at the end."""
        blank = _BLANK.match(self.text, self.offset)
        self.offset = blank.end() if blank else self.offset
        return self.text[self.offset : self.offset + 1]

    def _fault(self, offset: int, message: str, help: Help | None = None) -> Diagnostic:
        word = _NO_WORD.match(self.text, offset)
        return text_diagnostics.syntax(
            self.source, offset, word.end() if word else offset, message, help
        )

    def _bad_string(self, error: JSONDecodeError) -> Diagnostic:
        if "control character" in error.msg:
            message = "write a line break or tab in a JSON string as `\\n` or `\\t`"
            return text_diagnostics.syntax(self.source, error.pos, error.pos + 1, message)
        return text_diagnostics.bad_escape(self.source, self.text.rfind("\\", 0, error.pos + 1))

    def _no_value(self, char: str) -> Diagnostic:
        if not char:
            return self._end_of_text()
        match = _NO_WORD.match(self.text, self.offset)
        word = match[0] if match else char
        if word in _JSON_WORDS:
            edit = text_diagnostics.replacement(
                self.source, self.offset, self.offset + len(word), _JSON_WORDS[word]
            )
            help = Help(f"write `{_JSON_WORDS[word]}`", (edit,))
            return self._fault(self.offset, f"`{word}` is not JSON", help)
        return self._comment(char) or self._fault(
            self.offset,
            f"`{text_diagnostics.shortened(word)}` is not JSON",
            Help('write text in double quotes ("…"), and numbers plainly: -1, 0.5, 1e-5'),
        )

    def _no_name(self, char: str) -> Diagnostic:
        if not char:
            return self._end_of_text()
        return self._comment(char) or self._fault(
            self.offset, "names in JSON are in double quotes", Help('write `"name": value`')
        )

    def _no_comma(self, within: _OpenJson, char: str) -> Diagnostic:
        if not char:
            return self._end_of_text()
        message = f"a `,` or `{within.closer}` is missing before this"
        return self._comment(char) or self._fault(self.offset, message)

    def _comment(self, char: str) -> Diagnostic | None:
        if char not in "#/":
            return None
        help = Help("remove it; or rename the file to `.yaml`, which allows `# comments`")
        return self._fault(self.offset, "comments are not valid JSON", help)

    def _end_of_text(self) -> Diagnostic:
        if not self.stack:
            return text_diagnostics.empty(self.source)
        opened = self.stack[-1]
        char = self.text[opened.start]
        return text_diagnostics.syntax(
            self.source,
            opened.start,
            opened.start + 1,
            f"`{char}` is never closed",
            Help(f"write `{opened.closer}` where it ends"),
            label="opened here",
        )
