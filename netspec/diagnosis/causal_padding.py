"""A causal convolution that is padded on both sides: its result is longer, by what is to be cut off at the end."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_text, steps_before, without_key
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.dims import as_integer
from netspec.document import Scalar
from netspec.graph.nodes import Node, Value
from netspec.layer.arguments import per_axis
from netspec.layers.disagreement import DisagreementError
from netspec.syntax import Step

_MOST_STEPS = 12


def causal_padding(node: Node, error: DisagreementError) -> Help | None:
    """The `Slice` that cuts the padding of causal convolutions off at the end of the longer input."""
    (a, axis), (b, _) = error.axes
    if axis != 2 or len(node.shapes[a]) != 3:
        return None
    for longer, other in ((a, b), (b, a)):
        extra = as_integer(node.shapes[longer][2] - node.shapes[other][2])
        names, padded = _causal(node.inputs[longer])
        if extra is None or extra <= 0 or extra != padded:
            continue
        arguments: dict[str, Argument] = {"dim": 2, "end": -extra}
        path = node.inputs[longer].node.path
        text = (
            f"{' and '.join(f'`{name}`' for name in names)} pad both ends by the amount that a causal "
            f"convolution needs at the start: add `{step_text('Slice', arguments)}` after `{path}`"
        )
        if len(names) == 1:
            text = text.replace(" pad both", " pads both", 1)
        return Help(text, put_between(node, longer, "Slice", arguments, "cut"), safe=False)
    return None


def causal_helps(step: Step, helps: list[Help]) -> list[Help]:
    """The helps for `padding: causal`, with the edits that pad the start in a step of its own."""
    arguments = {
        key.text: value.value for key, value in step.arguments if isinstance(value, Scalar)
    }
    kernel, dilation = arguments.get("kernel_size"), arguments.get("dilation", 1)
    if type(kernel) is not int or type(dilation) is not int or not helps:
        return helps
    pad: dict[str, Argument] = {"pad": [dilation * (kernel - 1), 0]}
    before, removed = steps_before(step, [("Pad", pad)]), without_key(step, "padding")
    edits = (*before, *removed) if before and removed else ()
    return [Help(helps[0].text, edits), *helps[1:]]


def _causal(value: Value) -> tuple[list[str], int]:
    """The convolutions on the way to a value that are padded by all that their window looks back, and how much."""
    names: list[str] = []
    padded = 0
    for _ in range(_MOST_STEPS):
        node = value.node
        if node.layer is None or len(node.inputs) != 1:
            break
        extra = _look_back(node) if node.op == "Conv1d" else 0
        if extra:
            names.insert(0, node.path)
            padded += extra
        value = node.inputs[0]
    return names, padded


def _look_back(node: Node) -> int:
    """The padding of a convolution, if it is as much as its window spans without one element; else 0."""
    padding = getattr(node.layer, "padding", 0)
    if isinstance(padding, str):
        return 0
    kernel, dilation, stride, padding = (
        per_axis(getattr(node.layer, name), 1)[0]
        for name in ("kernel_size", "dilation", "stride", "padding")
    )
    return padding if stride == 1 and padding == dilation * (kernel - 1) else 0
