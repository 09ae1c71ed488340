"""What inference hides: networks that PyTorch would have rejected, because its user writes the number.

A `Linear` without `in_features` takes any last axis, be it the width of an image; an LSTM without
`batch_first` reads the batch as time. Where the layers before say that an axis counts something else, it
is a warning, unless the spec writes the argument, or a comment says that it is intended.

What the warnings say is in `lint_diagnostics`, which is loaded where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.dimension_role import Roles
from netspec.diagnosis.lint_triggers import BATCH_FIRST, READS_CHANNELS, READS_FEATURES, REDUCTIONS
from netspec.diagnostics import Diagnostic
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_value
from netspec.graph.typed_graph import Graph
from netspec.layer.base import Layer
from netspec.layer.checks import SIDES

_CHANNELS_OF_IMAGES = (1, 3, 4)
_LOOKED_AT = frozenset({*READS_FEATURES, *READS_CHANNELS, *BATCH_FIRST})
_LEAST_SIDE = 16
"""An image whose second axis is at least so long, and whose last is 1, 3 or 4, has the channels last."""


def lint(graph: Graph, related: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """The warnings on a graph, one for each place of the text and kind.

    Of the nodes in `related`, by path, a relation of sizes was reported: the forgotten `batch_first` is its help.
    """
    roles = Roles()
    reduces = any(node.op in REDUCTIONS for node in graph.nodes)
    reported: set[str] = set()
    """The reductions that were reported at the first layer that reads their result."""
    for node in [n for n in graph.nodes if n.op in _LOOKED_AT or "Pool" in n.op]:
        if node.layer is None or not node.known or not node.inputs or node.step is None:
            continue
        if node.op in READS_FEATURES:
            name = READS_FEATURES[node.op]
            if not reduces:
                yield from _features(node, name, roles)
            else:
                yield from _features_behind_reductions(node, name, roles, reported)
        elif node.op in READS_CHANNELS:
            yield from _channels(node, READS_CHANNELS[node.op], roles)
        if node.op in BATCH_FIRST:
            if not (node.path in related and _has_batch_first_help(node)):
                yield from _batch(node)
        elif "Pool" in node.op:
            yield from _pooled(node, roles)


# ---- features and channels -----------------------------------------------------------------------


def _features(node: Node, name: str, roles: Roles) -> Iterator[Diagnostic]:
    """The last axis read as features where it is a side of an image."""
    value = node.inputs[0]
    rank = len(value.shape or ())
    if rank < 3 or argument_value(node, name) is not None:
        return
    side = roles.of(value, rank - 1)
    positions = side == "positions" and node.op in BATCH_FIRST and roles.of(value, 1) == "channels"
    if side not in SIDES and not positions:
        return
    from netspec.diagnosis.lint_diagnostics import side_as_features

    yield side_as_features(node, name, side)


def _features_behind_reductions(
    node: Node, name: str, roles: Roles, reported: set[str]
) -> Iterator[Diagnostic]:
    """As `_features`, where a step before may have reduced the features, or the batch."""
    from netspec.diagnosis.lint_diagnostics import features_reduced
    from netspec.diagnosis.reduced_dimensions import misread_reduction

    reduction = misread_reduction(node, name, roles)
    if reduction is None:
        yield from _features(node, name, roles)
    elif reduction.node.path not in reported:
        reported.add(reduction.node.path)
        yield features_reduced(node, name, reduction, roles)


def _channels(node: Node, name: str, roles: Roles) -> Iterator[Diagnostic]:
    """The second axis read as channels where the features, or the channels of a picture, come last."""
    layer, value = node.layer, node.inputs[0]
    shape = value.shape
    if layer is None or shape is None or argument_value(node, name) is not None or len(shape) < 3:
        return
    axis = _channel_axis(node, layer, name)
    if axis != 1 or axis == len(shape) - 1:
        return
    what = roles.of(value, axis)
    sequence = what == "positions" and roles.of(value, len(shape) - 1) in ("features", "channels")
    if not sequence and what not in SIDES and not _channels_last(value):
        return
    from netspec.diagnosis.lint_diagnostics import axis_as_channels

    yield axis_as_channels(node, name, axis, what)


def _pooled(node: Node, roles: Roles) -> Iterator[Diagnostic]:
    """A pool over what is no side: the channels of what has one axis less, or the features of a sequence."""
    layer, value = node.layer, node.inputs[0]
    shape = value.shape
    if layer is None or shape is None or not layer.axes:
        return
    first = len(shape) - layer.axes
    read = [roles.of(value, axis) for axis in range(first, len(shape))]
    channels = first == 1 and read[0] == "channels" and layer.axes > 1
    if not channels and not (layer.axes == 1 and len(shape) == 3 and read == ["features"]):
        return
    from netspec.diagnosis.lint_diagnostics import pooled_over

    yield pooled_over(node, "channels" if channels else "features")


def _channel_axis(node: Node, layer: Layer, name: str) -> int:
    if layer.axes and len(node.shapes[0]) == layer.axes + 1:
        return 0
    if name not in layer.inferred_arguments(*node.shapes):
        return 1
    from netspec.diagnosis.declared_size import decider_of

    return decider_of(node, layer, name)[1]


def _channels_last(value: Value) -> bool:
    """Whether a value is a picture as files have it: height, width, channels."""
    shape = value.shape
    if value.node.layer is not None or shape is None or len(shape) < 4:
        return False
    sides = shape[1:-1]
    return shape[-1] in _CHANNELS_OF_IMAGES and all(
        not isinstance(size, int) or size >= _LEAST_SIDE for size in sides
    )


# ---- the batch -----------------------------------------------------------------------------------


def _batch(node: Node) -> Iterator[Diagnostic]:
    """The batch read as time: `batch_first` is forgotten, or the axis of time."""
    layer, value = node.layer, node.inputs[0]
    written = argument_value(node, "batch_first") is not None
    shape = value.shape
    assert shape is not None
    first = getattr(layer, "batch_first", True)
    if written and not first:
        return
    if first and len(shape) != 2:
        return
    from netspec.diagnosis.unbatched import batch_symbol

    batch = batch_symbol(value)
    if not batch:
        return
    from netspec.diagnosis.lint_diagnostics import batch_as_time

    yield batch_as_time(node, batch)


def _has_batch_first_help(node: Node) -> bool:
    from netspec.diagnosis.batch_first import batch_first_help

    return batch_first_help(node) is not None
