"""A `Permute` of fewer dimensions than its input has: one of size 1, or the sides of a map, should go before."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_before, step_text
from netspec.diagnostics import Help
from netspec.graph.nodes import Node
from netspec.layer.base import ShapeError
from netspec.layers.rearrange import Permute


def permute_helps(node: Node, error: ShapeError) -> list[Help]:
    """The step before a `Permute` that leaves as many dimensions as it names; what the rule says, else."""
    layer, shape = node.layer, node.shapes[0]
    general = [Help(text) for text in error.helps]
    if not isinstance(layer, Permute) or not 2 <= len(layer.dims) < len(shape):
        return general
    if sorted(d % len(layer.dims) for d in layer.dims) != list(range(len(layer.dims))):
        return general
    surplus = len(shape) - len(layer.dims)
    ones = [axis for axis in range(1, len(shape)) if shape[axis] == 1]
    arguments: dict[str, Argument]
    if len(ones) == surplus:
        op, arguments = "Squeeze", {"dim": ones[0] if surplus == 1 else ones}
    else:
        op, arguments = "Flatten", {"start_dim": len(layer.dims) - 1}
    text = f"add `{step_text(op, arguments)}` before `{node.path}`: its output has {len(layer.dims)} dimensions"
    return [Help(text, step_before(node, op, arguments), safe=False), *general]
