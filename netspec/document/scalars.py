"""The values of unquoted scalars: the core schema of YAML 1.2."""

from __future__ import annotations

import re

from netspec.document.tree import Value

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Compiled where they are used first: most specs hold no number but whole ones.
_OTHER_BASE = r"0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_NOT_FINITE = r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
_NUMBER_BEGINS = frozenset("0123456789+-.")
_LONGEST_INT = 4000
"""The maximum number of digits; Python itself rejects more than 4300."""


def resolve(text: str) -> Value:
    """The value of a scalar written without quotes.

    >>> [resolve(text) for text in ("1e-5", "010", "0x1F", "on", "1_000", "~")]
    [1e-05, 10, 31, 'on', '1_000', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_BEGINS:
        return text
    return _number(text)


def _number(text: str) -> Value:
    digits = text[1:] if text[0] in "+-" else text
    if digits.isdigit() and digits.isascii():
        return int(text) if len(text) <= _LONGEST_INT else text
    if re.fullmatch(_OTHER_BASE, text):
        return int(text, 0) if len(text) <= _LONGEST_INT else text
    if re.fullmatch(_FLOAT, text):
        return float(text)
    if re.fullmatch(_NOT_FINITE, text):
        return float(text.replace(".", "", 1))
    return text
