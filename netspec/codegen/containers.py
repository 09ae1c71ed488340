"""Classes that only hold modules: their children are given to `super().__init__`, as people write it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import pairwise

from netspec.codegen.differences import Difference, differences
from netspec.codegen.identifiers import RESERVED, fresh
from netspec.codegen.syntax import call, constant, name
from netspec.codegen.tree_arithmetic import whole
from netspec.expr.traversal import Replaced, names_in
from netspec.layer.base import Module
from netspec.layers import find

FEWEST_ALIKE = 3
"""From so many children that are alike on, one expression says them all."""

SELF_AND_ONE_INPUT = 2
"""How many arguments the `forward` of a sequence takes."""


def pass_children(
    base: ast.expr, init: ast.FunctionDef, constructors: Mapping[str, ast.FunctionDef]
) -> None:
    """`super().__init__(nn.Conv2d(…), nn.ReLU())` for a constructor that only appends.

    Args:
        base: What the class derives from.
        init: The constructor.
        constructors: The constructors of the program's classes, by the names of the classes.
    """
    first, *rest = init.body
    children = [child for s in rest if (child := _appended(s)) is not None]
    variables = rest[: len(rest) - len(children)]
    plain = all(isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name) for s in variables)
    if not children or not plain or not all(map(_appended, rest[len(variables) :])):
        return
    match base:
        case ast.Attribute(ast.Name("nn"), "Sequential"):
            items = children
        case ast.Attribute(ast.Name("nn"), "ModuleList"):
            taken = names_in(init) | RESERVED
            taken |= {a.arg for a in init.args.args}
            items = [_list(children, taken, constructors)]
        case _:
            return
    assert isinstance(first, ast.Expr)
    assert isinstance(first.value, ast.Call)
    first.value.args = items
    init.body = [*variables, first]


def apply_in_sequence(node: ast.ClassDef, init: ast.FunctionDef, forward: ast.FunctionDef) -> None:
    """A sequence for a list of modules that `forward` applies one after the other, whatever it does then."""
    count = sum(_appended(s) is not None for s in init.body)
    chain, rest = forward.body[:count], forward.body[count:]
    match node.bases:
        case [ast.Attribute(ast.Name("nn"), "ModuleList") as base] if (
            count > 1 and rest and len(forward.args.args) == SELF_AND_ONE_INPUT
        ):
            links = [link for k, s in enumerate(chain) if (link := _link(s, k)) is not None]
        case _:
            return
    if len(links) != count or len(init.body) != count + 1:
        return
    pairs = pairwise(links)
    inner = {target for target, _ in links[:-1]} - {links[-1][0]}
    read = names_in(*rest)
    if any(before[0] != after[1] for before, after in pairs) or inner & read:
        return
    base.attr = "Sequential"
    last = chain[-1]
    assert isinstance(last, ast.Assign)
    last.value = call(ast.Attribute(call("super"), "forward", ast.Load()), name(links[0][1]))
    forward.body = [last, *rest]


def _link(node: ast.stmt, place: int) -> tuple[str, str] | None:
    """The variable that `self[place]` is applied to and the one that takes the result, the latter first."""
    match node:
        case ast.Assign(
            [ast.Name(target)],
            ast.Call(ast.Subscript(ast.Name("self"), index), [ast.Name(source)], []),
        ) if whole(index) == place:
            return target, source
    return None


def _appended(node: ast.stmt) -> ast.expr | None:
    """The module that a statement appends to the class itself."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("self"), "append"), [child])):
            return child
    return None


def _list(
    children: list[ast.expr], taken: set[str], constructors: Mapping[str, ast.FunctionDef]
) -> ast.expr:
    """The children as a list; as a comprehension where they differ in one number at most."""
    listed = ast.List(children, ast.Load())
    if len(children) < FEWEST_ALIKE:
        return listed
    differing = differences(children)
    if not differing:
        target: ast.expr = ast.Name("_", ast.Store())
        over: ast.expr = call("range", constant(len(children)))
        return ast.ListComp(children[0], [ast.comprehension(target, over, [], 0)])
    (difference, *others) = differing
    if others or any(not isinstance(n, ast.expr) or whole(n) is None for n in difference.nodes):
        return listed
    label = fresh(_argument_name(difference, constructors), taken)
    child: ast.expr = Replaced({difference.nodes[0]: name(label)}).visit(children[0])
    values = ast.Tuple([n for n in difference.nodes if isinstance(n, ast.expr)], ast.Load())
    return ast.ListComp(child, [ast.comprehension(ast.Name(label, ast.Store()), values, [], 0)])


def _argument_name(difference: Difference, constructors: Mapping[str, ast.FunctionDef]) -> str:
    """The name of the argument that differs, as the constructor that takes it has it."""
    match difference.parent:
        case ast.keyword(str() as label):
            return label
        case ast.Call(function, arguments) if difference.nodes[0] in arguments:
            place = arguments.index(difference.nodes[0])
            labels = _positional(function, constructors)
            return labels[place] if place < len(labels) else "size"
    return "size"


def _positional(function: ast.expr, constructors: Mapping[str, ast.FunctionDef]) -> list[str]:
    """The names of the arguments that a constructor takes by position."""
    match function:
        case ast.Attribute(ast.Name("nn"), label):
            layer = find(label)
            return list(layer.positional) if layer and issubclass(layer, Module) else []
        case ast.Name(label) if label in constructors:
            return [a.arg for a in constructors[label].args.args[1:]]
    return []
