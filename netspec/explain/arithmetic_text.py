"""The arithmetic behind the numbers of a node: sizes, weights and MACs, written out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import prod

from netspec.graph import Node, Value
from netspec.graph.concrete import concrete
from netspec.graph.costs import is_counted, node_macs
from netspec.graph.nodes import axes
from netspec.graph.size_origin import origin_of
from netspec.layer.base import ConcreteShape

_MOST_TERMS = 8


def size_sum(value: Value, axis: int, sizes: Mapping[str, int]) -> str:
    """The arithmetic of a size of a result: `⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112`."""
    node, shape = value.node, axes(value.shape or (), sizes)
    size, origin = shape[axis], origin_of(value, axis)
    if origin is None or node.layer is None:
        return str(size)
    shapes = tuple(axes(v.shape or (), sizes) for v in node.inputs)
    parts = [shapes[i][a] for i, a in origin.parts]
    if origin.kind == "sum":
        return f"{_terms(parts)} = {size}"
    if origin.kind == "product":
        return f"{'·'.join(map(str, parts))} = {size}"
    if origin.kind == "window":
        worked = concrete(node.layer, sizes).formula(value.index, axis, *shapes)
        return f"{worked} = {size}" if worked and worked != str(size) else str(size)
    if origin.kind == "rule":
        return f"{size} (shape rule of `{node.op}`)"
    if origin.kind == "argument":
        return f"{size} (`{origin.argument}`)" if origin.argument else str(size)
    sources = list(
        dict.fromkeys(node.inputs[i].node.path or node.inputs[i].node.name for i, _ in origin.parts)
    )
    return f"{size} (from `{sources[0]}`)" if len(sources) == 1 else f"{size} (from the inputs)"


def _terms(parts: list[int]) -> str:
    """`64 + 32·6`: equal terms counted, in order of occurrence."""
    counted = Counter(parts)
    terms = [f"{size}·{times}" if times > 1 else str(size) for size, times in counted.items()]
    if len(terms) > _MOST_TERMS:
        terms[_MOST_TERMS - 2 : -1] = ["…"]
    return " + ".join(terms)


def weight_sum(shape: ConcreteShape) -> str:
    """The number of elements of a weight: `3·64·7·7 = 9,408`; input channels first, then output channels."""
    ordered = (shape[1], shape[0], *shape[2:]) if len(shape) > 1 else shape
    count = f"{prod(shape):,}"
    return f"{'·'.join(map(str, ordered))} = {count}" if len(shape) > 1 else count


def macs_sum(node: Node, sizes: Mapping[str, int]) -> str:
    """The arithmetic of the MACs of a node: `9,408 · 112 · 112 = 118,013,952`."""
    total = node_macs(node, sizes)
    if not is_counted(node):
        return f"unknown: `{node.op}` does not define `macs`"
    if node.layer is None or not total:
        return "0"
    groups = node.layer.weight_groups(*node.shapes)
    matrices = sum(
        times * prod(shape) for times, part in groups for shape in part.values() if len(shape) > 1
    )
    places = _places(node, sizes, total // matrices) if matrices and total % matrices == 0 else None
    if places is None:
        return f"{total:,}"
    if not places:
        return f"{total:,}, one per weight"
    return f"{' · '.join(f'{n:,}' for n in (matrices, *places))} = {total:,}"


def _places(node: Node, sizes: Mapping[str, int], count: int) -> tuple[int, ...] | None:
    """The sizes whose product is the number of uses of each weight; None if there are none."""
    assert node.layer is not None
    spatial = node.layer.axes
    for value in (node.outputs[0], *node.inputs[:1]):
        shape = axes(value.shape or (), sizes)
        inner = shape[-spatial:] if spatial else shape[1:-1]
        batch = shape[:1] if len(shape) > len(inner) + 1 else ()
        for sizes_product in ((*batch, *inner), (*shape[:-1],)):
            if prod(sizes_product) == count:
                return (
                    sizes_product[1:] if sizes_product and sizes_product[0] == 1 else sizes_product
                )
    return (count,)
