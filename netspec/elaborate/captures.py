"""Which tensors of the levels around it a level reads."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.elaborate.graph import Entry, Level, Loop, Node, Value


def unrolled(entries: list[Entry]) -> Iterator[Node | Level]:
    """The nodes and levels directly in a level, loops unrolled."""
    for entry in entries:
        if isinstance(entry, Loop):
            for iteration in entry.iterations:
                yield from unrolled(iteration)
        else:
            yield entry


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
