"""A Squeeze that drops nothing, and so is the cause of what a later layer refuses."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.diagnostics import Code
from netspec.dims import Domain, Shape
from netspec.elaborate.conditions import Conditions
from netspec.elaborate.graph import Node
from netspec.layers.answers import ShapeError
from netspec.layers.base import Layer, show
from netspec.layers.checks import axis_name, quantity
from netspec.layers.shape import Squeeze


def idle_squeeze(node: Node, known: Mapping[str, Domain]) -> tuple[Node, ShapeError] | None:
    """The Squeeze before a node that would take its input squeezed, and what to say of it; else None."""
    for index, value in enumerate(node.inputs):
        layer = value.node.layer
        if not isinstance(layer, Squeeze) or layer.dim is None or not value.node.known:
            continue
        shape = value.node.shapes[0]
        gone = layer.kept((1,) * len(shape))
        wide = [axis for axis in layer.kept(shape) if axis not in gone]
        squeezed = tuple(shape[axis] for axis in gone)
        shapes = list(node.shapes)
        shapes[index] = squeezed
        if wide and node.layer is not None and _takes(node, node.layer, shapes, known):
            return value.node, _refusal(value.node, wide, node)
    return None


def _takes(node: Node, layer: Layer, shapes: list[Shape], known: Mapping[str, Domain]) -> bool:
    trial = Conditions(known)
    trial.at(node.place, node.path)
    try:
        layer.infer(trial, *shapes)
    except (ShapeError, OverflowError):
        return False
    return True


def _refusal(squeeze: Node, wide: list[int], reader: Node) -> ShapeError:
    shape = squeeze.shapes[0]
    names = " and ".join(
        f"{quantity(axis_name(len(shape), axis))} is {shape[axis]}" for axis in wide
    )
    return ShapeError(
        Code.VALUE,
        f"`Squeeze` drops an axis of size 1 only, but {names}, and `{reader.path}` ({reader.op}) "
        f"does not take {show(squeeze.outputs[0].shape)}",
        argument="dim",
        label=f"the input is {show(shape)}",
        axes=tuple((0, axis) for axis in wide),
    )
