"""A declared size that is on another axis of the input, or is the product of several.

Then the number is right and the layout is wrong: `Flatten` is missing, or the axes are in another order.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.lint_triggers import READS_CHANNELS, READS_FEATURES
from netspec.diagnosis.reduced_dimensions import fixed_axis_reduced
from netspec.diagnosis.step_edits import makes_several, set_arguments, step_before
from netspec.diagnosis.unbatched import batch_symbol, missing_axis, takes_no_batch
from netspec.diagnostics import Edit, Help
from netspec.dims import Shape, Size
from netspec.graph.derivation import derive
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layer.base import ShapeError
from netspec.layer.checks import SIDES
from netspec.record import replace

_FLATTENS = ("Linear", "Bilinear")
"""Layers before which a `Flatten` is forgotten."""


class Misread(NamedTuple):
    """What to do about an axis that is read instead of another."""

    helps: tuple[Help, ...]
    number_may_be_intended: bool
    """Whether the size that flows in may be what the layer is to read anyway."""


def misread_axis(node: Node, name: str, declared: int, value: Value, axis: int) -> Misread | None:
    """What says that `declared` was counted on other axes than the one that the layer reads."""
    shape = value.shape
    assert shape is not None
    if takes_no_batch(node, value, axis) and (declared == 1 or batch_symbol(value)):
        is_intended = not batch_symbol(value)
        return Misread((missing_axis(node, value, declared),), number_may_be_intended=is_intended)
    if (batch_is_preserved := _preserves_batch(declared, value, axis)) is not None:
        return Misread((batch_is_preserved,), number_may_be_intended=False)
    if (flattened := _flattened(node, declared, shape, axis, value)) is not None:
        return Misread((flattened,), number_may_be_intended=False)
    other = _other_axis(declared, value, axis)
    if other is None:
        miscounted = _miscounted(node, name, declared, value, axis)
        return None if miscounted is None else Misread((miscounted,), number_may_be_intended=False)
    return Misread((_moved(node, name, declared, shape, other, axis),), number_may_be_intended=True)


def mixes_positions(node: Node, name: str, declared: int, value: Value, axis: int) -> Help | None:
    """The step that brings the positions last, where a layer over features declares their number."""
    shape = value.shape
    assert shape is not None
    others = [k for k in range(1, len(shape)) if k != axis and shape[k] == declared]
    if node.op not in READS_FEATURES or len(others) != 1 or role(value, others[0]) != "positions":
        return None
    return _moved(node, name, declared, shape, others[0], axis)


def is_misread(node: Node, declared: int, value: Value, axis: int) -> bool:
    """Whether a size that is open reads like another axis, so that no condition on it is intended."""
    shape = value.shape
    assert shape is not None
    if takes_no_batch(node, value, axis) and batch_symbol(value):
        return True
    if _preserves_batch(declared, value, axis) is not None:
        return True
    if declared != 1 and _other_axis(declared, value, axis) is not None:
        return True  # an axis of 1 says nothing: there is one everywhere
    return _flattened(node, declared, shape, axis, value) is not None


def _preserves_batch(declared: int, value: Value, axis: int) -> Help | None:
    """`start_dim: 1` of a Flatten that makes one axis of the items of the batch, too."""
    made = derive(value, axis)
    joiner = made.joiner
    if made.kind != "product" or joiner is None or joiner.op != "Flatten":
        return None
    first, *others = (term.size for term in made.terms)
    if not batch_symbol(joiner.inputs[0]) or first != joiner.shapes[0][0]:
        return None
    if not _is_product(declared, tuple(others)):
        return None
    edits = set_arguments(joiner, {"start_dim": 1})
    return Help(
        f"`start_dim: 1` in `{joiner.path}` keeps the batch dimension, {first}", edits, safe=False
    )


def open_axis_helps(node: Node, error: ShapeError) -> list[Help]:
    """What to do where a layer needs a fixed number on an axis that is open: another axis may be intended."""
    index, axis = error.axes[0]
    value = node.inputs[index]
    shape = value.shape
    assert shape is not None
    general = [*map(Help, error.helps)]
    if node.op in READS_FEATURES and (axis_help := fixed_axis_reduced(value)) is not None:
        return [axis_help, *(replace(h, text=f"or {h.text}") for h in general[:1])]
    if takes_no_batch(node, value, axis) and batch_symbol(value):
        return [missing_axis(node, value, None)]
    if node.op in _FLATTENS and (selected := _one_position(value, axis)):
        return [*selected, *(replace(h, text=f"or {h.text}") for h in general[:1])]
    last = len(shape) - 1
    other = last if node.op in READS_CHANNELS and axis == 1 else 1
    name = READS_CHANNELS.get(node.op) or READS_FEATURES.get(node.op)
    size = shape[other] if 0 < other < len(shape) != 2 else None
    if name is None or other == axis or type(size) is not int or (other == 1 and last != 2):
        return general
    return [_moved(node, name, size, shape, other, axis), *general]


def groups_of_last_axis(node: Node) -> Help | None:
    """The step that brings the last dimension second, if that is what the groups of a layer divide."""
    groups, out = (getattr(node.layer, name, None) for name in ("groups", "out_channels"))
    shape = node.shapes[0]
    last = len(shape) - 1
    name = READS_CHANNELS.get(node.op, "")
    if (
        last < 2
        or not isinstance(groups, int)
        or groups < 2
        or argument_value(node, name) is not None
    ):
        return None
    size = shape[last]
    if not isinstance(size, int) or size not in (groups, out):
        return None
    return _moved(node, name, size, shape, last, 1)


def _one_position(value: Value, axis: int) -> list[Help]:
    """One position, or the mean of all, in place of an open number of positions made one dimension."""
    made = derive(value, axis)
    joiner = made.joiner
    if (
        made.kind != "product"
        or joiner is None
        or joiner.op != "Flatten"
        or len(joiner.shapes[0]) != 3
    ):
        return []
    source = joiner.inputs[0]
    if role(source, 1) not in ("positions", "") or role(source, 2) != "features":
        return []
    choices = (
        ("read the last position alone", "{op: Select, dim: 1, index: -1}"),
        ("or the mean of all", "{op: Mean, dim: 1}"),
    )
    return [
        Help(
            f"{verb}: `{written}` in place of `{joiner.path}`",
            _in_place_of(joiner, written),
            safe=False,
        )
        for verb, written in choices
    ]


def _in_place_of(node: Node, written: str) -> tuple[Edit, ...]:
    """The edit that writes another step for one that is an op alone: `ReLU`, or `name: ReLU`."""
    step = node.step
    if (
        step is None
        or step.op is None
        or step.arguments
        or step.source is not None
        or makes_several(node)
    ):
        return ()
    place = step.op.span
    before = place.source.text[: place.start].rstrip()
    return () if before.endswith("op:") or place.text != node.op else (Edit(place, written),)


def _flattened(node: Node, declared: int, shape: Shape, axis: int, value: Value) -> Help | None:
    """The `Flatten` that would make one axis of the declared size."""
    if node.op not in _FLATTENS or axis != len(shape) - 1 or len(shape) < 2:
        return None
    for start in (*range(1, axis), 0):
        sizes = shape[start:]
        if not _is_product(declared, sizes):
            continue
        arguments = {"start_dim": start} if start != 1 else {}
        shown = "·".join(map(str, sizes))
        text = f"Flatten is missing before `{node.path}`: {declared} = {shown}"
        return Help(text, step_before(node, "Flatten", arguments))
    return _flattened_open(node, declared, shape, value)


def _miscounted(node: Node, name: str, declared: int, value: Value, axis: int) -> Help | None:
    """The `Flatten` before a layer that reads the width of a feature map, with the number of features it makes."""
    shape = value.shape
    assert shape is not None
    sizes = [size for size in shape[1:] if isinstance(size, int)]
    if node.op not in _FLATTENS or axis != len(shape) - 1 or len(sizes) < max(3, axis):
        return None
    if declared <= sizes[-1] or any(role(value, k) not in SIDES for k in range(2, len(shape))):
        return None
    features = prod(sizes)
    shown = "·".join(map(str, sizes))
    text = f"Flatten is missing before `{node.path}`: {shown} = {features} features, not {declared}"
    edits = (*step_before(node, "Flatten", {}), *set_arguments(node, {name: features}))
    return Help(text, () if makes_several(node) else edits, safe=False)


def _is_product(declared: int, sizes: Shape) -> bool:
    numbers = [s for s in sizes if type(s) is int]
    return len(numbers) == len(sizes) and prod(numbers) == declared


def _flattened_open(node: Node, declared: int, shape: Shape, value: Value) -> Help | None:
    """The same for an image whose sides are open: the channels must divide the declared size."""
    if len(shape) < 4 or all(type(s) is int for s in shape[2:]) or not isinstance(shape[1], int):
        return None
    sides = all(role(value, k) in SIDES for k in range(2, len(shape)))
    if not sides or declared % shape[1] or declared <= shape[1]:
        return None
    shown = "·".join(_factor(s) for s in shape[1:])
    text = f"Flatten is missing before `{node.path}`: {declared} features from {shown}"
    return Help(text, step_before(node, "Flatten", {}), safe=False)


def _factor(size: Size) -> str:
    return str(size) if str(size).isalnum() else f"({size})"


def _other_axis(declared: int, value: Value, axis: int) -> int | None:
    """Another axis that has the declared size; the batch does not count.

    Channels that the layers before made, and features, are where they belong: that a side has the declared
    size as well is chance. So it is where several axes have it.
    """
    shape = value.shape
    assert shape is not None
    others = [k for k in range(1, len(shape)) if k != axis and shape[k] == declared]
    if len(others) != 1 or role(value, axis) in ("channels", "features"):
        return None
    return others[0]


def _moved(node: Node, name: str, declared: int, shape: Shape, other: int, axis: int) -> Help:
    """The step that brings the other axis to where the layer reads it."""
    op, arguments = moving(len(shape), other, axis)
    what = "channels" if name.endswith("channels") or name == "num_features" else "features"
    reads = (
        "last" if axis == len(shape) - 1 else "second" if axis == 1 else (f"in dimension {axis}")
    )
    where = "the last dimension" if other == len(shape) - 1 else f"dimension {other}"
    listed = ", ".join(f"{k}: {v}" for k, v in arguments.items())
    text = (
        f"{declared} is {where} of {show(shape)}, and `{node.op}` expects the {what} "
        f"{reads}: add `{{op: {op}, {listed}}}` before `{node.path}`"
    )
    return Help(text, step_before(node, op, arguments), safe=False)


def moving(rank: int, source: int, target: int) -> tuple[str, dict[str, int | list[int]]]:
    """The step that moves an axis to another place, the rest in order.

    >>> moving(3, 2, 1), moving(4, 3, 1)
    (('Transpose', {'dim0': 1, 'dim1': 2}), ('Permute', {'dims': [0, 3, 1, 2]}))
    """
    if abs(source - target) == 1:
        return "Transpose", {"dim0": min(source, target), "dim1": max(source, target)}
    order = [k for k in range(rank) if k != source]
    order.insert(target, source)
    return "Permute", {"dims": order}
