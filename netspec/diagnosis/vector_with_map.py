"""A vector that meets a feature map or a sequence in a join: the dimensions that one of them lacks."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.dropped_dimension import ELEMENTWISE
from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.projection import reference_text
from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between, put_steps_between
from netspec.diagnostics import Help
from netspec.dims import Shape
from netspec.graph.nodes import Node
from netspec.layer.argument_kinds import show
from netspec.layer.base import ShapeError
from netspec.layer.checks import amount


def ranks_helps(node: Node, error: ShapeError) -> list[Help]:
    """What brings a map and a vector to one number of dimensions, so that they can be joined."""
    if len(error.axes) != 2:
        return [Help(text) for text in error.helps]
    (a, _), (b, _) = error.axes
    deep, flat = (a, b) if len(node.shapes[a]) > len(node.shapes[b]) else (b, a)
    shape = node.shapes[deep]
    if len(node.shapes[flat]) != 2 or len(shape) < 3:
        return []
    path = node.inputs[deep].node.path
    flatten = put_between(node, deep, "Flatten", {}, "flat")
    if all(size == 1 for size in shape[2:]):
        text = (
            f"`Flatten` is missing after `{path}`: it returns {show(shape[:2])} for {show(shape)}"
        )
        return [Help(text, flatten, safe=False)]
    if _is_position(node, shape, node.shapes[flat]):
        name = reference_text(node, flat)
        text = f"add `{{op: Unsqueeze, dim: 1}}` after `{name}`, to join it as one more position"
        edits = put_between(node, flat, "Unsqueeze", {"dim": 1}, "position")
        return [Help(text, edits, safe=False)]
    expanded = [*_expanded(node, deep, flat)]
    if any(type(size) is not int for size in shape[1:]):
        return expanded
    other = node.inputs[flat].node.path
    text = f"add `Flatten` after `{path}`, for 2 dimensions as in `{other}`"
    return [
        Help(text, flatten, safe=False),
        *(Help(f"or {h.text}", h.edits, safe=False) for h in expanded),
    ]


def _is_position(node: Node, shape: Shape, vector: Shape) -> bool:
    """Whether a vector is one position of the sequence that it is joined with along the positions."""
    joined = getattr(node.layer, "dim", 1) % len(shape)
    return len(shape) == 3 and joined == 1 and vector[1] == shape[2]


def _expanded(node: Node, deep: int, flat: int) -> Iterator[Help]:
    """The vector repeated at every position of the map: dimensions of size 1, then `Expand`."""
    shape, vector = node.shapes[deep], node.shapes[flat]
    dim = getattr(node.layer, "dim", 1) % len(shape)
    if type(vector[1]) is not int or dim == 0:
        return
    channels = dim if len(shape) == 3 else 1  # the features of a sequence may be last
    name = expression_name(node.inputs[deep].node)
    size = _expand_size(shape, channels, name)
    if not size:
        return
    first: tuple[str, dict[str, Argument]] = ("Unsqueeze", {"dim": 1})
    if channels < len(shape) - 1:
        first = ("Unflatten", _unflatten(vector, len(shape)))
    steps: list[tuple[str, dict[str, Argument]]] = [first, ("Expand", {"size": size})]
    listed = " and ".join(f"`{step_text(*step)}`" for step in steps)
    names = [reference_text(node, index) for index in (flat, deep)]
    text = f"repeat `{names[0]}` at every position of `{names[1]}`: add {listed}"
    yield Help(text, put_steps_between(node, flat, steps, "expanded"), safe=False)


def _expand_size(shape: Shape, channels: int, name: str) -> Argument | None:
    """The size for `Expand`: -1 for the batch and the channels, the sides of the map for the others."""
    sides = [k for k in range(1, len(shape)) if k != channels]
    if not name and any(type(shape[k]) is not int for k in sides):
        return None
    sizes: list[str] = ["-1"] * len(shape)
    for k in sides:
        size = shape[k]
        sizes[k] = str(size) if type(size) is int else f"{name}.size({k})"
    return f"[{', '.join(sizes)}]"


def _unflatten(vector: Shape, rank: int) -> dict[str, Argument]:
    size = vector[1]
    assert isinstance(size, int)
    return {"dim": 1, "unflattened_size": [size, *[1] * (rank - 2)]}


def vector_with_sides(node: Node) -> Iterator[Help]:
    """Dimensions of 1 for a vector of channels that meets a map: without, it is matched from the last one."""
    if node.op not in ELEMENTWISE or not node.known or len(node.shapes) < 2:
        return
    ranks = [len(shape) for shape in node.shapes]
    deep, flat = ranks.index(max(ranks)), ranks.index(min(ranks))
    shape, vector = node.shapes[deep], node.shapes[flat]
    if len(vector) != 2 or vector[0] != shape[0] or type(vector[1]) is not int or len(shape) < 3:
        return
    path = node.inputs[flat].node.path
    if len(shape) == 3 and vector[1] == shape[2] != shape[1]:  # features of a sequence
        text = (
            f"`{path}` has no dimension for the positions: add `{{op: Unsqueeze, dim: 1}}` after it"
        )
        yield Help(text, put_between(node, flat, "Unsqueeze", {"dim": 1}, "expanded"), safe=False)
        return
    arguments = _unflatten(vector, len(shape))
    steps: list[tuple[str, dict[str, Argument]]] = [("Unflatten", arguments)]
    reason = ""
    if vector[1] != shape[1] and type(shape[1]) is int:
        arguments = {**arguments, "unflattened_size": [shape[1], *[1] * (len(shape) - 2)]}
        steps = [("Linear", {"out_features": shape[1]}), ("Unflatten", arguments)]
        reason = f", and {amount('features', vector[1])} for {amount('channels', shape[1])}"
    listed = " and ".join(f"`{step_text(*step)}`" for step in steps)
    text = f"`{path}` has no spatial dimensions{reason}: add {listed} after it"
    yield Help(text, put_steps_between(node, flat, steps, "map"), safe=False)
