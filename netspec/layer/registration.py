"""The registry of layers: the decorator `@layer` records a class under its module."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from netspec.layer.base import Layer

LayerClass = TypeVar("LayerClass", bound="type[Layer]")

_classes_by_module: dict[str, list[type[Layer]]] = {}


def layer(cls: LayerClass) -> LayerClass:
    """Register a class as a layer that specs can use by its `op`.

    The docstring must have a summary and a line `Shape:`.

    Args:
        cls: A subclass of `Module` or `Function`.

    Returns:
        The class, unchanged.

    Example:
        >>> from netspec.layer import Module, layer
        >>> @layer
        ... class Gate(Module):
        ...     '''Multiplies the input by a learned gate.
        ...
        ...     Shape: (*) -> (*)
        ...     '''
        ...
        ...     torch_class = "my_modules.Gate"
        >>> Gate.op
        'Gate'
    """
    _classes_by_module.setdefault(cls.__module__, []).append(cls)
    return cls


def registered(module: str) -> tuple[type[Layer], ...]:
    """The layers that a module has registered, in the order of their declarations."""
    return tuple(_classes_by_module.get(module, ()))


def unregister(module: str) -> None:
    """Forget the layers of a module, before its code runs again."""
    _classes_by_module.pop(module, None)
