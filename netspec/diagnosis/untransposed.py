"""A product of two matrices whose second one is the other way round: queries times keys."""

from __future__ import annotations

from netspec.diagnosis.step_edits import step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Code, Help
from netspec.dims import constant
from netspec.graph.nodes import Node
from netspec.layers.join import unequal_matrices
from netspec.layers.shape_rules import ShapeError


def untransposed(node: Node) -> ShapeError | None:
    """The refusal where rows of an open size meet a number of columns that the other axis has.

    `S = 64` would make the product of [N, T, 64] and [N, S, 64] valid, and is not what was intended.
    """
    a, b = node.shapes
    if len(b) < 2 or not a or a[-1] != b[-1] or a[-1] == b[-2]:
        return None
    if constant(a[-1]) is None or constant(b[-2]) is not None:
        return None
    return unequal_matrices(a, b)


def transposed_help(node: Node, error: ShapeError) -> list[Help]:
    """The second matrix transposed, where it fits that way; what the rule says where it does not."""
    a, b = node.shapes
    if error.code != Code.FEATURES or len(b) < 2 or a[-1] != b[-1]:
        return [*map(Help, error.helps)]
    arguments = {"dim0": len(b) - 2, "dim1": len(b) - 1}
    path = node.inputs[1].node.path
    text = (
        f"add `{step_text('Transpose', arguments)}` after `{path}`: its last dimension is {a[-1]}"
    )
    return [Help(text, put_between(node, 1, "Transpose", arguments, "transposed"), safe=False)]
