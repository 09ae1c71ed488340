"""A reshape to a different number of elements: the number with which it fits, here or in the layer before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netspec.diagnosis.step_edits import makes_several
from netspec.diagnostics import Edit, Help
from netspec.dims import Size, as_integer, divide_exactly, product
from netspec.document import Scalar, Sequence
from netspec.graph.derivation import derive
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layers.rearrange import Reshape

_MOST_HELPS = 3
_FLOORED = re.compile(r".*//\s*(\w+)\s*\)*")


def reshape_helps(node: Node) -> list[Help]:
    """The helps for a reshape whose numbers of elements differ."""
    layer, written = node.layer, argument_value(node, "shape")
    if not isinstance(layer, Reshape) or not isinstance(written, Sequence) or -1 in layer.shape:
        return []
    if len(written.items) != len(layer.shape):
        return []
    rounded = [*_rounded_down(node, layer, written)]
    helps = rounded or [*_other_number(node, layer, written), *_producer(node, layer)]
    return [
        Help(f"{'or ' * (k > 0)}{h.text}", h.edits, safe=False)
        for k, h in enumerate(helps[:_MOST_HELPS])
    ]


def _other_number(node: Node, layer: Reshape, written: Sequence) -> Iterator[Help]:
    """One written number changed, so that the products are equal."""
    total = product(node.shapes[0])
    for k, item in enumerate(written.items):
        if not isinstance(item, Scalar) or type(item.value) is not int:
            continue
        others = product([s for i, s in enumerate(layer.shape) if i != k])
        new = _positive(divide_exactly(total, others))
        if new is not None:
            shape = (*layer.shape[:k], new, *layer.shape[k + 1 :])
            edits = () if makes_several(node) else (Edit(item.span, str(new)),)
            yield Help(f"replace {item.value} with {new}: {show(shape)}", edits)


def _producer(node: Node, layer: Reshape) -> Iterator[Help]:
    """The number of channels or features of the layer before with which the shape fits."""
    shape = node.shapes[0]
    expected = product(layer.shape)
    for axis in range(len(shape)):
        term = derive(node.inputs[0], axis).terms[0]
        written = argument_value(term.value.node, term.argument) if term.argument else None
        if not isinstance(written, Scalar) or type(written.value) is not int:
            continue
        others = product([s for i, s in enumerate(shape) if i != axis])
        new = _positive(divide_exactly(expected, others))
        if new is not None and written.value == shape[axis]:
            edits = () if makes_several(term.value.node) else (Edit(written.span, str(new)),)
            yield Help(f"set `{term.argument}: {new}` in `{term.title}`", edits)


def _rounded_down(node: Node, layer: Reshape, written: Sequence) -> Iterator[Help]:
    """A quotient of a size that `//` rounds down, so that elements are left over."""
    for item, quotient in zip(written.items, layer.shape, strict=True):
        match = _FLOORED.fullmatch(item.span.text)
        divisor = _number(match[1], node) if match is not None else 0
        for size in node.shapes[0]:
            if (
                divisor < 2
                or type(size) is not int
                or size % divisor == 0
                or size // divisor != quotient
            ):
                continue
            whole = size - size % divisor
            yield Help(
                f"`{item.span.text}` rounds {size} / {divisor} down: make the size a multiple of {divisor}, "
                f"such as {whole} or {whole + divisor}, before `{node.path}`"
            )
            return


def _number(word: str, node: Node) -> int:
    """The integer that a word of an expression stands for; 0 where it is not one."""
    value = node.env.get(word)
    if type(value) is int:
        return value
    return int(word) if word.isdecimal() and len(word) < 10 else 0


def _positive(size: Size | None) -> int | None:
    number = as_integer(size) if size is not None else None
    return number if number is not None and number > 0 else None
