"""An open size that meets a fixed one: a learned table cut to the length that comes, or inputs declared alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Edit, Help
from netspec.dims import symbols
from netspec.graph.derivation import derive, origin_of_size
from netspec.graph.nodes import Node, Value

_JOINS = frozenset({"Add", "Sub", "Mul", "Div", "Maximum", "Minimum", "Concat"})


def open_length_helps(nodes: Sequence[Node], path: str, names: Sequence[str]) -> tuple[Help, ...]:
    """What keeps the sizes `names` open although the join at `path` has a fixed size on the same axis."""
    for node in nodes:
        if node.path == path and node.op in _JOINS and node.known:
            return tuple(_helps(node, frozenset(names)))[:1]
    return ()


def _helps(node: Node, names: frozenset[str]) -> Iterator[Help]:
    for table, axis, other, other_axis in _pairs(node, names):
        value = node.inputs[table]
        if origin_of_size(value, axis)[0].node.op == "Parameter":
            yield _cut(node, table, axis, node.inputs[other], other_axis)
        elif (help_ := _declared_alike(value, axis, node.inputs[other], other_axis)) is not None:
            yield help_


def _pairs(node: Node, names: frozenset[str]) -> Iterator[tuple[int, int, int, int]]:
    """Each input with a fixed size of more than 1, and the input that has an open one in the same place."""
    for index, fixed in enumerate(node.shapes):
        for other, open_shape in enumerate(node.shapes):
            shift = len(open_shape) - len(fixed)
            for axis, size in enumerate(fixed):
                open_axis = axis + shift
                if (
                    type(size) is int
                    and size > 1
                    and open_axis >= 0
                    and names & symbols(open_shape[open_axis])
                ):
                    yield index, axis, other, open_axis


def _cut(node: Node, table: int, axis: int, like: Value, like_axis: int) -> Help:
    path = node.inputs[table].node.path
    name = expression_name(like.node)
    assert like.shape is not None
    size = node.shapes[table][axis]
    first = f"it reads the first {like.shape[like_axis]} of {size} rows"
    if not name or like.index or like.node.level is not node.level:
        return Help(f"add a `Slice` after `{path}`, with `dim: {axis}` and the length as its `end`")
    arguments: dict[str, Argument] = {"dim": axis, "end": f"={name}.size({like_axis})"}
    text = f"add `{step_text('Slice', arguments)}` after `{path}`: {first}"
    return Help(text, put_between(node, table, "Slice", arguments, "cut"), safe=False)


def _declared_alike(value: Value, axis: int, like: Value, like_axis: int) -> Help | None:
    """The symbol instead of the number, where an input of the network has the fixed size."""
    made, source_axis = origin_of_size(value, axis)
    assert like.shape is not None
    symbol = str(like.shape[like_axis])
    span = derive(made, source_axis).terms[0].span
    size = made.shape[source_axis] if made.shape is not None else None
    if made.node.layer is not None or origin_of_size(like, like_axis)[0].node is made.node:
        return None
    if not symbol.isidentifier() or span is None or span.text != str(size):
        return None
    text = f"write {symbol} instead of {size} in the shape of `{made.node.path}`"
    return Help(text, (Edit(span, symbol),), safe=False)
