"""Sizes of bidirectional recurrent layers: their output has the features of both, their states have them apart."""

from __future__ import annotations

from netspec.diagnostics import Help
from netspec.graph.derivation import Explanation
from netspec.graph.nodes import Node, Value
from netspec.layer.argument_kinds import show


def bidirectional_note(explanation: Explanation) -> list[str]:
    """That a recurrent layer gives the features of both directions, which its `hidden_size` does not count."""
    value = explanation.terms[0].value
    size = explanation.size
    if (
        value.index
        or not getattr(value.node.layer, "bidirectional", False)
        or not isinstance(size, int)
    ):
        return []
    return [f"{size} = 2·{size // 2}: `{value.node.path}` is bidirectional"]


def joined_directions(value: Value, axis: int, declared: int, node: Node) -> Help | None:
    """The steps that join the states of both directions, which are along the first dimension."""
    shape = value.shape
    layer = value.node.layer
    if shape is None or len(shape) != 3 or axis != 2 or not getattr(layer, "bidirectional", False):
        return None
    if not value.index or shape[0] != 2 or shape[2] * 2 != declared:
        return None
    return Help(
        f"the two directions are dimension 0 of {show(shape)}: "
        f"`{{op: Transpose, dim0: 0, dim1: 1}}` and `Flatten` before `{node.path}` join them"
    )
