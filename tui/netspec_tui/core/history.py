"""Undo and redo without limit, over every way to change the text alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

PAUSE = 0.7
"""Seconds without a key stroke after which typing is another step of the history."""


@dataclass(frozen=True)
class Splice:
    """The characters at `start` that went, and those that came."""

    start: int
    removed: str
    inserted: str

    def applied(self, text: str) -> str:
        """The text after it."""
        return text[: self.start] + self.inserted + text[self.start + len(self.removed) :]

    @property
    def inverse(self) -> Splice:
        """What undoes it."""
        return Splice(self.start, self.inserted, self.removed)


def between(before: str, after: str) -> Splice:
    """The one splice that makes a text another one.

    >>> between("kernel_size: 3}", "kernel_size: 5}")
    Splice(start=13, removed='3', inserted='5')
    """
    most = min(len(before), len(after))
    head = _common(before, after, most)
    tail = _common(before[::-1], after[::-1], most - head)
    return Splice(head, before[head : len(before) - tail], after[head : len(after) - tail])


def _common(a: str, b: str, most: int) -> int:
    """How many characters two texts begin with alike: found by halves, which is fast for long texts."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass
class Entry:
    """One step of the history: what it is called, its splices, and what was selected around it."""

    label: str
    splices: list[Splice]
    before: object
    after: object
    group: str = ""
    """Steps of one group that follow each other are one."""
    time: float = field(default_factory=time.monotonic)


class History:
    """What was done, and what was undone."""

    def __init__(self) -> None:
        self.done: list[Entry] = []
        self.undone: list[Entry] = []

    def record(self, entry: Entry) -> None:
        """Take a step in; one that goes on with the last one becomes a part of it."""
        last = self.done[-1] if self.done and not self.undone else None
        self.undone.clear()
        if last is not None and _goes_on(last, entry):
            last.splices += entry.splices
            last.after, last.time = entry.after, entry.time
        else:
            self.done.append(entry)

    def undo(self) -> Entry | None:
        """The last step, taken back; the caller applies the inverse of its splices."""
        if not self.done:
            return None
        entry = self.done.pop()
        self.undone.append(entry)
        return entry

    def redo(self) -> Entry | None:
        """The step that was undone last."""
        if not self.undone:
            return None
        entry = self.undone.pop()
        self.done.append(entry)
        return entry

    def close(self) -> None:
        """Let whatever comes next be a step of its own."""
        if self.done:
            self.done[-1].group = ""


def _goes_on(last: Entry, entry: Entry) -> bool:
    if not entry.group or last.group != entry.group:
        return False
    if not entry.group.startswith("typing"):
        return True
    a, b = last.splices[-1], entry.splices[0]
    close = entry.time - last.time < PAUSE
    onward = b.start == a.start + len(a.inserted) or b.start + len(b.removed) == a.start
    return close and onward and "\n" not in b.inserted
