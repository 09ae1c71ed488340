"""A step put between a tensor and the join that reads it, in the text."""

from __future__ import annotations

from collections.abc import Mapping as Names

from netspec.diagnosis.step_edits import Argument, list_of, makes_several, step_text
from netspec.diagnostics import Edit, Span
from netspec.document import Mapping, Scalar, Sequence, splices
from netspec.graph.nodes import Node


def put_between(
    node: Node, index: int, op: str, arguments: Names[str, Argument], suffix: str
) -> tuple[Edit, ...]:
    """The edits that put a step between one input of a join and the join, which names them all.

    The new step is called as the input is, with a suffix. There are none where a name is in the way.
    """
    step = node.step
    if step is None or makes_several(node) or not isinstance(step.source, Sequence):
        return ()
    items = step.source.items
    step_list = list_of(step)
    if step_list is None or len(items) != len(node.inputs):
        return ()
    body, k = step_list
    own = items[index]
    if not isinstance(own, Scalar) or own.text == "previous":
        return ()
    name = f"{own.text.replace('.', '_')}_{suffix}"
    edits = [Edit(own.span, name)]
    for item in items:
        if not isinstance(item, Scalar):
            return ()
        if item.text != "previous":
            continue
        before = body.items[k - 1] if k else None
        if not isinstance(before, Mapping) or len(before.entries) != 1:
            return ()
        edits.append(Edit(item.span, before.entries[0][0].text))
    text = f"{name}: {step_text(op, {'from': own.text, **arguments})}"
    start, end, new = splices.inserted(body, k, text)
    return (*edits, Edit(Span(body.source, start, end), new))
