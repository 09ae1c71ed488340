"""A join whose inputs have the same sizes in another order: a `Transpose` is missing."""

from __future__ import annotations

from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Help
from netspec.graph.derivation import origin_of_size
from netspec.graph.nodes import Node
from netspec.layers.disagreement import DisagreementError


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
    arguments: dict[str, Argument] = {"dim0": i, "dim1": j}
    path = node.inputs[index].node.path
    text = (
        f"dimensions {i} and {j} of `{path}` are swapped: "
        f"add `{step_text('Transpose', arguments)}` after it"
    )
    return Help(text, put_between(node, index, "Transpose", arguments, "transposed"), safe=False)
