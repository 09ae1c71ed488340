"""The presets of a file as one program: the members of the family, and the functions that make them.

The members are elaborated from the same steps. So their graphs are uses of the one class of the network, as the
uses of a block are uses of its class, and what cannot be written once for all of them is found in the same way.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from netspec.codegen.identifiers import fresh, variable
from netspec.codegen.plans import ConstructorArgument
from netspec.codegen.quoting import in_docstring
from netspec.codegen.syntax import constant, name
from netspec.codegen.tree_equality import same
from netspec.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet


class Member(NamedTuple):
    """A preset, and what the file unfolds into with it."""

    preset: str
    graph: Graph


class LeftOut(NamedTuple):
    """A preset that the program does not carry, and why."""

    preset: str
    reason: str


class NotCarried(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """A parameter differs between the members of a family, and the program does not follow it."""


class Factory(NamedTuple):
    """The function for a preset.

    Attributes:
        member: The preset.
        values: The value of each constructor argument of the network in it, by label.
    """

    member: Member
    values: dict[str, ast.expr]


def factory_functions(
    factories: Sequence[Factory],
    arguments: Sequence[ConstructorArgument],
    annotations: dict[str, ast.expr],
    class_name: str,
    taken: AbstractSet[str],
) -> list[ast.FunctionDef]:
    """The functions, in the order of the presets.

    A function fixes the arguments that tell the members apart. It takes the others by name, and so it does
    rates such as `dropout`, for which a preset has a default.
    """
    apart = {
        a.label
        for a in arguments
        if any(not same(f.values[a.label], a.default) for f in factories)
        and not all(_is_rate(f.values[a.label]) for f in factories)
    }
    made: list[ast.FunctionDef] = []
    names = set(taken)
    for factory in factories:
        label = fresh(variable(factory.member.preset), names)
        names.add(label)
        made.append(_function(factory, label, arguments, apart, annotations, class_name))
    return made


def _function(
    factory: Factory,
    label: str,
    arguments: Sequence[ConstructorArgument],
    apart: AbstractSet[str],
    annotations: dict[str, ast.expr],
    class_name: str,
) -> ast.FunctionDef:
    keywords: list[ast.keyword] = []
    taken: list[ast.arg] = []
    defaults: list[ast.expr | None] = []
    for argument in arguments:
        value = factory.values[argument.label]
        if argument.label not in apart:
            made_in_class = isinstance(value, ast.Call)  # where it is None
            annotation = annotations[argument.label]
            if made_in_class:
                annotation = ast.BinOp(annotation, ast.BitOr(), constant(None))
            taken.append(ast.arg(argument.label, annotation))
            defaults.append(constant(None) if made_in_class else value)
            keywords.append(ast.keyword(argument.label, name(argument.label)))
        elif not same(value, argument.default):
            keywords.append(ast.keyword(argument.label, value))
    signature = ast.arguments([], [], None, taken, defaults, None, [])
    made = ast.Call(name(class_name), [], keywords)
    member = factory.member
    size = f"{member.graph.parameter_count:,} parameters"
    doc = ast.Expr(ast.Constant(in_docstring(f"Build the preset `{member.preset}`, {size}.")))
    return ast.FunctionDef(
        label, signature, [doc, ast.Return(made)], [], name(class_name), None, lineno=0
    )


def _is_rate(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, float)
