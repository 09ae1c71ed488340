"""Groups that apply each module of a list to a tensor of its own: an `nn.ModuleList` in place, no class."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.codegen.class_definitions import ClassUses, is_stored, method_of, methods_of
from netspec.codegen.special_nodes import SiteAssign, site_assign
from netspec.codegen.syntax import Put, call
from netspec.expr.traversal import copy_tree, names_in, walk_tree


class _List(NamedTuple):
    """A class that is a list of modules.

    Attributes:
        modules: The list, in terms of the constructor's arguments.
        arguments: The arguments of the constructor.
        inputs: The tensors that `forward` takes.
        calls: What `forward` returns: `self[0](a)`, `self[1](b)`.
    """

    modules: ast.expr
    arguments: list[str]
    inputs: list[str]
    calls: list[ast.Call]


def inline_lists(classes: list[ast.ClassDef]) -> None:
    """Write a list of modules where it is used, if one class uses it once."""
    lists = {each.name: made for each in classes if (made := _list_of(each)) is not None}
    if not lists:
        return
    uses = ClassUses(classes)
    for each in classes:
        init, forward = method_of(each, "__init__"), method_of(each, "forward")
        if init is None or forward is None:
            continue
        for built in list(init.body):
            match built:
                case ast.Assign(
                    [ast.Attribute(ast.Name("self"), label)], ast.Call(ast.Name(name)) as use
                ) if name in lists and len(uses.calls.get(name, ())) == 1:
                    if not uses.is_a_value(name) and _inline(each, label, use, built, lists[name]):
                        classes.remove(next(c for c in classes if c.name == name))


def _list_of(node: ast.ClassDef) -> _List | None:
    """What a class of two methods is, if it only builds a list and applies each module of it once."""
    methods = methods_of(node)
    if [m.name for m in methods] != ["__init__", "forward"] or len(node.body) != len(methods) + 1:
        return None
    init, forward = methods
    match node.bases, init.body, forward.body:
        case (
            [ast.Attribute(ast.Name("nn"), "ModuleList")],
            [
                ast.Expr(
                    ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"), [modules], [])
                )
            ],
            [ast.Return(ast.Tuple(items))],
        ):
            calls = [item for item in items if isinstance(item, ast.Call) and _is_of_list(item)]
            if len(calls) == len(items) and not init.args.defaults:
                arguments, inputs = (
                    [a.arg for a in m.args.args if a.arg != "self"] for m in (init, forward)
                )
                return _List(modules, arguments, inputs, calls)
    return None


def _is_of_list(node: ast.Call) -> bool:
    """Whether a call is `self[0](a)`."""
    match node:
        case ast.Call(ast.Subscript(ast.Name("self"), ast.Constant()), arguments, []):
            return all(isinstance(a, ast.Name) for a in arguments)
    return False


def _inline(node: ast.ClassDef, label: str, use: ast.Call, built: ast.Assign, made: _List) -> bool:
    """Put a list in the place of a class, in the constructor and in `forward`; whether that is possible."""
    forward = method_of(node, "forward")
    assert forward is not None
    mentions = [n for n in walk_tree(node) if isinstance(n, ast.Attribute) and n.attr == label]
    places = [k for k, s in enumerate(forward.body) if _applies(s, label)]
    if len(mentions) != len(("built", "applied")) or len(places) != 1:
        return False
    (place,) = places
    statement = forward.body[place]
    assert isinstance(statement, SiteAssign)
    assert isinstance(statement.value, ast.Call)
    values = dict(zip(made.arguments, use.args, strict=False))
    values |= {k.arg: k.value for k in use.keywords if k.arg is not None}
    bound = {n.id for n in walk_tree(made.modules) if isinstance(n, ast.Name) and is_stored(n)}
    if values.keys() != {*made.arguments} or bound & names_in(*values.values()):
        return False
    inputs = dict(zip(made.inputs, statement.value.args, strict=True))
    owner = statement.value.func
    written = _applied(statement, made.calls, {**inputs, "self": owner})
    if written is None:
        return False
    forward.body[place : place + 1] = written
    built.value = call("nn.ModuleList", Put(values).visit(made.modules))
    return True


def _applies(statement: ast.stmt, label: str) -> bool:
    """Whether a statement is `a, b = self.label(x, y)`."""
    match statement:
        case SiteAssign(
            [ast.Tuple(targets)], ast.Call(ast.Attribute(ast.Name("self"), attribute), inputs, [])
        ):
            variables = all(isinstance(n, ast.Name) for n in (*targets, *inputs))
            return attribute == label and variables
    return False


def _applied(
    statement: SiteAssign, calls: Sequence[ast.Call], values: Mapping[str, ast.expr]
) -> list[ast.stmt] | None:
    """`a = self.label[0](x)` and `b = self.label[1](y)`; None where `a` is `y`."""
    (targets,) = statement.targets
    assert isinstance(targets, ast.Tuple)
    made: list[ast.stmt] = []
    stored: set[str] = set()
    for target, each in zip(targets.elts, calls, strict=True):
        assert isinstance(target, ast.Name)
        value = Put(values).visit(copy_tree(each))
        if stored & names_in(value):
            return None
        stored.add(target.id)
        made.append(site_assign(statement.site, target, value))
    return made
