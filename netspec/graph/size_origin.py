"""The origin of one size of a result, by the layer that computes it."""

from __future__ import annotations

from netspec.graph.nodes import Value
from netspec.layer.base import Layer, Origin


def origin_of(value: Value, axis: int) -> Origin | None:
    """The origin of one size of a value, by its layer; None for an input."""
    layer = value.node.layer
    if layer is None:
        return None
    if not speaks_for_itself(layer, "origin") and not _is_handed_on(value, axis):
        return Origin("rule")
    return layer.origin(value.index, axis, *value.node.shapes)


def speaks_for_itself(layer: Layer, method: str) -> bool:
    """Whether `origin` or `receptive_field` of a layer was written for the `infer` of that layer.

    Those of netspec's own classes were. A user's class that has an `infer` of its own and inherits the method has
    one that was written for another rule.
    """
    for cls in type(layer).__mro__:
        if cls.__module__.startswith("netspec.layers.") or method in cls.__dict__:
            return True
        if "infer" in cls.__dict__:
            return False
    return True


def _is_handed_on(value: Value, axis: int) -> bool:
    """Whether the first input has the size at the same axis, of a shape of the same rank."""
    shapes, shape = value.node.shapes, value.shape
    return (
        shape is not None
        and bool(shapes)
        and len(shapes[0]) == len(shape)
        and shapes[0][axis] == shape[axis]
    )
