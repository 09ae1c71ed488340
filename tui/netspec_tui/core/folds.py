"""The closed levels of the graph, and the repeats that are drawn iteration by iteration."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.graph import Graph
from netspec.render.opened_boxes import LevelFolds

_MOST_ROWS = 200
"""With more rows than this, levels are closed when a file is opened."""


@dataclass(frozen=True)
class Folds:
    """Paths of closed levels, and of the first iterations of expanded repeats."""

    closed: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    @property
    def levels(self) -> LevelFolds:
        """The same, as a picture needs it."""
        return LevelFolds(fold=self.closed, apart=self.apart)

    def toggled(self, path: str) -> Folds:
        """Folds in which this level is closed if it was open, and open if it was closed."""
        return Folds(self.closed ^ {path}, self.apart)

    def opened(self, paths: set[str]) -> Folds:
        """Folds in which these levels are open."""
        return Folds(self.closed - paths, self.apart)

    def expanded(self, path: str) -> Folds:
        """Folds in which this repeat is expanded, or collapsed if it was expanded."""
        return Folds(self.closed, self.apart ^ {path})


def all_closed(graph: Graph, depth: int = 0) -> Folds:
    """Folds in which every level nested deeper than `depth` is closed."""
    return Folds(frozenset(v.path for v in graph.root.levels() if v.path.count(".") >= depth))


def initial_folds(graph: Graph) -> Folds:
    """The folds of a file that is opened: none, or enough for a large network to fit."""
    from netspec.render.scene import scene

    if len(graph.nodes) <= _MOST_ROWS:
        return Folds()
    for depth in (4, 3, 2, 1):
        folds = all_closed(graph, depth)
        if len(scene(graph, folds=folds.levels).leaves) <= _MOST_ROWS:
            return folds
    return (
        all_closed(graph)
        if len(graph.nodes) > 20 * _MOST_ROWS and list(graph.root.levels())
        else Folds()
    )
