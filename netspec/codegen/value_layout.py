"""Expressions in the places of statements: when they get parentheses, when they break in their brackets."""

from __future__ import annotations

import ast

from netspec.codegen.expression_layout import (
    BRACKETS,
    brackets,
    lambda_body,
    layout_bare,
    parenthesized_if_broken,
    sequence,
)
from netspec.codegen.expression_structure import Need, breaks_in_brackets, need_of
from netspec.codegen.expression_text import lambda_head
from netspec.codegen.layout import Doc, Expanding, Parenthesized, Scope


def value_layout(node: ast.expr) -> Doc:
    """An expression that breaks in its brackets, or in parentheses of its own, whichever reads better."""
    need = need_of(node)
    if need is Need.NEVER:
        return layout_bare(node, None)
    if need is Need.BEST_FIT:
        own = Scope()
        return Parenthesized(layout_bare(node, own), own)
    if need is Need.ALWAYS:
        return brackets("(", layout_bare(node, BRACKETS), ")", None)
    return operation_layout(node)


def operation_layout(node: ast.expr) -> Doc:
    """An expression that breaks in the brackets at its ends, or in parentheses before its operators."""
    if not breaks_in_brackets(node):
        return parenthesized_if_broken(layout_bare(node, BRACKETS))
    own = Scope()
    return parenthesized_if_broken(layout_bare(node, own), own)


def preserved_layout(node: ast.expr) -> Doc:
    """An expression that gets parentheses only for its operators."""
    return operation_layout(node) if need_of(node) is Need.MULTILINE else layout_bare(node, None)


def message_layout(node: ast.expr) -> Doc:
    """An expression that gets parentheses even where a long word in them does not fit."""
    return (
        operation_layout(node)
        if need_of(node) in (Need.MULTILINE, Need.BEST_FIT)
        else value_layout(node)
    )


def condition_layout(node: ast.expr) -> Doc:
    """The condition of a statement, in which `:=` needs no parentheses."""
    return operation_layout(node) if isinstance(node, ast.NamedExpr) else value_layout(node)


def assigned_layout(node: ast.expr) -> Doc:
    """The value of an assignment; a lambda breaks in its body."""
    if isinstance(node, ast.Lambda):
        return parenthesized_if_broken(
            [lambda_head(node), " ", Expanding(lambda_body(node.body, BRACKETS), None)]
        )
    return value_layout(node)


def bare_layout(node: ast.expr) -> Doc:
    """A value, or a target, that is a tuple without parentheses as long as it is on one line."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return parenthesized_if_broken(sequence(node.elts))
    return assigned_layout(node)


def returned_layout(node: ast.expr) -> Doc:
    """A returned value; a pair may break in the brackets of its elements."""
    pair = isinstance(node, ast.Tuple) and len(node.elts) == 2
    return loop_target_layout(node) if pair else bare_layout(node)


def loop_target_layout(node: ast.expr) -> Doc:
    """The target of a loop, which gets parentheses only if the line is too long."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        own = Scope()
        return parenthesized_if_broken(sequence(node.elts, own), own)
    return value_layout(node)


def expression_layout(node: ast.expr) -> Doc:
    """An expression as a statement: sums and bit operations get parentheses, other operators do not break."""
    sums = (ast.Add, ast.Sub, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
    if isinstance(node, ast.BinOp) and isinstance(node.op, sums):
        return preserved_layout(node)
    return layout_bare(node, None)
