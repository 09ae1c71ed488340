"""Arithmetic and conditions in trees: what only has numbers in it is its value."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netspec.codegen.tree_equality import same
from netspec.expr.traversal import TreeTransformer

if TYPE_CHECKING:
    pass
from netspec.codegen.syntax import constant


def exact_quotient(dividend: ast.expr, divisor: ast.expr) -> ast.expr:
    """`dividend // divisor`, which leaves no remainder in any valid network."""
    node = ast.BinOp(dividend, ast.FloorDiv(), divisor)
    node.is_exact = True  # type: ignore[attr-defined]
    return node


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def whole(node: ast.expr) -> int | None:
    """The integer that an expression is written as, if it is one."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = whole(node.operand)
        return None if inner is None else -inner
    return None


def add(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a + b`, numbers added."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x + y)
    if x == 0:
        return b
    return a if y == 0 else ast.BinOp(a, ast.Add(), b)


def subtract(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a - b`, numbers subtracted."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x - y)
    return a if y == 0 else ast.BinOp(a, ast.Sub(), b)


def multiply(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a * b`, numbers multiplied."""
    x, y = whole(a), whole(b)
    if x is not None and y is not None:
        return constant(x * y)
    if x == 0 or y == 0:
        return constant(0)
    if x == 1:
        return b
    for part, rest in ((a, b), (b, a)):
        if isinstance(rest, ast.BinOp) and hasattr(rest, "is_exact") and same(rest.right, part):
            return rest.left
    return a if y == 1 else ast.BinOp(a, ast.Mult(), b)


def parts_of_size(size: ast.expr, count: ast.expr) -> ast.expr:
    """`size // count`, where the factors of a size are written: a third of `3 * n` is `n`."""
    number = whole(count)
    match size:
        case ast.BinOp(left, ast.Mult(), right) if number and (times := whole(left)) is not None:
            if times % number == 0:
                return multiply(constant(times // number), right)
    made: ast.expr = Fold().visit(ast.BinOp(size, ast.FloorDiv(), count))
    return made


def conditional(test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr:
    """`body if test else orelse`, without branches that the same test decides already."""
    if isinstance(body, ast.IfExp) and same(body.test, test):
        body = body.body
    if isinstance(orelse, ast.IfExp) and same(orelse.test, test):
        orelse = orelse.orelse
    return body if same(body, orelse) else ast.IfExp(test, body, orelse)


class Fold(TreeTransformer):
    """Replaces what only has numbers in it by its value, and decides conditions that are known."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic of integers."""
        node = self.generic_visit(node)
        a, b, apply = whole(node.left), whole(node.right), _BINARY.get(type(node.op))
        if a is not None and b is not None and isinstance(node.op, ast.Pow) and 0 <= b <= _LARGEST:
            return constant(a**b)
        if a is None or b is None or apply is None or (b == 0 and apply not in _SAFE):
            return node
        return constant(apply(a, b))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison of two constants."""
        node = self.generic_visit(node)
        compare = _COMPARISONS.get(type(node.ops[0]))
        sides = (node.left, *node.comparators)
        if (
            compare is None
            or len(sides) != 2
            or not all(isinstance(s, ast.Constant) for s in sides)
        ):
            return _identity(node)
        values = [s.value for s in sides if isinstance(s, ast.Constant)]
        if all(isinstance(v, int | float) for v in values) or isinstance(
            node.ops[0], ast.Eq | ast.NotEq
        ):
            return ast.Constant(compare(*values))
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` and `or`."""
        node = self.generic_visit(node)
        decides = isinstance(node.op, ast.Or)
        operands: list[ast.expr] = []
        for value in node.values:
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                if value.value == decides:
                    return ast.Constant(decides)
                continue
            operands.append(value)
        if not operands:
            return ast.Constant(not decides)
        return operands[0] if len(operands) == 1 else ast.BoolOp(node.op, operands)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`not` of what is known."""
        node = self.generic_visit(node)
        operand = node.operand
        if isinstance(node.op, ast.Not) and isinstance(operand, ast.Constant):
            return ast.Constant(not operand.value)
        if (
            isinstance(node.op, ast.Not)
            and isinstance(operand, ast.Compare)
            and len(operand.ops) == 1
        ):
            opposite = _OPPOSITES.get(type(operand.ops[0]))
            if opposite is not None:
                return ast.Compare(operand.left, [opposite()], operand.comparators)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """One of two values, where it is known which."""
        node = self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return conditional(node.test, node.body, node.orelse)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """An item of a tuple that is written out."""
        node = self.generic_visit(node)
        place = whole(node.slice)
        if not isinstance(node.value, ast.Tuple) or place is None:
            return node
        count = len(node.value.elts)
        return node.value.elts[place] if -count <= place < count else node


def _identity(node: ast.Compare) -> ast.expr:
    """`kernel is None` for `kernel == None`."""
    match node:
        case ast.Compare(left, [ast.Eq() | ast.NotEq() as equal], [ast.Constant(None) as none]):
            op = ast.Is() if isinstance(equal, ast.Eq) else ast.IsNot()
            return ast.Compare(left, [op], [none])
    return node


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}


_LARGEST = 10
"""The largest exponent of a power that is written as its value."""


_SAFE = (operator.add, operator.sub, operator.mul)
