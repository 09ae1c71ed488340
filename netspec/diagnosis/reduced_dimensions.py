"""A mean over the wrong axis: the layer after it reads what is left as its features, whatever that counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.diagnosis.dimension_role import Roles
from netspec.diagnosis.step_edits import set_arguments
from netspec.diagnosis.unbatched import batch_symbol
from netspec.diagnostics import Help
from netspec.graph.nodes import Node, Value
from netspec.graph.size_origin import origin_of
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SIDES
from netspec.layers.reduce import Reduce

_MOST_STEPS = 64


class Reduction(NamedTuple):
    """A step that takes an axis away which the layer after it needs."""

    node: Node
    axis: int
    """The axis of its input that should have stayed."""
    role: str


def misread_reduction(node: Node, name: str, roles: Roles) -> Reduction | None:
    """The step that reduces channels, features or the batch, so that a layer reads another axis as features."""
    value = node.inputs[0]
    shape = value.shape
    if not shape or argument_value(node, name) is not None:
        return None
    read = roles.of(value, len(shape) - 1)
    reduction = _reduction(value, roles)
    if reduction is None or reduction.role == "batch" or read in (*SIDES, "positions"):
        return reduction
    return None


def fixed_axis_reduced(value: Value) -> Help | None:
    """What keeps a fixed last axis, where a step reduces it and leaves an open one as the features."""
    reduced = _reduction(value, Roles(), any_last=True)
    return next(other_axes(reduced), None) if reduced is not None else None


def _reduction(value: Value, roles: Roles, *, any_last: bool = False) -> Reduction | None:
    """The nearest reduction on the way of the last axis that takes channels, features or the batch away."""
    assert value.shape is not None
    axis = len(value.shape) - 1
    for _ in range(_MOST_STEPS):
        node = value.node
        layer = node.layer
        gone = layer if isinstance(layer, Reduce) and not layer.keepdim else None
        if gone is not None and (reduction := _needed(node, gone, roles, any_last=any_last)):
            return reduction
        origin = origin_of(value, axis) if node.layer is not None and node.known else None
        if origin is None or origin.kind not in ("same", "product") or not origin.parts:
            return None
        index, axis = origin.parts[0]
        value = node.inputs[index]
    return None


def _needed(node: Node, layer: Reduce, roles: Roles, *, any_last: bool) -> Reduction | None:
    """The axis that a reduction should have kept; with `any_last` a fixed last one, whatever it counts."""
    value = node.inputs[0]
    shape = value.shape
    if shape is None:
        return None
    gone = layer.gone(len(shape))
    for axis in gone:
        role = roles.of(value, axis)
        if role in ("channels", "features"):
            return Reduction(node, axis, role)
    last = len(shape) - 1
    if any_last and last in gone and isinstance(shape[last], int):
        return Reduction(node, last, "features")
    return Reduction(node, 0, "batch") if 0 in gone and batch_symbol(value) else None


def other_axes(reduction: Reduction) -> Iterator[Help]:
    """All axes but the batch and the one that is needed, instead of those that are reduced."""
    node, needed = reduction.node, reduction.axis
    rank = len(node.shapes[0])
    features = needed if needed else rank - 1
    others = [axis for axis in range(1, rank) if axis != features]
    if not others:
        return
    dim = others[0] if len(others) == 1 else others
    edits = set_arguments(node, {"dim": dim})
    purpose = "" if needed == 0 else f", to keep the {reduction.role}"
    yield Help(f"write `dim: {show(dim)}` in `{node.path}`{purpose}", edits, safe=False)
