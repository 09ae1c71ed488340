"""Lists of which a constructor reads each item by its place: unpacked once, so that others are rejected."""

from __future__ import annotations

import ast
from collections.abc import Container, Sequence

from netspec.codegen.identifiers import RESERVED
from netspec.codegen.syntax import assign, name
from netspec.codegen.tree_arithmetic import whole
from netspec.expr.traversal import TreeTransformer, walk_tree

FEWEST, MOST = 2, 8
"""How many items a list has that is unpacked without need."""


def unpack_lists(init: ast.FunctionDef) -> None:
    """`width1, width2, width3 = widths` where a constructor reads nothing but `widths[0]` to `widths[2]`.

    A list whose name is no plural has no name for an item, so it is unpacked only where it must be: where the
    program holds its length, since a loop over it is written out.
    """
    defaults = init.args.defaults
    nodes: list[ast.AST] = []
    padding: list[ast.expr | None] = [None] * (len(init.args.args) - len(defaults))
    for argument, default in zip(init.args.args, [*padding, *defaults], strict=True):
        match argument.annotation:
            case ast.Subscript(ast.Name("tuple"), ast.Tuple([_, ast.Constant(value)])) if (
                value is ...
            ):
                length = len(default.elts) if isinstance(default, ast.Tuple) else None
                is_iterated = length is not None and getattr(argument, "is_iterated", False)
                if is_iterated or argument.arg.endswith("s"):
                    nodes = nodes or [n for statement in init.body for n in walk_tree(statement)]
                    if _unpack(init, nodes, argument.arg, length, is_iterated=is_iterated):
                        nodes = []


def _unpack(
    init: ast.FunctionDef,
    nodes: Sequence[ast.AST],
    label: str,
    length: int | None,
    *,
    is_iterated: bool,
) -> bool:
    """Unpack a list, if all that a constructor does with it allows that; whether it does.

    Args:
        init: The constructor.
        nodes: All nodes of its statements.
        label: The name of the list.
        length: How many items it has, if that is known.
        is_iterated: Whether a loop over it is written out.
    """
    items = [n for n in nodes if isinstance(n, ast.Subscript) and _is_name(n.value, label)]
    if not items and not is_iterated:
        return False
    places = [whole(n.slice) for n in items]
    count = (
        length if length is not None else 1 + max((p for p in places if p is not None), default=-1)
    )
    positive = {p + count if p is not None and p < 0 else p for p in places}
    others = sum(_is_name(n, label) for n in nodes) - len(items)
    comparisons = sum(_is_comparison(n, label) for n in nodes) if is_iterated else 0
    if others != comparisons or not positive <= {*range(count)}:
        return False
    complete = len(positive) == count and FEWEST <= count <= MOST
    if not (complete or is_iterated) or (length is None and any((p or 0) < 0 for p in places)):
        return False
    taken = (
        {n.id for n in nodes if isinstance(n, ast.Name)}
        | {a.arg for a in init.args.args}
        | RESERVED
    )
    labels = _labels(label.removesuffix("s"), count, positive)
    if taken & {*labels}:
        labels = _labels(f"{label.removesuffix('s')}_", count, positive)
    if taken & {*labels} - {"_"}:
        return False
    unpacked = _Unpacked(label, labels)
    first, *rest = init.body
    targets = ast.Tuple([name(each) for each in labels], ast.Load())
    unpacking = assign(targets, name(label))
    unpacking.is_set_once = True  # type: ignore[attr-defined]
    init.body = [first, unpacking, *map(unpacked.visit, rest)]
    return True


def _labels(item: str, count: int, places: Container[int | None]) -> list[str]:
    """The variables for the items of a list, those that nothing reads without a name."""
    return [f"{item}{k + 1}" if k in places else "_" for k in range(count)]


def _is_comparison(node: ast.AST, label: str) -> bool:
    """Whether a node is `widths == (8, 16)`, which asks for the length as well."""
    match node:
        case ast.Compare(left, [ast.Eq()], [ast.Tuple()]):
            return _is_name(left, label)
    return False


def _is_name(node: ast.AST, label: str) -> bool:
    return isinstance(node, ast.Name) and node.id == label


class _Unpacked(TreeTransformer):
    """Puts the variables in the place of the items."""

    def __init__(self, label: str, labels: Sequence[str]) -> None:
        self.label, self.labels = label, labels

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An item of the list, or of another one."""
        place = whole(node.slice)
        if _is_name(node.value, self.label) and place is not None:
            return name(self.labels[place])
        return self.generic_visit(node)
