"""What a formula does not support, and what to write instead. Loaded where there is an error."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from typing import NamedTuple

from netspec.layers import OPS


class Unsupported(NamedTuple):
    """A construct of Python that no formula has: a sentence, and what to do."""

    message: str
    help: str = ""


def unsupported(node: ast.expr, text: str) -> Unsupported:
    """Describe a construct over tensors that formulas do not have.

    Args:
        node: The construct.
        text: The text of the formula.

    Returns:
        The message and the help.
    """
    piece = " ".join(text[node.col_offset : node.end_col_offset].split())
    match node:
        case ast.Call():
            return _call(text[node.func.col_offset : node.func.end_col_offset])
        case ast.BoolOp():
            sign, word = ("&", "and") if isinstance(node.op, ast.And) else ("|", "or")
            return Unsupported(
                f"`{word}` is not defined for tensors",
                f"write `{sign}`, with each comparison in parentheses",
            )
        case ast.UnaryOp():
            return Unsupported("`not` is not defined for tensors", "write `~` to invert a mask")
        case ast.Compare() if len(node.ops) > 1:
            return Unsupported(
                "a chain of comparisons is not defined for tensors",
                "write two comparisons: `(a < b) & (b < c)`",
            )
        case ast.Compare():
            return Unsupported("`in` is not defined for tensors", "compare with `==`")
        case ast.IfExp():
            return Unsupported(
                "a formula cannot choose by the values of a tensor",
                "use `{op: Where, from: [mask, a, b]}`; for a parameter, use `when`",
            )
        case ast.BinOp():
            return Unsupported(
                f"`{piece}` has an operator that formulas do not support",
                "the operators are + - * / // % ** @ & |",
            )
        case ast.List() | ast.Tuple():
            return Unsupported(
                "a formula returns one tensor", "join tensors with `Concat` or `Stack`"
            )
        case _:
            return Unsupported(f"`{piece}` is not supported in formulas")


def _call(function: str) -> Unsupported:
    """The message for a call: what it calls is a layer, and a layer is a step."""
    name = function.rpartition(".")[2]
    op = next((op for op in OPS if op.lower() == name.replace("_", "").lower()), None)
    return Unsupported(
        f"a formula cannot call `{function}`",
        f"write a step before this one: `- {name}: {{op: {op}, from: …}}`"
        if op
        else "functions of tensors are layers: write a step for it, and use its name here",
    )
