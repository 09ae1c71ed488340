"""The weights of a layer at a node, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.layer.base import ConcreteShape, Layer
from netspec.limits import MOST_TENSORS

if TYPE_CHECKING:
    from netspec.graph.nodes import Node


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
