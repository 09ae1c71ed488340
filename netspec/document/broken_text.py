"""A text that is not YAML, as the hints about it read it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netspec.diagnostics import Edit, Source
from netspec.document.text_diagnostics import replacement
from netspec.record import record

_COMMENT = re.compile(r"\s#")


@record(frozen=True, slots=True)
class Broken:
    """The position at which the YAML parser stopped, and its context."""

    source: Source
    offset: int
    context: int
    """The beginning of the construct that the parser could not finish."""
    problem: str
    flow: int | None
    """Where the outermost open bracket is."""
    quoted: tuple[int, int] | None
    """The last text in quotes before."""

    @property
    def text(self) -> str:
        """The whole text."""
        return self.source.text

    @property
    def char(self) -> str:
        """The character that the parser did not expect; nothing at the end of the text."""
        return self.text[self.offset : self.offset + 1]

    def line(self, offset: int) -> tuple[int, int]:
        """Begin and end of the line around `at`, the end without comment and white space."""
        begin = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        line = self.text[begin : end if end >= 0 else len(self.text)]
        comment = _COMMENT.search(line)
        return begin, begin + len(line[: comment.start() if comment else None].rstrip())

    def column(self, offset: int) -> int:
        """The number of characters before `at` on its line."""
        return offset - (self.text.rfind("\n", 0, offset) + 1)

    def edit(self, start: int, end: int, new: str) -> Edit:
        """The replacement of a part of the text."""
        return replacement(self.source, start, end, new)

    def lines_up(self) -> Iterator[tuple[int, int]]:
        """The line at which the parser stopped, the one where the error begins, and the one above."""
        begin, end = self.line(self.offset)
        yield begin, end
        if self.context < begin:
            yield self.line(self.context)
        above = len(self.text[:begin].rstrip())
        if above:
            yield self.line(above - 1)
