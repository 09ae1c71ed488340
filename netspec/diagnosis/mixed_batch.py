"""Steps for which the batch would have to be a special number: a reshape across its items, a table without it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.step_edits import Argument, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnosis.unbatched import batch_symbol
from netspec.diagnostics import Help
from netspec.graph.derivation import source
from netspec.graph.nodes import Node
from netspec.layers.base import show
from netspec.layers.shape import Reshape


def preserves_batch(nodes: Sequence[Node], path: str, symbols: Sequence[str]) -> Help | None:
    """How a reshape keeps the items of the batch apart, where that is why the batch must be divisible."""
    for node in nodes:
        layer = node.layer
        if node.path != path or not isinstance(layer, Reshape) or layer.shape[:1] != (-1,):
            continue
        shape = node.shapes[0]
        elements = [size for size in shape[1:] if isinstance(size, int)]
        others = [size for size in layer.shape[1:] if isinstance(size, int)]
        if len(elements) + 1 < len(shape) or len(others) + 1 < len(layer.shape):
            return None
        item, asked = prod(elements), prod(others)
        if batch_symbol(node.inputs[0]) not in symbols or asked % item == 0:
            return None
        return Help(
            f"use `Flatten`, or `shape: [-1, {item}]`: each item of {show(shape)} has {item} "
            f"elements, not {asked}"
        )
    return None


def table_expanded(nodes: Sequence[Node], path: str, symbols: Sequence[str]) -> Help | None:
    """How a learned table gets the batch of the tensor that it is joined with: a class token, most often."""
    for node in nodes:
        if node.path != path or node.op != "Concat":
            continue
        tables = [k for k, v in enumerate(node.inputs) if source(v, 0)[0].node.op == "Parameter"]
        others = [v for v in node.inputs if batch_symbol(v) in symbols]
        name = expression_name(others[0].node) if others else ""
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
