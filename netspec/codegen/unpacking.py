"""Lists of which a constructor reads each item by its place: unpacked once, so that others are refused."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from netspec.codegen.names import RESERVED
from netspec.codegen.syntax import assign, name, whole
from netspec.expr.traversal import Transformer, walk

FEWEST, MOST = 2, 8
"""How many items a list has that is unpacked."""


def unpack_lists(init: ast.FunctionDef) -> None:
    """`width1, width2, width3 = widths` where a constructor reads nothing but `widths[0]` to `widths[2]`.

    A list whose name is no plural has no name for an item.
    """
    defaults = init.args.defaults
    padding: list[ast.expr | None] = [None] * (len(init.args.args) - len(defaults))
    for argument, default in zip(init.args.args, [*padding, *defaults], strict=True):
        match argument.annotation:
            case ast.Subscript(ast.Name("tuple"), ast.Tuple([_, ast.Constant(value)])) if (
                value is ...
            ):
                length = len(default.elts) if isinstance(default, ast.Tuple) else None
                if argument.arg.endswith("s"):
                    _unpack(init, argument.arg, length)


def _unpack(init: ast.FunctionDef, label: str, length: int | None) -> None:
    nodes = [node for statement in init.body for node in walk(statement)]
    items = [n for n in nodes if isinstance(n, ast.Subscript) and _is_name(n.value, label)]
    places = [whole(n.slice) for n in items]
    count = (
        length if length is not None else 1 + max((p for p in places if p is not None), default=-1)
    )
    positive = [p + count if p is not None and p < 0 else p for p in places]
    if len(items) != sum(_is_name(n, label) for n in nodes) or not FEWEST <= count <= MOST:
        return
    if {*positive} != {*range(count)} or (length is None and positive != places):
        return
    labels = [f"{label.removesuffix('s')}{k + 1}" for k in range(count)]
    taken = (
        {n.id for n in nodes if isinstance(n, ast.Name)}
        | {a.arg for a in init.args.args}
        | RESERVED
    )
    if taken & {*labels}:
        return
    unpacked = _Unpacked(label, labels)
    first, *rest = init.body
    targets = ast.Tuple([name(each) for each in labels], ast.Load())
    unpacking = assign(targets, name(label))
    unpacking.is_set_once = True  # type: ignore[attr-defined]
    init.body = [first, unpacking, *map(unpacked.visit, rest)]


def _is_name(node: ast.AST, label: str) -> bool:
    return isinstance(node, ast.Name) and node.id == label


class _Unpacked(Transformer):
    """Puts the variables in the place of the items."""

    def __init__(self, label: str, labels: Sequence[str]) -> None:
        self.label, self.labels = label, labels

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An item of the list, or of another one."""
        place = whole(node.slice)
        if _is_name(node.value, self.label) and place is not None:
            return name(self.labels[place])
        return self.generic_visit(node)
