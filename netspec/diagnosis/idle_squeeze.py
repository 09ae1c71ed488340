"""A Squeeze that drops nothing, and so is the cause of what a later step refuses.

torch.squeeze leaves an axis that is not 1 as it is, silently. The mistake shows at the step that
counts the axes, or reads another one than was intended; steps between that take any rank hide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from netspec.diagnostics import Code
from netspec.dims import Domain, Shape, Size
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node, Value
from netspec.layers.answers import ShapeError
from netspec.layers.base import Layer, show
from netspec.layers.checks import axis_name, quantity
from netspec.layers.shape import Squeeze

_MOST_BETWEEN = 6
"""How many steps may be between the Squeeze and the step that shows the mistake."""


class Cause(NamedTuple):
    """The Squeeze to blame, and what to say of it."""

    node: Node
    error: ShapeError


class _Idle(NamedTuple):
    """A Squeeze that keeps axes it names, and the shape of a later value had it dropped them."""

    node: Node
    wide_axes: list[int]
    shape: Shape


def behind_refusal(node: Node, error: ShapeError, known: Mapping[str, Domain]) -> Cause | None:
    """The Squeeze before a node that refuses its input, and would take it squeezed, or its rank at least."""
    for index, idle in _idle_inputs(node, known):
        trial = _inferred(node, index, idle.shape, known)
        shown = trial if isinstance(trial, ShapeError) else None
        if shown is None or (error.code == Code.RANK != shown.code):
            shape = node.inputs[index].shape
            return _cause(idle, f"`{node.path}` ({node.op}) does not accept {show(shape)}")
    return None


def behind_declared_size(
    node: Node, argument: str, declared: int, known: Mapping[str, Domain]
) -> Cause | None:
    """The Squeeze before a node whose declared size fits the input squeezed."""
    for index, idle in _idle_inputs(node, known):
        shapes = _with(node, index, idle.shape)
        if node.layer is None or isinstance(_inferred(node, index, idle.shape, known), ShapeError):
            continue
        if node.layer.inferred_arguments(*shapes).get(argument) == declared:
            shape = node.inputs[index].shape
            return _cause(idle, f"`{node.path}` receives {show(shape)}, not {show(idle.shape)}")
    return None


def behind_expected_shape(
    value: Value, wanted: list[Size | None], known: Mapping[str, Domain]
) -> Cause | None:
    """The Squeeze before a value that would have the expected shape squeezed; None in `wanted` is any size."""
    idle = _idle_before(value, known, _MOST_BETWEEN)
    if idle is None or len(idle.shape) != len(wanted):
        return None
    if any(w is not None and w != size for w, size in zip(wanted, idle.shape, strict=True)):
        return None
    return _cause(idle, f"`{value.node.path}` is expected to have {show(idle.shape)}")


def _idle_inputs(node: Node, known: Mapping[str, Domain]) -> list[tuple[int, _Idle]]:
    found = [
        (index, _idle_before(value, known, _MOST_BETWEEN))
        for index, value in enumerate(node.inputs)
    ]
    return [(index, idle) for index, idle in found if idle is not None]


def _idle_before(value: Value, known: Mapping[str, Domain], steps: int) -> _Idle | None:
    """The nearest Squeeze on the way to a value that drops nothing, and this value's shape if it did."""
    node = value.node
    layer = node.layer
    if layer is None or not node.known or not node.inputs or steps == 0:
        return None
    if isinstance(layer, Squeeze):
        return _of_squeeze(node, layer)
    if len(node.inputs) != 1:
        return None
    before = _idle_before(node.inputs[0], known, steps - 1)
    if before is None:
        return None
    shapes = _inferred(node, 0, before.shape, known)
    return None if isinstance(shapes, ShapeError) else before._replace(shape=shapes[value.index])


def _of_squeeze(node: Node, layer: Squeeze) -> _Idle | None:
    if layer.dim is None:
        return None
    shape = node.shapes[0]
    dropped = layer.remaining_axes((1,) * len(shape))
    wide = [axis for axis in layer.remaining_axes(shape) if axis not in dropped]
    return _Idle(node, wide, tuple(shape[axis] for axis in dropped)) if wide else None


def _with(node: Node, index: int, shape: Shape) -> list[Shape]:
    return [shape if k == index else given for k, given in enumerate(node.shapes)]


def _inferred(
    node: Node, index: int, shape: Shape, known: Mapping[str, Domain]
) -> list[Shape] | ShapeError:
    """The shapes that a node would give with another shape of one input, or its refusal."""
    trial = Conditions(known)
    trial.set_location(node.place, node.path)
    layer = node.layer
    assert isinstance(layer, Layer)
    try:
        made = layer.infer(trial, *_with(node, index, shape))
    except ShapeError as error:
        return error
    except OverflowError:
        return ShapeError(Code.BOUNDS, "the sizes exceed the limits of the checker")
    return list(made) if isinstance(made, list) else [made]


def _cause(idle: _Idle, consequence: str) -> Cause:
    shape = idle.node.shapes[0]
    names = " and ".join(
        f"{quantity(axis_name(len(shape), axis))} is {shape[axis]}" for axis in idle.wide_axes
    )
    error = ShapeError(
        Code.VALUE,
        f"`Squeeze` removes only dimensions of size 1, but {names}, and {consequence}",
        argument="dim",
        label=f"the input is {show(shape)}",
        axes=tuple((0, axis) for axis in idle.wide_axes),
    )
    return Cause(idle.node, error)
