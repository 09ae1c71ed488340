"""Layers and values with numbers instead of symbolic sizes."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.dims import evaluate, is_size, is_symbolic
from netspec.layer.base import Layer


def numbers(value: object, sizes: Mapping[str, int]) -> object:
    """A value with numbers instead of its sizes, in lists as well."""
    if isinstance(value, list | tuple):
        return type(value)(numbers(v, sizes) for v in value)
    if is_symbolic(value):
        assert is_size(value)
        return evaluate(value, sizes)
    return value


def concrete(layer: Layer, sizes: Mapping[str, int]) -> Layer:
    """The layer at these sizes; the same object if no argument depends on one."""
    arguments = {name: getattr(layer, name) for name in layer.arguments}
    put = {name: numbers(value, sizes) for name, value in arguments.items()}
    if put == arguments:
        return layer
    made = type(layer)(**put)
    made.taken = layer.taken
    return made
