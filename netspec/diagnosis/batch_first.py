"""Whether a layer that takes the batch second was intended to take it first: its inputs fit that way."""

from __future__ import annotations

from netspec.diagnosis.step_edits import set_arguments
from netspec.diagnostics import Help
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.base import Layer, ShapeError


def batch_first_help(node: Node) -> Help | None:
    """`batch_first: true`, where the inputs fit with it, and with no condition on their sizes."""
    layer = node.layer
    if layer is None or getattr(layer, "batch_first", True) or argument_value(node, "batch_first"):
        return None
    changed = with_arguments(layer, {"batch_first": True})
    if changed is None or all(len(shape) < 3 for shape in node.shapes):
        return None
    conditions = Conditions({})
    conditions.set_location(node.place, node.path)
    try:
        changed.infer(conditions, *node.shapes)
    except (ShapeError, OverflowError):
        return None
    if conditions.unproved or any(not fact.lower_bound for fact in conditions.facts):
        return None
    edits = set_arguments(node, {"batch_first": True})
    return Help(
        f"write `batch_first: true`: dimension 0 of the inputs of `{node.path}` is the batch",
        edits,
        safe=False,
    )


def with_arguments(layer: Layer, arguments: dict[str, object]) -> Layer | None:
    """The layer with some arguments changed; None where they do not go together."""
    declared = {
        name: value
        for name, a in layer.arguments.items()
        if a.inferred and (value := getattr(layer, name)) is not None
    }
    made, _ = type(layer).make({**layer.changed(), **declared, **arguments})
    return made.taking(layer.taken) if made is not None and layer.taken else made
