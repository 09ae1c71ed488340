"""The test that the sizes which `_check_inputs` asks for are proved for the arguments of a network."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from netspec.codegen.syntax import conjunction
from netspec.codegen.tree_equality import same
from netspec.dims import EVERY
from netspec.graph import Graph


def is_restricted(graph: Graph) -> bool:
    """Whether a network is valid for some sizes of its inputs only."""
    return bool(graph.unproved) or not all(d.contains_all(EVERY) for d in graph.domains.values())


def same_sizes(a: Graph, b: Graph) -> bool:
    """Whether two networks are valid for the same inputs."""
    shapes = [[v.shape for v in graph.inputs] for graph in (a, b)]
    return shapes[0] == shapes[1] and a.domains == b.domains and a.unproved == b.unproved


def proved_for(deciding: Sequence[ast.expr], rows: Sequence[Sequence[ast.expr]]) -> ast.expr:
    """The test that what is asked of the arguments has the values of one of the rows.

    >>> asked = [ast.Name("depth"), ast.Name("norm")]
    >>> row = [ast.Constant(18), ast.Constant(False)]
    >>> ast.unparse(proved_for(asked, [row]))
    'depth == 18 and (not norm)'
    >>> ast.unparse(proved_for(asked, [row, [ast.Constant(34), ast.Constant(True)]]))
    '(depth, norm) in ((18, False), (34, True))'
    """
    distinct: list[Sequence[ast.expr]] = []
    comparable = [row for row in rows if not any(isinstance(v, ast.Call) for v in row)]
    for row in comparable or rows[:1]:  # what `partial` makes is equal to itself only
        if not any(all(map(same, row, known)) for known in distinct):
            distinct.append(row)
    varying = [k for k, _ in enumerate(deciding) if len(distinct) == 1 or _differs(distinct, k)]
    fixed = [k for k, _ in enumerate(deciding) if k not in varying]
    tests = [_is(deciding[k], distinct[0][k]) for k in fixed]
    if len(distinct) == 1:
        return conjunction([_is(deciding[k], distinct[0][k]) for k in varying])
    if len(varying) == 1:
        known = ast.Tuple([row[varying[0]] for row in distinct], ast.Load())
        return conjunction([*tests, ast.Compare(deciding[varying[0]], [ast.In()], [known])])
    values = [ast.Tuple([row[k] for k in varying], ast.Load()) for row in distinct]
    asked = ast.Tuple([deciding[k] for k in varying], ast.Load())
    known = ast.Tuple(list(values), ast.Load())
    return conjunction([*tests, ast.Compare(asked, [ast.In()], [known])])


def _differs(rows: Sequence[Sequence[ast.expr]], place: int) -> bool:
    return any(not same(row[place], rows[0][place]) for row in rows)


def _is(tree: ast.expr, value: ast.expr) -> ast.expr:
    """`x == 3`, for booleans `x` or `not x`, and `x is None`."""
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return tree if value.value else ast.UnaryOp(ast.Not(), tree)
    if isinstance(value, ast.Constant) and value.value is None:
        return ast.Compare(tree, [ast.Is()], [value])
    return ast.Compare(tree, [ast.Eq()], [value])
