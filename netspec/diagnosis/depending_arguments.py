"""A declared size on which other arguments of the layer depend, such as `groups` of a depthwise convolution."""

from __future__ import annotations

from netspec.diagnosis.batch_first import with_arguments
from netspec.diagnosis.step_edits import Argument, makes_several, set_arguments
from netspec.diagnostics import Help
from netspec.dims import Shape, Size
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.base import Layer, ShapeError
from netspec.layer.checks import amount


def depending_arguments(
    node: Node, name: str, declared: int, size: Size, place: tuple[int, int]
) -> list[Help]:
    """What to do where the other arguments of a layer fit the declared size alone; empty where they do not.

    `place` is the input, and the dimension of it, that has the size.
    """
    layer = node.layer
    if layer is None or not isinstance(size, int):
        return []
    shapes = [list(shape) for shape in node.shapes]
    shapes[place[0]][place[1]] = declared
    as_declared = tuple(map(tuple, shapes))
    if _fits(node, with_arguments(layer, {name: size}), node.shapes):
        return []
    if not _fits(node, layer, as_declared):
        return []
    equal = {
        other: size
        for other in layer.arguments
        if getattr(layer, other) == declared and type(getattr(layer, other)) is int
        if argument_value(node, other) is not None
    }
    what = "channels" if name.endswith("channels") else "features"
    path = node.inputs[place[0]].node.path
    needed = Help(f"give `{path}` {amount(what, declared)}, which the other arguments depend on")
    if len(equal) < 2 or not _fits(node, with_arguments(layer, dict(equal)), node.shapes):
        return [needed]
    changed: dict[str, Argument] = dict(equal)
    listed = ", ".join(f"{key}: {value}" for key, value in equal.items())
    edits = () if makes_several(node) else set_arguments(node, changed)
    return [Help(f"set `{listed}`", edits, safe=False), Help(f"or {needed.text}")]


def _fits(node: Node, layer: Layer | None, shapes: tuple[Shape, ...]) -> bool:
    """Whether a layer with other arguments accepts inputs of these shapes."""
    trial = Conditions({})
    trial.set_location(node.place, node.path)
    try:
        if layer is not None:
            layer.infer(trial, *shapes)
    except (ShapeError, OverflowError):
        return False
    return layer is not None
