"""Expressions of a spec as Python, in the terms of the class that they are written in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NoReturn

from netspec.codegen.scopes import Scope, Untranslatable
from netspec.codegen.special_nodes import TensorRef, tensor_ref
from netspec.codegen.syntax import constant
from netspec.document import Scalar, Sequence, TextNode
from netspec.expr import ExpressionError, parse_expression
from netspec.expr.python import to_tree
from netspec.expr.traversal import TreeTransformer, walk_tree

SizeOf = Callable[[str, int, int], ast.expr]
"""The size of a tensor: by the name that the spec gives it, which tensor of that name, and the dimension."""


def no_size(root: str, number: int, axis: int) -> NoReturn:  # noqa: ARG001 - a `SizeOf`
    """Reject to say a size: no tensor is known here."""
    raise Untranslatable(root)


def translate(place: TextNode, scope: Scope, size_of: SizeOf) -> ast.expr:
    """A value as written: a literal, an expression, or a list of such.

    Args:
        place: The value in the spec.
        scope: What names mean there.
        size_of: The expression for the size of a tensor.

    Raises:
        Untranslatable: If a name or a size has no expression here.
    """
    if isinstance(place, Sequence):
        return ast.Tuple([translate(item, scope, size_of) for item in place.items], ast.Load())
    if not isinstance(place, Scalar):
        raise Untranslatable("a mapping")
    if not isinstance(place.value, str):
        return constant(place.value)
    return translate_text(place.value.removeprefix("="), scope, size_of)


def translate_text(text: str, scope: Scope, size_of: SizeOf) -> ast.expr:
    """The text of an expression."""

    def name(word: str) -> ast.expr:
        root, _, asked = word.partition(".")
        return scope.name(root, asked or "value")

    try:
        tree = to_tree(parse_expression(text), name, tensor_ref)
    except ExpressionError as error:
        raise Untranslatable(text) from error
    made = _Sizes(size_of).visit(tree)
    return ast.Tuple(made.elts, ast.Load()) if isinstance(made, ast.List) else made


def translate_static(place: TextNode, scope: Scope) -> ast.expr:
    """A value that no tensor's size is part of."""
    return translate(place, scope, no_size)


class _Sizes(TreeTransformer):
    """Replaces `tensor.size(1)` by what is known of that size."""

    def __init__(self, size_of: SizeOf) -> None:
        self.size_of = size_of

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of a tensor's method."""
        func = node.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, TensorRef):
            if func.attr != "size":
                raise Untranslatable(func.attr)
            axis = ast.literal_eval(node.args[0]) if _literal(node.args[0]) else None
            if not isinstance(axis, int):
                raise Untranslatable("a dimension that is computed")
            return self.size_of(func.value.root, func.value.number, axis)
        self.generic_visit(node)
        return node

    def visit_TensorRef(self, node: TensorRef) -> ast.expr:
        """A tensor outside of a size."""
        raise Untranslatable(node.root)


def _literal(node: ast.expr) -> bool:
    return all(isinstance(n, ast.Constant | ast.UnaryOp | ast.USub) for n in walk_tree(node))
