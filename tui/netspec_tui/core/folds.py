"""Which levels of the graph are closed, and which repeats are drawn one by one."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.graph import Graph

_PAGE = 200
"""With more rows than this, levels are closed at first."""


@dataclass(frozen=True)
class Folds:
    """Paths of closed levels, and of the first iterations of repeats that are drawn apart."""

    closed: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    def toggled(self, path: str) -> Folds:
        """With a level closed that was open, or opened."""
        return Folds(self.closed ^ {path}, self.apart)

    def opened(self, paths: set[str]) -> Folds:
        """With these levels open."""
        return Folds(self.closed - paths, self.apart)

    def spread(self, path: str) -> Folds:
        """With a repeat drawn apart that was one, or together."""
        return Folds(self.closed, self.apart ^ {path})


def all_closed(graph: Graph, depth: int = 0) -> Folds:
    """Every level closed that is nested deeper than `depth`."""
    return Folds(frozenset(v.path for v in graph.root.levels() if v.path.count(".") >= depth))


def at_first(graph: Graph) -> Folds:
    """What is closed when a file is opened: nothing, or as much as a large network needs."""
    from netspec.render.scene import scene

    if len(graph.nodes) <= _PAGE:
        return Folds()
    for depth in (4, 3, 2, 1):
        folds = all_closed(graph, depth)
        if len(scene(graph, fold=folds.closed).leaves) <= _PAGE:
            return folds
    return (
        all_closed(graph)
        if len(graph.nodes) > 20 * _PAGE and list(graph.root.levels())
        else Folds()
    )
