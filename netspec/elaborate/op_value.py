"""The value of a parameter of type `op`."""

from __future__ import annotations

from netspec.elaborate.unknown_argument import Definition


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
