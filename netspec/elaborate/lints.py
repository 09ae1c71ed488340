"""What inference hides: networks that PyTorch would have refused, because its user writes the number.

A `Linear` without `in_features` takes any last axis, be it the width of an image; an LSTM without
`batch_first` reads the batch as time. Where the layers before say that an axis counts something else, it
is a warning, unless the spec writes the argument, or a comment says that it is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Code, Diagnostic, Help
from netspec.elaborate.axis_role import Roles
from netspec.elaborate.batch_first import batch_first_help
from netspec.elaborate.declared_size import decider_of
from netspec.elaborate.graph import Graph, Node, Value
from netspec.elaborate.misread_axis import moving
from netspec.elaborate.places import argument, around, place
from netspec.elaborate.reduced_axes import features_reduced, misread_reduction
from netspec.elaborate.step_edits import renamed, set_arguments, step_before
from netspec.elaborate.suspects import BATCH_FIRST, READS_CHANNELS, READS_FEATURES
from netspec.elaborate.unbatched import batch_symbol
from netspec.layers.base import Layer, show
from netspec.layers.checks import SIDES, SPATIAL, amount, layout

_CHANNELS_OF_IMAGES = (1, 3, 4)
_LEAST_SIDE = 16
"""An image whose second axis is at least so long, and whose last is 1, 3 or 4, has the channels last."""


def lint(graph: Graph, related: frozenset[str] = frozenset()) -> Iterator[Diagnostic]:
    """The warnings on a graph, one for each place of the text and kind.

    Of the nodes in `related`, by path, a relation of sizes was reported: the forgotten `batch_first` is its help.
    """
    roles = Roles()
    reduced: set[str] = set()
    """The reductions that were reported at the first layer that reads their result."""
    for node in graph.nodes:
        if node.layer is None or not node.known or not node.inputs or node.step is None:
            continue
        if node.op in READS_FEATURES:
            name = READS_FEATURES[node.op]
            reduction = misread_reduction(node, name, roles)
            if reduction is None:
                yield from _features(node, name, roles)
            elif reduction.node.path not in reduced:
                reduced.add(reduction.node.path)
                yield features_reduced(node, name, reduction, roles)
        elif node.op in READS_CHANNELS:
            yield from _channels(node, READS_CHANNELS[node.op], roles)
        if node.op in BATCH_FIRST:
            if node.path not in related or batch_first_help(node) is None:
                yield from _batch(node)
        elif "Pool" in node.op:
            yield from _pooled(node, roles)


# ---- features and channels -----------------------------------------------------------------------


def _features(node: Node, name: str, roles: Roles) -> Iterator[Diagnostic]:
    """The last axis read as features where it is a side of an image."""
    value = node.inputs[0]
    rank = len(value.shape or ())
    if rank < 3 or argument(node, name) is not None:
        return
    side = roles.of(value, rank - 1)
    positions = side == "positions" and node.op in BATCH_FIRST and roles.of(value, 1) == "channels"
    if side not in SIDES and not positions:
        return
    shape = value.shape
    assert shape is not None
    ones = all(size == 1 for size in shape[2:])
    text = f"`{node.op}` reads the {side} of {show(shape)} as its features"
    if ones or (node.op == "Linear" and rank >= 4):
        help_ = Help(
            f"put `Flatten` before `{node.path}`, to read all channels",
            step_before(node, "Flatten", {}),
            safe=False,
        )
    else:
        op, arguments = moving(rank, 1, rank - 1)
        help_ = _moved(node, op, arguments)
    yield _warning(
        node,
        Code.AXIS,
        text,
        amount("features", shape[-1]),
        (help_, _if_meant(node, name, shape[-1])),
    )


def _channels(node: Node, name: str, roles: Roles) -> Iterator[Diagnostic]:
    """The second axis read as channels where the features, or the channels of a picture, come last."""
    layer, value = node.layer, node.inputs[0]
    shape = value.shape
    if layer is None or shape is None or argument(node, name) is not None or len(shape) < 3:
        return
    axis = _channel_axis(node, layer, name)
    if axis != 1 or axis == len(shape) - 1:
        return
    what = roles.of(value, axis)
    sequence = what == "positions" and roles.of(value, len(shape) - 1) == "features"
    if not sequence and what not in SIDES and not _channels_last(value):
        return
    read = what if what in ("positions", *SIDES) else "second axis"
    text = f"`{node.op}` reads the {read} of {show(shape)} as its channels"
    op, arguments = moving(len(shape), len(shape) - 1, 1)
    yield _warning(
        node, Code.AXIS, text, amount("channels", shape[axis]),
        (_moved(node, op, arguments), _if_meant(node, name, shape[axis])),
    )  # fmt: skip


def _pooled(node: Node, roles: Roles) -> Iterator[Diagnostic]:
    """A pool over what is no side: the channels of what has one axis less, or the features of a sequence."""
    layer, value = node.layer, node.inputs[0]
    shape = value.shape
    if layer is None or shape is None or not layer.axes:
        return
    first = len(shape) - layer.axes
    read = [roles.of(value, axis) for axis in range(first, len(shape))]
    side = SPATIAL[layer.axes]
    if first == 1 and read[0] == "channels" and layer.axes > 1:
        what, name = "channels", side[0]
        other = f"{node.op[:-2]}{layer.axes - 1}d"
        help_ = Help(
            f"`{other}` takes {layout(layer.axes - 1, unbatched=False)}",
            renamed(node, other),
            safe=False,
        )
    elif layer.axes == 1 and len(shape) == 3 and read == ["features"]:
        what, name = "features", side[0]
        help_ = _moved(node, *moving(3, 2, 1))
    else:
        return
    text = f"`{node.op}` reads the {what} of {show(shape)} as its {name}"
    meant = Help(f"if it is meant, write `# netspec: ignore[{Code.AXIS}]` behind it")
    yield _warning(node, Code.AXIS, text, f"pools over the {what}", (help_, meant))


def _channel_axis(node: Node, layer: Layer, name: str) -> int:
    if layer.axes and len(node.shapes[0]) == layer.axes + 1:
        return 0
    return decider_of(node, layer, name)[1] if name in layer.given(*node.shapes) else 1


def _channels_last(value: Value) -> bool:
    """Whether a value is a picture as files have it: height, width, channels."""
    shape = value.shape
    if value.node.layer is not None or shape is None or len(shape) < 4:
        return False
    sides = shape[1:-1]
    return shape[-1] in _CHANNELS_OF_IMAGES and all(
        not isinstance(size, int) or size >= _LEAST_SIDE for size in sides
    )


def _moved(node: Node, op: str, arguments: dict[str, int | list[int]]) -> Help:
    listed = ", ".join(f"{k}: {show(v)}" for k, v in arguments.items())
    text = f"put `{{op: {op}, {listed}}}` before `{node.path}`"
    return Help(text, step_before(node, op, arguments), safe=False)


def _if_meant(node: Node, name: str, size: object) -> Help:
    if type(size) is int and name in (node.layer.arguments if node.layer is not None else ()):
        return Help(f"if it is meant, write `{name}: {size}`")
    return Help(f"if it is meant, write `# netspec: ignore[{Code.AXIS}]` behind it")


# ---- the batch -----------------------------------------------------------------------------------


def _batch(node: Node) -> Iterator[Diagnostic]:
    """The batch read as time: `batch_first` is forgotten, or the axis of time."""
    layer, value = node.layer, node.inputs[0]
    written = argument(node, "batch_first") is not None
    shape = value.shape
    assert shape is not None
    first = getattr(layer, "batch_first", True)
    if written and not first:
        return
    if first and len(shape) != 2:
        return
    batch = batch_symbol(value)
    if not batch:
        return
    text = f"`{node.op}` reads the batch {batch} of {show(shape)} as time: its first axis is the sequence"
    meant = Help("if the first axis is time, write `batch_first: false`")
    if len(shape) == 3:
        edits = set_arguments(node, {"batch_first": True})
        help_ = Help("write `batch_first: true`", edits, safe=False)
    elif first:
        text = f"`{node.op}` reads the batch {batch} of {show(shape)} as time: two axes are one sequence"
        step = step_before(node, "Unsqueeze", {"dim": 1})
        words = f"put `{{op: Unsqueeze, dim: 1}}` before `{node.path}`, for sequences of one step"
        help_ = Help(words, step, safe=False)
    else:
        help_ = Help("give it a sequence, [N, L, F] with `batch_first: true`")
    yield _warning(node, Code.BATCH_AXIS, text, f"{batch} is read as time", (help_, meant))


def _warning(node: Node, code: str, text: str, label: str, helps: tuple[Help, ...]) -> Diagnostic:
    return Diagnostic(
        code, f"`{node.path}`: {text}", place(node), label, helps=helps, severity="warning",
        path=node.path, frames=around(node.level),
    )  # fmt: skip
