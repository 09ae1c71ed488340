"""What flows through a level: whether it is a plain sequence, and which outer values it reads."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.elaborate import Entry, Level, Loop, Node, Value
from netspec.layers.base import Module

SEQUENTIAL = frozenset({"append", "extend", "insert", "pop"})
"""Names that `nn.Sequential` has for itself."""


def unrolled(entries: list[Entry]) -> Iterator[Node | Level]:
    """The nodes and levels directly in a level, loops unrolled."""
    for entry in entries:
        if isinstance(entry, Loop):
            for iteration in entry.iterations:
                yield from unrolled(iteration)
        else:
            yield entry


def is_chain(level: Level, captured: dict[int, tuple[Value, ...]]) -> bool:
    """Whether each child takes just what the one before gave: an `nn.Sequential` says it all."""
    if len(level.inputs) != 1 or len(level.outputs) != 1:
        return False
    flow = level.inputs[0]
    for entry in unrolled(level.entries):
        if not _is_link(entry, flow, captured):
            return False
        flow = entry.outputs[0]
    return level.outputs[0] is flow


def _is_link(entry: Node | Level, flow: Value, captured: dict[int, tuple[Value, ...]]) -> bool:
    if entry.owner is not None or entry.checkpoint or entry.name in SEQUENTIAL:
        return False
    if len(entry.inputs) != 1 or entry.inputs[0] is not flow or len(entry.outputs) != 1:
        return False
    if isinstance(entry, Level):
        return not captured[id(entry)]
    return calls_plainly(entry) and not entry.ties


def calls_plainly(node: Node) -> bool:
    """Whether the node is a module that is called with its inputs and nothing else."""
    layer = node.layer
    return isinstance(layer, Module) and type(layer).write is Module.write


def captures(level: Level, found: dict[int, tuple[Value, ...]]) -> None:
    """Find for this level and all below it the outer values that they read, in order of use."""
    inside: set[int] = {id(v) for v in level.inputs}
    reads: list[Value] = []
    for entry in unrolled(level.entries):
        if isinstance(entry, Level):
            captures(entry, found)
        own = read(entry, found)
        reads += own
        inside.update([id(v) for v in entry.outputs if v not in own])
    outer = {id(v): v for v in (*reads, *level.outputs) if id(v) not in inside}
    found[id(level)] = tuple(outer.values())


def read(entry: Node | Level, found: dict[int, tuple[Value, ...]]) -> tuple[Value, ...]:
    """Everything that an entry reads: what flows in, and what it looks at besides."""
    if isinstance(entry, Level):
        return (*found[id(entry)], *entry.inputs)
    if not entry.reads:
        return entry.inputs
    return (*(v for values in entry.reads.values() for v in values), *entry.inputs)
