"""YAML text in flow style that remembers which field of the graph each part of it is made of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.document.scalar_writer import scalar_text

Location = tuple[int | str, ...]
"""The path of a field of the graph model: `("nodes", 12, "inputs", 0)`."""


class Marked(NamedTuple):
    """A value and the field that it is made of."""

    value: object
    location: Location


class _Mark(NamedTuple):
    """A mark, in the order of the nesting: of two with one start, the longer one is first."""

    start: int
    reversed_end: int
    reversed_order: int
    """The order in which the marks were made: of two with one range, the inner one is made first."""
    location: Location


class MarkedText:
    """A text under construction."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        """The number of characters so far."""
        self._marks: list[tuple[int, int, Location]] = []
        self._keys: set[tuple[int, int]] = set()
        self._nested: tuple[list[_Mark], list[int]] = [], []

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def write(self, text: str) -> None:
        """Append text as it is."""
        self._parts.append(text)
        self.length += len(text)

    def write_value(self, value: object) -> None:
        """Append a value in flow style; records the `Marked` values in it."""
        if isinstance(value, Marked):
            start = self.length
            self.write_value(value.value)
            self.mark(start, value.location)
        elif isinstance(value, Mapping):
            self._write_mapping(value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            self.write("[")
            for position, item in enumerate(value):
                self.write(", " if position else "")
                self.write_value(item)
            self.write("]")
        else:
            self.write(_scalar(value))

    def mark(self, start: int, location: Location) -> None:
        """Remember the field that the text from an offset to the end is made of."""
        self._marks.append((start, self.length, location))

    def write_entry(self, key: str, value: object) -> None:
        """Append an entry of a mapping; a marked value marks its key as well."""
        start = self.length
        self.write(_scalar(key))
        self._keys.add((start, self.length))
        self.write(": ")
        self.write_value(value)
        if isinstance(value, Marked):
            self.mark(start, value.location)

    def _write_mapping(self, mapping: Mapping[str, object]) -> None:
        self.write("{")
        for position, (key, value) in enumerate(mapping.items()):
            self.write(", " if position else "")
            self.write_entry(key, value)
        self.write("}")

    def is_key(self, start: int, end: int) -> bool:
        """Whether the text between two offsets is the key of an entry."""
        return (start, end) in self._keys

    def location(self, start: int, end: int) -> Location:
        """The field that the text between two offsets is made of: of several, the innermost."""
        marks, outer = self._nesting()
        k = bisect_right(marks, (start, 1)) - 1
        while k >= 0 and not (marks[k].start <= start and end <= -marks[k].reversed_end):
            k = outer[k]
        return marks[k].location if k >= 0 else ()

    def _nesting(self) -> tuple[list[_Mark], list[int]]:
        """The marks by start, outer ones first, and for each the one around it, or -1: marks nest."""
        if len(self._nested[0]) != len(self._marks):
            marks = sorted(
                _Mark(start, -end, -order, location)
                for order, (start, end, location) in enumerate(self._marks)
            )
            outer: list[int] = []
            for k, mark in enumerate(marks):
                around = k - 1
                while around >= 0 and -marks[around].reversed_end < -mark.reversed_end:
                    around = outer[around]
                outer.append(around)
            self._nested = marks, outer
        return self._nested


class Raw(str):
    """A scalar that is written without quotes, such as `.inf`."""

    __slots__ = ()


def _scalar(value: object) -> str:
    if isinstance(value, Raw):
        return value
    assert value is None or isinstance(value, bool | int | float | str)
    return scalar_text(value, in_braces=True)
