"""How tensors are in memory while a network trains: which are views of one, and which repeat elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from netspec.graph.nodes import Node, Value, axes
from netspec.layer.base import ConcreteShape
from netspec.layers.strides import contiguous


class MemoryLayout(NamedTuple):
    """How one tensor is in memory."""

    root: Value
    """The tensor that owns the memory."""
    sizes: ConcreteShape
    strides: ConcreteShape
    split: Node | None = None
    """The Chunk or Split that it is a part of."""
    expanded: Node | None = None
    """The last Expand that it went through."""

    @property
    def repeats(self) -> bool:
        """Whether several of its elements share one memory location, so that torch cannot write to any."""
        pairs = zip(self.sizes, self.strides, strict=True)
        return any(size > 1 and stride == 0 for size, stride in pairs)


class Layouts:
    """The layouts of the values of a graph at these sizes, computed on request.

    Recomputed values are assumed to be valid.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self._known: dict[Value, MemoryLayout] = {}

    def of(self, value: Value) -> MemoryLayout | None:
        """The layout of a value; None if its shape is unknown."""
        value = value.source
        chain = [value]
        while chain[-1] not in self._known and _may_be_view(chain[-1].node):
            chain.append(chain[-1].node.inputs[0].source)
        if any(v.shape is None for v in chain):
            return None
        for link in reversed(chain):
            if link not in self._known:
                self._known[link] = self._layout(link)
        return self._known[value]

    def _layout(self, value: Value) -> MemoryLayout:
        assert value.shape is not None
        sizes = axes(value.shape, self.sizes)
        node, layer = value.node, value.node.layer
        if layer is not None and _may_be_view(node):
            below = self._known[node.inputs[0].source]
            if layer.overwrites():
                return below
            strides = layer.strides(below.sizes, below.strides, sizes)
            if strides is not None:
                split = node if layer.splits else below.split
                expanded = node if 0 in strides and 0 not in below.strides else below.expanded
                return MemoryLayout(below.root, sizes, strides, split, expanded)
        return MemoryLayout(value, sizes, contiguous(sizes))


def _may_be_view(node: Node) -> bool:
    return node.layer is not None and (node.layer.view or node.layer.overwrites())
