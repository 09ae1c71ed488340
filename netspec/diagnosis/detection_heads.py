"""Heads of maps of several sizes, as a detector has them: each is flattened before they are concatenated."""

from __future__ import annotations

from itertools import pairwise

from netspec.diagnosis.step_insertion import put_each_between
from netspec.diagnostics import Help
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_value
from netspec.layer.base import Layer

_MOST_STEPS = 8
_LEAST_FACTOR = 1.5
"""A map is smaller than the one before by a stride of 2, rounded up or down."""
_VIEWS = frozenset({"Permute", "Transpose", "Identity", "ReLU", "Sigmoid", "BatchNorm2d"})


def flattened_heads(node: Node) -> Help | None:
    """The `Flatten` of every input of a Concat whose inputs are convolutions of maps of different scales."""
    if node.op != "Concat" or len({len(shape) for shape in node.shapes}) > 1:
        return None
    heads = [_head(value) for value in node.inputs]
    if not all(heads):
        return None
    sources = [head.inputs[0].node for head in heads if head is not None]
    if len(set(sources)) != len(sources) or any(map(_lacks_stride, sources)):
        return None
    if not _scales([head for head in heads if head]):
        return None
    names = [value.node.name for value in node.inputs]
    listed = f"{', '.join(f'`{n}`' for n in names[:-1])} and `{names[-1]}`"
    text = f"add `Flatten` after each of {listed}, to concatenate maps of different sizes"
    return Help(text, put_each_between(node, "Flatten", {}, "flat"), safe=False)


def _head(value: Value) -> Node | None:
    """The convolution that a value is the result of, which keeps the size of its input."""
    for _ in range(_MOST_STEPS):
        node = value.node
        if len(node.inputs) != 1:
            return None
        if node.op.startswith("Conv") and node.layer is not None:
            return node if _keeps_scale(node, node.layer) else None
        if node.op not in _VIEWS:
            return None
        value = node.inputs[0]
    return None


def _lacks_stride(node: Node) -> bool:
    """Whether a pool is padded as one that keeps the size, so that its stride is forgotten."""
    padded = getattr(node.layer, "padding", 0) not in (0, (0, 0))
    return "Pool" in node.op and padded and argument_value(node, "stride") is None


def _keeps_scale(node: Node, layer: Layer) -> bool:
    """Whether a convolution moves its window by one, as a head does."""
    stride = getattr(layer, "stride", 1)
    return stride in (1, (1, 1)) and argument_value(node, "stride") is None


def _scales(heads: list[Node]) -> bool:
    """Whether the sides of the maps differ by factors, and not by a padding that is missing."""
    shapes = [head.outputs[0].shape or () for head in heads]
    sides = sorted(max((s for s in shape[2:] if isinstance(s, int)), default=0) for shape in shapes)
    return all(a > 0 and b >= _LEAST_FACTOR * a for a, b in pairwise(sides))
