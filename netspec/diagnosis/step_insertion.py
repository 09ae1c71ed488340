"""A step put between a tensor and the join that reads it, in the text."""

from __future__ import annotations

from collections.abc import Mapping as Names
from collections.abc import Sequence as Items

from netspec.diagnosis.step_edits import Argument, inserted_steps, list_of, makes_several, step_text
from netspec.diagnostics import Edit
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.graph.nodes import Node

NewStep = tuple[str, Names[str, Argument]]
"""A step to insert: its op and arguments."""


def put_between(
    node: Node, index: int, op: str, arguments: Names[str, Argument], suffix: str
) -> tuple[Edit, ...]:
    """The edits that put a step between one input of a join and the join, which names them all.

    The new step is called as the input is, with a suffix. There are none where a name is in the way.
    """
    return _inserted(node, {index: [(op, arguments)]}, suffix)


def put_steps_between(
    node: Node, index: int, new_steps: Items[NewStep], suffix: str
) -> tuple[Edit, ...]:
    """The same with several steps in a row."""
    return _inserted(node, {index: new_steps}, suffix)


def put_each_between(
    node: Node, op: str, arguments: Names[str, Argument], suffix: str
) -> tuple[Edit, ...]:
    """The same with a step after each input."""
    return _inserted(node, {k: [(op, arguments)] for k in range(len(node.inputs))}, suffix)


def _inserted(
    node: Node, steps_by_input: Names[int, Items[NewStep]], suffix: str
) -> tuple[Edit, ...]:
    step = node.step
    if step is None or makes_several(node) or not isinstance(step.source, Sequence):
        return ()
    items = step.source.items
    step_list = list_of(step)
    if step_list is None or len(items) != len(node.inputs):
        return ()
    body, k = step_list
    before = body.items[k - 1] if k else None
    previous = (
        before.entries[0][0].text
        if isinstance(before, Mapping) and len(before.entries) == 1
        else ""
    )
    edits: list[Edit] = []
    texts: list[str] = []
    for index, item in enumerate(items):
        name = item.text if isinstance(item, Scalar) else ""
        name = previous if name == "previous" else name
        if not name and index in steps_by_input and _is_only_previous(items, index):
            texts += [step_text(*new_step) for new_step in steps_by_input[index]]
            continue
        if not name:
            return ()
        if index not in steps_by_input:
            edits += [Edit(item.span, name)] if name != item.span.text else []
            continue
        new_name = f"{name.replace('.', '_')}_{suffix}"
        edits.append(Edit(item.span, new_name))
        (op, arguments), *others = steps_by_input[index]
        first = step_text(op, {"from": name, **arguments})
        rest = [step_text(*other) for other in others]
        *early, last = [first, *rest]
        texts += [*early, f"{new_name}: {last}"]
    return (*edits, inserted_steps(body, k, texts))


def _is_only_previous(items: Items[TextNode], index: int) -> bool:
    """Whether one input alone is the previous step, so that steps before the join are on its way."""
    reads = [isinstance(item, Scalar) and item.text == "previous" for item in items]
    return reads[index] and sum(reads) == 1
