"""Where syntax trees of one structure differ."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from netspec.expr.traversal import CHILD_FIELDS


class Difference(NamedTuple):
    """Where trees of one structure differ.

    Attributes:
        nodes: The nodes there, one of each tree.
        parent: The node of the first tree that has it as a child.
    """

    nodes: Sequence[ast.AST]
    parent: ast.AST | None


def differences(trees: Sequence[ast.AST], parent: ast.AST | None = None) -> list[Difference]:
    """Where the trees differ, from left to right."""
    first = trees[0]
    atoms = [_atoms(tree) for tree in trees]
    children = [_children(tree) for tree in trees]
    if any(a != atoms[0] for a in atoms) or any(len(c) != len(children[0]) for c in children):
        return [Difference(trees, parent)]
    return [
        difference
        for nodes in zip(*children, strict=True)
        for difference in differences(nodes, first)
    ]


def _atoms(node: ast.AST) -> tuple[object, ...]:
    """The class of a node and its fields that are not nodes."""
    fields = (
        f for f in node._fields if f not in CHILD_FIELDS[type(node)] and f not in ("ctx", "kind")
    )
    values = (getattr(node, f, None) for f in fields)
    return type(node), *(type(v) if isinstance(v, ast.AST) else v for v in values)


def _children(node: ast.AST) -> list[ast.AST]:
    children: list[ast.AST] = []
    for field in CHILD_FIELDS[type(node)]:
        value = getattr(node, field, None)
        children += [
            v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)
        ]
    return children
