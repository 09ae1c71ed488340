"""The forward pass as data: statements whose operands are values and paths."""

from __future__ import annotations

from typing import NamedTuple

from netspec.graph import Value


class Path(NamedTuple):
    """The path of a module, which is written as a text."""

    text: str


class Held(NamedTuple):
    """A buffer of growing concatenations, which the last of its concatenations names."""

    value: Value


class Size(NamedTuple):
    """A size of a tensor that a later statement reads, possibly after the tensor is freed."""

    value: Value
    axis: int


Operand = Value | Held | Size
Part = str | Path | Operand
"""A piece of a statement; a text is written as it is."""


class Statement(NamedTuple):
    """One assignment.

    Attributes:
        target: The results, with the text between them.
        parts: The expression.
        overwrites: The operand in whose memory the result is, if any.
    """

    target: tuple[str | Operand, ...]
    parts: tuple[Part, ...]
    overwrites: Operand | None = None

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The values that it reads, each once."""
        return tuple(dict.fromkeys(p for p in self.parts if isinstance(p, Operand)))

    @property
    def results(self) -> tuple[Operand, ...]:
        """The values that it computes."""
        return tuple(p for p in self.target if isinstance(p, Operand))
