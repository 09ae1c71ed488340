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
    return "..." if value is ... else repr(value).replace("e+", "e")
