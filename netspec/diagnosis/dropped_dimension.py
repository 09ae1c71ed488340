"""A reduction without `keepdim` before a join: its result is broadcast from the last dimension."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, set_arguments, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.dims import Shape
from netspec.graph.nodes import Node, Value
from netspec.layers.reduce import Reduce
from netspec.layers.unit_dimensions import Squeeze

ELEMENTWISE = frozenset({"Add", "Sub", "Mul", "Div", "Maximum", "Minimum"})
_MOST_STEPS = 12


def dropped_dimension(node: Node) -> Help | None:
    """`keepdim: true` for the reduction that makes one input of a join lack a dimension that the others have."""
    if node.op not in ELEMENTWISE or not node.known:
        return None
    rank = max(map(len, node.shapes))
    for value in node.inputs:
        reduction = _reduction(value)
        if reduction is None or len(reduction.shapes[0]) != rank:
            continue
        layer = reduction.layer
        if isinstance(layer, Reduce):
            gone = layer.gone(rank)
        elif isinstance(layer, Squeeze) and isinstance(layer.dim, int):
            gone = [layer.dim % rank]
        else:
            continue
        expected = tuple(1 if k in gone else s for k, s in enumerate(reduction.shapes[0]))
        others = [shape for shape in node.shapes if len(shape) == rank]
        if not others or not all(_broadcasts(expected, shape) for shape in others):
            continue
        if isinstance(layer, Squeeze):
            arguments: dict[str, Argument] = {"dim": gone[0]}
            step = step_text("Unsqueeze", arguments)
            text = f"`{reduction.path}` drops dimension {gone[0]}: add `{step}` after `{value.node.path}`"
            index = node.inputs.index(value)
            return Help(
                text, put_between(node, index, "Unsqueeze", arguments, "column"), safe=False
            )
        several = len(gone) > 1
        dropped = f"dimension{'s' * several} {' and '.join(map(str, sorted(gone)))}"
        remedy = f"`keepdim: true` keeps {'them' if several else 'it'} as 1"
        text = f"`{reduction.path}` drops {dropped}: {remedy}"
        return Help(text, set_arguments(reduction, {"keepdim": True}), safe=False)
    return None


def _reduction(value: Value) -> Node | None:
    """The reduction without `keepdim` that made a value, through steps that keep its shape."""
    shape = value.shape
    for _ in range(_MOST_STEPS):
        node = value.node
        if node.layer is None or len(node.inputs) != 1 or value.shape != shape:
            return None
        if isinstance(node.layer, Reduce):
            return None if node.layer.keepdim else node
        if isinstance(node.layer, Squeeze):
            return node
        value = node.inputs[0]
    return None


def _broadcasts(a: Shape, b: Shape) -> bool:
    return all(s == t or 1 in (s, t) for s, t in zip(a, b, strict=True))
