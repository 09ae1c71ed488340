"""What the structure of an expression says about its layout: operands, chains of calls, brackets."""

from __future__ import annotations

import ast
from enum import Enum, auto

from netspec.codegen.precedence import (
    AND,
    ATOM,
    BIT_OR,
    COMPARE,
    COMPARISONS,
    OPERATORS,
    OR,
    TEST,
    hugs,
    is_parenthesized,
    operand_precedence,
    precedence,
    sides,
)


def links(node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """The root of a chain such as `x.size(1)`, and its attributes, calls and subscripts from left to right."""
    chain: list[ast.expr] = []
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript):
            chain.append(node)
            node = node.value
        elif isinstance(node, ast.Call):
            chain.append(node)
            node = node.func
        else:
            chain.reverse()
            return node, chain


def is_root_parenthesized(root: ast.expr, chain: list[ast.expr]) -> bool:
    """Whether the start of a chain is in parentheses; an attribute of a number needs them."""
    if isinstance(root, ast.Constant) and isinstance(root.value, int | float):
        return isinstance(chain[0], ast.Attribute) and not isinstance(root.value, bool)
    return precedence(root) < ATOM


def is_fluent(root: ast.expr, chain: list[ast.expr]) -> bool:
    """Whether a chain breaks before its dots: two of them follow a call, a subscript or a parenthesis."""
    dots = 0
    before: ast.expr | None = None
    for link in chain:
        if isinstance(link, ast.Attribute):
            dots += (
                not isinstance(before, ast.Attribute)
                if before
                else is_root_parenthesized(root, chain)
            )
        before = link
    return dots > 1


class Operator:
    """An operator of a flat operation: its text, how loosely it binds, and whether it hugs its operands."""

    __slots__ = ("hugs", "strength", "text")

    def __init__(self, text: str, strength: int, hugs: bool = False) -> None:
        self.text = text
        self.strength = strength
        self.hugs = hugs


Operation = list["tuple[ast.expr, int] | Operator"]


def operands(node: ast.expr) -> list[tuple[ast.expr, int] | Operator] | None:
    """The operands of an operation, each with the precedence it needs to stand bare, and the operators between."""
    if isinstance(node, ast.BinOp):
        left, right = sides(node)
        text, strength = OPERATORS[type(node.op)]
        return [(node.left, left), Operator(text, strength, hugs(node)), (node.right, right)]
    if isinstance(node, ast.Compare):
        parts: Operation = [(node.left, COMPARE + 1)]
        for op, right_side in zip(node.ops, node.comparators, strict=True):
            parts += (Operator(COMPARISONS[type(op)], COMPARE), (right_side, COMPARE + 1))
        return parts
    if isinstance(node, ast.BoolOp):
        text, own = ("and", AND) if isinstance(node.op, ast.And) else ("or", OR)
        parts = []
        for value in node.values:
            parts += ((value, own + 1), Operator(text, OR))
        return parts[:-1]
    return None


def flattened(node: ast.expr) -> Operation:
    """The operation with those among its operands unfolded that are bare operations themselves."""
    parts: Operation = []
    pending: Operation = [(node, TEST)]
    while pending:
        part = pending.pop()
        if isinstance(part, Operator):
            parts.append(part)
            continue
        inner = None if is_parenthesized(*part) else operands(part[0])
        if inner is None:
            parts.append(part)
        else:
            pending.extend(reversed(inner))
    return parts


class Need(Enum):
    """How an expression at the end of a statement takes several lines."""

    NEVER = auto()  # in its own brackets
    BEST_FIT = auto()  # it has no place to break: in parentheses if it fits there
    MULTILINE = auto()  # in its brackets, or in parentheses that let it break before operators
    ALWAYS = auto()  # it is always parenthesized


_OWN_BRACKETS = (
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_LEAVES = (ast.Name, ast.Constant, ast.JoinedStr)


def need_of(node: ast.expr) -> Need:
    """How an expression at the end of a statement takes several lines."""
    while isinstance(node, ast.UnaryOp):
        if is_parenthesized(node.operand, operand_precedence(node)):
            return Need.NEVER
        node = node.operand
    if isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node, chain = links(node)
        if is_fluent(node, chain):
            return Need.MULTILINE
        if is_root_parenthesized(node, chain):
            return Need.NEVER
    if isinstance(node, ast.NamedExpr):
        return Need.ALWAYS
    if isinstance(node, _LEAVES):
        return Need.BEST_FIT
    return Need.NEVER if isinstance(node, _OWN_BRACKETS) else Need.MULTILINE


def own_brackets(node: ast.expr) -> bool | None:
    """Whether there is something in the brackets that end an expression; None for one without."""
    if isinstance(node, ast.List | ast.Set | ast.Tuple):
        return bool(node.elts)
    if isinstance(node, ast.Dict):
        return bool(node.keys)
    if isinstance(node, ast.Call):
        return bool(node.args or node.keywords)
    if isinstance(
        node, ast.Subscript | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ):
        return True
    return None


# The strength of operations that have no operator of `OPERATORS`: a dot after brackets, `~`, `if` and `else`.
_DOT, _INVERT, _CONDITIONAL = 100, 99, -1


class _Census:
    """What of an expression stands outside all brackets: operators, brackets, and what it starts and ends with."""

    def __init__(self, node: ast.expr) -> None:
        self.loosest = 101
        self.count = 0
        self.brackets = False
        self.first: tuple[ast.expr, bool] | None = None
        self.last: tuple[ast.expr, bool] = (node, False)
        self.starts_with_word = False
        pending = [(node, 0)]
        while pending:
            node, minimum = pending.pop()
            self._visit(node, minimum, pending)

    def _visit(self, node: ast.expr, minimum: int, pending: list[tuple[ast.expr, int]]) -> None:
        parenthesized = minimum > 0 and is_parenthesized(node, minimum)
        self.last = (node, parenthesized)
        parts = None if parenthesized else self._parts(node)
        if parts is not None:
            pending.extend(reversed(parts))
            return
        if not parenthesized and isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
            node, parenthesized = self._chain(node)
        self.brackets |= parenthesized or own_brackets(node) is not None
        if self.first is None and not self.starts_with_word:
            self.first = (node, parenthesized)

    def _parts(self, node: ast.expr) -> list[tuple[ast.expr, int]] | None:
        parts = operands(node)
        if parts is not None:
            for part in parts:
                if isinstance(part, Operator):
                    self._add(part.strength)
            return [part for part in parts if not isinstance(part, Operator)]
        if isinstance(node, ast.IfExp):
            self._add(_CONDITIONAL, 2)
            return [(node.body, OR), (node.test, OR), (node.orelse, TEST)]
        if isinstance(node, ast.NamedExpr):
            return [(node.target, ATOM), (node.value, TEST)]
        if isinstance(node, ast.UnaryOp | ast.Lambda | ast.Starred):
            self.starts_with_word |= self.first is None
            if isinstance(node, ast.UnaryOp):
                if isinstance(node.op, ast.Invert):
                    self._add(_INVERT)
                return [(node.operand, operand_precedence(node))]
            return [(node.body, TEST)] if isinstance(node, ast.Lambda) else [(node.value, BIT_OR)]
        return None

    def _chain(self, node: ast.expr) -> tuple[ast.expr, bool]:
        root, chain = links(node)
        before = root
        for link in chain:
            if not isinstance(link, ast.Attribute):
                self.brackets = True
            elif own_brackets(before) is not None or (
                before is root and is_root_parenthesized(root, chain)
            ):
                self._add(_DOT)
            before = link
        return root, is_root_parenthesized(root, chain)

    def _add(self, strength: int, count: int = 1) -> None:
        if strength < self.loosest:
            self.loosest, self.count = strength, count
        elif strength == self.loosest:
            self.count += count


def breaks_in_brackets(node: ast.expr) -> bool:
    """Whether an expression may break in its first or last brackets instead of getting parentheses around it."""
    census = _Census(node)
    if not census.brackets or census.count > 1:
        return False
    if census.loosest >= _DOT:
        return True
    return any(
        parenthesized or (own_brackets(end) is True and not isinstance(end, ast.Subscript))
        for end, parenthesized in filter(None, (census.last, census.first))
    )
