"""The diagnostic for a layer that rejects its input: the arithmetic, the places, possible changes."""

from __future__ import annotations

from netspec.diagnosis.batch_first import batch_first_help
from netspec.diagnosis.size_trace import SizeTrace
from netspec.diagnosis.step_edits import set_arguments
from netspec.diagnostics import Code, Diagnostic, Help, Label
from netspec.graph.derivation import derive
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import around, reference_span, step_span
from netspec.graph.value_places import value_span
from netspec.layer.argument_kinds import show
from netspec.layer.arguments import per_axis
from netspec.layer.base import ShapeError
from netspec.layer.checks import axis_name
from netspec.limits import RunBudget
from netspec.record import replace

_SMALLEST_MAP = 4
"""A window of fewer elements makes a map smaller; a larger one is that of a whole map."""


def shape_diagnostic(node: Node, error: ShapeError, budget: RunBudget) -> Diagnostic:
    """A rule's rejection, with the places that the clashing sizes come from."""
    labels: list[Label] = []
    helps = _helps(node, error, budget)
    notes = list(error.notes)
    for index, axis in error.axes if error.code != Code.RANK else ():
        explanation = derive(*_decided(node, error, index, axis))
        if arithmetic := explanation.arithmetic():
            notes.append(f"{arithmetic} in `{node.inputs[index].node.path}`")
        labels.extend(label for label in explanation.labels() if label not in labels)
    if error.code == Code.TOO_SMALL and error.axes:
        way_notes, way_helps = _too_small(node, *error.axes[0])
        notes += way_notes
        helps = [*map(Help, way_helps)] or helps
    if (first := batch_first_help(node)) is not None:
        helps.insert(0, first)
    if flows := _flows(node, error):
        notes.append(flows)
    span, argument_labels = value_span(node, error.argument) if error.argument else (None, ())
    labels += argument_labels
    label = error.label
    if span is None and error.axes and len(node.inputs) > 1:
        span = reference_span(node, _odd(error))
        if span is not None and flows:
            label = show(node.shapes[_odd(error)])  # the note has all shapes
    if error.operation is not None and node.step is not None and node.step.op is not None:
        start, end = error.operation
        span = node.step.op.part(1 + start, 1 + end)
    return Diagnostic(
        error.code,
        f"`{node.path}`: {error.message}",
        span or step_span(node),
        label,
        tuple(labels),
        tuple(notes),
        tuple(helps),
        path=node.path,
        frames=around(node.level),
    )


def _helps(node: Node, error: ShapeError, budget: RunBudget) -> list[Help]:
    """What to do about a rejection, by its kind; the help of the rule itself if nothing else is known."""
    from netspec.layers.disagreement import DisagreementError

    if isinstance(error, DisagreementError):
        from netspec.diagnosis.join_mismatch import joined_helps

        return joined_helps(node, error, budget)
    if error.code == Code.RANK:
        from netspec.diagnosis.wrong_rank import rank_helps

        return rank_helps(node, error)
    if error.code == Code.NOT_FIXED and error.axes:
        from netspec.diagnosis.wrong_dimension import open_axis_helps

        return open_axis_helps(node, error)
    if error.code == Code.DIVISIBLE:
        from netspec.diagnosis.wrong_dimension import groups_of_last_axis

        moved = groups_of_last_axis(node)
        if moved is not None:
            return [moved, *(Help(f"or {text.removeprefix('or ')}") for text in error.helps)]
    if node.op == "MatMul":
        from netspec.diagnosis.untransposed import transposed_help

        return transposed_help(node, error)
    if error.code == Code.ELEMENT_COUNT and node.op == "Reshape":
        from netspec.diagnosis.reshape_count import reshape_helps

        return reshape_helps(node)
    if node.op == "Permute":
        from netspec.diagnosis.permute_rank import permute_helps

        return permute_helps(node, error)
    helps = [*map(Help, error.helps)]
    if error.fits and helps:
        helps[0] = replace(helps[0], edits=set_arguments(node, error.fits), safe=False)
    return helps


def _decided(node: Node, error: ShapeError, index: int, axis: int) -> tuple[Value, int]:
    """Where a clashing size was made: of the odd one the last step that changed it."""
    value = node.inputs[index]
    odd = error.code == Code.CONCAT and index == error.axes[0][0]
    stops = SizeTrace(value, axis).stops if odd else []
    size = value.shape[axis] if value.shape is not None else None
    made = next((k for k, stop in enumerate(stops) if all(s.size == size for s in stops[k:])), 0)
    return (stops[made].value, stops[made].axis) if made else (value, axis)


def _odd(error: ShapeError) -> int:
    """The input to point at: the one that differs from the others, otherwise the last."""
    return error.axes[0 if error.code == Code.CONCAT else -1][0]


def _flows(node: Node, error: ShapeError) -> str:
    """What flows in, unless the message shows it already."""
    inputs = [(v, v.shape) for v in node.inputs if v.shape is not None]
    if not inputs or all(shape in error.shown_shapes for _, shape in inputs):
        return ""
    flows = ", ".join(f"{show(shape)} from `{v.node.path}`" for v, shape in inputs)
    return f"`{node.path}` receives {flows}"


def _too_small(node: Node, index: int, axis: int) -> tuple[list[str], list[str]]:
    """How the size came to be that small, and the least input that would do."""
    value = node.inputs[index]
    assert value.shape is not None
    way, name = SizeTrace(value, axis), axis_name(len(value.shape), axis)
    if len(way.stops) < 2 or not way.from_input:
        return [], []
    notes = [f"{name} at each step: {way}"]
    least = way.least(node, index, axis)
    if least is None or least <= int(str(way.start.size)):
        return notes, []
    return notes, [
        f"use an input `{way.start.title}` with {_least(name, least)}; it has {way.start.size}",
        f"or use a smaller window in `{node.path}`, or downsample less before it",
        *_global_pool(node),
    ]


def _global_pool(node: Node) -> list[str]:
    """The pool over a whole map in place of one with a window as large as the map was to be."""
    kernel = per_axis(getattr(node.layer, "kernel_size", 1), 1)
    if not node.op.startswith("AvgPool") or min(kernel) < _SMALLEST_MAP:
        return []
    return [f"or average over a map of any size: `{{op: Adaptive{node.op}, output_size: 1}}`"]


def _least(name: str, least: int) -> str:
    """A least size in words: `a height of at least 7`, `at least 7 channels`."""
    return f"at least {least} {name}" if name.endswith("s") else f"a {name} of at least {least}"
