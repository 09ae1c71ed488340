"""Concatenations that grow: each is the previous one and more channels, so that one buffer holds all of them."""

from __future__ import annotations

from netspec.graph import Node, Value
from netspec.optimize.inference.dataflow import Dataflow
from netspec.optimize.layer_names import layer_name

_SOON = 16
"""The number of nodes between two that follow each other closely."""


class Buffer:
    """Tensors side by side in one buffer.

    Attributes:
        first: The first tensor.
        channels: The number of channels of all tensors.
        nodes: The concatenations, in order.
        appended: The tensors that each concatenation adds.
    """

    def __init__(self, first: Value) -> None:
        self.first, self.channels = first, 0
        self.nodes: list[Node] = []
        self.appended: dict[Node, tuple[Value, ...]] = {}

    def extend(self, node: Node, appended: tuple[Value, ...]) -> None:
        """Add a concatenation."""
        channels = (node.outputs[0].shape or ())[1]
        assert isinstance(channels, int)
        self.channels = channels
        self.nodes.append(node)
        self.appended[node] = appended

    @property
    def last(self) -> Node:
        """The concatenation of all tensors."""
        return self.nodes[-1]

    def starts_early(self, flow: Dataflow) -> bool:
        """Whether to copy the first tensor as soon as it exists, because it is concatenated soon after."""
        return flow.order[self.nodes[0]] - flow.order.get(self.first.node, 0) <= _SOON

    def is_free(self, flow: Dataflow) -> bool:
        """Whether nothing reads an earlier concatenation after the last one."""
        values = [self.first, *(node.outputs[0] for node in self.nodes[:-1])]
        readers = [reader for value in values for reader in flow.readers.get(value, [])]
        return all(r is not None and flow.order[r] <= flow.order[self.last] for r in readers)


def growing_concatenations(flow: Dataflow) -> dict[Node, Buffer]:
    """Find the concatenations that extend another one.

    Args:
        flow: The data flow of a graph.

    Returns:
        The buffer of each concatenation that is in one, with at least two concatenations each.
    """
    buffers: list[Buffer] = []
    parts: dict[Value, tuple[Value, ...]] = {}
    for node in flow.nodes:
        if not _is_of_channels(node):
            continue
        pieces = [p for v in flow.inputs(node) for p in parts.get(v, (v,))]
        parts[node.outputs[0]] = tuple(pieces)
        _add(node, tuple(pieces), parts, buffers)
    return {node: b for b in buffers if len(b.nodes) > 1 for node in b.nodes}


def _add(
    node: Node,
    pieces: tuple[Value, ...],
    parts: dict[Value, tuple[Value, ...]],
    buffers: list[Buffer],
) -> None:
    """Extend the buffer whose tensors a concatenation begins with, or start one."""
    for buffer in buffers:
        earlier = parts[buffer.last.outputs[0]]
        if len(earlier) < len(pieces) and pieces[: len(earlier)] == earlier:
            buffer.extend(node, pieces[len(earlier) :])
            return
    buffers.append(Buffer(pieces[0]))
    buffers[-1].extend(node, pieces[1:])


def _is_of_channels(node: Node) -> bool:
    shape = node.outputs[0].shape
    if layer_name(node) != "Concat" or shape is None or len(shape) != 4:
        return False
    dim = getattr(node.layer, "dim", 0)
    is_float = all(v.dtype == node.outputs[0].dtype for v in node.inputs)
    return dim in (1, -3) and isinstance(shape[1], int) and is_float and len(node.inputs) > 1
