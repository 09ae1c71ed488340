"""An input with the wrong number of dimensions: the step that is missing, or the layer that fits."""

from __future__ import annotations

from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.lint_triggers import BATCH_FIRST, READS_CHANNELS, READS_FEATURES
from netspec.diagnosis.missing_batch import missing_batch
from netspec.diagnosis.step_edits import Argument, renamed_op, step_before, step_text, steps_before
from netspec.diagnostics import Edit, Help
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.shape_rules import ShapeError
from netspec.layers import OPS
from netspec.record import replace

_RECURRENT = frozenset({"LSTM", "GRU", "RNN"})


def rank_helps(node: Node, error: ShapeError) -> list[Help]:
    """What to do about the number of axes; the help of the rule if nothing else is known."""
    if error.axes:
        from netspec.diagnosis.vector_with_map import ranks_helps

        return ranks_helps(node, error)
    if not node.inputs or node.layer is None:
        return [*map(Help, error.helps)]
    if node.op in BATCH_FIRST:
        return _sequence(node)
    edits = () if node.op.startswith("Dropout") else _other_layer(node)  # its help is another one
    helps = [Help(text, edits, safe=False) for text in error.helps]
    if (batched := missing_batch(node)) is not None:
        return [batched, *(replace(h, text=f"or {h.text}") for h in helps)]
    axes, rank = node.layer.axes, len(node.shapes[0])
    if axes > 1 and rank == axes + 3:
        return _each_step(node, helps)
    if rank == 2 and node.op.startswith("Conv"):
        return _unflattened(node)
    return helps


def _other_layer(node: Node) -> tuple[Edit, ...]:
    """The name of the layer over as many axes as there are."""
    other = f"{node.op[:-2]}{max(len(node.shapes[0]) - 2, 1)}d"
    return renamed_op(node, other) if other in OPS else ()


def _each_step(node: Node, others: list[Help]) -> list[Help]:
    """The axis after the batch made one with it, for a picture at each step of a film."""
    arguments = {"start_dim": 0, "end_dim": 1}
    text = (
        f"add `{step_text('Flatten', arguments)}` before `{node.path}` to process each "
        "item of dimension 1 separately"
    )
    fold = Help(text, step_before(node, "Flatten", arguments), safe=False)
    declared = getattr(node.layer, READS_CHANNELS.get(node.op, ""), None)
    if declared is not None and declared != node.shapes[0][1]:
        return [fold]
    return [*others, Help(f"or {fold.text}", fold.edits, safe=False)]


def _unflattened(node: Node) -> list[Help]:
    """The map that a convolution takes made of a vector again."""
    assert node.layer is not None
    axes, size = node.layer.axes, node.shapes[0][1]
    declared = getattr(node.layer, "in_channels", None)
    side = 0
    if isinstance(declared, int) and type(size) is int and size % declared == 0:
        side = round((size // declared) ** (1 / axes))
    if declared is not None and side > 0 and declared * side**axes == size:
        arguments: dict[str, Argument] = {"dim": 1, "unflattened_size": [declared, *[side] * axes]}
        text = f"add `{step_text('Unflatten', arguments)}` before `{node.path}`: {size} = "
        text += "·".join(map(str, [declared, *[side] * axes]))
        return [Help(text, step_before(node, "Unflatten", arguments), safe=False)]
    sizes = ", ".join(["C", *{1: "L", 2: "HW", 3: "DHW"}[axes]])
    return [
        Help(
            f"use `Unflatten` with `dim: 1, unflattened_size: [{sizes}]` to reshape it to a "
            "feature map"
        )
    ]


def _tokens(node: Node, declared: object) -> Help | None:
    """The positions of a feature map made tokens, whose features are its channels."""
    value = node.inputs[0]
    channels, *sides = node.shapes[0][1:]
    if type(channels) is not int or channels == 1 or declared not in (None, channels):
        return None
    is_map = role(value, 1) == "channels" or declared == channels
    if not is_map and (node.op in _RECURRENT or value.node.layer is not None):
        return None
    if node.op in _RECURRENT and declared is None:
        return _columns(node)
    transpose: dict[str, Argument] = {"dim0": 1, "dim1": 2}
    steps: list[tuple[str, dict[str, Argument]]] = [
        ("Flatten", {"start_dim": 2}),
        ("Transpose", transpose),
    ]
    batch_first = getattr(node.layer, "batch_first", True)
    if not batch_first:
        steps[1] = ("Permute", {"dims": [2, 0, 1]})
    listed = " and ".join(f"`{step_text(*step)}`" for step in steps)
    count = "·".join(map(str, sides))
    text = f"add {listed} before `{node.path}`: {count} tokens with {channels} features"
    return Help(text, steps_before(node.step, steps) if node.step else (), safe=False)


def _columns(node: Node) -> Help:
    """The columns of a feature map as the steps of a sequence, as text recognition reads an image."""
    _, channels, height, width = node.shapes[0]
    batch_first = getattr(node.layer, "batch_first", True)
    steps: list[tuple[str, dict[str, Argument]]] = [
        ("Permute", {"dims": [0, 3, 1, 2] if batch_first else [3, 0, 1, 2]}),
        ("Flatten", {"start_dim": 2}),
    ]
    listed = " and ".join(f"`{step_text(*step)}`" for step in steps)
    text = f"add {listed} before `{node.path}`: {width} steps with {channels}·{height} features"
    return Help(text, steps_before(node.step, steps) if node.step else (), safe=False)


def _sequence(node: Node) -> list[Help]:
    """One axis made of the last two, for a layer over sequences that gets a map at each step."""
    shape = node.shapes[0]
    if len(shape) != 4:
        return []
    _, second, rows, columns = shape
    name = READS_FEATURES.get(node.op, "d_model")
    declared = getattr(node.layer, name, None)
    arguments = {"start_dim": 2}
    written = argument_value(node, name) is not None
    tokens = _tokens(node, declared)
    if tokens is not None:
        return [tokens]
    if second == 1 and declared in (None, columns):
        squeeze: dict[str, Argument] = {"dim": 1}
        text = f"add `{step_text('Squeeze', squeeze)}` before `{node.path}`: it has 1 channel"
        return [Help(text, step_before(node, "Squeeze", squeeze), safe=False)]
    if written and (
        type(rows) is not int or type(columns) is not int or rows * columns != declared
    ):
        return []
    text = f"`Flatten` is missing before `{node.path}`: add `{step_text('Flatten', arguments)}`, "
    text += f"which makes {rows}·{columns} features of the last two dimensions"
    return [Help(text, step_before(node, "Flatten", arguments), safe=False)]
