"""Groups that came to be the same class: one class for all, with an argument for a count that differs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from netspec.codegen.class_definitions import ClassUses, method_of, methods_of
from netspec.codegen.differences import differences
from netspec.codegen.identifiers import fresh
from netspec.codegen.syntax import constant, name
from netspec.codegen.tree_arithmetic import whole
from netspec.expr.traversal import Replaced, TreeTransformer, copy_tree, names_in, walk_tree

COUNT = "depth"
"""The argument for the number of iterations of a loop."""


def merge_equal_classes(classes: list[ast.ClassDef], groups: Sequence[str]) -> dict[str, list[str]]:
    """Leave one class of those that are equal; gives the names of all that it stands for, its own first.

    Args:
        classes: The classes of a program, each before those that use it.
        groups: The names of those that are groups; a block has its own class, whatever it is like.
    """
    stands_for: dict[str, list[str]] = {}
    has_merged = True
    while has_merged:
        has_merged = False
        for equal in _equal(c for c in classes if c.name in groups):
            representative, *dropped = equal
            if _serves(representative, dropped, classes):
                own = stands_for.setdefault(representative.name, [representative.name])
                for each in dropped:
                    own += stands_for.pop(each.name, [each.name])
                    classes.remove(each)
                has_merged = True
    return stands_for


def _equal(classes: Iterable[ast.ClassDef]) -> list[list[ast.ClassDef]]:
    """The classes that are the same but for their names, docstrings and counts, several each."""
    by_outline: dict[tuple[object, ...], list[ast.ClassDef]] = {}
    for each in classes:
        by_outline.setdefault(_outline(each), []).append(each)
    by_form: dict[str, list[ast.ClassDef]] = {}
    for each in (c for alike in by_outline.values() if len(alike) > 1 for c in alike):
        by_form.setdefault(ast.dump(_Form(each).visit(copy_tree(_tree(each)))), []).append(each)
    return [alike for alike in by_form.values() if len(alike) > 1]


def _outline(node: ast.ClassDef) -> tuple[object, ...]:
    """What equal classes have in common, and few others: their methods and the kinds of the statements."""
    return tuple(
        (method.name, len(method.args.args), *map(type, method.body)) for method in methods_of(node)
    )


class _Form(TreeTransformer):
    """Omits the numbers of iterations and the names of the constructor's arguments."""

    def __init__(self, node: ast.ClassDef) -> None:
        self.renamed = _Renamed({a: f"argument {k}" for k, a in enumerate(_arguments(node))})

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A method, the constructor with its arguments by their places."""
        self.generic_visit(node)
        if node.name == "__init__":
            self.renamed.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`range(2)`, or another call."""
        self.generic_visit(node)
        if _is_range(node) and whole(node.args[0]) is not None:
            node.args = [constant(None)]
        return node


class _Renamed(TreeTransformer):
    """Gives variables other names."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A variable that is read or set."""
        node.id = self.labels.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """An argument of the constructor."""
        node.arg = self.labels.get(node.arg, node.arg)
        return node


def _common_labels(equal: Sequence[ast.ClassDef]) -> list[str]:
    """The names for the arguments of classes that are equal: what theirs have in common, or the first one's."""
    init = method_of(equal[0], "__init__")
    counted = set(map(_count_label, walk_tree(equal[0])))
    locals_ = names_in(init) - {*_arguments(equal[0])} if init is not None else set()
    common: list[str] = []
    for labels in zip(*map(_arguments, equal), strict=True):
        stems = {label.rstrip("0123456789_") for label in labels}
        label = labels[0]
        if len({*labels}) > 1 and len(stems) == 1:
            label = stems.pop() or label
        elif len({*labels}) > 1 and label in counted:
            label = COUNT
        common.append(fresh(label, {*common, *locals_}))
    return common


def _count_label(node: ast.AST) -> str:
    """The variable that a loop counts up to."""
    match node:
        case ast.Call(ast.Name("range"), [ast.Name(label)], []):
            return label
    return ""


def _arguments(node: ast.ClassDef) -> list[str]:
    """The names of what a class is constructed with."""
    init = method_of(node, "__init__")
    return [a.arg for a in init.args.args[1:]] if init is not None else []


def _tree(node: ast.ClassDef) -> ast.Module:
    """What a class is derived from and defines, without its docstring."""
    return ast.Module([*map(ast.Expr, node.bases), *node.body[1:]], [])


def rename_class(classes: Sequence[ast.ClassDef], renamed: ast.ClassDef, label: str) -> None:
    """Give a class another name, wherever it is mentioned."""
    for node in (node for each in classes for node in walk_tree(each)):
        if isinstance(node, ast.Name) and node.id == renamed.name:
            node.id = label
    renamed.name = label


def _serves(
    representative: ast.ClassDef, dropped: Sequence[ast.ClassDef], classes: Sequence[ast.ClassDef]
) -> bool:
    """Let a class serve for others as well; whether it can."""
    equal = [representative, *dropped]
    uses = ClassUses(classes)
    labels = _common_labels(equal)
    renamed = [dict(zip(_arguments(each), labels, strict=True)) for each in equal]
    trees = [_with_labels(each, to) for each, to in zip(equal, renamed, strict=True)]
    differing = differences(trees)
    rows = {tuple(_number(node) for node in each.nodes) for each in differing}
    if len(rows) > 1 or any(uses.is_a_value(each.name) for each in equal):
        return False
    representative.body[1:] = trees[0].body[len(representative.bases) :]
    count = _take_count(representative, [each.nodes[0] for each in differing]) if differing else ""
    for k, (each, to) in enumerate(zip(equal, renamed, strict=True)):
        for use in uses.calls.get(each.name, ()):
            for keyword in use.keywords:
                keyword.arg = to.get(keyword.arg or "", keyword.arg)
            use.keywords += [ast.keyword(count, constant(row[k])) for row in rows]
            use.func = name(representative.name)
    return True


def _with_labels(node: ast.ClassDef, labels: Mapping[str, str]) -> ast.Module:
    """A copy of what a class defines, with other names for the arguments of its constructor."""
    tree = copy_tree(_tree(node))
    for method in tree.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            _Renamed(labels).generic_visit(method)
    return tree


def _take_count(node: ast.ClassDef, counts: Sequence[ast.AST]) -> str:
    """Make a count an argument of the constructor; gives its name."""
    init = method_of(node, "__init__")
    assert init is not None
    arguments = init.args
    label = fresh(COUNT, names_in(init) | {a.arg for a in arguments.args})
    arguments.args.insert(
        len(arguments.args) - len(arguments.defaults), ast.arg(label, name("int"))
    )
    Replaced({count: name(label) for count in counts}).visit(init)
    return label


def _number(node: ast.AST) -> int | None:
    return whole(node) if isinstance(node, ast.expr) else None


def _is_range(node: ast.AST | None) -> bool:
    match node:
        case ast.Call(ast.Name("range"), [_], []):
            return True
    return False
