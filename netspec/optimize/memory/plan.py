"""The checkpoints with which a training step fits into a budget: a front of memory against recomputation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import NamedTuple

from netspec.graph import Graph, Level
from netspec.optimize.memory.candidates import candidates
from netspec.optimize.memory.simulation import step_memory
from netspec.optimize.memory.tape import TapeWriter
from netspec.optimize.memory.training_operations import Region, Tape
from netspec.optimize.memory.training_tape import TrainingTapeWriter

_MOST_CHANGES = 24
_MOST_STARTS = 4
_WORTH = 0.99
"""A program is worth a row if its peak is lower by a hundredth."""


class PlanRow(NamedTuple):
    """A program for a network.

    Attributes:
        is_training: Whether it is the program for training rather than the plain one.
        levels: The modules whose activations checkpoints compute again.
        peak: The bytes of parameters, buffers, inputs, and all that a training step allocates at its peak.
        recomputed_flops: The floating-point operations that the backward pass repeats.
        saved: The bytes that are held between the forward and the backward pass.
    """

    is_training: bool
    levels: tuple[Level, ...]
    peak: int
    recomputed_flops: int
    saved: int


class MemoryPlan(NamedTuple):
    """What a training step of a network takes, and what it can take.

    Attributes:
        graph: The network.
        sizes: The sizes of its symbols.
        parameter_bytes: The bytes of the parameters, and of their gradients.
        buffer_bytes: The bytes of the buffers.
        input_bytes: The bytes of the inputs.
        forward_flops: The floating-point operations of a forward pass.
        rows: Programs, each with a lower peak and more recomputation than the one before.
    """

    graph: Graph
    sizes: Mapping[str, int]
    parameter_bytes: int
    buffer_bytes: int
    input_bytes: int
    forward_flops: int
    rows: tuple[PlanRow, ...]

    def best(self, budget: int, *, training_only: bool = False) -> PlanRow | None:
        """Return the program with the least recomputation of which the peak is at most the budget.

        Args:
            budget: The bytes that a training step may take.
            training_only: Whether to choose no plain program.
        """
        rows = (row for row in self.rows if row.is_training or not training_only)
        return next((row for row in rows if row.peak <= budget), None)


def plan_memory(graph: Graph, sizes: Mapping[str, int]) -> MemoryPlan:
    """Return the programs of a network that no other one beats in both memory and recomputation.

    Args:
        graph: The network.
        sizes: The size of each symbol, of the batch too.
    """
    plain = TapeWriter(graph, sizes)
    plain_tape = plain.tape()
    training = TrainingTapeWriter(graph, sizes)
    parameters = 4 * graph.parameter_count
    buffers = sum(_buffer_bytes(graph))
    inputs = sum(map(plain.bytes_of, graph.inputs))
    existing = parameters + buffers + inputs
    rows = [
        *_Search(plain, plain_tape, False, existing).rows(),
        *_Search(training, training.tape(), True, existing).rows(),
    ]
    return MemoryPlan(
        graph,
        dict(sizes),
        parameters,
        buffers,
        inputs,
        sum(operation.flops for operation in plain_tape.operations),
        tuple(_front(rows)),
    )


def _buffer_bytes(graph: Graph) -> Iterable[int]:
    for node in graph.nodes:
        if node.layer is not None and node.owner is None and node.known:
            for name, shape in node.layer.buffers(*node.shapes).items():
                yield (8 if name == "num_batches_tracked" else 4) * prod(shape)


def _front(rows: Iterable[PlanRow]) -> list[PlanRow]:
    """The rows that no other one beats, from the least recomputation to the least memory."""
    front: list[PlanRow] = []
    for row in sorted(rows, key=lambda row: (row.recomputed_flops, row.peak, len(row.levels))):
        if not front or row.peak < _WORTH * front[-1].peak:
            front.append(row)
    return front


class _Search:
    """The programs from one base on: checkpoints added one by one, each where it saves most for its cost."""

    def __init__(self, writer: TapeWriter, tape: Tape, is_training: bool, existing: int) -> None:
        self.tape, self.is_training, self.existing = tape, is_training, existing
        self.numbers = writer.numbers
        fused = {node for run in getattr(writer, "runs", {}).values() for node in run.nodes}
        self.candidates = candidates(writer.graph, fused)
        self.known: dict[frozenset[Level], PlanRow] = {}

    def rows(self) -> Iterable[PlanRow]:
        """Return all programs that were tried."""
        none: frozenset[Level] = frozenset()
        self._descend(none, cost_matters=True)
        alone = sorted(self._next(none), key=lambda levels: self.row(levels).saved)
        for start in (none, *alone[:_MOST_STARTS]):
            self._descend(start, cost_matters=False)
        return self.known.values()

    def _descend(self, chosen: frozenset[Level], cost_matters: bool) -> None:
        """Add checkpoints while memory falls: the cheapest ones first, or those that save most."""
        best = self.row(chosen)
        for _ in range(_MOST_CHANGES):
            tried = {levels: self.row(levels) for levels in self._next(chosen)}
            gains = {levels: _gain(best, row, cost_matters) for levels, row in tried.items()}
            chosen = max(gains, key=gains.__getitem__, default=chosen)
            if gains.get(chosen, 0) <= 0:
                break
            best = tried[chosen]

    def _next(self, chosen: frozenset[Level]) -> Iterable[frozenset[Level]]:
        for each in self.candidates:
            rest = {v for v in chosen if not each.overlaps(v)}
            yield frozenset(rest | each.levels)

    def row(self, levels: frozenset[Level]) -> PlanRow:
        """Return the program with some checkpoints."""
        if levels not in self.known:
            regions = {level: self._region(level) for level in levels}
            ordered = sorted((v for v in levels if regions[v].stop), key=lambda v: regions[v])
            memory = step_memory(self.tape, [regions[v] for v in ordered])
            flops = self._recomputed(Region(0, len(self.tape.operations)), "recomputed_flops")
            flops += sum(self._recomputed(regions[v], "flops") for v in ordered)
            peak = self.existing + memory.peak
            self.known[levels] = PlanRow(
                self.is_training, tuple(ordered), peak, flops, memory.saved
            )
        return self.known[levels]

    def _recomputed(self, region: Region, attribute: str) -> int:
        return sum(getattr(each, attribute) for each in self.tape.operations[slice(*region)])

    def _region(self, level: Level) -> Region:
        numbers = [self.numbers[n] for n in level.nodes() if n in self.numbers]
        return Region(min(numbers), max(numbers) + 1) if numbers else Region(0, 0)


def _gain(before: PlanRow, after: PlanRow, cost_matters: bool) -> float:
    """The bytes that a checkpoint saves; for each operation that it repeats, if the cost matters.

    One that does not lower the peak may let the next one do so: what is held between the passes counts a little.
    """
    saved = before.peak - after.peak + (before.saved - after.saved) / 8
    cost = after.recomputed_flops - before.recomputed_flops
    return saved / max(cost, 1) if cost_matters else saved
