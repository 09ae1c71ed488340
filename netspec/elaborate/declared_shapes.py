"""A size in a shape as written: a number, a symbol, or an expression."""

from __future__ import annotations

import re
from collections.abc import Container

from netspec.diagnostics import Code, did_you_mean
from netspec.dims import Size, is_size, symbol
from netspec.document import Scalar, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN, ExpressionError, parse_expression
from netspec.similar_words import closest
from netspec.syntax.fields import is_word


class SymbolReader(Reader):
    """A scope in which symbols are known as well: names that begin with a capital."""

    __slots__ = ()

    def name(self, name: str) -> object:
        """The value of a bare name, or the symbol."""
        if name not in self.env and name[:1].isupper():
            return symbol(name)
        return super().name(name)


def is_in_another_notation(item: TextNode, parameters: Container[str]) -> bool:
    """Whether a size of an input is neither an integer, a symbol, nor an expression of parameters."""
    if type(item) is not Scalar:
        return False
    value = item.value
    if type(value) is int:
        return value == -1
    if value is None or value in ("None", "?", "-1"):
        return True
    return (
        type(value) is str and value.islower() and value.isidentifier() and value not in parameters
    )


_WORD = r"[^\W\d]\w*"


def read_size(item: TextNode, reader: Reader, values: Values) -> Size | None:
    """The size; a name that begins with a capital is a symbol. None after an error."""
    if isinstance(item, Scalar) and isinstance(item.value, str):
        text = item.value
        if text[:1].isupper() and text.isidentifier():
            if not is_word(text):
                values.error(
                    Code.BAD_NAME,
                    f"a size cannot be named `{text}`",
                    item,
                    "reserved or invalid in Python",
                    "rename it to `N`, `H`, `Length`, …",
                )
                return None
            return symbol(text)
        if text.isidentifier() and text not in reader.env:
            suggestion = closest(text, reader.env)
            values.error(
                Code.UNKNOWN_NAME,
                f"`{text}` is not a parameter here",
                item,
                "unknown name",
                did_you_mean(suggestion)
                if suggestion
                else f"start a symbolic size with a capital: `{text.capitalize()}`",
                name=text,
            )
            return None
        symbols = [w for w in re.findall(_WORD, text) if w[0].isupper() and w not in reader.env]
        if symbols and not isinstance(reader, SymbolReader) and _is_expression(text):
            values.error(
                Code.BAD_VALUE,
                f"a size of an input cannot be computed from the symbol `{symbols[0]}`",
                item,
                "an expression of a symbol",
                f"use another symbol, such as `{symbols[0]}2`: "
                f"netspec infers its relation to {symbols[0]}",
            )
            return None
    value = values.value(item, reader)
    if value is UNKNOWN:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if is_size(value) and (not isinstance(value, int) or value >= 0):
        return value
    values.error(
        Code.BAD_VALUE,
        f"a size must be an integer or a symbol that starts with a capital, got `{item.span.text}`",
        item,
        "not a size",
        "write a positive integer, or a symbol such as `N`",
    )
    return None


def _is_expression(text: str) -> bool:
    """Whether a text has the syntax of an expression."""
    try:
        parse_expression(text)
    except ExpressionError:
        return False
    return True
