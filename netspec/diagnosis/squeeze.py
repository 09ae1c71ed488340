"""A Squeeze that drops too little or too much, and so is the cause of what a later step rejects.

torch.squeeze leaves a dimension that is not 1 as it is, and without `dim` it drops a batch of 1 as well, both
without an error. The mistake shows at a later step that counts the dimensions, or reads another one than was
intended; steps in between that accept any rank hide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.diagnostics import Code
from netspec.dims import Domain, Shape, Size
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node, Value
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer
from netspec.layer.checks import axis_name, quantity
from netspec.layer.shape_rules import ShapeError
from netspec.layers.unit_dimensions import Squeeze

_MOST_BETWEEN = 6
"""How many steps may be between the Squeeze and the step that shows the mistake."""

_FIRST_SPATIAL = 2
"""The first dimension behind the batch and the channels."""


class Cause(NamedTuple):
    """The Squeeze to blame, and what to say of it."""

    node: Node
    error: ShapeError


class _Intended(NamedTuple):
    """A Squeeze that likely keeps or drops the wrong dimensions, and the shape of a later value if it did not."""

    node: Node
    wrong_axes: list[int]
    shape: Shape
    drops_batch: bool = False
    """Whether it drops the batch of 1, in place of keeping a dimension that is not 1."""


def behind_rejection(node: Node, error: ShapeError, known: Mapping[str, Domain]) -> Cause | None:
    """The Squeeze before a node that rejects its input, and would take it squeezed, or its rank at least."""
    for index, intended in _intended_inputs(node, known):
        trial = _inferred(node, index, intended.shape, known)
        shown = trial if isinstance(trial, ShapeError) else None
        if shown is None or (error.code == Code.RANK != shown.code):
            shape = node.inputs[index].shape
            return _cause(intended, f"`{node.path}` ({node.op}) does not accept {show(shape)}")
    return None


def behind_declared_size(
    node: Node, argument: str, declared: int, known: Mapping[str, Domain]
) -> Cause | None:
    """The Squeeze before a node whose declared size fits the input squeezed."""
    for index, intended in _intended_inputs(node, known):
        shapes = _with(node, index, intended.shape)
        if node.layer is None or isinstance(
            _inferred(node, index, intended.shape, known), ShapeError
        ):
            continue
        if node.layer.inferred_arguments(*shapes).get(argument) == declared:
            shape = node.inputs[index].shape
            return _cause(
                intended, f"`{node.path}` receives {show(shape)}, not {show(intended.shape)}"
            )
    return None


def behind_expected_shape(
    value: Value, declared: list[Size | None], known: Mapping[str, Domain]
) -> Cause | None:
    """The Squeeze before a value that would have the expected shape squeezed; None in `declared` is any size."""
    intended = _intended_before(value, known, _MOST_BETWEEN)
    if intended is None or len(intended.shape) != len(declared):
        return None
    if any(w is not None and w != size for w, size in zip(declared, intended.shape, strict=True)):
        return None
    return _cause(intended, f"`{value.node.path}` is expected to have {show(intended.shape)}")


def _intended_inputs(node: Node, known: Mapping[str, Domain]) -> list[tuple[int, _Intended]]:
    candidates = [
        (index, _intended_before(value, known, _MOST_BETWEEN))
        for index, value in enumerate(node.inputs)
    ]
    return [(index, intended) for index, intended in candidates if intended is not None]


def _intended_before(value: Value, known: Mapping[str, Domain], steps: int) -> _Intended | None:
    """The nearest Squeeze on the way to a value that drops nothing, and this value's shape if it did."""
    node = value.node
    layer = node.layer
    if layer is None or not node.known or not node.inputs or steps == 0:
        return None
    if isinstance(layer, Squeeze):
        return _of_squeeze(node, layer)
    if len(node.inputs) != 1:
        return None
    before = _intended_before(node.inputs[0], known, steps - 1)
    if before is None:
        return None
    shapes = _inferred(node, 0, before.shape, known)
    return None if isinstance(shapes, ShapeError) else before._replace(shape=shapes[value.index])


def _of_squeeze(node: Node, layer: Squeeze) -> _Intended | None:
    shape = node.shapes[0]
    remaining = layer.source_axes(shape)
    if layer.dim is None:
        return _without_dim(node, shape, remaining)
    intended = layer.source_axes((1,) * len(shape))
    wide = [axis for axis in remaining if axis not in intended]
    return _intended(node, wide, intended) if wide else None


def _without_dim(node: Node, shape: Shape, remaining: list[int]) -> _Intended | None:
    """A Squeeze without `dim`: meant to keep the batch, and of a pooled image its channels and nothing else."""
    if shape and shape[0] == 1:
        return _intended(node, [0], [0, *remaining], drops_batch=True)
    wide = [axis for axis in remaining if axis >= _FIRST_SPATIAL]
    intended = [axis for axis in remaining if axis < _FIRST_SPATIAL]
    return _intended(node, wide, intended) if wide else None


def _intended(
    node: Node, wrong_axes: list[int], remaining: list[int], *, drops_batch: bool = False
) -> _Intended:
    shape = node.shapes[0]
    return _Intended(node, wrong_axes, tuple(shape[axis] for axis in remaining), drops_batch)


def _with(node: Node, index: int, shape: Shape) -> list[Shape]:
    return [shape if k == index else original for k, original in enumerate(node.shapes)]


def _inferred(
    node: Node, index: int, shape: Shape, known: Mapping[str, Domain]
) -> list[Shape] | ShapeError:
    """The shapes that a node would give with another shape of one input, or its rejection."""
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


def _cause(intended: _Intended, consequence: str) -> Cause:
    shape = intended.node.shapes[0]
    if intended.drops_batch:
        return Cause(intended.node, _batch_dropped(intended, consequence))
    names = " and ".join(
        f"{quantity(axis_name(len(shape), axis))} is {shape[axis]}" for axis in intended.wrong_axes
    )
    error = ShapeError(
        Code.VALUE,
        f"`Squeeze` removes only dimensions of size 1, but {names}, and {consequence}",
        argument="dim",
        label=f"the input is {show(shape)}",
        axes=tuple((0, axis) for axis in intended.wrong_axes),
        helps=_pooled(shape, intended.wrong_axes),
    )
    return Cause(intended.node, error)


def _pooled(shape: Shape, axes: Sequence[int]) -> tuple[str, ...]:
    """The pool that makes one side of a map 1, whatever it was."""
    if len(shape) not in (3, 4, 5) or len(axes) != 1 or axes[0] < _FIRST_SPATIAL:
        return ()
    sides = range(_FIRST_SPATIAL, len(shape))
    listed = ", ".join("1" if axis == axes[0] else "null" for axis in sides)
    size = f"[{listed}]" if len(sides) > 1 else listed
    op = f"AdaptiveAvgPool{len(sides)}d"
    return (f"pool it to 1 before, with `{{op: {op}, output_size: {size}}}`",)


def _batch_dropped(intended: _Intended, consequence: str) -> ShapeError:
    shape = intended.node.shapes[0]
    ones = [axis for axis in range(1, len(shape)) if shape[axis] == 1]
    dims: int | list[int] = ones[0] if len(ones) == 1 else ones
    return ShapeError(
        Code.VALUE,
        f"`Squeeze` without `dim` drops the batch of size 1 as well, and {consequence}",
        label=f"the input is {show(shape)}",
        helps=(f"set `dim: {dims}`",) if ones else ("remove this step: nothing else is of size 1",),
        fits={"dim": dims} if ones else None,
    )
