"""Patterns of names and paths: `*` is any text within a level, `**` any text at all.

A set of places in a path is a number, place k its bit k: so all ways to match go forward as one, and
no pattern takes long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_STARS = r"(\*\*\.|\*\*|\*)"


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a whole path; `**.` is any levels, or none.

    >>> matches("**.bn3", "layer1.0.bn3"), matches("*.bn", "a.b.bn")
    (True, False)
    """
    pieces = _pieces(pattern)
    if not (path.startswith(pieces[0]) and path.endswith(pieces[-1])):
        return False
    places = 1
    for k, piece in enumerate(pieces):
        if piece:
            places = _after_stars(piece, path, places) if k % 2 else _after(piece, path, places)
    return places >> len(path) == 1


@cache
def _pieces(pattern: str) -> tuple[str, ...]:
    """The texts of a pattern and the stars between them, by turns."""
    return tuple(re.split(_STARS, pattern)) if "*" in pattern else (pattern,)


def _after(text: str, path: str, places: int) -> int:
    """The places that a text leads to."""
    ends, offset = 0, path.find(text)
    while offset >= 0:
        ends |= 1 << offset
        offset = path.find(text, offset + 1)
    return (places & ends) << len(text)


def _after_stars(stars: str, path: str, places: int) -> int:
    """The places that stars lead to."""
    first = places & -places
    if stars == "**":
        return (2 << len(path)) - 1 & -first
    if stars == "**.":
        return places | _after(".", path, (2 << len(path)) - 1) & -(first << 1)
    ends = 0
    for level in _levels(path):
        inside = places & level
        ends |= level & -(inside & -inside)
    return ends


def _levels(path: str) -> Iterator[int]:
    """The places of each level of a path, from its first to the one before its dot."""
    start = 0
    for name in path.split("."):
        yield (2 << len(name)) - 1 << start
        start += len(name) + 1
