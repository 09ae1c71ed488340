r"""Text of a spec inside a sentence: whatever would break the line is written as its escape.

Names may hold any character, so a key such as `"a\nb"` puts a line break into every message that names it.
Terminals, GitHub's annotations and reports of one diagnostic per line all rely on a message being one line.
"""

from __future__ import annotations

LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""Every character at which `str.splitlines` splits."""

_ESCAPES = {ord(character): repr(character)[1:-1] for character in LINE_BREAKS}


class Lines(str):
    """A text of several lines that are intended to stay apart, such as the rows of a table."""

    __slots__ = ()


def one_line(text: str) -> str:
    r"""The text with its line breaks escaped; `Lines` are kept.

    >>> print(one_line("a\nb\u2028c"))
    a\nb\u2028c
    """
    if text.isprintable() or isinstance(text, Lines):
        return text
    return text.translate(_ESCAPES)
