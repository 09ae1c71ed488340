"""An input that has its positions first, for a layer that takes the batch first."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node
from netspec.layer.base import ShapeError


def exchanged_batch(node: Node) -> Help | None:
    """The `Transpose` of one input with which a layer asks nothing of the sizes, where it has `batch_first`."""
    if not getattr(node.layer, "batch_first", False) or not node.known:
        return None
    for index in range(1, len(node.inputs)):
        shape = node.shapes[index]
        if len(shape) != 3 or not _fits(node, index):
            continue
        arguments: dict[str, Argument] = {"dim0": 0, "dim1": 1}
        path = node.inputs[index].node.path
        text = (
            f"`{path}` has the batch in dimension 1: add `{step_text('Transpose', arguments)}` after it, "
            f"because `{node.path}` has `batch_first: true`"
        )
        return Help(
            text, put_between(node, index, "Transpose", arguments, "transposed"), safe=False
        )
    return None


def _fits(node: Node, index: int) -> bool:
    """Whether the layer takes its inputs with no condition on their sizes, two dimensions of one exchanged."""
    assert node.layer is not None
    shapes = list(node.shapes)
    first, second, last = shapes[index]
    shapes[index] = (second, first, last)
    conditions = Conditions({})
    conditions.set_location(node.place, node.path)
    try:
        node.layer.infer(conditions, *shapes)
    except (ShapeError, OverflowError):
        return False
    return not conditions.unproved and all(fact.lower_bound for fact in conditions.facts)
