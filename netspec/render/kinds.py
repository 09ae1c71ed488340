"""What kind of op a layer is, for its color."""

from __future__ import annotations

from typing import Final

from netspec.layers.base import Layer

_FAMILIES: Final = {
    "conv": "conv", "convtranspose": "conv", "linear": "dense", "embedding": "dense", "heads": "dense",
    "batchnorm": "norm", "norm": "norm", "activation": "activation", "softmax": "activation",
    "elementwise": "activation", "pool": "pool", "unpool": "pool", "fractional": "pool", "adaptive": "pool",
    "join": "join", "distance": "join", "shape": "shape", "fold": "shape", "cut": "shape", "roll": "shape",
    "reduce": "shape", "upsample": "shape", "interpolation": "shape", "padding": "shape", "recurrent": "recurrent",
    "cells": "recurrent", "attention": "attention", "multihead": "attention", "transformer": "attention",
    "dropout": "dropout", "constant": "constant",
}  # fmt: skip

_SHAPES: Final = frozenset({"Flatten", "Unflatten", "Identity"})


def kind_of(layer: Layer | None) -> str:
    """The kind of a layer, by the family that it is in.

    >>> from netspec.layers import find
    >>> kind_of(find("Conv2d").make({"out_channels": 1, "kernel_size": 1})[0])
    'conv'
    """
    if layer is None:
        return "other"
    if type(layer).__name__ in _SHAPES:
        return "shape"
    return _FAMILIES.get(type(layer).__module__.rpartition(".")[2], "other")
