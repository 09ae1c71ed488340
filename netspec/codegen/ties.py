"""Parameters of different modules that are one: the statements that tie them, and that tie them again."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from netspec.codegen.identifiers import fresh, is_plain
from netspec.codegen.plan_failures import Unalignable
from netspec.codegen.plans import ClassPlan
from netspec.codegen.syntax import (
    assign,
    attribute,
    call,
    constant,
    dotted,
    index,
    name,
    statements,
)
from netspec.graph import Level, Node
from netspec.graph.captures import unrolled

if TYPE_CHECKING:
    from netspec.codegen.constructor import Buffer


def tie_statements(plan: ClassPlan, tied_levels: Container[Level]) -> list[ast.stmt]:
    """The ties of a class: those of parameters that are below it, and not both below one of its children.

    Args:
        plan: The class.
        tied_levels: The innermost levels around the two modules of each tie.
    """
    several = [list(_ties(level)) if level in tied_levels else [] for level in plan.levels]
    if any(each != several[0] for each in several):
        raise Unalignable("ties that differ")
    return [_tie(mine, its) for mine, its in several[0]]


def _tie(mine: str, its: str) -> ast.stmt:
    """`self.head.weight = self.embedding.weight`, or by paths where a name is no attribute."""
    if all(map(is_plain, mine.split("."))):
        return assign(_parameter(mine), _parameter(its))
    module, _, parameter = mine.rpartition(".")
    register = attribute(module_at(module), "register_parameter")
    return ast.Expr(call(register, constant(parameter), call("self.get_parameter", constant(its))))


def _ties(level: Level) -> Iterator[tuple[str, str]]:
    """The paths of parameters that are one, from this level on."""
    for user, node in _nodes(level):
        for mine, owner, its in node.ties:
            if common_level(user, owner.level) is level:
                here, there = _inside(node.path, level), _inside(owner.path, level)
                yield f"{here}.{mine}", f"{there}.{its}" if its else there


def _nodes(level: Level) -> Iterator[tuple[Level, Node]]:
    for entry in unrolled(level.entries):
        if isinstance(entry, Node):
            yield level, entry
        elif entry.owner is None:
            yield from _nodes(entry)


def common_level(a: Level, b: Level) -> Level:
    """The innermost level around both."""
    around = []
    ancestor: Level | None = a
    while ancestor is not None:
        around.append(ancestor)
        ancestor = ancestor.parent
    while b not in around and b.parent is not None:
        b = b.parent
    return b


def _inside(path: str, level: Level) -> str:
    return path[len(level.path) :].lstrip(".")


def _parameter(path: str) -> ast.expr:
    """`self.transformer.wte.weight`, or by its path where a name is no attribute."""
    parts = path.split(".")
    if all(map(is_plain, parts)):
        return attribute(name("self"), *parts)
    return call("self.get_parameter", constant(path))


def module_at(path: str) -> ast.expr:
    """The module at a path below `self`."""
    tree: ast.expr = name("self")
    if not path:
        return tree
    parts = path.split(".")
    if all(is_plain(p) for p in parts):
        return attribute(tree, *parts)
    return call("self.get_submodule", constant(path))


class Ties:
    """The ties of a class, in a method that is called again wherever tensors may have been replaced."""

    def __init__(
        self, plan: ClassPlan, taken: Container[str], tied_levels: Container[Level]
    ) -> None:
        self.statements = tie_statements(plan, tied_levels)
        self.label = fresh("tie_weights", taken)

    def in_constructor(self) -> list[ast.stmt]:
        """The first call, and what ties again behind `load_state_dict(…, assign=True)`."""
        if not self.statements:
            return []
        register = "self.register_load_state_dict_post_hook"
        hook = attribute(call("type", name("self")), self.label)
        return [self.call(), ast.Expr(call(register, hook))]

    def call(self) -> ast.stmt:
        """`self.tie_weights()`."""
        return ast.Expr(call(f"self.{self.label}"))

    def method(self) -> list[ast.stmt]:
        """The method; it takes what the hook is given."""
        if not self.statements:
            return []
        (template,) = statements(f"def {self.label}(self, *_: object) -> None: pass")
        assert isinstance(template, ast.FunctionDef)
        doc: ast.stmt = ast.Expr(ast.Constant("Tie the shared parameters."))
        template.body = [doc, *self.statements]
        return [template]


def _before(number: int) -> ast.expr:
    """The variable for a buffer as it was before the conversion."""
    return name(f"before{number + 1}" if number else "before")


def _target(tensor: ast.expr) -> ast.expr:
    """What to assign a buffer to, where its name is no attribute: `self._buffers["0"]`."""
    if isinstance(tensor, ast.Call):
        return index(dotted("self._buffers"), tensor.args[0])
    return tensor


def table_method(buffer: Buffer) -> ast.FunctionDef:
    """The method that makes the tensor of a buffer."""
    (template,) = statements(f"def {buffer.method}(self) -> Tensor: pass")
    assert isinstance(template, ast.FunctionDef)
    template.body = [ast.Return(buffer.value)]
    return template


def apply_method(ties: Ties, constants: list[Buffer]) -> ast.FunctionDef | None:
    """`_apply`, which may replace tensors (`to_empty` does): ties are tied and constants filled again."""
    if not ties.statements and not constants:
        return None
    body: list[ast.stmt] = []
    if constants:
        body.append(assign(name("was_empty"), attribute(constants[0].tensor, "is_meta")))
    converted = [each.tensor for each in constants if each.keeps]
    body += [assign(_before(number), tensor) for number, tensor in enumerate(converted)]
    again = call(attribute(call("super"), "_apply"), name("fn"), name("recurse"))
    body.append(ast.Expr(again))
    if ties.statements:
        body.append(ties.call())
    for number, tensor in enumerate(converted):
        before = _before(number)
        back = call(attribute(before, "to"), attribute(tensor, "device"))
        changed = ast.Compare(
            attribute(tensor, "dtype"), [ast.NotEq()], [attribute(before, "dtype")]
        )
        body.append(ast.If(changed, [assign(_target(tensor), back)], []))
    if constants:
        test = ast.BoolOp(
            ast.And(),
            [name("was_empty"), ast.UnaryOp(ast.Not(), attribute(constants[0].tensor, "is_meta"))],
        )
        fills: list[ast.stmt] = [
            ast.Expr(
                call(
                    attribute(each.tensor, "copy_"),
                    call(f"self.{each.method}") if each.method else each.value,
                )
            )
            for each in constants
        ]
        body.append(ast.If(test, fills, []))
    body.append(ast.Return(name("self")))
    (template,) = statements(
        "def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self: pass"
    )
    assert isinstance(template, ast.FunctionDef)
    template.body = body
    return template
