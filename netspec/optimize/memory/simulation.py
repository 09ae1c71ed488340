"""The peak of a training step: its operations run through forwards and backwards, with sizes only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from netspec.graph import Value
from netspec.optimize.memory.training_operations import (
    Activation,
    Flow,
    Operation,
    Region,
    Storage,
    Tape,
)


class StepMemory(NamedTuple):
    """The memory of a training step.

    Attributes:
        peak: The most bytes that it holds of those that it allocates.
        saved: The bytes that it holds between the forward and the backward pass.
    """

    peak: int
    saved: int


def step_memory(tape: Tape, regions: Sequence[Region] = ()) -> StepMemory:
    """Run a training step.

    Args:
        tape: The operations.
        regions: Those that checkpoints compute again; they do not overlap.

    Returns:
        Its memory. Parameters, buffers and inputs of the network exist before, and do not count.
    """
    step = _Step(tape, regions)
    step.forward()
    saved = step.meter.current
    step.backward()
    return StepMemory(step.meter.peak, saved)


class _Meter:
    """Bytes in use."""

    def __init__(self) -> None:
        self.current = self.peak = 0

    def add(self, size: int) -> None:
        self.current += size
        self.peak = max(self.peak, self.current)

    def use_for_now(self, size: int) -> None:
        self.peak = max(self.peak, self.current + size)


class _Gradient:
    """The memory of gradients, shared by those that are views of it."""

    def __init__(self, size: int) -> None:
        self.size, self.holders = size, 1


class _Slot:
    """The sum so far of the gradients of a value."""

    def __init__(self, gradient: _Gradient, is_dense: bool) -> None:
        self.gradient, self.is_dense = gradient, is_dense


class _Step:
    def __init__(self, tape: Tape, regions: Sequence[Region]) -> None:
        self.tape, self.meter = tape, _Meter()
        self.holders: dict[Storage, int] = {}
        self.slots: dict[Value, _Slot] = {}
        self.recomputed: set[Storage] = set()
        self.region_at = {k: each for each in regions for k in range(*each)}
        self.saved = [self._saved(k, each) for k, each in enumerate(tape.operations)]
        self.ending: dict[int, list[Storage]] = {}
        for storage, last in tape.last_reads.items():
            self.ending.setdefault(last, []).append(storage)

    def hold(self, storage: Storage) -> None:
        held = self.holders.get(storage, 0)
        self.holders[storage] = held + 1
        if not held:
            self.meter.add(storage.size)

    def drop(self, storage: Storage) -> None:
        self.holders[storage] -= 1
        if not self.holders[storage]:
            del self.holders[storage]
            self.meter.add(-storage.size)

    # ---- the forward pass ---------------------------------------------------------------------

    def forward(self) -> None:
        for number, operation in enumerate(self.tape.operations):
            region = self.region_at.get(number)
            if region is not None and number == region.start:
                for storage in self._read_from_outside(region):
                    self.hold(storage)
            self._call(number, operation.writes, saves=region is None)
            for storage in self.ending.get(number, ()):
                if storage in self.holders:  # an input of the network is not counted
                    self.drop(storage)

    def _call(self, number: int, writes: Iterable[Storage], saves: bool) -> None:
        operation = self.tape.operations[number]
        for storage in writes:
            self.hold(storage)
        self.meter.use_for_now(operation.workspace + operation.saved_bytes)
        if saves:
            self.meter.add(operation.saved_bytes)
            for storage in self.saved[number]:
                self.hold(storage)

    def _saved(self, number: int, operation: Operation) -> list[Storage]:
        """What an operation saves of what is allocated in the step."""
        saves = operation.saves
        if operation.activation is not None and not self._recomputes(number, operation.activation):
            saves = (*saves, operation.activation.storage)
        return [s for s in saves if s in self.tape.last_reads]

    def _recomputes(self, number: int, activation: Activation) -> bool:
        """Whether an operation saves how to compute an activation: without checkpoints around either."""
        return number not in self.region_at and activation.producer not in self.region_at

    def _read_from_outside(self, region: Region) -> list[Storage]:
        operations = self.tape.operations[region.start : region.stop]
        written = {s for each in operations for s in each.writes}
        read = dict.fromkeys(s for each in operations for s in each.reads)
        return [s for s in read if s not in written and s in self.tape.last_reads]

    # ---- the backward pass --------------------------------------------------------------------

    def backward(self) -> None:
        for value, size in zip(self.tape.outputs, self.tape.output_bytes, strict=True):
            self.meter.use_for_now(2 * size)  # the loss
            self._accumulate(value, size, self._new(size), is_dense=True)
        for storage in self.tape.results:
            if storage in self.holders:
                self.drop(storage)
        number = len(self.tape.operations)
        while number:
            number -= 1
            region = self.region_at.get(number)
            if region is None:
                self._backward_of(number, {})
                continue
            again = self._recompute(region)
            for inside in reversed(range(*region)):
                self._backward_of(inside, again)
            for storage in self._read_from_outside(region):
                self.drop(storage)
            number = region.start

    def _recompute(self, region: Region) -> dict[Storage, Storage]:
        """Run a region again up to the last tensor that it saves; return its storages."""
        operations = self.tape.operations
        saving = [k for k in range(*region) if self.saved[k] or operations[k].saved_bytes]
        again: dict[Storage, Storage] = {}
        last = max(saving, default=region.start - 1)
        variables: list[Storage] = []
        for number in range(region.start, last + 1):
            operation = operations[number]
            for storage in operation.writes:
                again[storage] = Storage(storage.size)
            self._call(number, [again[s] for s in operation.writes], saves=False)
            self.meter.add(operation.saved_bytes)
            for storage in self.saved[number]:
                self.hold(again.get(storage, storage))
            variables += operation.writes
            ending = {s for s in self.ending.get(number, ()) if s in again}
            for storage in ending:
                self.drop(again[storage])
            variables = [s for s in variables if s not in ending]
        for storage in variables:
            self.drop(again[storage])
        return again

    def _backward_of(self, number: int, again: Mapping[Storage, Storage]) -> None:
        operation = self.tape.operations[number]
        slots = [self.slots.pop(v) for v in operation.outputs if v in self.slots]
        if slots:
            self._compute_again(number, operation)
            gradients = self._gradients(operation, slots)
            self.meter.add(operation.parameter_bytes)
            self.meter.use_for_now(operation.backward_workspace + operation.repeated_bytes)
        for slot in slots:
            self._release(slot.gradient)
        if operation.drops is not None and operation.drops.again in self.recomputed:
            self.recomputed.remove(operation.drops.again)
            self.meter.add(-operation.drops.again.size)
        self.meter.add(-operation.saved_bytes)
        for storage in self.saved[number]:
            self.drop(again.get(storage, storage))
        if slots:
            for each, gradient in zip(operation.inputs, gradients, strict=True):
                self._accumulate(each.value, each.size, gradient, each.flow is not Flow.PART)

    def _compute_again(self, number: int, operation: Operation) -> None:
        """Compute the activations that an operation reads, unless that is done."""
        needed = [] if operation.drops is None else [operation.drops.again]
        if operation.activation is not None and self._recomputes(number, operation.activation):
            needed.append(operation.activation.again)
        for storage in needed:
            if storage not in self.recomputed:
                self.recomputed.add(storage)
                self.meter.add(storage.size)

    def _gradients(self, operation: Operation, slots: Sequence[_Slot]) -> list[_Gradient]:
        gradients = []
        for each in operation.inputs:
            if each.flow is Flow.NEW:
                gradients.append(self._new(each.size))
            else:
                slots[0].gradient.holders += 1
                gradients.append(slots[0].gradient)
        return gradients

    def _new(self, size: int) -> _Gradient:
        self.meter.add(size)
        return _Gradient(size)

    def _release(self, gradient: _Gradient) -> None:
        gradient.holders -= 1
        if not gradient.holders:
            self.meter.add(-gradient.size)

    def _accumulate(self, value: Value, size: int, gradient: _Gradient, is_dense: bool) -> None:
        """Add a gradient of a value as PyTorch does: in place, if nothing else has the memory."""
        slot = self.slots.get(value)
        if slot is None:
            self.slots[value] = _Slot(gradient, is_dense)
            return
        if slot.is_dense and slot.gradient.holders == 1:
            self._release(gradient)
            return
        total = self._new(size)
        self._release(gradient)
        self._release(slot.gradient)
        self.slots[value] = _Slot(total, is_dense=True)
