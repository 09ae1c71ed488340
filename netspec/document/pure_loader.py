"""PyYAML's parser in Python, which reads where libyaml is not installed, in line with libyaml and YAML 1.2.

The two differ in a few texts, and a spec must get the same diagnostics everywhere. YAML 1.2 decides: `?` is a
character of unquoted text in brackets, tabs separate tokens, and an escape must be a character. What only libyaml
rejects is read here again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from yaml.scanner import ScannerError
from yaml.tokens import DirectiveToken, ScalarToken, TagToken

if TYPE_CHECKING:
    from yaml import Mark

_ENDS = "\0 \t\r\n\x85\u2028\u2029"
_BREAKS = "\r\n\x85\u2028\u2029"
_IN_TAG = r"(?:[\w\-;/?:@&=+$.!~*'()]|%[0-9A-Fa-f]{2})"
_TAG = re.compile(rf"!(?:<((?:{_IN_TAG}|[,\[\]])+)>|([\w-]*!)?({_IN_TAG}*))", re.ASCII)
_SURROGATE = re.compile(r"(?<!\\)(?:\\\\)*\\[uU](?=(?:0000)?[dD][89a-fA-F])")

BAD_TAG = "found a tag that is not complete"
STRICTER = frozenset(
    {"found unexpected ':'", "found a tab character where an indentation space is expected"}
)
"""The texts for which libyaml is stricter: `{dims:[0, 1]}`, a name and its value; a block that begins with a
tab.
"""
MOST_READ_AGAIN = 200_000
"""The maximum length of a text that is read again for that: a second of work."""
_WORDS = {
    "while parsing a block mapping": {"expected <block end>": "did not find expected key"},
    "while parsing a block collection": {
        "expected <block end>": "did not find expected '-' indicator"
    },
}
_NO_TOKEN = "found character that cannot start any token"
_NOT_COMPLETE = {
    "while scanning a directive": _NO_TOKEN,
    "while scanning a %YAML directive": _NO_TOKEN,
    "while scanning a %TAG directive": _NO_TOKEN,
    "while scanning a tag": BAD_TAG,
    "while parsing a tag": BAD_TAG,
}
_BEGINS = (
    ("expected escape sequence of", "did not find expected hexadecimal number as an escape"),
    ("expected the node content", "did not find expected node content"),
    ("expected '<document start>'", "did not find expected <document start>"),
    ("expected a comment or a line break", "did not find expected comment or line break"),
    ("expected indentation indicator", "found an indentation indicator equal to 0"),
    ("found unknown escape character", "found unknown escape character"),
    ("found incompatible YAML document", "found incompatible YAML document"),
    ("found undefined tag handle", "found undefined tag handle"),
    ("duplicate tag handle", "found duplicate %TAG directive"),
    ("found duplicate YAML directive", "found duplicate %YAML directive"),
)
_SAME = {
    "mapping values are not allowed here": "mapping values are not allowed in this context",
    "mapping keys are not allowed here": "mapping keys are not allowed in this context",
    "sequence entries are not allowed here": "block sequence entries are not allowed in this context",
    "found unexpected document indicator": "found unexpected document separator",
    "did not find expected hexdecimal number": "did not find expected hexadecimal number as an escape",
}
_EXPECTED_BUT_GOT = re.compile(r"^expected (.*?), but (?:found|got) .*$", re.DOTALL)


def problem_words(context: str | None, problem: str) -> str:
    """The message of a parser, in terms of libyaml.

    >>> problem_words("while parsing a flow sequence", "expected ',' or ']', but got ':'")
    "did not find expected ',' or ']'"
    """
    if context in _NOT_COMPLETE:
        return _NOT_COMPLETE[context]
    for begin, words in _WORDS.get(context or "", {}).items():
        if problem.startswith(begin):
            return words
    for begin, words in _BEGINS:
        if problem.startswith(begin):
            return words
    if problem in _SAME:
        return _SAME[problem]
    if problem.startswith("found character ") and problem.endswith(" that cannot start any token"):
        return _NO_TOKEN
    return _EXPECTED_BUT_GOT.sub(r"did not find expected \1", problem)


class PureLoader(yaml.BaseLoader):
    """The parser in Python."""

    def scan_to_next_token(self) -> None:
        """Tabs are white space outside of indentation."""
        while True:
            super().scan_to_next_token()
            if self.peek() != "\t" or not (self.flow_level or not self.allow_simple_key):
                return
            self.forward()

    def fetch_stream_end(self) -> None:
        """A name in brackets cannot go on behind the end of the text."""
        if self.column:
            self.line, self.column = self.line + 1, 0
            self.stale_possible_simple_keys()
        super().fetch_stream_end()

    def scan_tag(self) -> TagToken:
        """A tag, which brackets and commas end."""
        start_mark = self.get_mark()
        match = _TAG.match(self.buffer, self.pointer)
        self.forward(match.end() - self.pointer if match else 1)
        if (
            (match is None)
            or (match[2] and not match[3])
            or (self.peek() not in _ENDS and not (self.flow_level and self.peek() == ","))
        ):
            raise ScannerError("while scanning a tag", start_mark, BAD_TAG, self.get_mark())
        uri, handle, suffix = match.groups()
        value = (None, uri) if uri else (f"!{handle or ''}", suffix)
        return TagToken(value, start_mark, self.get_mark())

    def scan_directive(self) -> DirectiveToken:
        """Unknown directives are rejected."""
        token: DirectiveToken = super().scan_directive()
        if token.name not in ("YAML", "TAG") or (token.name == "YAML" and token.value > (1, 2)):
            raise ScannerError(
                "while scanning a directive", token.start_mark,
                "found unknown directive name", token.start_mark,
            )  # fmt: skip
        return token

    def scan_plain(self) -> ScalarToken:
        """Unquoted text, which holds `?` in brackets, too, and `:` where more text follows."""
        closers = ",[]{}" if self.flow_level else ""
        chunks: list[str] = []
        start_mark = end_mark = self.get_mark()
        indent = self.indent + 1
        spaces: list[str] | None = []
        while spaces is not None and self.peek() != "#":
            length = self._plain_length(_ENDS + closers, closers)
            if length == 0:
                break
            self.allow_simple_key = False
            chunks += spaces
            chunks.append(self.prefix(length))
            self.forward(length)
            end_mark = self.get_mark()
            spaces = self._plain_spaces(indent, start_mark)
            if not spaces or (not self.flow_level and self.column < indent):
                break
        return ScalarToken("".join(chunks), True, start_mark, end_mark)

    def _plain_length(self, after_colon: str, closers: str) -> int:
        length = 0
        while (char := self.peek(length)) not in _ENDS and char not in closers:
            if char == ":" and self.peek(length + 1) in after_colon:
                break
            length += 1
        return length

    def _plain_spaces(self, indent: int, start_mark: Mark) -> list[str] | None:
        """White space within unquoted text, folded; None before a mark between documents."""
        blanks, line_break, breaks = "", "", list[str]()
        while (char := self.peek()) in " \t" or char in _BREAKS:
            if char not in _BREAKS:
                if line_break and char == "\t" and self.column < indent:
                    raise ScannerError(
                        "while scanning a plain scalar", start_mark,
                        "found a tab character that violates indentation", self.get_mark(),
                    )  # fmt: skip
                blanks += "" if line_break else char
                self.forward()
                continue
            if line_break:
                breaks.append(self.scan_line_break())  # type: ignore[no-untyped-call]
            else:
                line_break = self.scan_line_break()  # type: ignore[no-untyped-call]
            self.allow_simple_key = True
            if self.check_document_start() or self.check_document_end():  # type: ignore[no-untyped-call]
                return None
        if not line_break:
            return [blanks] if blanks else []
        return breaks or [" "]

    def scan_block_scalar_indicators(self, start_mark: Mark) -> tuple[bool | None, int | None]:
        """The header after `|` or `>`: whether to keep line ends, and the indentation."""
        keeps: bool | None = None
        indent: int | None = None
        while (char := self.peek()) in "+-0123456789":
            if char in "+-" and keeps is None:
                keeps = char == "+"
            elif char in "123456789" and indent is None:
                indent = int(char)
            elif char == "0" and indent is None:
                problem = "expected indentation indicator"
                raise ScannerError(
                    "while scanning a block scalar", start_mark, problem, self.get_mark()
                )
            else:
                break
            self.forward()
        return keeps, indent

    def scan_block_scalar_ignored_line(self, start_mark: Mark) -> None:
        """The rest of the line on which a block of text is announced."""
        while self.peek() in " \t":
            self.forward()
        super().scan_block_scalar_ignored_line(start_mark)

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Mark) -> list[str]:
        """Text in quotes; each escape must be a character."""
        first = self.pointer
        error: Exception | None = None
        chunks: list[str] = []
        try:
            chunks = super().scan_flow_scalar_non_spaces(double, start_mark)
        except (ValueError, OverflowError):
            error = self._no_character(start_mark, self.get_mark())
        except ScannerError as broken_escape:
            error = broken_escape
        half = _SURROGATE.search(self.buffer, first, self.pointer) if double else None
        if half:
            mark = self.get_mark()
            mark.index -= self.pointer - half.end()
            error = self._no_character(start_mark, mark)
        if error:
            raise error
        return chunks

    def _no_character(self, start_mark: Mark, mark: Mark) -> ScannerError:
        return ScannerError(
            "while parsing a quoted scalar", start_mark,
            "found invalid Unicode character escape code", mark,
        )  # fmt: skip
