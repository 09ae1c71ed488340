"""A product of matrices of which one must be transposed, or that are in the other order: queries times keys."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Code, Edit, Help
from netspec.dims import as_integer
from netspec.document import Sequence
from netspec.graph.nodes import Node
from netspec.layer.shape_rules import ShapeError
from netspec.layers.join import unequal_matrices


def untransposed(node: Node) -> ShapeError | None:
    """The rejection where rows of an open size meet a number of columns that the other axis has.

    `S = 64` would make the product of [N, T, 64] and [N, S, 64] valid, and is not what was intended.
    """
    a, b = node.shapes
    if len(b) < 2 or not a or a[-1] != b[-1] or a[-1] == b[-2]:
        return None
    if as_integer(a[-1]) is None or as_integer(b[-2]) is not None:
        return None
    return unequal_matrices(a, b)


def transposed_help(node: Node, error: ShapeError) -> list[Help]:
    """One matrix transposed, or both in the other order, where they fit that way; else what the rule says."""
    a, b = node.shapes
    if error.code != Code.FEATURES or min(len(a), len(b)) < 2:
        return [*map(Help, error.helps)]
    helps: list[Help] = []
    if a[-1] == b[-1]:
        helps.append(_transposed(node, 1, f"its last dimension is {a[-1]}"))
    elif a[-2] == b[-2]:
        helps.append(_transposed(node, 0, f"its second to last dimension is {b[-2]}"))
    if not helps or b[-1] == a[-2] != a[-1]:
        helps += _exchanged(node, lead="or " if helps else "")
    return helps or [*map(Help, error.helps)]


def _transposed(node: Node, index: int, reason: str) -> Help:
    rank = len(node.shapes[index])
    arguments: dict[str, Argument] = {"dim0": rank - 2, "dim1": rank - 1}
    path = node.inputs[index].node.path
    text = f"add `{step_text('Transpose', arguments)}` after `{path}`: {reason}"
    return Help(text, put_between(node, index, "Transpose", arguments, "transposed"), safe=False)


def _exchanged(node: Node, lead: str) -> list[Help]:
    """The two matrices in the other order, where they can be multiplied that way."""
    a, b = node.shapes
    source = node.step.source if node.step is not None else None
    if b[-1] != a[-2] or not isinstance(source, Sequence) or len(source.items) != 2:
        return []
    first, second = source.items
    names = [item.span.text for item in source.items]
    edits: tuple[Edit, ...] = ()
    if "previous" not in names:
        edits = (Edit(first.span, names[1]), Edit(second.span, names[0]))
    text = (
        f"{lead}`from: [{second.span.text}, {first.span.text}]` multiplies them in the other order"
    )
    return [Help(text, edits, safe=False)]
