"""Loops over modules that are numbered: equal lines whose paths differ in one number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from netspec.optimize.inference.names import Line

_LONGEST = 60
"""The number of lines in the body of a loop, at most."""


class Loop(NamedTuple):
    """Lines that repeat.

    Attributes:
        start: The first number.
        stop: The number after the last one.
        body: The lines of an iteration.
        slots: The text of each path before and after the number; None for a path without the number.
    """

    start: int
    stop: int
    body: tuple[Line, ...]
    slots: tuple[tuple[tuple[str, str] | None, ...], ...]


def with_loops(lines: Sequence[Line]) -> list[Line | Loop]:
    """Replace lines that repeat by loops.

    Args:
        lines: The lines of a forward pass.

    Returns:
        Lines and loops that do the same.
    """
    result: list[Line | Loop] = []
    position = 0
    while position < len(lines):
        loop, length = _loop_from(lines, position)
        if loop is None:
            result.append(lines[position])
            position += 1
        else:
            result.append(loop)
            position += length
    return result


def _loop_from(lines: Sequence[Line], start: int) -> tuple[Loop | None, int]:
    """The loop that begins at a line and saves the most lines, with the number of lines that it replaces."""
    best: tuple[Loop | None, int] = None, 0
    saved = 0
    for period in range(1, min(_LONGEST, (len(lines) - start) // 2) + 1):
        body = lines[start : start + period]
        if not any(line.paths for line in body):
            continue
        loop = _iterations(lines, start, period)
        if loop is None:
            continue
        rounds = loop.stop - loop.start
        if (rounds - 1) * period > saved:
            saved = (rounds - 1) * period
            best = loop, rounds * period
    return best


def _iterations(lines: Sequence[Line], start: int, period: int) -> Loop | None:
    """The loop with a body of so many lines, if it has at least two iterations."""
    body = lines[start : start + period]
    following = lines[start + period : start + 2 * period]
    if [line.template for line in body] != [line.template for line in following]:
        return None
    slots = _slots(body, following)
    if slots is None:
        return None
    numbers = {
        _number(path, slot)
        for line, row in zip(body, slots, strict=True)
        for path, slot in zip(line.paths, row, strict=True)
        if slot is not None
    }
    if len(numbers) != 1:
        return None
    (first,) = numbers
    rounds = 1
    while _is_round(lines[start + rounds * period :][:period], body, slots, first + rounds):
        rounds += 1
    return Loop(first, first + rounds, tuple(body), slots) if rounds > 1 else None


_Slots = tuple[tuple[tuple[str, str] | None, ...], ...]


def _slots(body: Sequence[Line], following: Sequence[Line]) -> _Slots | None:
    """Where the paths of two iterations have numbers that differ by one."""
    rows = []
    for line, other in zip(body, following, strict=True):
        row = []
        for path, next_path in zip(line.paths, other.paths, strict=True):
            slot = _slot(path, next_path) if path != next_path else None
            if path != next_path and slot is None:
                return None
            row.append(slot)
        rows.append(tuple(row))
    return tuple(rows) if any(slot for row in rows for slot in row) else None


def _slot(path: str, next_path: str) -> tuple[str, str] | None:
    """The text before and behind the one number in which two paths differ, by one."""
    tokens, next_tokens = (re.split(r"(\d+)", p) for p in (path, next_path))
    if len(tokens) != len(next_tokens):
        return None
    pairs = zip(tokens, next_tokens, strict=True)
    different = [k for k, (a, b) in enumerate(pairs) if a != b]
    if len(different) != 1 or different[0] % 2 == 0:
        return None
    k = different[0]
    if str(int(tokens[k]) + 1) != next_tokens[k] or str(int(tokens[k])) != tokens[k]:
        return None
    return "".join(tokens[:k]), "".join(tokens[k + 1 :])


def _number(path: str, slot: tuple[str, str]) -> int:
    before, behind = slot
    return int(path[len(before) : len(path) - len(behind)])


def _is_round(lines: Sequence[Line], body: Sequence[Line], slots: _Slots, number: int) -> bool:
    """Whether lines are those of an iteration."""
    if [line.template for line in lines] != [line.template for line in body]:
        return False
    return all(
        path == (own if slot is None else f"{slot[0]}{number}{slot[1]}")
        for line, first, row in zip(lines, body, slots, strict=True)
        for path, own, slot in zip(line.paths, first.paths, row, strict=True)
    )
