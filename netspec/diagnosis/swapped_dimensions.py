"""A join whose inputs have the same sizes in another order: a `Transpose` is missing."""

from __future__ import annotations

from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.graph.derivation import origin_of_size
from netspec.graph.nodes import Node
from netspec.layers.disagreement import DisagreementError

_RANK = 3
"""The dimensions of a sequence with its batch."""


def swapped_dimensions(node: Node, error: DisagreementError) -> Help | None:
    """The `Transpose` that makes two inputs agree which differ on two dimensions, each with the other's size."""
    (a, _), (b, _) = error.axes
    first, second = node.shapes[a], node.shapes[b]
    differing = [k for k in range(1, len(first)) if first[k] != second[k]]
    if len(differing) != 2:
        return None
    i, j = differing
    if first[i] != second[j] or first[j] != second[i] or 1 in (first[i], first[j]):
        return None
    index = a if origin_of_size(node.inputs[b], i)[0].node.op == "Parameter" else b
    return _transposed(node, index, i, j)


def untransposed_tokens(node: Node, error: DisagreementError) -> Help | None:
    """The `Transpose` of a flattened map, [N, C, L], that meets tokens, [N, L, C], of a different number.

    So a class token or a table of positions meets patches whose channels are not last yet.
    """
    joined = getattr(node.layer, "dim", 0) % _RANK if node.op == "Concat" else 0
    (a, _), (b, _) = error.axes
    for index, other in ((a, b), (b, a)):
        map_shape, tokens = node.shapes[index], node.shapes[other]
        if len(map_shape) != _RANK or joined == _RANK - 1:
            continue
        _, channels, length = map_shape
        features_agree = channels == tokens[2] != length
        lengths_agree = joined == 1 or tokens[1] in (1, length)
        is_map = role(node.inputs[index], 1) == "channels"
        if features_agree and lengths_agree and is_map:
            return _transposed(node, index, 1, 2)
    return None


def _transposed(node: Node, index: int, i: int, j: int) -> Help:
    arguments: dict[str, Argument] = {"dim0": i, "dim1": j}
    path = node.inputs[index].node.path
    text = (
        f"dimensions {i} and {j} of `{path}` are swapped: "
        f"add `{step_text('Transpose', arguments)}` after it"
    )
    return Help(text, put_between(node, index, "Transpose", arguments, "transposed"), safe=False)
