"""Sequences with different numbers in a file: `classifier.3` for `classifier.2` in the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from netspec.layer.base import ConcreteShape

_MOST_MEMBERS = 400
_BATCHES = "num_batches_tracked"
"""Buffers that are missing in files from before torch 0.4.1."""
_Members = dict[int, dict[str, ConcreteShape]]
"""The members of a sequence by number, each with its tensors."""


def renumberings(
    expected: Mapping[str, ConcreteShape], file: Mapping[str, ConcreteShape]
) -> Iterator[dict[str, str]]:
    """Rules by which the members of a sequence get the numbers of the network, in their order.

    Those of all sequences whose names differ in numbers alone come first, as one rule for each number.
    """
    here, there = _sequences(expected), _sequences(file)
    moves: dict[str, list[tuple[int, int]]] = {}
    for path, members in here.items():
        others = there.get(path)
        if others is not None and members.keys() != others.keys():
            moves[path] = _aligned(others, members)
    patterns: dict[str, list[str]] = {}
    for path, pairs in moves.items():
        if pairs:
            patterns.setdefault(_pattern(path), []).append(path)
    for pattern, paths in patterns.items():
        if pattern != paths[0] and len({tuple(moves[path]) for path in paths}) == 1:
            yield _rules(pattern, moves[paths[0]])
    for paths in patterns.values():
        for path in paths:
            yield _rules(path, moves[path])


def _sequences(shapes: Mapping[str, ConcreteShape]) -> dict[str, _Members]:
    """The numbered members of every level, with the shapes of their tensors."""
    sequences: dict[str, _Members] = {}
    for name, shape in shapes.items():
        parts = name.split(".")
        for k, part in enumerate(parts[:-1]):
            if part.isdecimal() and len(part) < 7:
                members = sequences.setdefault(".".join(parts[:k]), {})
                members.setdefault(int(part), {})[".".join(parts[k + 1 :])] = shape
    return sequences


def _aligned(old: _Members, new: _Members) -> list[tuple[int, int]]:
    """The members that are the same, in order, as (number in the file, number here) where these differ."""
    if max(len(old), len(new)) > _MOST_MEMBERS:
        return []
    olds, news = sorted(old), sorted(new)
    kinds: dict[object, int] = {}

    def kind(tensors: dict[str, ConcreteShape]) -> int:
        shapes = tuple(sorted(t for t in tensors.items() if not t[0].endswith(_BATCHES)))
        return kinds.setdefault(shapes, len(kinds))

    matcher = SequenceMatcher(
        None, [kind(old[k]) for k in olds], [kind(new[k]) for k in news], autojunk=False
    )
    pairs = [
        (olds[block.a + k], news[block.b + k])
        for block in matcher.get_matching_blocks()
        for k in range(block.size)
    ]
    return [(a, b) for a, b in pairs if a != b]


def _rules(path: str, pairs: list[tuple[int, int]]) -> dict[str, str]:
    """A rule for each member, in an order in which none is moved onto one that has yet to move."""
    waiting, ordered = dict(pairs), []
    while waiting:
        free = [a for a, b in waiting.items() if b not in waiting]
        if not free:
            return {}
        ordered += [(a, waiting.pop(a)) for a in free]
    prefix = f"{path}." if path else ""
    return {f"{prefix}{a}.": f"{prefix}{b}" for a, b in ordered}


def _pattern(path: str) -> str:
    return ".".join("*" if part.isdecimal() else part for part in path.split("."))
