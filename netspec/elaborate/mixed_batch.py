"""A reshape to `[-1, 320]` of items that have 500 elements each: it cuts across the items of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netspec.diagnostics import Help
from netspec.elaborate.graph import Node
from netspec.elaborate.unbatched import batch_symbol
from netspec.layers.base import show
from netspec.layers.shape import Reshape


def batch_kept(nodes: Sequence[Node], path: str, symbols: Sequence[str]) -> Help | None:
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
            f"each item of {show(shape)} has {item} elements, not {asked}: "
            f"`Flatten`, or `shape: [-1, {item}]`, keeps them apart"
        )
    return None
