"""Whether trees are written alike."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from netspec.codegen.special_nodes import ArgumentRef, CarriedRef, ClassRef, Construct, LoopRef

if TYPE_CHECKING:
    pass


def same(a: ast.expr | None, b: ast.expr | None) -> bool:
    """Whether two expressions are written alike."""
    return same_tree(a, b)


def same_tree(a: Any, b: Any) -> bool:
    """Whether two trees, or what their fields hold, are written alike."""
    kind = a.__class__
    if kind is not b.__class__:
        return False
    if a is b:
        return True
    if kind is list:
        return len(a) == len(b) and all(map(same_tree, a, b))
    if kind is dict:
        return list(a) == list(b) and all(map(same_tree, a.values(), b.values()))
    if not isinstance(a, ast.AST):
        return bool(a == b)
    one, other = a.__dict__, b.__dict__
    for field in _COMPARED.get(kind) or a._fields:
        if field != "ctx" and not same_tree(one.get(field), other.get(field)):
            return False
    return True


_COMPARED: dict[type, tuple[str, ...]] = {
    ArgumentRef: ("argument",),
    LoopRef: ("loop", "variable", "word"),
    CarriedRef: ("carried", "after"),
    Construct: ("plan", "values"),
    ClassRef: ("plan",),
}
"""What makes a node the same as another one, where these are not its fields."""
