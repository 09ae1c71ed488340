"""Sizes that a loop carries: each is computed once in an iteration, and updated in place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from netspec.codegen.syntax import assign, name
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import TreeTransformer, copy_tree, names_in, walk_tree


def updated_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a loop; a condition that decides about a size is asked once.

    `if c: layers.append(Pool(n + g))` and `n = (n + g) // 2 if c else n + g` are `n = n + g`, then
    `if c: layers.append(Pool(n))` with `n = n // 2` after it in the condition.
    """
    match body:
        case [
            *before,
            ast.If(test, then, []),
            ast.Assign([ast.Name(label)], ast.IfExp(again, changed, plain)),
        ] if same(test, again) and isinstance(plain, ast.BinOp | ast.Call):
            replaced = _Replaced(plain, label)
            done: list[ast.stmt] = [replaced.visit(copy_tree(s)) for s in then]
            done.append(assign(name(label), replaced.visit(copy_tree(changed))))
            # Any other mention of the size means the one before the update.
            if label not in names_in(test) and replaced.count == sum(map(_reads(label), done)):
                return [*before, assign(name(label), plain), ast.If(test, done, [])]
    return body


def update_in_place(init: ast.FunctionDef) -> None:
    """`n += growth` for `n = n + growth`, in a constructor, where these are numbers."""
    init.body = list(map(_in_place, init.body))


def continue_arguments(init: ast.FunctionDef) -> None:
    """An argument that only starts a size of a loop is the variable: no `channels2 = in_channels`."""
    labels = {a.arg for a in init.args.args}
    for statement in list(init.body):
        match statement:
            case ast.Assign([ast.Name(copy)], ast.Name(label)) if label in labels:
                uses = [n for n in walk_tree(init) if isinstance(n, ast.Name) and n.id == label]
                if len(uses) == 1 and copy.rstrip("0123456789_") == label:
                    init.body.remove(statement)
                    for node in walk_tree(init):
                        if isinstance(node, ast.Name) and node.id == copy:
                            node.id = label


def _in_place(node: ast.stmt) -> ast.stmt:
    """A statement with the updates of variables written as such."""
    match node:
        case ast.Assign([ast.Name(label)], ast.BinOp(ast.Name(first), op, value)) if label == first:
            return ast.AugAssign(ast.Name(label, ast.Store()), op, value)
        case ast.For() | ast.If():
            node.body = list(map(_in_place, node.body))
            node.orelse = list(map(_in_place, node.orelse))
    return node


class _Replaced(TreeTransformer):
    """Puts a variable where an expression is written, and counts how often."""

    def __init__(self, tree: ast.expr, label: str) -> None:
        self.tree, self.label, self.count = tree, label, 0

    def generic_visit(self, node: ast.AST) -> Any:
        """The variable, or the node with the variable inside."""
        if isinstance(node, ast.expr) and same(node, self.tree):
            self.count += 1
            return name(self.label)
        return super().generic_visit(node)


def _reads(label: str) -> Callable[[ast.AST], int]:
    """Counts how often a piece of code reads a variable."""

    def count(node: ast.AST) -> int:
        return sum(
            isinstance(n, ast.Name) and n.id == label and not isinstance(n.ctx, ast.Store)
            for n in walk_tree(node)
        )

    return count
