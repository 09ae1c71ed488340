"""What a class or module of the public API declares, read from its source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from textwrap import dedent
from types import ModuleType
from typing import Any

from netspec.layer.base import Layer
from netspec.layer.memory import Memory

WIDTH = 88


def signature(function: Any) -> str:
    """The signature of a function as it is declared, in one line or with a line for each parameter."""
    (node,) = ast.parse(dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef)
    if "." in function.__qualname__:  # a method: without `self`
        del (node.args.posonlyargs or node.args.args)[0]
    parameters = [_spaced(part) for part in _split(ast.unparse(node.args))]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{node.name}({', '.join(parameters)}){returns}"
    if len(line) <= WIDTH:
        return line
    lines = "".join(f"    {parameter},\n" for parameter in parameters)
    return f"{node.name}(\n{lines}){returns}"


def _split(parameters: str) -> Iterator[str]:
    """The parameters, split at the commas outside of brackets."""
    depth, start = 0, 0
    for k, letter in enumerate(parameters):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            yield parameters[start:k].strip()
            start = k + 1
    if parameters[start:].strip():
        yield parameters[start:].strip()


def _spaced(parameter: str) -> str:
    """A parameter with spaces around the `=` of its default, if it has an annotation."""
    name, colon, rest = parameter.partition(": ")
    annotation, equals, default = rest.rpartition("=")
    quoted = default.replace("'", '"')
    return f"{name}{colon}{annotation} = {quoted}" if equals else parameter


@cache
def documented(owner: type | ModuleType) -> dict[str, str]:
    """The variables of a class or module that have a docstring below them."""
    source = inspect.getsource(owner)
    body = ast.parse(dedent(source)).body
    if isinstance(owner, type):
        assert isinstance(body[0], ast.ClassDef)
        body = body[0].body
    docs = {}
    for statement, following in pairwise(body):
        target = _target(statement)
        if target and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            docs[target] = " ".join(str(following.value.value).split())
    return docs


def _target(statement: ast.stmt) -> str:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def members(cls: type) -> dict[str, Any]:
    """The public functions and properties of a class with a docstring, in the order of the source."""
    functions: dict[str, Any] = {}
    for base in _classes(cls):
        for name, member in vars(base).items():
            function = member.fget if isinstance(member, property) else member
            function = getattr(function, "__func__", function)
            is_ours = inspect.isfunction(function) and function.__module__.startswith("netspec.")
            if is_ours and function.__doc__ and not name.startswith("_"):
                functions[name] = member
    return functions


def _classes(cls: type) -> list[type]:
    """The class, and its bases that have no entry of their own."""
    return [cls, Memory] if cls is Layer else [cls]


def variables(cls: type) -> dict[str, str]:
    """The documented variables of a class."""
    docs: dict[str, str] = {}
    for base in _classes(cls):
        docs |= documented(base)
    return docs
