"""Classes that a parameter chooses from: all of them take what one of them needs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from netspec.codegen.class_definitions import method_of
from netspec.codegen.plans import ConstructorArgument
from netspec.codegen.syntax import constant, statements


def take_and_drop(
    node: ast.ClassDef,
    arguments: Mapping[str, ConstructorArgument],
    annotation: Callable[[ConstructorArgument], ast.expr],
) -> None:
    """Let the constructor of a class take the arguments that only classes in its place need."""
    init = _init(node)
    taken = {argument.arg for argument in init.args.args}
    more = {label: argument for label, argument in arguments.items() if label not in taken}
    required = len(init.args.args) - len(init.args.defaults)
    for label, argument in more.items():
        made = ast.arg(label, annotation(argument))
        if argument.default is None:
            init.args.args.insert(required, made)
            required += 1
        else:
            init.args.args.append(made)
            init.args.defaults.append(argument.default)
    if more:
        dropped = ast.Delete([ast.Name(label, ast.Del()) for label in more])
        init.body.insert(0, dropped)


def _init(node: ast.ClassDef) -> ast.FunctionDef:
    init = method_of(node, "__init__")
    if init is not None:
        return init
    signature = ast.arguments([], [ast.arg("self")], None, [], [], None, [])
    body = statements("super().__init__()")
    made = ast.FunctionDef("__init__", signature, body, [], constant(None), None, lineno=0)
    node.body.insert(1, made)
    return made
