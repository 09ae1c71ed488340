"""Names, sentences and values of a spec as they are in a program: as text, never as code.

A spec may come from anywhere, and what its author wrote may hold quotes, line breaks and Python. All of
it goes through one of these functions.
"""

from __future__ import annotations

import textwrap
from math import inf


def _escaped(character: str) -> str:
    if character in ('"', "\\"):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def literal(value: object) -> str:
    """A value as Python writes it; text in double quotes.

    >>> literal("same"), literal((1, 2)), literal(float("inf"))
    ('"same"', '(1, 2)', 'float("inf")')
    """
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, list | tuple):
        inner = ", ".join(literal(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return f'float("{value}")' if value in (inf, -inf) else repr(value)


def in_f_string(text: str) -> str:
    r"""A text as it is in an f-string in double quotes.

    >>> print(in_f_string('a"{'), in_f_string("layer"))
    a\"{{ layer
    """
    return literal(text)[1:-1].replace("{", "{{").replace("}", "}}")


def in_comment(text: str) -> str:
    """A text as part of a comment: on one line."""
    return "".join(c if c.isprintable() else "?" for c in text)


def in_docstring(text: str) -> str:
    r"""A text on one line of a docstring, whatever is in it.

    >>> print(in_docstring('3"'), in_docstring("a\\b"), in_docstring("x\n"))
    3\" a\\b x\n
    """
    written = "".join(
        c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text
    )
    if written.endswith('"') or '""' in written:
        written = written.replace('"', '\\"')
    return written


def docstring_lines(text: str, width: int) -> list[str]:
    """A text as lines of a docstring; no line ends within a word, where an escape could be cut."""
    return textwrap.wrap(in_docstring(text), width, break_long_words=False)
