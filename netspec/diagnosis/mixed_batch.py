"""Steps for which the batch would have to be a special number: a reshape across its items, a table without it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Items
from math import prod

from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.step_edits import Argument, makes_several, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnosis.unbatched import batch_symbol
from netspec.diagnostics import Edit, Help
from netspec.document import Scalar, Sequence
from netspec.graph.derivation import derive, origin_of_size
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layers.rearrange import Reshape


def preserves_batch(nodes: Items[Node], path: str, symbols: Items[str]) -> tuple[Help, ...]:
    """How a reshape keeps the items of the batch apart, where that is why the batch must be divisible."""
    for node in nodes:
        layer = node.layer
        if node.path != path or not isinstance(layer, Reshape) or layer.shape[:1] != (-1,):
            continue
        shape = node.shapes[0]
        elements = [size for size in shape[1:] if isinstance(size, int)]
        others = [size for size in layer.shape[1:] if isinstance(size, int)]
        if len(elements) + 1 < len(shape) or len(others) + 1 < len(layer.shape):
            return ()
        item, asked = prod(elements), prod(others)
        if batch_symbol(node.inputs[0]) not in symbols or _groups_items(others, elements):
            return ()
        differs = f"each item of {show(shape)} has {item} elements, not {asked}"
        if len(others) == 1:
            return (Help(f"use `Flatten`, or `shape: [-1, {item}]`: {differs}"),)
        return tuple(_other_counts(node, differs, item, others))
    return ()


def _groups_items(asked: Items[int], item: Items[int]) -> bool:
    """Whether a reshape puts whole items side by side: frames of one video that were items of the batch.

    A square matrix of as many rows as an item has features is rather one that the layer before is to make.
    """
    is_square = len(item) == 1 and list(asked) == [*item, *item]
    return not is_square and len(asked) > len(item) and list(asked[-len(item) :]) == list(item)


def _other_counts(node: Node, differs: str, item: int, asked: Items[int]) -> Iterator[Help]:
    """The number of features, or the first size of the shape, with which an item keeps its elements."""
    needed = prod(asked)
    made = derive(node.inputs[0], 1)
    written = (
        argument_value(made.terms[0].value.node, made.terms[0].argument) if made.terms else None
    )
    if len(node.shapes[0]) == 2 and isinstance(written, Scalar) and type(written.value) is int:
        text = f"`{made.terms[0].argument}: {needed}` in `{made.terms[0].title}`"
        edits = () if makes_several(node) else (Edit(written.span, str(needed)),)
        yield Help(f"{differs}: {text} keeps them apart", edits, safe=False)
        differs = "or"
    first, rest = asked[0], needed // asked[0]
    shape = argument_value(node, "shape")
    if item % rest or not isinstance(shape, Sequence) or len(shape.items) != len(asked) + 1:
        if differs != "or":
            yield Help(differs)
        return
    sizes = [-1, item // rest, *asked[1:]]
    edits = (Edit(shape.items[1].span, str(sizes[1])),)
    plain = shape.items[1].span.text == str(first) and not makes_several(node)
    lead = f"{differs} " if differs == "or" else f"{differs}: "
    yield Help(f"{lead}`shape: {sizes}` keeps them apart", edits if plain else (), safe=False)


def table_expanded(nodes: Items[Node], path: str, symbols: Items[str]) -> Help | None:
    """How a learned table gets the batch of the tensor that it is joined with: a class token, most often."""
    for node in nodes:
        if node.path != path or node.op != "Concat":
            continue
        tables = [
            k for k, v in enumerate(node.inputs) if origin_of_size(v, 0)[0].node.op == "Parameter"
        ]
        others = [v for v in node.inputs if batch_symbol(v) in symbols]
        name = expression_name(others[0].node) if others else ""
        expanded = next((v.node for v in node.inputs if v.node.op == "Expand"), None)
        if expanded is not None and name:
            return _own_batch(expanded, name)
        if len(tables) != 1 or not name:
            return None
        table = tables[0]
        unchanged_sizes = ", ".join(["-1"] * (len(node.shapes[table]) - 1))
        arguments: dict[str, Argument] = {"size": f"[{name}.batch, {unchanged_sizes}]"}
        text = (
            f"add `{step_text('Expand', arguments)}` after "
            f"`{node.inputs[table].node.path}`: it has no batch dimension"
        )
        return Help(text, put_between(node, table, "Expand", arguments, "expanded"), safe=False)
    return None


def _own_batch(expand: Node, name: str) -> Help | None:
    """The batch of another tensor for an `Expand` that reads its own, which is that of the table: 1."""
    size = argument_value(expand, "size")
    table = origin_of_size(expand.inputs[0], 0)[0].node
    first = size.items[0].span if isinstance(size, Sequence) and size.items else None
    if table.op != "Parameter" or first is None or ".batch" not in first.text:
        return None
    edits = () if makes_several(expand) else (Edit(first, f"{name}.batch"),)
    text = f"write `{name}.batch`: `{first.text}` in `{expand.path}` is that of `{table.path}`, which is 1"
    return Help(text, edits, safe=False)
