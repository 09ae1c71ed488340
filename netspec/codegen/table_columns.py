"""Loops over tables: each column of a row gets the name that it is used by, instead of `row[2]`."""

from __future__ import annotations

import ast

from netspec.codegen.identifiers import RESERVED
from netspec.codegen.syntax import name
from netspec.codegen.tree_arithmetic import whole
from netspec.expr.traversal import TreeTransformer, walk_tree


def unpack_rows(loop: ast.For, method: ast.FunctionDef) -> None:
    """`for kernel, channels in rows` for `for row in rows`, where the body uses nothing but the items of a row."""
    columns = _columns(loop.iter, method)
    if not isinstance(loop.target, ast.Name) or not columns:
        return
    row = loop.target.id
    items = [n for n in _walk(loop) if _item(n, row) is not None]
    mentions = [n for n in _walk(loop) if isinstance(n, ast.Name) and n.id == row]
    labels = _labels(loop, row)
    used = {k for n in items if (k := _item(n, row)) is not None}
    if len(items) != len(mentions) or used != labels.keys() or max(used, default=0) >= columns:
        return
    taken = {n.id for n in walk_tree(method) if isinstance(n, ast.Name)} - _columns_before(method)
    taken |= {a.arg for a in method.args.args} | RESERVED
    if taken & set(labels.values()) or len(set(labels.values())) != len(labels):
        return
    targets = [ast.Name(labels.get(k, "_"), ast.Store()) for k in range(columns)]
    loop.target = ast.Tuple(list(targets), ast.Store())
    loop.names_columns = True  # type: ignore[attr-defined]
    loop.body = [_Named(row, labels).visit(statement) for statement in loop.body]


def columns_of_tables(init: ast.FunctionDef) -> dict[str, list[str]]:
    """The names of the columns of each table that a constructor takes: what loops over it unpack a row to."""
    labels = {a.arg for a in init.args.args if _columns(name(a.arg), init)}
    columns: dict[str, list[str]] = {}
    if not labels:
        return columns
    for node in walk_tree(init):
        match node:
            case ast.For(ast.Tuple(targets), ast.Name(label)) | ast.comprehension(
                ast.Tuple(targets), ast.Name(label)
            ) if label in labels:
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                if len(names) == len(targets) and "_" not in names:
                    columns.setdefault(label, names)
    return columns


def _columns_before(method: ast.FunctionDef) -> set[str]:
    """The names of columns in the loops before, which nothing outside of those loops mentions."""
    loops = [n for n in method.body if isinstance(n, ast.For) and hasattr(n, "names_columns")]
    named = {n.id for loop in loops for n in walk_tree(loop.target) if isinstance(n, ast.Name)}
    rest = [statement for statement in method.body if statement not in loops]
    return named - {n.id for s in rest for n in walk_tree(s) if isinstance(n, ast.Name)}


def _walk(loop: ast.For) -> list[ast.AST]:
    return [n for statement in loop.body for n in walk_tree(statement)]


def _columns(table: ast.expr, method: ast.FunctionDef) -> int:
    """The number of columns of a table; 0 if the value is not a table, or its rows differ."""
    if isinstance(table, ast.Tuple):
        widths = {len(r.elts) if isinstance(r, ast.Tuple) else 0 for r in table.elts}
        return widths.pop() if len(widths) == 1 else 0
    for argument in method.args.args:
        match argument.annotation:
            case ast.Subscript(
                ast.Name("tuple"), ast.Tuple([ast.Subscript(ast.Name("tuple"), row), _])
            ) if isinstance(table, ast.Name) and table.id == argument.arg:
                items = row.elts if isinstance(row, ast.Tuple) else [row]
                open_ended = any(isinstance(i, ast.Constant) and i.value is ... for i in items)
                return 0 if open_ended else len(items)
    return 0


def _item(node: ast.AST, row: str) -> int | None:
    """Which item of a row a node is."""
    match node:
        case ast.Subscript(ast.Name(label), index) if label == row:
            return whole(index)
    return None


def _labels(loop: ast.For, row: str) -> dict[int, str]:
    """The argument that each item is given for."""
    labels: dict[int, str] = {}
    for node in _walk(loop):
        if isinstance(node, ast.keyword) and node.arg:
            place = _item(node.value, row)
            if place is not None:
                labels.setdefault(place, node.arg)
    return labels


class _Named(TreeTransformer):
    """Replaces the items of a row by their names."""

    def __init__(self, row: str, labels: dict[int, str]) -> None:
        self.row, self.labels = row, labels

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An item of the row, or another one."""
        place = _item(node, self.row)
        return self.generic_visit(node) if place is None else name(self.labels[place])
