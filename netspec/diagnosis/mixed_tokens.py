"""A `Conv1d` over tokens, whose features are last: it reads the positions as channels."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_before, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layers.disagreement import DisagreementError

_MOST_STEPS = 8
_TRANSPOSE: dict[str, Argument] = {"dim0": 1, "dim1": 2}


def mixed_tokens(node: Node, error: DisagreementError) -> Help | None:
    """The transposes around a convolution that returns as many channels as its tokens have features."""
    for index, _ in error.axes:
        others = [node.shapes[k] for k, _ in error.axes if k != index]
        value = node.inputs[index]
        for _ in range(_MOST_STEPS):
            before = value.node
            if len(before.inputs) != 1 or before.layer is None:
                break
            if _reads_tokens(before) and before.shapes[0] in others:
                return _transposed(node, index, before)
            value = before.inputs[0]
    return None


def _reads_tokens(node: Node) -> bool:
    shape = node.shapes[0]
    out = getattr(node.layer, "out_channels", None)
    return node.op == "Conv1d" and len(shape) == 3 and shape[2] == out != shape[1]


def _transposed(node: Node, index: int, conv: Node) -> Help:
    shape, out = conv.shapes[0], getattr(conv.layer, "out_channels", 0)
    text = (
        f"{out} is the last dimension of [{', '.join(map(str, shape))}], and `Conv1d` expects the channels "
        f"second: add `{step_text('Transpose', _TRANSPOSE)}` before `{conv.path}` and after it"
    )
    after = put_between(node, index, "Transpose", _TRANSPOSE, "tokens")
    before = step_before(conv, "Transpose", _TRANSPOSE) if after else ()
    in_order = conv.inputs[0].node is not node.inputs[index].node
    edits = (
        (*before, *after)
        if before and in_order and argument_value(conv, "in_channels") is None
        else ()
    )
    return Help(text, edits, safe=False)
