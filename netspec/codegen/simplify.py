"""Simplified expressions: integer arithmetic that cancels, and items of tuples that are written out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from functools import reduce

from netspec.codegen.class_definitions import is_stored
from netspec.codegen.syntax import Put, constant
from netspec.codegen.tree_arithmetic import Fold, whole
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import copy_tree

_TAKE_SIZES = frozenset({"empty", "expand", "ones", "permute", "reshape", "zeros"})
"""Functions and methods of tensors that take sizes or dimensions as one tuple or one by one."""


class Simplify(Fold):
    """`n * 64 // 64` is `n`, and `(1, 4, 6)[1]` is 4.

    Attributes:
        integers: The variables that are integers.
    """

    def __init__(self, integers: Set[str] = frozenset()) -> None:
        self.integers = integers

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic that cancels."""
        made = super().visit_BinOp(node)
        if not isinstance(made, ast.BinOp):
            return made
        match made.op:
            case ast.Add() if whole(made.left) == 0 and self._whole(made.right):
                return made.right
            case ast.Mult() if whole(made.left) == 1:
                return made.right
            case ast.Mult() | ast.FloorDiv() if whole(made.right) == 1 and self._whole(made.left):
                return made.left
            case ast.FloorDiv():
                return self._divided(made)
            case ast.Add():
                return self._collected(made)
        return made

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """An item of a tuple that is written out."""
        node = self.generic_visit(node)
        item_index = whole(node.slice)
        if isinstance(node.value, ast.Tuple) and item_index is not None and not is_stored(node):
            items = node.value.elts
            if -len(items) <= item_index < len(items) and all(
                isinstance(i, ast.Constant) for i in items
            ):
                return items[item_index]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """`n * c if n != 1 else c` is `n * c`: where `n` is 1, both are the same."""
        made = super().visit_IfExp(node)
        match made:
            case ast.IfExp(
                ast.Compare(ast.Name() as left, [ast.NotEq()], [ast.Constant() as value])
            ):
                there = self.visit(Put({left.id: value}).visit(copy_tree(made.body)))
                return made.body if same(there, made.orelse) else made
        return made

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The length of a tuple, a sum of one item; sizes one by one, as PyTorch takes them."""
        return self.simplified_call(self.generic_visit(node))

    def simplified_call(self, node: ast.Call) -> ast.expr:
        """A call whose parts are simplified already."""
        match node:
            case ast.Call(ast.Name("len"), [ast.Tuple(items)], []):
                return constant(len(items))
            case ast.Call(ast.Name("sum"), [ast.Subscript(items, ast.Slice(None, end, None))], []):
                if end is not None and (count := whole(end)) in (0, 1):
                    return ast.Subscript(items, constant(0), ast.Load()) if count else constant(0)
            case ast.Call(ast.Attribute(_, method), [ast.Tuple([_, *_] as sizes)], []):
                if method in _TAKE_SIZES:
                    node.args = sizes
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        """`size=x.shape[-2:]` for `size=(x.size(-2), x.size(-1))`."""
        return self.simplified_keyword(self.generic_visit(node))

    def simplified_keyword(self, node: ast.keyword) -> ast.keyword:
        """A keyword argument whose value is simplified already."""
        if node.arg == "size" and isinstance(node.value, ast.Tuple):
            node.value = _last_sizes(node.value) or node.value
        return node

    def _collected(self, node: ast.BinOp) -> ast.expr:
        """`3 * n + n` is `4 * n`."""
        counted: dict[str, tuple[int, ast.expr]] = {}
        terms = list(_terms(node))
        for term in terms:
            factors = list(_factors(term))
            number = whole(factors[0]) if len(factors) > 1 else None
            count, rest = (1, term) if number is None else (number, _product(factors[1:]))
            text = ast.unparse(rest)
            known = counted.get(text, (0, rest))[0]
            counted[text] = (known + count, rest)
        if len(counted) == len(terms) or not all(map(self._whole, terms)):
            return node
        products = [
            _product([constant(n), *_factors(r)]) if n != 1 else r for n, r in counted.values()
        ]
        return reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), products)

    def _divided(self, node: ast.BinOp) -> ast.expr:
        """`4 * n // 2` is `2 * n`."""
        by = whole(node.right)
        factors = list(_factors(node.left))
        for k, factor in enumerate(factors):
            times = whole(factor)
            rest = [f for j, f in enumerate(factors) if j != k]
            if by and times and times % by == 0 and rest and all(map(self._whole, rest)):
                number = times // by
                return _product([*([constant(number)] if number != 1 else []), *rest])
        return node

    def _whole(self, node: ast.expr) -> bool:
        """Whether the value is an integer for all arguments."""
        if isinstance(node, ast.BinOp):
            arithmetic = isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod)
            if isinstance(node.op, ast.Pow):
                arithmetic = (whole(node.right) or 0) > 0
            return arithmetic and self._whole(node.left) and self._whole(node.right)
        if isinstance(node, ast.Name):
            return node.id in self.integers
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "math.floor":
            return True
        return whole(node) is not None


def _last_sizes(node: ast.Tuple) -> ast.expr | None:
    """`x.shape[-2:]` for the sizes of the last dimensions of a tensor, one by one."""
    tensors: set[str] = set()
    for place, item in enumerate(node.elts, -len(node.elts)):
        match item:
            case ast.Call(ast.Attribute(ast.Name(tensor), "size"), [axis], []):
                if whole(axis) != place:
                    return None
                tensors.add(tensor)
            case _:
                return None
    if len(tensors) != 1:
        return None
    shape = ast.Attribute(ast.Name(tensors.pop(), ast.Load()), "shape", ast.Load())
    return ast.Subscript(shape, ast.Slice(constant(-len(node.elts)), None, None), ast.Load())


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _terms(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _product(factors: list[ast.expr]) -> ast.expr:
    made = factors[0]
    for factor in factors[1:]:
        made = ast.BinOp(made, ast.Mult(), factor)
    return made
