"""The cost of a node: its weights by name, and its MACs."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.graph.nodes import Node, axes
from netspec.layer.base import Layer


def is_counted(node: Node) -> bool:
    """Whether the MACs of a node are known: a user's layer without `macs` may cost anything."""
    layer = type(node.layer)
    if not issubclass(layer, Layer) or layer.macs is not Layer.macs:
        return True
    return layer.__module__.startswith("netspec.layers.")


def node_macs(node: Node, sizes: Mapping[str, int]) -> int:
    """MACs of one node at these sizes; 0 where a shape is not known."""
    if node.layer is None or type(node.layer).macs is Layer.macs or not node.known:
        return 0
    inputs = [axes(v.shape, sizes) for v in node.inputs if v.shape is not None]
    outputs = [axes(v.shape, sizes) for v in node.outputs if v.shape is not None]
    return node.layer.macs(inputs, outputs)
