"""Arithmetic of whole numbers as a person would write it: `planes * 64 // 64 * 1` is `planes`."""

from __future__ import annotations

import ast

_KEEPS_WHOLE = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
"""Operators whose result is a whole number if both operands are."""
_NEUTRAL_RIGHT: dict[type[ast.operator], int] = {
    ast.Add: 0, ast.Sub: 0, ast.Mult: 1, ast.FloorDiv: 1, ast.Pow: 1,
}  # fmt: skip
_NEUTRAL_LEFT: dict[type[ast.operator], int] = {ast.Add: 0, ast.Mult: 1}


def mark_whole(node: ast.expr) -> ast.expr:
    """Note that a name stands for a whole number; returns the node."""
    node.is_whole = True  # type: ignore[attr-defined]
    return node


def is_whole(node: ast.expr) -> bool:
    """Whether an expression is certainly a whole number."""
    match node:
        case ast.Constant(value):
            return type(value) is int
        case ast.BinOp(left, ast.Pow(), ast.Constant(exponent)):
            return type(exponent) is int and is_whole(left)
        case ast.BinOp(left, op, right):
            return isinstance(op, _KEEPS_WHOLE) and is_whole(left) and is_whole(right)
        case ast.Call(ast.Name("len")) | ast.Call(ast.Attribute(attr="size"), [_]):
            return True
    return getattr(node, "is_whole", False)


def simplify(node: ast.BinOp) -> ast.expr:
    """An expression of the same value for all values of its names, shorter where one is known.

    Only whole numbers are simplified: for others, `x // 1` is not `x`, and rounding may differ.

    >>> def short(text):
    ...     tree = ast.parse(text, mode="eval").body
    ...     for n in ast.walk(tree):
    ...         if isinstance(n, ast.Name):
    ...             mark_whole(n)
    ...     class Simplify(ast.NodeTransformer):
    ...         def visit_BinOp(self, node):
    ...             return simplify(self.generic_visit(node))
    ...     return ast.unparse(Simplify().visit(tree))
    >>> short("planes * 64 // 64 * 1"), short("4 * width // 4"), short("0 + n - 0")
    ('planes', 'width', 'n')
    >>> short("a * 6 // 3"), short("a * 2 // 6"), short("6 * a // 4"), short("a * b // 2")
    ('a * 2', 'a // 3', '6 * a // 4', 'a * b // 2')
    """
    left, op, right = node.left, node.op, node.right
    if not (is_whole(left) and is_whole(right)):
        return node
    neutral_right, neutral_left = _NEUTRAL_RIGHT.get(type(op)), _NEUTRAL_LEFT.get(type(op))
    if neutral_right is not None and _number(right) == neutral_right:
        return left
    if neutral_left is not None and _number(left) == neutral_left:
        return right
    if isinstance(op, ast.FloorDiv) and isinstance(left, ast.BinOp):
        return _quotient(node, left)
    return node


def _number(node: ast.expr) -> int | None:
    """The number that an expression is written as, if it is one."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) else None


def _quotient(node: ast.BinOp, product: ast.BinOp) -> ast.expr:
    """`(a * n) // m` where one of two numbers divides the other."""
    divisor = _number(node.right)
    if not isinstance(product.op, ast.Mult) or divisor is None or divisor <= 0:
        return node
    left, right = product.left, product.right
    for factor, other in ((left, right), (right, left)):
        number = _number(factor)
        if number is None or number <= 0:
            continue
        if number == divisor:
            return other
        if number % divisor == 0:
            smaller = ast.Constant(number // divisor)
            sides = (smaller, other) if factor is left else (other, smaller)
            return ast.BinOp(sides[0], ast.Mult(), sides[1])
        if divisor % number == 0:
            return ast.BinOp(other, ast.FloorDiv(), ast.Constant(divisor // number))
    return node
