"""Python's own syntax tree, with the few nodes that are decided only when the whole program is known."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from math import copysign, isfinite
from typing import TYPE_CHECKING, Final

from netspec.codegen.quoting import literal
from netspec.expr.traversal import TreeTransformer, copy_tree

if TYPE_CHECKING:
    pass

MOST_CACHED: Final = 1024
"""How many texts are remembered with their trees: a few dozen templates recur in every program."""


# ---- plain nodes ------------------------------------------------------------------------------------


def name(identifier: str) -> ast.Name:
    """A variable."""
    return ast.Name(identifier, ast.Load())


def parse(text: str) -> ast.expr:
    """The tree of an expression, which the caller may rewrite."""
    return copy_tree(_expression_of(text.strip()))


@lru_cache(MOST_CACHED)
def _expression_of(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def constant(value: object) -> ast.expr:
    """A number, a text, or lists of such, as Python writes it.

    >>> ast.unparse(constant((1, -2.5))), ast.unparse(constant("same"))
    ('(1, -2.5)', "'same'")
    """
    if value is None or isinstance(value, bool | str) or (type(value) is int and value >= 0):
        return ast.Constant(value)
    if isinstance(value, list | tuple):
        return ast.Tuple([constant(v) for v in value], ast.Load())
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        if value > 0 or (value == 0 and copysign(1, value) > 0):
            return ast.Constant(value)
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return parse(literal(value))


def attribute(value: ast.expr, *names: str) -> ast.expr:
    """`value.a.b`."""
    return reduce(lambda v, n: ast.Attribute(v, n, ast.Load()), names, value)


def dotted(text: str) -> ast.expr:
    """`nn.init.zeros_` from its text."""
    first, *rest = text.split(".")
    return attribute(name(first), *rest)


def call(function: str | ast.expr, *arguments: ast.expr, **named: ast.expr) -> ast.Call:
    """A call; `function` may be given as dotted text."""
    called = dotted(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [ast.keyword(k, v) for k, v in named.items()])


def index(value: ast.expr, index_expression: ast.expr) -> ast.Subscript:
    """`value[at]`."""
    return ast.Subscript(value, index_expression, ast.Load())


def assign(target: ast.expr, value: ast.expr, comment: str = "") -> ast.Assign:
    """`target = value`, with a comment after it."""
    node = ast.Assign([stored(target)], value, lineno=0)
    if comment:
        node.comment = comment  # type: ignore[attr-defined]
    return node


def stored(target: ast.expr) -> ast.expr:
    """A target of an assignment."""
    if isinstance(target, ast.Tuple):
        return ast.Tuple([stored(t) for t in target.elts], ast.Store())
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Store())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Store())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Store())
    return target


def expression(value: ast.expr) -> ast.Expr:
    """An expression as a statement."""
    return ast.Expr(value)


def formatted(parts: Sequence[str | ast.expr]) -> ast.expr:
    """A text with the values of expressions in it."""
    merged: list[ast.expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if not isinstance(part, str):
            merged.append(ast.FormattedValue(part, -1, None))
        elif isinstance(last, ast.Constant) and isinstance(last.value, str):
            merged[-1] = ast.Constant(last.value + part)
        elif part:
            merged.append(ast.Constant(part))
    if all(isinstance(m, ast.Constant) for m in merged):
        return merged[0] if merged else ast.Constant("")
    return ast.JoinedStr(merged)


def wrapped_text(variable: str, parts: Sequence[str | ast.expr]) -> ast.stmt:
    """A text in a variable, cut at its spaces where it is long."""
    made = assign(name(variable), formatted(parts))
    made.wraps = True  # type: ignore[attr-defined]
    return made


def statements(text: str) -> list[ast.stmt]:
    """The statements of a text, which the caller may rewrite."""
    return [copy_tree(statement) for statement in _statements_of(text)]


@lru_cache(MOST_CACHED)
def _statements_of(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def conjunction(tests: Iterable[ast.expr]) -> ast.expr:
    """All of these tests with `and`."""
    several: list[ast.expr] = []
    for test in tests:
        inner = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
        several += test.values if inner else [test]  # type: ignore[attr-defined]
    return several[0] if len(several) == 1 else ast.BoolOp(ast.And(), several)


class Put(TreeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The value, where it is one of the names."""
        value = self.values.get(node.id)
        return node if value is None else copy_tree(value)


class Placed(Put):
    """Puts operands in the place of the names that a layer writes them by."""

    def visit_List(self, node: ast.List) -> ast.AST:
        """A list; one that holds but a list is that list."""
        node = self.generic_visit(node)
        if len(node.elts) == 1 and isinstance(node.elts[0], ast.Starred):
            return node.elts[0].value
        return node


# ---- arithmetic -------------------------------------------------------------------------------------


def empty_list(label: str) -> ast.stmt:
    """`label: list[nn.Module] = []`."""
    of_modules = index(name("list"), dotted("nn.Module"))
    return ast.AnnAssign(ast.Name(label, ast.Store()), of_modules, ast.List([], ast.Load()), 1)
