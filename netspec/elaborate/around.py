"""Where a node or level stands: the blocks, groups and iterations around it."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Span
from netspec.elaborate.graph import Entry, Graph, Level, Loop, Node
from netspec.record import record


@record(frozen=True, slots=True)
class Turn:
    """One iteration of a loop: which of how many, from 1, and where the loop is written."""

    kind: str
    """`repeat`, or `each` with the names of its variables."""
    number: int
    count: int
    span: Span


@record(frozen=True, slots=True)
class Surrounding:
    """A level around a place, or the place itself, with the loops that it is an iteration of."""

    path: str
    block: str
    """The block that it is a use of; empty for a group."""
    span: Span
    turns: tuple[Turn, ...]


def entries(graph: Graph) -> dict[str, Node | Level]:
    """Every node and level by its path; where a level has a node of its own path, the level."""
    found: dict[str, Node | Level] = {node.path: node for node in graph.nodes}
    found.update((level.path, level) for level in levels(graph.root.entries) if level.path)
    return found


def levels(inside: list[Entry]) -> Iterator[Level]:
    """All levels under these entries, outer ones first."""
    for entry in inside:
        if isinstance(entry, Loop):
            for iteration in entry.iterations:
                yield from levels(iteration)
        elif isinstance(entry, Level):
            yield entry
            yield from levels(entry.entries)


def surroundings(entry: Node | Level) -> tuple[Surrounding, ...]:
    """What is around a node or level, outermost first, and itself at the end."""
    found: list[Surrounding] = []
    at: Node | Level | None = entry
    while at is not None and at.step is not None:
        above = at.level if isinstance(at, Node) else at.parent
        block = at.block.name if isinstance(at, Level) and at.block is not None else ""
        turns = tuple(_turns(above.entries, at)) if above is not None else ()
        found.append(Surrounding(at.path, block, at.step.place.span, turns))
        at = above
    return tuple(reversed(found))


def _turns(inside: list[Entry], wanted: Node | Level) -> list[Turn]:
    """The loops among these entries that lead to one of them, outermost first."""
    for entry in inside:
        if not isinstance(entry, Loop):
            continue
        for number, iteration in enumerate(entry.iterations, 1):
            deeper = _turns(iteration, wanted)
            if deeper or any(e is wanted for e in iteration):
                here = Turn(_kind(entry), number, len(entry.iterations), entry.step.place.span)
                return [here, *deeper]
    return []


def _kind(loop: Loop) -> str:
    if loop.step.each is None:
        return "repeat"
    return f"each {', '.join(key.text for key, _ in loop.step.each)}"
