"""Groups that came to be the same class: one class for all, with an argument for a count that differs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from netspec.codegen.differences import differences
from netspec.codegen.names import fresh
from netspec.codegen.syntax import constant, name, whole
from netspec.expr.traversal import Replaced, Transformer, copy_tree, names_in, walk

COUNT = "depth"
"""The argument for the number of iterations of a loop."""


def merge_equal_classes(classes: list[ast.ClassDef], groups: Sequence[str]) -> dict[str, list[str]]:
    """Leave one class of those that are equal; gives the names of all that it stands for, its own first.

    Args:
        classes: The classes of a program, each before those that use it.
        groups: The names of those that are groups; a block has its own class, whatever it is like.
    """
    stands_for: dict[str, list[str]] = {}
    found = True
    while found:
        found = False
        for equal in _equal(c for c in classes if c.name in groups):
            kept, *dropped = equal
            if _serves(kept, dropped, classes):
                own = stands_for.setdefault(kept.name, [kept.name])
                for each in dropped:
                    own += stands_for.pop(each.name, [each.name])
                    classes.remove(each)
                found = True
    return stands_for


def _equal(classes: Iterable[ast.ClassDef]) -> list[list[ast.ClassDef]]:
    """The classes that are the same but for their names, docstrings and counts, several each."""
    by_size: dict[int, list[ast.ClassDef]] = {}
    for each in classes:
        by_size.setdefault(len(walk(each)), []).append(each)
    by_form: dict[str, list[ast.ClassDef]] = {}
    for each in (c for alike in by_size.values() if len(alike) > 1 for c in alike):
        by_form.setdefault(ast.dump(_WithoutCounts().visit(copy_tree(_tree(each)))), []).append(
            each
        )
    return [alike for alike in by_form.values() if len(alike) > 1]


class _WithoutCounts(Transformer):
    """Leaves out the numbers of iterations."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`range(2)`, or another call."""
        self.generic_visit(node)
        if _is_range(node) and whole(node.args[0]) is not None:
            node.args = [constant(None)]
        return node


def _tree(node: ast.ClassDef) -> ast.Module:
    """What a class is derived from and defines, without its docstring."""
    return ast.Module([*map(ast.Expr, node.bases), *node.body[1:]], [])


def rename_class(classes: Sequence[ast.ClassDef], renamed: ast.ClassDef, label: str) -> None:
    """Give a class another name, wherever it is mentioned."""
    for node in (node for each in classes for node in walk(each)):
        if isinstance(node, ast.Name) and node.id == renamed.name:
            node.id = label
    renamed.name = label


def _serves(
    kept: ast.ClassDef, dropped: Sequence[ast.ClassDef], classes: Sequence[ast.ClassDef]
) -> bool:
    """Let a class serve for others as well; whether it can."""
    all_uses = [_uses(each.name, classes) for each in (kept, *dropped)]
    if any(uses is None for uses in all_uses):
        return False
    found = differences([_tree(each) for each in (kept, *dropped)])
    rows = {tuple(_number(node) for node in each.nodes) for each in found}
    if len(rows) > 1:
        return False
    for counts in rows:
        label = _take_count(kept, [each.nodes[0] for each in found])
        for uses, count in zip(all_uses, counts, strict=True):
            for use in uses or ():
                use.keywords.append(ast.keyword(label, constant(count)))
    for use in (use for uses in all_uses[1:] for use in uses or ()):
        use.func = name(kept.name)
    return True


def _number(node: ast.AST) -> int | None:
    return whole(node) if isinstance(node, ast.expr) else None


def _take_count(node: ast.ClassDef, counts: Sequence[ast.AST]) -> str:
    """Make a count an argument of the constructor; gives its name."""
    init = next(m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__")
    arguments = init.args
    label = fresh(COUNT, names_in(init) | {a.arg for a in arguments.args})
    arguments.args.insert(
        len(arguments.args) - len(arguments.defaults), ast.arg(label, name("int"))
    )
    Replaced({id(count): name(label) for count in counts}).visit(init)
    return label


def _is_range(node: ast.AST | None) -> bool:
    match node:
        case ast.Call(ast.Name("range"), [_], []):
            return True
    return False


def _uses(label: str, classes: Sequence[ast.ClassDef]) -> list[ast.Call] | None:
    """The calls of a class; None if it is handed on as a value."""
    nodes = [node for each in classes for node in walk(each)]
    calls = [
        n
        for n in nodes
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == label
    ]
    mentions = sum(isinstance(n, ast.Name) and n.id == label for n in nodes)
    return calls if mentions == len(calls) else None
