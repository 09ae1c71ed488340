"""An input of the network without a batch, which the layers before accept and a batch norm does not."""

from __future__ import annotations

from netspec.diagnostics import Edit, Help, Span
from netspec.dims import as_integer
from netspec.document import Sequence
from netspec.graph.nodes import Node, Value
from netspec.layer.argument_kinds import show

_RANKS = {"2d": 2, "3d": 3}
_MOST_STEPS = 64
_BATCH = "N"


def missing_batch(node: Node) -> Help | None:
    """The help that adds the batch to the input from which a node with one dimension too few reads."""
    axes = _RANKS.get(node.op[-2:], 0)
    if not axes or len(node.shapes[0]) != axes + 1:
        return None
    value: Value = node.inputs[0]
    for _ in range(_MOST_STEPS):
        if value.node.layer is None:
            break
        if len(value.node.inputs) != 1:
            return None
        value = value.node.inputs[0]
    shape = value.shape
    if value.node.layer is not None or shape is None or len(shape) != axes + 1:
        return None
    if any(as_integer(size) is None for size in shape):
        return None
    text = f"`{value.node.path}` has no batch dimension: write `{show((_BATCH, *shape))}`"
    return Help(text, _edits(value.node), safe=False)


def _edits(node: Node) -> tuple[Edit, ...]:
    """The edit that writes the batch into the shape of an input."""
    shape = node.place
    if not isinstance(shape, Sequence) or not shape.items or shape.source.name.endswith(".json"):
        return ()
    first = shape.items[0].start
    return (Edit(Span(shape.source, first, first), f"{_BATCH}, "),)
