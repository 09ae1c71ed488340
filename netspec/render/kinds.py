"""The kind of the op of a layer, for its color."""

from __future__ import annotations

from typing import Final

from netspec.layer.base import Layer
from netspec.layer.categories import Category

_KINDS: Final[dict[Category, str]] = {
    "convolution": "conv", "linear": "dense", "embedding": "dense", "normalization": "norm",
    "activation": "activation", "elementwise": "activation", "pooling": "pool", "join": "join", "distance": "join",
    "shape": "shape", "reduction": "shape", "padding": "shape", "resampling": "shape", "recurrent": "recurrent",
    "attention": "attention", "dropout": "dropout", "tensor": "constant", "custom": "other",
}  # fmt: skip


def kind_of(layer: Layer | None) -> str:
    """The kind of a layer, by its category.

    >>> from netspec.layers import find
    >>> kind_of(find("Conv2d").make({"out_channels": 1, "kernel_size": 1})[0])
    'conv'
    """
    return "other" if layer is None else _KINDS.get(layer.category, "other")
