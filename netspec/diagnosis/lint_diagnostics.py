"""The warnings of the lints: what each says, and the edits that it offers."""

from __future__ import annotations

from netspec.diagnosis.dimension_role import Roles
from netspec.diagnosis.reduced_dimensions import Reduction, other_axes
from netspec.diagnosis.step_edits import renamed_op, set_arguments, step_before
from netspec.diagnosis.wrong_dimension import moving
from netspec.diagnostics import Code, Diagnostic, Help, Severity
from netspec.graph.nodes import Node
from netspec.graph.source_spans import around, step_span
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SIDES, SPATIAL, amount, expected_layout


def side_as_features(node: Node, name: str, side: str) -> Diagnostic:
    """A side of an image is read as features by a layer whose argument `name` was not written."""
    shape = node.shapes[0]
    rank = len(shape)
    text = f"`{node.op}` treats the {side} dimension of {show(shape)} as features"
    if all(size == 1 for size in shape[2:]) or (node.op == "Linear" and rank >= 4):
        words = f"add `Flatten` before `{node.path}` to use all channels"
        help_ = Help(words, step_before(node, "Flatten", {}), safe=False)
    else:
        help_ = _moved(node, *moving(rank, 1, rank - 1))
    helps = (help_, _if_intended(node, name, shape[-1]))
    return _warning(node, Code.WRONG_DIMENSION, text, amount("features", shape[-1]), helps)


def features_reduced(node: Node, name: str, reduction: Reduction, roles: Roles) -> Diagnostic:
    """A layer reads what a step before left when it took the features or the batch away."""
    value = node.inputs[0]
    shape = value.shape
    assert shape is not None
    if reduction.role == "batch":
        text = f"`{node.op}` reads {show(shape)}, which has no batch dimension"
    else:
        read = roles.of(value, len(shape) - 1)
        text = f"`{node.op}` treats the {read} dimension of {show(shape)} as features"
    reduced = f"`{reduction.node.path}` ({reduction.node.op}) removes the {reduction.role}"
    helps = (*other_axes(reduction), _if_intended(node, name, shape[-1]))
    return _warning(
        node, Code.WRONG_DIMENSION, f"{text}: {reduced}", amount("features", shape[-1]), helps
    )


def axis_as_channels(node: Node, name: str, axis: int, role: str) -> Diagnostic:
    """An axis of another role is read as channels by a layer whose argument `name` was not written."""
    shape = node.shapes[0]
    read = role if role in ("positions", *SIDES) else "second"
    text = f"`{node.op}` treats the {read} dimension of {show(shape)} as channels"
    moved = _moved(node, *moving(len(shape), len(shape) - 1, 1))
    helps = (moved, _if_intended(node, name, shape[axis]))
    return _warning(node, Code.WRONG_DIMENSION, text, amount("channels", shape[axis]), helps)


def pooled_over(node: Node, role: str) -> Diagnostic:
    """A pool runs over channels or features."""
    layer, shape = node.layer, node.shapes[0]
    assert layer is not None
    if role == "channels":
        other = f"{node.op[:-2]}{layer.axes - 1}d"
        takes = expected_layout(layer.axes - 1, unbatched=False)
        help_ = Help(f"use `{other}`, which expects {takes}", renamed_op(node, other), safe=False)
    else:
        help_ = _moved(node, *moving(3, 2, 1))
    text = f"`{node.op}` treats the {role} dimension of {show(shape)} as {SPATIAL[layer.axes][0]}"
    intended = Help(
        f"if this is intended, write `# netspec: ignore[{Code.WRONG_DIMENSION}]` after it"
    )
    return _warning(node, Code.WRONG_DIMENSION, text, f"pools over the {role}", (help_, intended))


def batch_as_time(node: Node, batch: str) -> Diagnostic:
    """The batch is read as time by a layer over sequences."""
    shape = node.shapes[0]
    reads = f"`{node.op}` treats the batch dimension {batch} of {show(shape)} as time"
    if len(shape) == 3:
        text = f"{reads}: dimension 0 is the sequence"
        edits = set_arguments(node, {"batch_first": True})
        help_ = Help("write `batch_first: true`", edits, safe=False)
    elif getattr(node.layer, "batch_first", True):
        text = f"{reads}: a 2-D input is one sequence"
        words = f"add `{{op: Unsqueeze, dim: 1}}` before `{node.path}`, for sequences of one step"
        help_ = Help(words, step_before(node, "Unsqueeze", {"dim": 1}), safe=False)
    else:
        text = f"{reads}: dimension 0 is the sequence"
        help_ = Help("pass a sequence, [N, L, F] with `batch_first: true`")
    intended = Help("if dimension 0 is time, write `batch_first: false`")
    return _warning(node, Code.BATCH_AXIS, text, f"{batch} is read as time", (help_, intended))


def _moved(node: Node, op: str, arguments: dict[str, int | list[int]]) -> Help:
    listed = ", ".join(f"{k}: {show(v)}" for k, v in arguments.items())
    text = f"add `{{op: {op}, {listed}}}` before `{node.path}`"
    return Help(text, step_before(node, op, arguments), safe=False)


def _if_intended(node: Node, name: str, size: object) -> Help:
    """How to state that a size is read on purpose: by the argument `name`, or by a comment."""
    if type(size) is int and name in (node.layer.arguments if node.layer is not None else ()):
        return Help(f"if this is intended, write `{name}: {size}`")
    return Help(f"if this is intended, write `# netspec: ignore[{Code.WRONG_DIMENSION}]` after it")


def _warning(node: Node, code: str, text: str, label: str, helps: tuple[Help, ...]) -> Diagnostic:
    """A warning on a node."""
    return Diagnostic(
        code, f"`{node.path}`: {text}", step_span(node), label, helps=helps, severity=Severity.WARNING,
        path=node.path, frames=around(node.level),
    )  # fmt: skip
