"""Which levels and repeats of a picture are open."""

from __future__ import annotations

from collections.abc import Container

from netspec.graph import Loop
from netspec.record import record


@record(frozen=True, slots=True)
class LevelFolds:
    """Exceptions to the depth of a picture, by path.

    Attributes:
        expand: Levels that are open at any depth.
        fold: Levels that are closed at any depth.
        apart: The first iterations of the repeats whose iterations are drawn one by one.
    """

    expand: Container[str] = ()
    fold: Container[str] = ()
    apart: Container[str] = ()


NO_FOLDS = LevelFolds()


@record(frozen=True, slots=True)
class OpenedBoxes:
    """What is drawn open: `depth` levels (None: all), and repeats as one box if `repeats`."""

    depth: int | None
    repeats: bool
    folds: LevelFolds

    def level(self, path: str, depth: int) -> bool:
        """Whether the content of a level is drawn."""
        shallow = self.depth is None or depth < self.depth
        return (shallow or path in self.folds.expand) and path not in self.folds.fold

    def loop(self, loop: Loop) -> bool:
        """Whether all iterations of a loop are drawn."""
        if not self.repeats or not loop.iterations:
            return True
        if any(len(entries) != 1 or isinstance(entries[0], Loop) for entries in loop.iterations):
            return True
        first = loop.iterations[0][0]
        return not isinstance(first, Loop) and first.path in self.folds.apart
