"""What flows through a level: whether it is a plain sequence, and which outer values it reads."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.codegen.holes import literal
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
    if not isinstance(layer, Module):
        return False
    if type(layer).write is Module.write and not layer.called:
        return True
    inputs = [f"x{k}" for k in range(len(node.inputs))]
    texts = {name: literal(getattr(layer, name)) for name in layer.called}
    return layer.write("m", *inputs, **texts) == f"m({', '.join(inputs)})"


def captures(level: Level, found: dict[int, tuple[Value, ...]]) -> None:
    """Find for this level and all below it the outer values that they read, in order of use."""
    inside: set[int] = {id(v) for v in level.inputs}
    entries = list(unrolled(level.entries))
    for entry in entries:
        if isinstance(entry, Level):
            captures(entry, found)
        through = {id(v) for v in read(entry, found)}
        inside.update(id(v) for v in entry.outputs if id(v) not in through)
    outer: dict[int, Value] = {}
    reads = [v for entry in entries for v in read(entry, found)]
    for value in (*reads, *level.outputs):
        if id(value) not in inside:
            outer.setdefault(id(value), value)
    found[id(level)] = tuple(outer.values())


def read(entry: Node | Level, found: dict[int, tuple[Value, ...]]) -> tuple[Value, ...]:
    """Everything that an entry reads: what flows in, and what it looks at besides."""
    if isinstance(entry, Level):
        return (*found[id(entry)], *entry.inputs)
    seen = (v for values in entry.reads.values() for v in values)
    return (*seen, *entry.inputs) if entry.reads else entry.inputs
