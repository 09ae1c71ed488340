"""Constants as literals."""

from __future__ import annotations

import ast
import math


def quoted(text: str) -> str:
    """A string as a literal: in double quotes unless single ones save escapes."""
    if text.isprintable() and "\\" not in text and '"' not in text:
        return f'"{text}"'
    return in_quotes(escaped(text))


def in_quotes(body: str) -> str:
    """What `escaped` made of a text, in the quotes that need fewer escapes."""
    quote = "'" if body.count('"') > body.count("'") else '"'
    return quote + body.replace(quote, "\\" + quote) + quote


def escaped(text: str) -> str:
    """The text with everything escaped that does not print, but no quote."""
    return "'".join([repr('"' + part)[2:-1] for part in text.split("'")])


def constant_text(node: ast.Constant) -> str:
    """A number, a string or one of the constants with a name."""
    value = node.value
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return "b" + in_quotes("'".join([repr(b'"' + part)[3:-1] for part in value.split(b"'")]))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"Python has no literal for {value}")
    if isinstance(value, float):
        return _shortest(value)
    return "..." if value is ... else repr(value)


def _shortest(value: float) -> str:
    """A number as people write it: `1e-6`, not `1e-06`.

    >>> _shortest(1e-6), _shortest(1e20), _shortest(0.5)
    ('1e-6', '1e20', '0.5')
    """
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}e{int(power)}" if exponent else digits
