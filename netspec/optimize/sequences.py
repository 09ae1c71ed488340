"""The sequences that a constructor builds, and the classes of their children."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from netspec.codegen.class_definitions import method_of
from netspec.expr.traversal import walk_tree

_SEQUENTIAL = "nn.Sequential"
_ADDING = frozenset({"append", "add_module"})


class Sequence:
    """An `nn.Sequential` in a program.

    Attributes:
        expression: The expression that names the class.
        children: The classes of its children, as the program writes them.
    """

    def __init__(self, expression: ast.expr, children: Iterable[ast.expr]) -> None:
        self.expression = expression
        self.children = [text for child in children for text in _callees(child)]

    def replace(self, name: str) -> None:
        """Let it be of a different class."""
        expression = self.expression
        assert isinstance(expression, ast.Attribute)
        # A node keeps its identity, so that all that hold it see the change.
        expression.__class__ = ast.Name  # type: ignore[assignment]
        expression.__dict__ = {"id": name, "ctx": ast.Load()}


def sequences(definition: ast.ClassDef) -> Iterator[Sequence]:
    """The sequences that a class is or builds."""
    init = method_of(definition, "__init__")
    if init is None:
        return
    added = _added(init)
    for base in definition.bases:
        if ast.unparse(base) == _SEQUENTIAL:
            yield Sequence(base, [*_passed_to_super(init, added), *added.get("self", [])])
    owners = {value: ast.unparse(target) for target, value in _assignments(init)}
    for node in walk_tree(init):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == _SEQUENTIAL:
            later = added.get(owners.get(node, ""), [])
            yield Sequence(node.func, [*_expanded(node.args, added), *later])


def _added(init: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """The additions to each variable or attribute, by its text."""
    added: dict[str, list[ast.expr]] = {}
    for node in walk_tree(init):
        match node:
            case ast.Call(ast.Attribute(owner, method), [*_, child]) if method in _ADDING:
                added.setdefault(ast.unparse(owner), []).append(child)
    for target, value in _assignments(init):
        match target, value:
            case ast.Attribute(owner), ast.Call():
                added.setdefault(ast.unparse(owner), []).append(value)
            case ast.Name(label), ast.List(items):
                added.setdefault(label, []).extend(items)
    return added


def _assignments(init: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in walk_tree(init):
        match node:
            case ast.Assign([target], value) | ast.AnnAssign(target, _, ast.expr() as value):
                yield target, value


def _passed_to_super(init: ast.FunctionDef, added: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    for node in walk_tree(init):
        match node:
            case ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"), arguments):
                yield from _expanded(arguments, added)


def _expanded(
    arguments: Iterable[ast.expr], added: dict[str, list[ast.expr]]
) -> Iterator[ast.expr]:
    """The children in the arguments of a sequence: lists, dicts and comprehensions unpacked."""
    for argument in arguments:
        match argument:
            case ast.Starred(ast.GeneratorExp(child) | ast.ListComp(child)):
                yield child
            case ast.Starred(ast.Name(label)):
                yield from added.get(label, [])
            case ast.Call(ast.Name("OrderedDict"), [ast.Dict(_, children)]):
                yield from children
            case ast.Call(ast.Name("OrderedDict"), [], keywords):
                yield from (keyword.value for keyword in keywords)
            case _:
                yield argument


def _callees(child: ast.expr) -> Iterator[str]:
    match child:
        case ast.Call(function):
            yield ast.unparse(function)
        case ast.IfExp(_, body, orelse):
            yield from _callees(body)
            yield from _callees(orelse)
        case _:
            yield ast.unparse(child)
