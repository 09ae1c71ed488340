"""Which tensors of the levels around it a level reads, in addition to its inputs."""

from __future__ import annotations

from netspec.graph.nodes import Level, Node, Value, unrolled

__all__ = ["captures", "unrolled", "values_read"]


def captures(level: Level, captured: dict[Level, tuple[Value, ...]]) -> None:
    """Find for this level and all below it the outer values that they read, in order of use."""
    inside: set[Value] = set(level.inputs)
    reads: list[Value] = []
    for entry in unrolled(level.entries):
        if isinstance(entry, Level):
            captures(entry, captured)
        own = values_read(entry, captured)
        reads += own
        if isinstance(entry, Node):
            inside.update(entry.outputs)
        else:
            inside.update([v for v in entry.outputs if v not in own])
    outer = {v: v for v in (*reads, *level.outputs) if v not in inside}
    captured[level] = tuple(outer.values())


def values_read(entry: Node | Level, captured: dict[Level, tuple[Value, ...]]) -> tuple[Value, ...]:
    """Everything that an entry reads: its inputs and its other references."""
    if isinstance(entry, Level):
        return (*captured[entry], *entry.outer_inputs)
    if not entry.reads:
        return entry.inputs
    return (*(v for values in entry.reads.values() for v in values), *entry.inputs)
