"""What the backward pass of a layer keeps in addition to inputs, results and parameters, in bytes."""

# ruff: noqa: ARG001 - each rule has the arguments of all

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from netspec.layer.memory import ConcreteShape

Shapes = Sequence[ConcreteShape]
FLOAT, INDEX = 4, 8
"""Bytes of an element: 32-bit floats, and indices."""

_NORMALIZED = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"})


def saved_bytes(name: str, layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    """The bytes that a layer saves in addition to its inputs, results and parameters, in training.

    Args:
        name: The name of the layer.
        layer: The layer with its arguments.
        inputs: The shapes of the inputs.
        outputs: The shapes of the results.
    """
    rule = _RULES.get(name)
    return rule(layer, inputs, outputs) if rule is not None else 0


def _batch_norm(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    return 2 * FLOAT * inputs[0][1]


def _layer_norm(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    shape = layer.normalized_shape
    normalized = 1 if shape is None or isinstance(shape, int) else len(shape)
    rank = len(inputs[0])
    return 2 * FLOAT * prod(inputs[0][: rank - normalized])


def _group_norm(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    return 2 * FLOAT * inputs[0][0] * int(layer.num_groups)


def _indices(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    return INDEX * prod(outputs[0])


def _mask(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    return FLOAT * prod(inputs[0]) if 0 < layer.p < 1 else 0


def _one_like_result(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    return FLOAT * prod(outputs[0])


def _attention(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    """The logarithm of the sum of each row of weights; with dropout, copies and the weights."""
    if not layer.dropout_p:
        return FLOAT * prod(outputs[0][:-1])
    query, key, *_ = inputs
    weights = prod(query[:-1]) * key[-2]
    return FLOAT * (prod(query) + prod(key) + 3 * weights)


def _multihead_attention(layer: Any, inputs: Shapes, outputs: Shapes) -> int:
    """Its projections, what its attention saves, and the input of its last projection."""
    query, key, value = layer.streams(inputs)
    streams = layer.streams(inputs)
    distinct = [s for k, s in enumerate(streams) if not any(s is other for other in streams[:k])]
    copies = sum(map(prod, distinct)) if layer.batch_first else 0
    projections = 2 * prod(query) + prod(key) + prod(value)
    batch, rows, columns = _attended(layer, query, key)
    weights = batch * layer.num_heads * rows * columns
    if not layer.need_weights and not layer.dropout:
        attention = batch * layer.num_heads * rows
    else:
        attention = prod(query) + weights * (3 if layer.dropout else 1)
    return FLOAT * int(copies + projections + attention)


def _attended(layer: Any, query: ConcreteShape, key: ConcreteShape) -> tuple[int, int, int]:
    """The batch, and the lengths of query and key."""
    if len(query) == 2:
        return 1, query[0], key[0]
    if layer.batch_first:
        return query[0], query[1], key[1]
    return query[1], query[0], key[0]


_RULES: dict[str, Callable[[Any, Shapes, Shapes], int]] = {
    **dict.fromkeys(_NORMALIZED, _batch_norm),
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "MaxPool1d": _indices,
    "MaxPool2d": _indices,
    "MaxPool3d": _indices,
    "Dropout": _mask,
    "AlphaDropout": _mask,
    "LogSigmoid": _one_like_result,
    "Softsign": _one_like_result,
    "Tanhshrink": _one_like_result,
    "RReLU": _one_like_result,
    "ScaledDotProductAttention": _attention,
    "MultiheadAttention": _multihead_attention,
}
