"""The tree of operations that a formula is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netspec.record import record


@record(frozen=True, slots=True, eq=False)
class TensorOperand:
    """An input of the formula."""

    number: int

    def operands(self) -> tuple[Operand, ...]:
        """The operands of an operation: none."""
        return ()


@record(frozen=True, slots=True, eq=False)
class NumberOperand:
    """A number: written in the formula, or the argument of that name."""

    argument: str
    value: object = None

    def operands(self) -> tuple[Operand, ...]:
        """The operands of an operation: none."""
        return ()


@record(frozen=True, slots=True, eq=False)
class Operation:
    """An operator with its operands; one operand for `-`, `+` and `~` in front of it."""

    sign: str
    values: tuple[Operand, ...]
    text: str
    span: tuple[int, int]

    def operands(self) -> tuple[Operand, ...]:
        """Its operands."""
        return self.values


@record(frozen=True, slots=True, eq=False)
class SliceItem:
    """`start:end:step` between the brackets of an index."""

    ends: tuple[NumberOperand | None, NumberOperand | None, NumberOperand | None]


IndexItem = SliceItem | NumberOperand | TensorOperand | Operation | str
"""Between the brackets of an index: a range, a number, a tensor, or the words `None` and `...`."""


@record(frozen=True, slots=True, eq=False)
class Index:
    """`base[…]`, as PyTorch indexes a tensor."""

    base: Operand
    items: tuple[Any, ...]
    text: str
    span: tuple[int, int]

    def operands(self) -> tuple[Operand, ...]:
        """What it indexes, and the tensors that it is indexed with."""
        return (self.base, *self.tensors())

    def tensors(self) -> tuple[Operand, ...]:
        """The tensors of indices."""
        return tuple([i for i in self.items if isinstance(i, TensorOperand | Operation | Index)])


Operand = TensorOperand | NumberOperand | Operation | Index


def walk_operands(root: Operand) -> Iterator[Operand]:
    """All operands of a formula, from the root."""
    waiting: list[Operand] = [root]
    while waiting:
        operand = waiting.pop()
        yield operand
        waiting += operand.operands()


def viewed_inputs(operand: Operand) -> set[int]:
    """The inputs whose memory the operands of an operation share."""
    numbers: set[int] = set()
    for each in operand.operands():
        base: Operand = each
        while isinstance(base, Index) and not base.tensors():
            base = base.base
        if isinstance(base, TensorOperand):
            numbers.add(base.number)
    return numbers


def is_view(root: Operand) -> bool:
    """Whether the result shares the memory of the input."""
    base = root
    while isinstance(base, Index) and not base.tensors():
        base = base.base
    return isinstance(root, Index) and isinstance(base, TensorOperand)
