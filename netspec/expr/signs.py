"""The operators of expressions: Python's nodes and how each is written."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from typing import Final

UNARY: Final[dict[type[ast.unaryop], str]] = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+"}
"""Operators before one value."""
BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
"""Operators between two values."""
COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
"""Comparisons."""
