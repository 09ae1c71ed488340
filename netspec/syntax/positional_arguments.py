"""A step whose arguments are a list without names: `Conv2d: [64, 3]`, `[Conv2d, 64, 3]`, `Linear: 10`."""

from __future__ import annotations

from netspec.document import Scalar, Sequence, TextNode
from netspec.syntax.model import Step

_ROW = 4
"""The items of a row of Ultralytics: the source, the repeats, the op, its arguments."""


def positional_step(op: Scalar, values: TextNode, written: TextNode, whole: TextNode) -> Step:
    """The step of an op with values, which are an argument of that name, so that it is reported.

    `written` is what has to be written in another way.
    """
    step = Step(whole, op)
    step.op = op
    text = written.span.text
    step.arguments = ((Scalar(written.source, written.start, written.end, text, text), values),)
    return step


def listed_step(node: Sequence) -> Step | None:
    """The step for a list with numbers: an op with its values; None for other lists."""
    items = node.items
    if _is_row(items) and isinstance(items[2], Scalar) and isinstance(items[3], Sequence):
        return positional_step(items[2], items[3], node, node)
    first = items[0]
    if not isinstance(first, Scalar) or not isinstance(first.value, str) or len(items) < 2:
        return None
    if not first.text[:1].isupper():
        return None
    source = node.source
    values = Sequence(source, items[1].start, items[-1].end, list(items[1:]))
    return positional_step(first, values, node, node)


def _is_row(items: list[TextNode]) -> bool:
    """Whether a list is a row that reads the previous step once: `[-1, 1, Conv2d, [64, 3]]`."""
    if len(items) != _ROW:
        return False
    values = [item.value if isinstance(item, Scalar) else None for item in items[:2]]
    return values == [-1, 1]
