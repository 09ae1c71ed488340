"""What a training step allocates, operation by operation."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from netspec.graph import Value


class Storage:
    """The memory of a tensor, or of several that are views of one.

    Attributes:
        size: The number of bytes.
    """

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size

    def __repr__(self) -> str:
        return f"<Storage of {self.size} bytes>"


class Flow(Enum):
    """How a backward pass makes the gradient of an input."""

    NEW = "a new tensor"
    SAME = "the gradient of the result, or a view of all of it"
    PART = "a view of a part of the gradient of the result"


class Input(NamedTuple):
    """An input that a gradient flows to.

    Attributes:
        value: The input.
        size: The bytes of its gradient.
        flow: How the gradient is made.
    """

    value: Value
    size: int
    flow: Flow


class Activation(NamedTuple):
    """An activation that the backward pass computes again, where no checkpoint is around it.

    Attributes:
        storage: The memory that it has in the forward pass.
        again: The memory that it has in the backward pass.
        producer: The number of the operation that computes it.
    """

    storage: Storage
    again: Storage
    producer: int


class Operation:
    """A call of a forward pass, and its part of the backward pass.

    Attributes:
        reads: The memory of its inputs.
        writes: The memory that it allocates for its results.
        saves: The memory that the backward pass reads.
        saved_bytes: What it saves in addition: statistics, indices, masks.
        workspace: What the forward pass allocates and frees.
        inputs: The inputs that gradients flow to.
        outputs: The results.
        parameter_bytes: The gradients of the parameters.
        repeated_bytes: The gradients of parameters that have one already; they are added to it.
        backward_workspace: What the backward pass allocates and frees.
        activation: What it saves of an activation.
        drops: The activation that it computes, and that nothing reads after its backward pass.
        flops: The floating-point operations of the forward pass.
        recomputed_flops: Those that the backward pass repeats without a checkpoint.
    """

    def __init__(self, reads: Sequence[Storage], writes: Sequence[Storage]) -> None:
        self.reads, self.writes = tuple(reads), tuple(writes)
        self.saves: tuple[Storage, ...] = ()
        self.saved_bytes = self.workspace = 0
        self.inputs: tuple[Input, ...] = ()
        self.outputs: tuple[Value, ...] = ()
        self.parameter_bytes = self.repeated_bytes = self.backward_workspace = 0
        self.activation: Activation | None = None
        self.drops: Activation | None = None
        self.flops = self.recomputed_flops = 0


class Region(NamedTuple):
    """Consecutive operations whose results a checkpoint computes again.

    Attributes:
        start: The number of the first operation.
        stop: The number after the last one.
    """

    start: int
    stop: int


class Tape(NamedTuple):
    """A training step.

    Attributes:
        operations: The operations of the forward pass in order.
        last_reads: The number of the last operation while a variable of the program has a tensor.
        results: The memory of the results.
        outputs: The results of the network.
        output_bytes: The bytes of each.
    """

    operations: list[Operation]
    last_reads: dict[Storage, int]
    results: tuple[Storage, ...]
    outputs: tuple[Value, ...]
    output_bytes: tuple[int, ...]
