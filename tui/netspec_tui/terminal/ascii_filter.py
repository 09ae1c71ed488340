"""The screen in ASCII: every other character is replaced by a similar one."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIMILAR = {
    "×": "x", "→": ">", "←": "<", "↑": "^", "↓": "v", "…": ".", "●": "o", "✗": "x", "▾": "-", "▸": "+", "▼": "-",
    "▶": "+", "◇": "*", "│": "|", "─": "-", "−": "-", "·": "*", "⟨": "<", "⟩": ">", "⏎": "_", "≥": ">", "≤": "<",
    "–": "-", "•": "*", "■": "#", "█": "#", "▌": "|", "▐": "|", "␛": "^",
}  # fmt: skip


def as_ascii(text: str) -> str:
    """The text with each non-ASCII character replaced by an ASCII character of the same width.

    >>> as_ascii("├─● 3×3 → (H+3)//4 …")
    '+-o 3x3 > (H+3)//4 .'
    """
    return text if text.isascii() else "".join(map(_ascii, text))


def _ascii(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _SIMILAR:
        return _SIMILAR[letter]
    if "\u2500" <= letter <= "\u257f":  # lines and their corners
        return "+"
    return " " if "\u2580" <= letter <= "\u259f" else "?"


class AsciiFilter(LineFilter):
    """Draws every line in ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the line in ASCII."""
        return [Segment(as_ascii(text), style, control) for text, style, control in segments]
