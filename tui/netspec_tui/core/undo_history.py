"""Undo and redo without limit, for every kind of change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_PAUSE = 0.7
"""Seconds without a keystroke after which typing begins a new entry of the history."""


@dataclass(frozen=True)
class Splice:
    """The characters removed and inserted at `start`."""

    start: int
    removed: str
    inserted: str

    def applied(self, text: str) -> str:
        """The text with this splice applied."""
        return text[: self.start] + self.inserted + text[self.start + len(self.removed) :]

    @property
    def inverse(self) -> Splice:
        """The splice that undoes this one."""
        return Splice(self.start, self.inserted, self.removed)


def between(before: str, after: str) -> Splice:
    """The splice that turns one text into another.

    >>> between("kernel_size: 3}", "kernel_size: 5}")
    Splice(start=13, removed='3', inserted='5')
    """
    most = min(len(before), len(after))
    head = _common(before, after, most)
    tail = _common(before[::-1], after[::-1], most - head)
    return Splice(head, before[head : len(before) - tail], after[head : len(after) - tail])


def _common(a: str, b: str, most: int) -> int:
    """The length of the common prefix, by bisection, which is fast for long texts."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass
class UndoEntry:
    """One entry of the history: its label, its splices, and the view before and after it."""

    label: str
    splices: list[Splice]
    before: object
    after: object
    group: str = ""
    """Consecutive entries of one group are merged."""
    time: float = field(default_factory=time.monotonic)


class UndoHistory:
    """The entries that were done, and those that were undone."""

    def __init__(self) -> None:
        self.done: list[UndoEntry] = []
        self.undone: list[UndoEntry] = []

    def record(self, entry: UndoEntry) -> None:
        """Add an entry; one that continues the last entry is merged into it."""
        last = self.done[-1] if self.done and not self.undone else None
        self.undone.clear()
        if last is not None and _continues(last, entry):
            last.splices += entry.splices
            last.after, last.time = entry.after, entry.time
        else:
            self.done.append(entry)

    def undo(self) -> UndoEntry | None:
        """Undo the last entry; the caller applies the inverse of its splices."""
        if not self.done:
            return None
        entry = self.done.pop()
        self.undone.append(entry)
        return entry

    def redo(self) -> UndoEntry | None:
        """Redo the entry that was undone last; the caller applies its splices."""
        if not self.undone:
            return None
        entry = self.undone.pop()
        self.done.append(entry)
        return entry

    def close(self) -> None:
        """End the current group: the next change is an entry of its own."""
        if self.done:
            self.done[-1].group = ""


def _continues(last: UndoEntry, entry: UndoEntry) -> bool:
    if not entry.group or last.group != entry.group:
        return False
    if not entry.group.startswith("typing"):
        return True
    a, b = last.splices[-1], entry.splices[0]
    close = entry.time - last.time < _PAUSE
    onward = b.start == a.start + len(a.inserted) or b.start + len(b.removed) == a.start
    return close and onward and "\n" not in b.inserted
