"""Helpers to compose generated expressions. Used for code generation, not for checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netspec.layer.base import Layer


def primary(expression: str) -> str:
    """The expression, in brackets if `.method` or an operator could not follow it otherwise.

    >>> primary("self.conv(x)"), primary("a + b")
    ('self.conv(x)', '(a + b)')
    """
    if expression.isidentifier():
        return expression
    from ast import Attribute, Call, Constant, List, Name, Subscript, Tuple, parse

    tree = parse(expression, mode="eval").body
    plain = isinstance(tree, Name | Attribute | Call | Subscript | List | Tuple | Constant)
    return expression if plain else f"({expression})"


def keywords(layer: Layer, texts: Mapping[str, str], *names: str) -> str:
    """`, name=text` for each argument whose text is not its default."""
    return "".join(
        f", {name}={texts[name]}"
        for name in names
        if texts[name] not in _spellings(layer.arguments[name].default)
    )


def _spellings(default: object) -> tuple[str, ...]:
    return (repr(default), f'"{default}"') if isinstance(default, str) else (repr(default),)
