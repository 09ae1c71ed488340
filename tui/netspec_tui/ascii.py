"""The screen without Unicode: every cell that has no ASCII is drawn by one that is close."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_CLOSE = {
    "×": "x", "→": ">", "←": "<", "↑": "^", "↓": "v", "…": ".", "●": "o", "✗": "x", "▾": "-", "▸": "+", "▼": "-",
    "▶": "+", "◇": "*", "│": "|", "─": "-", "−": "-", "·": "*", "⟨": "<", "⟩": ">", "⏎": "_", "≥": ">", "≤": "<",
    "–": "-", "•": "*", "■": "#", "█": "#", "▌": "|", "▐": "|", "␛": "^",
}  # fmt: skip


def as_ascii(text: str) -> str:
    """The text with a character of ASCII in place of each that is none, as wide as it.

    >>> as_ascii("├─● 3×3 → (H+3)//4 …")
    '+-o 3x3 > (H+3)//4 .'
    """
    return text if text.isascii() else "".join(map(_close, text))


def _close(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _CLOSE:
        return _CLOSE[letter]
    if "\u2500" <= letter <= "\u257f":  # lines and their corners
        return "+"
    return " " if "\u2580" <= letter <= "\u259f" else "?"


class Ascii(LineFilter):
    """Draws every line so."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same line in ASCII."""
        return [Segment(as_ascii(text), style, control) for text, style, control in segments]
