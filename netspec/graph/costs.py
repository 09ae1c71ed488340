"""The cost of a node: its weights by name, and its MACs."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.graph.nodes import Node, axes
from netspec.layers.base import ConcreteShape, Layer
from netspec.limits import MOST_TENSORS


def is_counted(node: Node) -> bool:
    """Whether the MACs of a node are known: a user's layer without `macs` may cost anything."""
    layer = type(node.layer)
    if not issubclass(layer, Layer) or layer.macs is not Layer.macs:
        return True
    return layer.__module__.startswith("netspec.layers.")


def named_weights(layer: Layer, node: Node) -> dict[str, ConcreteShape]:
    """The weights of a layer at a node, each by name; raises `SpecError` for more than a run may list."""
    stacks = type(layer).weight_groups is not Layer.weight_groups
    if stacks and layer.tensor_count(*node.shapes) > MOST_TENSORS:
        raise too_many_weights(node)
    return layer.parameters(*node.shapes)


def too_many_weights(node: Node) -> SpecError:
    """The end of a list of weights that is too long."""
    message = f"`{node.path}` exceeds the limit on individually named weights, {MOST_TENSORS:,}"
    span = node.place.span if node.place is not None else None
    return SpecError(Diagnostic(Code.BOUNDS, message, span, "limit exceeded here", path=node.path))


def node_macs(node: Node, sizes: Mapping[str, int]) -> int:
    """MACs of one node at these sizes; 0 where a shape is not known."""
    if node.layer is None or type(node.layer).macs is Layer.macs or not node.known:
        return 0
    inputs = [axes(v.shape, sizes) for v in node.inputs if v.shape is not None]
    outputs = [axes(v.shape, sizes) for v in node.outputs if v.shape is not None]
    return node.layer.macs(inputs, outputs)
