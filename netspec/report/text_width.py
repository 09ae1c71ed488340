"""Text as a terminal shows it: how wide it is, and nothing in it that commands the terminal."""

from __future__ import annotations

_TAB = "    "
_INVISIBLE = frozenset(
    "\u2028\u2029\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Line breaks of other kinds, and marks that turn the order of text around: a line reads other than it is."""


def shown(text: str) -> str:
    r"""The text with tabs widened, and control characters shown instead of obeyed.

    >>> shown("a\tb\x1b[31m")
    'a    b␛[31m'
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(map(_shown, text))


def width(text: str) -> int:
    r"""The number of terminal cells of the displayed text.

    >>> width("conv"), width("卷积"), width("e\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def clipped(text: str, most: int) -> str:
    """The text in at most so many cells; the middle of a longer one is omitted.

    >>> clipped("features.denseblock1.denselayer1", 15)
    'feature…elayer1'
    """
    if width(text) <= most:
        return text
    room = max(most - 1, 0)
    head, tail = room // 2, room - room // 2
    while width(text[:head]) > room // 2:
        head -= 1
    while width(text[len(text) - tail :]) > room - room // 2:
        tail -= 1
    return f"{text[:head]}…{text[len(text) - tail :]}" if most > 0 else ""


def window(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """The stretch of a long line to show around `start` to `end`, within `room` cells."""
    if len(line) <= room and width(shown(line)) <= room:
        return 0, len(line)
    left = right = min(start, len(line))
    right, used = _grown_right(line, right, min(end, len(line)), room)
    left, used = _grown_left(line, left, used, used + (room - used) // 3)
    right, used = _grown_right(line, right, len(line), room, used)
    left, _ = _grown_left(line, left, used, room)
    return left, right


def _grown_right(line: str, position: int, last: int, room: int, used: int = 0) -> tuple[int, int]:
    while position < last and used + (more := width(shown(line[position]))) <= room:
        position, used = position + 1, used + more
    return position, used


def _grown_left(line: str, position: int, used: int, room: int) -> tuple[int, int]:
    while position > 0 and used + (more := width(shown(line[position - 1]))) <= room:
        position, used = position - 1, used + more
    return position, used


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return "\ufffd" if 0x80 <= code < 0xA0 or character in _INVISIBLE else character


def _cells(character: str) -> int:
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
