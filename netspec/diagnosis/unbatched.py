"""An input that lacks an axis, so that a layer takes it without a batch and reads the batch as its channels."""

from __future__ import annotations

from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.step_edits import renamed_op, step_before
from netspec.diagnostics import Help
from netspec.dims import symbols
from netspec.graph.derivation import origin_of_size
from netspec.graph.nodes import Node, Value
from netspec.layer.argument_kinds import show
from netspec.layer.checks import expected_layout

BATCH_NAMES = frozenset({"n", "b", "bs", "batch", "batch_size", "nb"})
"""What the symbol of a batch is called."""


def batch_symbol(value: Value) -> str:
    """The symbol of the batch, where the first axis of a value is that of an input's batch."""
    if not value.shape:
        return ""
    names = symbols(value.shape[0])
    if len(names) != 1 or next(iter(names)).lower() not in BATCH_NAMES:
        return ""
    begin, axis = origin_of_size(value, 0)
    declared = begin.node.layer is None and axis == 0
    return next(iter(names)) if declared else ""


def takes_no_batch(node: Node, value: Value, axis: int) -> bool:
    """Whether a layer reads the first axis of a value as its channels, as there is none for a batch."""
    axes = node.layer.axes if node.layer is not None else 0
    return axes > 0 and axis == 0 and len(value.shape or ()) == axes + 1


def missing_axis(node: Node, value: Value, channels: int | None) -> Help:
    """The axis to put in, so that the first one is the batch; `channels` are those that the step declares."""
    assert node.layer is not None
    assert value.shape is not None
    axes, shape = node.layer.axes, value.shape
    takes = expected_layout(axes, unbatched=False)
    lacks = f"{show(shape)} has no channel dimension, and `{node.op}` expects {takes}"
    size = shape[1]
    if axes > 1 and (channels == size if channels is not None else _has_channels(value)):
        other = f"{node.op[:-2]}{axes - 1}d"
        text = f"use `{other}`: {show(shape)} matches {expected_layout(axes - 1, unbatched=False)}"
        return Help(text, renamed_op(node, other), safe=False)
    if channels in (None, 1):
        text = f"{lacks}: add `{{op: Unsqueeze, dim: 1}}` before `{node.path}`"
        return Help(text, step_before(node, "Unsqueeze", {"dim": 1}), safe=False)
    if type(size) is int and axes == 1 and size % channels == 0:
        parts = [channels, size // channels]
        text = (
            f"{lacks}: add `{{op: Unflatten, dim: 1, unflattened_size: {parts}}}` before "
            f"`{node.path}`"
        )
        edits = step_before(node, "Unflatten", {"dim": 1, "unflattened_size": parts})
        return Help(text, edits, safe=False)
    return Help(lacks)


def _has_channels(value: Value) -> bool:
    """Whether the second axis of a value is that of its channels: a layer made it so, or it alone is fixed."""
    assert value.shape is not None
    _, second, *sides = value.shape
    fixed_alone = type(second) is int and all(type(size) is not int for size in sides)
    return role(value, 1) == "channels" or fixed_alone
