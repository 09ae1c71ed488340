"""YAML text in flow style that remembers which field of the graph each part of it is made of."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_QUOTED = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""Words that a reader of YAML 1.1 or 1.2 takes for something else than text."""

Location = tuple[int | str, ...]
"""The path of a field of the graph model: `("nodes", 12, "inputs", 0)`."""


class Marked(NamedTuple):
    """A value and the field that it is made of."""

    value: object
    location: Location


class MarkedText:
    """A text under construction."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        """The number of characters so far."""
        self._marks: list[tuple[int, int, Location]] = []

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._parts)

    def write(self, text: str) -> None:
        """Append text as it is."""
        self._parts.append(text)
        self.length += len(text)

    def write_value(self, value: object) -> None:
        """Append a value in flow style; what is `Marked` in it is remembered."""
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
        self.write(f"{_scalar(key)}: ")
        self.write_value(value)
        if isinstance(value, Marked):
            self.mark(start, value.location)

    def _write_mapping(self, mapping: Mapping[str, object]) -> None:
        self.write("{")
        for position, (key, value) in enumerate(mapping.items()):
            self.write(", " if position else "")
            self.write_entry(key, value)
        self.write("}")

    def location(self, start: int, end: int) -> Location:
        """The field that the text between two offsets is made of: of several, the innermost."""
        around = [mark for mark in self._marks if mark[0] <= start and end <= mark[1]]
        return min(around, key=lambda mark: mark[1] - mark[0])[2] if around else ()


class Raw(str):
    """A scalar that is written without quotes, such as `.inf`."""

    __slots__ = ()


def _scalar(value: object) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _QUOTED:
        return value
    return json.dumps(value, ensure_ascii=False)
