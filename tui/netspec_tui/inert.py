"""The screen without characters that command a terminal: whatever text a spec holds, a cell is only drawn."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from netspec.report.text_width import shown


def inert(text: str) -> str:
    r"""The text with a sign in place of each control character, as wide as it: nothing for most.

    >>> inert("a\x1b[31mb")
    'a[31mb'
    """
    return text if text.isprintable() else "".join(map(_inert, text))


def _inert(character: str) -> str:
    seen = shown(character)
    return character if seen == character else "?" * cell_len(character)


class Inert(LineFilter):
    """Draws every line so."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same line without control characters; what Textual itself commands stays."""
        return [
            segment if segment.control else Segment(inert(segment.text), segment.style)
            for segment in segments
        ]
