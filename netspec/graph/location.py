"""The location of a node or level: the enclosing blocks, groups and iterations."""

from __future__ import annotations

from netspec.diagnostics import Span
from netspec.graph.nodes import Entry, Level, Loop, Node
from netspec.graph.typed_graph import Graph
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


def entries_by_path(graph: Graph) -> dict[str, Node | Level]:
    """Every node and level by its path; where a level has a node of its own path, the level."""
    by_path: dict[str, Node | Level] = {node.path: node for node in graph.nodes}
    by_path.update((level.path, level) for level in graph.root.levels() if level.path)
    return by_path


def surroundings(entry: Node | Level) -> tuple[Surrounding, ...]:
    """The enclosing levels of a node or level, outermost first, and itself last."""
    enclosing: list[Surrounding] = []
    ancestor: Node | Level | None = entry
    while ancestor is not None and ancestor.step is not None:
        above = ancestor.level if isinstance(ancestor, Node) else ancestor.parent
        block = (
            ancestor.block.name
            if isinstance(ancestor, Level) and ancestor.block is not None
            else ""
        )
        turns = tuple(_turns(above.entries, ancestor)) if above is not None else ()
        enclosing.append(Surrounding(ancestor.path, block, ancestor.step.place.span, turns))
        ancestor = above
    return tuple(reversed(enclosing))


def _turns(inside: list[Entry], goal: Node | Level) -> list[Turn]:
    """The loops among these entries that lead to one of them, outermost first."""
    for entry in inside:
        if not isinstance(entry, Loop):
            continue
        for number, iteration in enumerate(entry.iterations, 1):
            deeper = _turns(iteration, goal)
            if deeper or any(e is goal for e in iteration):
                here = Turn(_kind(entry), number, len(entry.iterations), entry.step.place.span)
                return [here, *deeper]
    return []


def _kind(loop: Loop) -> str:
    if loop.step.each is None:
        return "repeat"
    return f"each {', '.join(key.text for key, _ in loop.step.each)}"
