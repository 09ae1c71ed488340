"""Colors, or none."""

from __future__ import annotations

from typing import Final

CODES: Final = {
    "error": "1;31",
    "warning": "1;33",
    "title": "1",
    "frame": "1;34",
    "help": "1;36",
    "good": "32",
    "dim": "2",
}


class Style:
    """Wraps text in terminal colors; a plain style leaves it unchanged."""

    __slots__ = ("color",)

    def __init__(self, *, color: bool) -> None:
        self.color = color

    def __call__(self, role: str, text: str) -> str:
        """The text in the color of its role, such as `error` or `help`."""
        code = CODES.get(role, "")
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and code and text else text


PLAIN: Final = Style(color=False)
