"""Methods of generated classes, and the calls of these classes in a program."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from netspec.expr.traversal import walk_tree


def method_of(node: ast.ClassDef, label: str) -> ast.FunctionDef | None:
    """The method of that name."""
    return next((m for m in methods_of(node) if m.name == label), None)


def methods_of(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods of a class, in order."""
    return [m for m in node.body if isinstance(m, ast.FunctionDef)]


def is_stored(node: ast.AST) -> bool:
    """Whether a value is assigned there; a context that is omitted means that it is read."""
    return isinstance(getattr(node, "ctx", None), ast.Store)


class ClassUses:
    """Where constructors call the classes of a program, and how often they mention them; no `forward` does."""

    def __init__(self, classes: Iterable[ast.ClassDef]) -> None:
        self.calls: dict[str, list[ast.Call]] = {}
        constructors = [init for c in classes if (init := method_of(c, "__init__")) is not None]
        nodes = [node for init in constructors for node in walk_tree(init)]
        self.mentions = Counter([n.id for n in nodes if isinstance(n, ast.Name)])
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self.calls.setdefault(node.func.id, []).append(node)

    def is_a_value(self, name: str) -> bool:
        """Whether a class is handed on, so that it is called somewhere by another name."""
        return self.mentions[name] != len(self.calls.get(name, ()))
