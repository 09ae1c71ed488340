"""Writes a scalar as YAML: plain if every reader reads the same value, otherwise in quotes.

All that writes YAML goes through this module: specs as data, graphs as specs, edits.
"""

from __future__ import annotations

import re

from netspec.document.scalars import resolve
from netspec.document.tree import Value

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"(?![-?] )[\w./=(+-](?!.*(: | #|:$)).*")
_PLAIN_IN_BRACES = re.compile(r"[^,\[\]{}:]*")
_NOT_TEXT_TO_YAML_1_1 = re.compile(r"(?i)yes|no|on|off|[-+0-9._:e]+|0[xob].*|=|<<|\d{4}-.*")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""Words that PyYAML or a reader of YAML 1.2 reads, in some spelling, as something other than text."""


def scalar_text(value: Value, *, in_braces: bool = False) -> str:
    """A scalar that readers of YAML 1.1 and 1.2 read as the same value.

    Args:
        value: The value.
        in_braces: Whether it is inside `{}` or `[]`, where more characters need quotes.

    Example:
        >>> [scalar_text(v) for v in ("relu", "2 * H", "64", "no", None, True, 1e-05)]
        ['relu', '2 * H', '"64"', '"no"', 'null', 'true', '1.0e-05']
        >>> scalar_text("a, b"), scalar_text("a, b", in_braces=True)
        ('a, b', '"a, b"')
    """
    if isinstance(value, str):
        return value if _is_plain(value, in_braces=in_braces) else quoted_text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number_text(value) if isinstance(value, float) else str(value)


def quoted_text(text: str) -> str:
    r"""A text in double quotes; characters that do not print are escaped.

    >>> print(quoted_text("a\n\x85"))
    "a\n\U00000085"
    """
    import json

    quoted = json.dumps(text, ensure_ascii=False)
    if quoted.isprintable():
        return quoted
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _is_plain(text: str, *, in_braces: bool) -> bool:
    """Whether a text needs no quotes."""
    if _WORD.fullmatch(text):
        return text.lower() not in _WORDS_OF_YAML
    return (
        text.isprintable()
        and _PLAIN.fullmatch(text) is not None
        and not text.endswith(" ")
        and not text.startswith(("---", "..."))
        and (not in_braces or _PLAIN_IN_BRACES.fullmatch(text) is not None)
        and isinstance(resolve(text), str)
        and _NOT_TEXT_TO_YAML_1_1.fullmatch(text) is None
    )


def _number_text(value: float) -> str:
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return text if "." in text else text.replace("e", ".0e")
