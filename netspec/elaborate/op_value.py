"""The value of a parameter of type `op`."""

from __future__ import annotations

from netspec.layer.base import Layer
from netspec.syntax import Block

Definition = type[Layer] | Block
"""The possible values of an op."""


class OpValue:
    """The value of a parameter of type `op`: a layer or a block, with arguments of its own."""

    __slots__ = ("arguments", "definition", "name", "size")

    def __init__(self, name: str, definition: Definition, arguments: dict[str, object]) -> None:
        self.name, self.definition, self.arguments = name, definition, arguments
        nested: list[OpValue] = [v for v in arguments.values() if isinstance(v, OpValue)]
        self.size: int = 1 + sum(op.size for op in nested)
        """How many ops it is with those in its arguments."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OpValue)
            and self.definition is other.definition
            and self.arguments == other.arguments
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name


def call_key(definition: type[Layer], arguments: dict[str, object]) -> object:
    """The key that equal calls share; None if an argument is not hashable."""
    if not arguments:
        return definition
    key = (definition, *[(k, _frozen(v)) for k, v in arguments.items()])
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value: object) -> object:
    """The value as a key that distinguishes `1` from `true` and `1.0`."""
    if type(value) is int or type(value) is str:
        return value
    return tuple(map(_frozen, value)) if isinstance(value, list) else (value.__class__, value)
