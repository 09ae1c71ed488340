"""The modules of a network that a checkpoint may compute again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from netspec.graph import Graph, Level, Node
from netspec.syntax import Step

_PARTS = 4
"""In how many parts the iterations of a loop may be computed again."""


class Candidate:
    """Modules that checkpoints compute again together, because one line of the program applies them.

    Args:
        levels: The modules.
    """

    def __init__(self, levels: Collection[Level]) -> None:
        self.levels = frozenset(levels)
        self._inside = {v for level in levels for v in (level, *level.levels())}
        self._around = {v for level in levels for v in _around(level)}

    def overlaps(self, level: Level) -> bool:
        """Whether a module contains one of these, or is in one."""
        return level in self._inside or level in self._around


def candidates(graph: Graph, fused: Collection[Node]) -> list[Candidate]:
    """Return what checkpoints may compute again.

    Args:
        graph: The network.
        fused: The nodes that the program computes by a function for many of them.
    """
    by_step: dict[Step, list[Level]] = {}
    shared = {level.owner for level in graph.root.levels()}
    uses = Counter(level.step for level in graph.root.levels())
    for level in graph.root.levels():
        if level.step is not None and _may_be_recomputed(level, fused) and level not in shared:
            by_step.setdefault(level.step, []).append(level)
    groups: dict[frozenset[Level], None] = {}
    for levels in by_step.values():
        groups[frozenset(levels)] = None
        by_parent: dict[Level | None, list[Level]] = {}
        for level in levels:
            by_parent.setdefault(level.parent, []).append(level)
        for parent, children in by_parent.items():
            if parent is not None and uses.get(parent.step, 1) > 1:
                continue  # a class for each use would be needed
            groups[frozenset(children)] = None
            for part in range(1, _PARTS):
                groups[frozenset(children[: len(children) * part // _PARTS])] = None
    return [Candidate(group) for group in groups if group]


def _may_be_recomputed(level: Level, fused: Collection[Node]) -> bool:
    """Whether a level is a module of its own that computes something, and not in a fused block."""
    nodes = list(level.nodes())
    if level.owner is not None or not level.inputs or len(nodes) < 2:
        return False
    if any(each.checkpoint for each in (level, *level.walk(), *_around(level))):
        return False
    inside = sum(node in fused for node in nodes)
    around = level.parent
    is_part = (
        around is not None
        and all(node in fused for node in nodes)
        and any(node in fused for node in around.nodes() if node.level is not level)
    )
    return not (inside and is_part)


def _around(level: Level) -> list[Level]:
    levels: list[Level] = []
    parent = level.parent
    while parent is not None:
        levels.append(parent)
        parent = parent.parent
    return levels
