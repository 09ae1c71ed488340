"""Traversal of Python's syntax trees: as `ast` does it, without its cost for nodes that hold no others."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

Tree = TypeVar("Tree", bound=ast.AST)

_WITHOUT_NODES: Final = frozenset(
    {"arg", "asname", "attr", "ctx", "id", "is_async", "kind", "level", "module", "op", "ops"}
    | {"conversion", "lineno", "name", "simple", "type_comment"}
)
"""The fields without nodes to visit; operators and contexts are skipped.

The fields of patterns, of `global` and of type parameters are not looked at: generated programs have none.
"""


class _ChildFields(dict[type, tuple[str, ...]]):
    """The fields of a class of nodes that may contain nodes, computed once."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        fields = () if issubclass(kind, ast.Constant) else kind._fields
        self[kind] = fields = tuple(f for f in fields if f not in _WITHOUT_NODES)
        return fields


CHILD_FIELDS: Final = _ChildFields()


def walk_tree(node: ast.AST) -> list[ast.AST]:
    """All nodes of a tree, breadth first; operators and contexts are skipped.

    >>> import ast
    >>> [type(n).__name__ for n in walk_tree(ast.parse("a + 1", mode="eval").body)]
    ['BinOp', 'Name', 'Constant']
    """
    nodes = [node]
    for each in nodes:
        fields = CHILD_FIELDS[each.__class__]
        if not fields:
            continue
        values = each.__dict__
        for field in fields:
            value = values.get(field)
            if value.__class__ is list:
                nodes += [v for v in value if v is not None] if None in value else value
            elif value is not None:
                nodes.append(value)
    return nodes


def names_in(*nodes: ast.AST) -> set[str]:
    """The variables that trees mention, whether they read or set them.

    >>> import ast
    >>> sorted(names_in(*ast.parse("a = b + 1").body))
    ['a', 'b']
    """
    return {each.id for node in nodes for each in walk_tree(node) if isinstance(each, ast.Name)}


class TreeTransformer:
    """Rewrites a tree in place, as `ast.NodeTransformer` does.

    A method `visit_BinOp` takes the nodes of exactly that class and returns what is in their place:
    a node, None for nothing, or for a statement a list of statements. Subclasses do not override `visit`.
    """

    _methods: ClassVar[dict[type, Callable[[Any, Any], Any]]]
    """The visitor of each class of nodes, filled on demand."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._methods = {type(None): _unchanged}

    def visit(self, node: ast.AST) -> Any:
        """The replacement of a node."""
        method = self._methods.get(node.__class__)
        if method is None:
            method = self._methods[node.__class__] = self._method(node.__class__)
        return method(self, node)

    def _method(self, kind: type[ast.AST]) -> Callable[[Any, Any], Any]:
        """The visitor of a class of nodes."""
        generic: Callable[[Any, Any], Any] = type(self).generic_visit
        if generic is TreeTransformer.generic_visit and not CHILD_FIELDS[kind]:
            generic = _unchanged
        visit: Callable[[Any, Any], Any] = getattr(type(self), f"visit_{kind.__name__}", generic)
        return visit

    def generic_visit(self, node: Tree) -> Tree:
        """The node, with the replacements of its children."""
        values, methods = node.__dict__, self._methods
        for field in CHILD_FIELDS[node.__class__]:
            value: Any = values.get(field)
            if value.__class__ is list:
                if value:
                    self._visit_list(value)
                continue
            # What `visit` does, without a call for a node that stays as it is.
            method = methods.get(value.__class__)
            if method is not _unchanged:
                made = self.visit(value) if method is None else method(self, value)
                if made is not value:
                    setattr(node, field, made)
        return node

    def _visit_list(self, values: list[Any]) -> None:
        methods = self._methods
        made: list[Any] = []
        for value in values:
            method = methods.get(value.__class__)
            if method is _unchanged:
                made.append(value)
                continue
            result = self.visit(value) if method is None else method(self, value)
            if result.__class__ is list:
                made += result
            elif result is not None:
                made.append(result)
        values[:] = made


def _unchanged(_: TreeTransformer, node: ast.AST) -> ast.AST:
    return node


class CopyingTransformer(TreeTransformer):
    """Rewrites a copy of a tree, which stays as it is: one pass for `copy_tree` and a transformer after it."""

    def generic_visit(self, node: Tree) -> Tree:
        """A copy of the node, with what is in the place of its children."""
        kind = node.__class__
        made = kind.__new__(kind)
        values = made.__dict__
        values.update(node.__dict__)
        methods = self._methods
        for field in CHILD_FIELDS[kind]:
            value: Any = values.get(field)
            if value.__class__ is list:
                values[field] = copied = [*value]
                if copied:
                    self._visit_list(copied)
            elif value is not None:
                method = methods.get(value.__class__)
                values[field] = self.visit(value) if method is None else method(self, value)
        return made


class Replaced(TreeTransformer):
    """Puts trees in the place of nodes."""

    def __init__(self, trees: dict[ast.AST, ast.expr]) -> None:
        self.trees = trees

    def _method(self, _: type[ast.AST]) -> Callable[[Any, Any], Any]:
        return Replaced._replaced

    def _replaced(self, node: ast.AST) -> ast.AST:
        """The tree for a node, or the node with the trees inside."""
        tree = self.trees.get(node)
        return self.generic_visit(node) if tree is None else tree


def copy_tree(node: Tree) -> Tree:
    """A copy that may be rewritten; its special nodes refer to the same objects."""
    kind = node.__class__
    made = kind.__new__(kind)
    values = made.__dict__
    values.update(node.__dict__)
    for field in CHILD_FIELDS[kind]:
        value = values.get(field)
        if value.__class__ is list:
            values[field] = [copy_tree(v) if v is not None else None for v in value]
        elif value is not None:
            values[field] = copy_tree(value)
    return made
