"""What flows through a level: whether it is a plain sequence."""

from __future__ import annotations

from netspec.codegen.quoting import literal
from netspec.graph import Level, Node, Value
from netspec.graph.captures import unrolled
from netspec.layer.base import Module

SEQUENTIAL = frozenset({"append", "extend", "insert", "pop"})
"""Names that `nn.Sequential` has for itself."""


def is_chain(level: Level, captured: dict[Level, tuple[Value, ...]]) -> bool:
    """Whether each child takes just what the one before gave: an `nn.Sequential` says it all."""
    if len(level.inputs) != 1 or len(level.outputs) != 1:
        return False
    flow = level.inputs[0]
    for entry in unrolled(level.entries):
        if not _is_link(entry, flow, captured):
            return False
        flow = entry.outputs[0]
    return level.outputs[0] is flow


def _is_link(entry: Node | Level, flow: Value, captured: dict[Level, tuple[Value, ...]]) -> bool:
    if entry.owner is not None or entry.checkpoint or entry.name in SEQUENTIAL:
        return False
    inputs = entry.outer_inputs if isinstance(entry, Level) else entry.inputs
    if len(inputs) != 1 or inputs[0] is not flow or len(entry.outputs) != 1:
        return False
    if isinstance(entry, Level):
        return not captured[entry]
    return calls_plainly(entry) and not entry.ties


def calls_plainly(node: Node) -> bool:
    """Whether the node is a module that is called with its inputs and nothing else."""
    layer = node.layer
    if not isinstance(layer, Module):
        return False
    if type(layer).write is Module.write and not layer.call_arguments:
        return True
    inputs = [f"x{k}" for k in range(len(node.inputs))]
    texts = {name: literal(getattr(layer, name)) for name in layer.call_arguments}
    return layer.write("m", *inputs, **texts) == f"m({', '.join(inputs)})"
