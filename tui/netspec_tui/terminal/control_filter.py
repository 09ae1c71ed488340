"""The screen without control characters, so that no text of a spec controls the terminal."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from netspec.report.text_width import shown


def without_controls(text: str) -> str:
    r"""The text with each control character replaced by a sign of the same width, which is nothing for most.

    >>> without_controls("a\x1b[31mb")
    'a[31mb'
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if shown(character) == character else "?" * cell_len(character)


class ControlFilter(LineFilter):
    """Draws every line without control characters of its text."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the line without control characters. Segments of Textual itself are unchanged."""
        return [
            segment if segment.control else Segment(without_controls(segment.text), segment.style)
            for segment in segments
        ]
