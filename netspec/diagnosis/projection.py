"""A shortcut that needs a projection: a layer that gives it the channels, features and size of the other input."""

from __future__ import annotations

from netspec.diagnosis.branch_sizes import nearest_nodes
from netspec.diagnosis.step_edits import Argument, makes_several, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Edit, Help
from netspec.dims import Size
from netspec.document import Scalar, Sequence
from netspec.graph.derivation import Explanation, derive
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.checks import amount
from netspec.layers.disagreement import DisagreementError


def projection(node: Node, error: DisagreementError, what: str) -> list[Help]:
    """The convolution that a shortcut needs: with as many channels as the other way, and its stride.

    `what` names all that differs.
    """
    (a, _), (b, _) = error.axes
    general = [*map(Help, error.helps)] if what == "channels" else []
    short = shortcut(node, a, b)
    if short is None:
        return general
    other = b if short == a else a
    shape, needed = node.shapes[short], node.shapes[other]
    strides = {_stride(s, t) for s, t in zip(shape[2:], needed[2:], strict=True)}
    channels = needed[1]
    if len(strides) != 1 or not (stride := strides.pop()) or type(channels) is not int:
        return general
    op, arguments = f"Conv{len(shape) - 2}d", {"out_channels": channels, "kernel_size": 1}
    if stride > 1:
        arguments["stride"] = stride
    edits = put_between(node, short, op, arguments, "projected")
    path = node.inputs[short].node.path
    if what == "channels":
        return [Help(h.text, edits, safe=False) for h in general]
    text = f"project `{path}` to the {what} of the other input: `{step_text(op, arguments)}`"
    return [Help(text, edits, safe=False)]


def shortcut(node: Node, a: int, b: int) -> int | None:
    """The input from which the other one was made."""
    for short, other in ((a, b), (b, a)):
        if node.inputs[short].node in nearest_nodes(node.inputs[other])[1:]:
            return short
    return None


def _stride(size: Size, needed: Size) -> int:
    """The stride with which a window of 1 makes one size of another; 0 where none does."""
    if size == needed:
        return 1
    if type(size) is not int or type(needed) is not int or needed < 1:
        return 0
    stride = -(-size // needed)
    return stride if stride > 1 and (size - 1) // stride + 1 == needed else 0


def feature_projection(node: Node, error: DisagreementError) -> list[Help]:
    """The `Linear` that gives a shortcut the features of the other input; of two branches the last one."""
    (a, axis), (b, _) = error.axes
    short = shortcut(node, a, b)
    index = b if short is None else short
    features = node.shapes[a if index == b else b][axis]
    if type(features) is not int or 1 in (features, node.shapes[index][axis]):
        return []
    arguments: dict[str, Argument] = {"out_features": features}
    edits = put_between(node, index, "Linear", arguments, "projected")
    edits = edits or _in_place_of_identity(node, index, step_text("Linear", arguments))
    name = reference_text(node, index)
    text = f"project `{name}` to {amount('features', features)}: add `{step_text('Linear', arguments)}` after it"
    projected = Help(text, edits, safe=False)
    other = derive(node.inputs[a if index == b else b], axis)
    return [projected, *_own_features(other, node.shapes[index][axis])]


def _own_features(explanation: Explanation, features: Size) -> list[Help]:
    """The features of the other branch changed in its last layer, where they are written."""
    term = explanation.terms[0]
    written = argument_value(term.value.node, term.argument) if term.argument else None
    if explanation.kind != "term" or not isinstance(written, Scalar) or type(features) is not int:
        return []
    if type(written.value) is not int or makes_several(term.value.node):
        return []
    text = f"or set `{term.argument}: {features}` on line {written.span.line} (`{term.title}`)"
    return [Help(text, (Edit(written.span, str(features)),), safe=False)]


def reference_text(node: Node, index: int) -> str:
    """What a step calls one of its inputs, or the path of that."""
    step = node.step
    items = step.source.items if step is not None and isinstance(step.source, Sequence) else []
    item = items[index] if len(items) == len(node.inputs) else None
    named = isinstance(item, Scalar) and item.text not in ("previous", "x")
    return item.span.text if named and item is not None else node.inputs[index].node.path


def _in_place_of_identity(node: Node, index: int, text: str) -> tuple[Edit, ...]:
    """The edit that writes a step for a branch that is `Identity`."""
    step = node.step
    branches = step.branches if step is not None else None
    if branches is None or len(branches) != len(node.inputs) or makes_several(node):
        return ()
    op = branches[index].op
    if op is None or op.span.text != "Identity" or branches[index].arguments:
        return ()
    before = op.source.text[: op.start].rstrip()
    return () if before.endswith("op:") else (Edit(op.span, text),)
