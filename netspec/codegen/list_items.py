"""Items of lists that an expression makes: the first of `range(n, 0, -1)` is `n`."""

from __future__ import annotations

import ast

from netspec.codegen.syntax import constant
from netspec.codegen.tree_arithmetic import whole


def item_of(values: ast.expr, place: int, count: int | None = None) -> ast.expr | None:
    """The expression for one item, which is known to exist; None where there is none but a subscript.

    With `count`, the list has so many items, and an item of it backwards is counted from its start.

    >>> def item(text, place):
    ...     made = item_of(ast.parse(text, mode="eval").body, place)
    ...     return made and ast.unparse(made)
    >>> item("list(range(n))", 2), item("range(n, 0, -1)", 2), item("range(4, 9)", 1)
    ('2', 'n - 2', '5')
    >>> item("widths[::-1]", 0), item("widths[1::2]", 2), item("widths[-2::-1]", 1), item("(a, b)", 1)
    ('widths[-1]', 'widths[5]', 'widths[-3]', 'b')
    >>> ast.unparse(item_of(ast.parse("widths[::-1]", mode="eval").body, 0, 4))
    'widths[3]'
    >>> item("widths[-3:]", 0), item("widths[n:]", 0), item("widths", 0)  # may be cut short
    (None, None, None)
    """
    match values:
        case ast.Call(ast.Name("list"), [inner], []):
            return item_of(inner, place, count)
        case ast.Call(ast.Name("range"), [_], []):
            return ast.Constant(place)
        case ast.Call(ast.Name("range"), [start, _, *steps], []):
            step = whole(steps[0]) if steps else 1
            return None if step is None else _shifted(start, step * place)
        case ast.List(items) | ast.Tuple(items) if place < len(items):
            return items[place]
        case ast.Subscript(base, ast.Slice() as cut):
            return _item_of_slice(base, cut, place, count)
    return None


def _item_of_slice(
    base: ast.expr, cut: ast.Slice, place: int, count: int | None
) -> ast.expr | None:
    step = 1 if cut.step is None else whole(cut.step)
    if step is None:
        return None
    start = (0 if step > 0 else -1) if cut.lower is None else whole(cut.lower)
    if step == -1 and cut.lower is None and cut.upper is None and count is not None:
        return ast.Subscript(base, constant(count - 1 - place), ast.Load())
    if start is None or (start < 0) is (step > 0):  # a bound beyond the list moves the items
        return None
    return ast.Subscript(base, constant(start + step * place), ast.Load())


def _shifted(start: ast.expr, by: int) -> ast.expr:
    number = whole(start)
    if number is not None:
        return constant(number + by)
    if not by:
        return start
    return ast.BinOp(start, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))
