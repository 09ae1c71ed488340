"""How tightly expressions bind, and which of them therefore require parentheses."""

from __future__ import annotations

import ast

# The precedence of expressions, from the loosest to the tightest.
(
    TUPLE,
    NAMED,
    TEST,
    OR,
    AND,
    NOT,
    COMPARE,
    BIT_OR,
    BIT_XOR,
    BIT_AND,
    SHIFT,
    SUM,
    PRODUCT,
    SIGN,
    POWER,
    ATOM,
) = range(16)

OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.MatMult: ("@", PRODUCT),
    ast.Div: ("/", PRODUCT),
    ast.Mod: ("%", PRODUCT),
    ast.FloorDiv: ("//", PRODUCT),
    ast.Pow: ("**", POWER),
    ast.LShift: ("<<", SHIFT),
    ast.RShift: (">>", SHIFT),
    ast.BitOr: ("|", BIT_OR),
    ast.BitXor: ("^", BIT_XOR),
    ast.BitAnd: ("&", BIT_AND),
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
SIGNS: dict[type[ast.unaryop], str] = {
    ast.Not: "not ",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
}
_PRECEDENCE: dict[type[ast.expr], int] = {
    ast.NamedExpr: NAMED,
    ast.IfExp: TEST,
    ast.Lambda: TEST,
    ast.Compare: COMPARE,
}


def precedence(node: ast.expr) -> int:
    """How tightly an expression binds; its parts stand bare in looser ones."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)][1]
    if isinstance(node, ast.BoolOp):
        return AND if isinstance(node.op, ast.And) else OR
    if isinstance(node, ast.UnaryOp):
        return NOT if isinstance(node.op, ast.Not) else SIGN
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 0:
        return SIGN
    return _PRECEDENCE.get(type(node), ATOM)


def operand_precedence(node: ast.UnaryOp) -> int:
    """The precedence that the operand of a sign needs to stand bare; powers never do."""
    if isinstance(node.operand, ast.BinOp) and isinstance(node.operand.op, ast.Pow):
        return ATOM
    return NOT if isinstance(node.op, ast.Not) else SIGN


def sides(node: ast.BinOp) -> tuple[int, int]:
    """The precedence that the left and right operand of an operator need to stand bare."""
    own = OPERATORS[type(node.op)][1]
    return (ATOM, SIGN) if own == POWER else (own, own + 1)


def hugs(node: ast.BinOp) -> bool:
    """Whether a power is written without spaces, as in `x**2`."""
    if not isinstance(node.op, ast.Pow):
        return False
    right = node.right
    while isinstance(right, ast.BinOp) and isinstance(right.op, ast.Pow):
        right = right.left
    return _is_simple_operand(node.left, ATOM) and _is_simple_operand(right, SIGN)


def _is_simple_operand(node: ast.expr, minimum: int) -> bool:
    if precedence(node) < minimum:
        return False
    while True:
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
            node = node.operand
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            break
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str | bytes) and node.value is not ...
    return isinstance(node, ast.Name)


def is_parenthesized(node: ast.expr, minimum: int = TEST) -> bool:
    """Whether an expression is in parentheses where the place demands a precedence."""
    return isinstance(node, ast.NamedExpr) if minimum == TEST else precedence(node) < minimum
