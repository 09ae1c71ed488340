"""A layered layout for graphs whose edges point in one direction: layer, order and column of each box.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981: the
longest way from an input gives the layer, barycentres the order. Columns minimize how far each box is from its
neighbors, layer by layer, which is isotonic regression: Barlow et al., "Statistical inference under order
restrictions", 1972.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_SWEEPS = 8
_GAP = 3
"""Columns between two boxes of a layer."""
_MOST_LINES = 100_000
"""The maximum number of positions at which lines pass through layers."""
_STIFFNESS = 6
"""The weight of a straight line relative to a centered box."""


class TooManyLinesError(Exception):
    """A graph whose long lines pass through too many layers for a layout."""


class Slot(NamedTuple):
    """A box, or the place where a line passes a layer."""

    box: int
    """The index of the box; for a line, that of its source."""
    layer: int
    is_line: bool


class Layers(NamedTuple):
    """Where everything is."""

    layers: list[list[Slot]]
    """From left to right."""
    center: dict[Slot, int]
    """The column of the middle."""
    below: dict[Slot, list[Slot]]
    """The target in the next layer of the line that leaves an item."""


def layered(widths: Sequence[int], edges: Sequence[tuple[int, int]]) -> Layers:
    """Lay out boxes of these widths, which are odd. Every edge must lead to a box with a higher number."""
    layer_of = _layers(len(widths), edges)
    ends: dict[int, int] = {}
    for a, b in edges:
        ends[a] = max(ends.get(a, 0), layer_of[b])
    if sum(end - layer_of[a] - 1 for a, end in ends.items()) > _MOST_LINES:
        raise TooManyLinesError
    layers, below = _items(layer_of, edges)
    above: dict[Slot, list[Slot]] = {}
    for item, targets in below.items():
        for target in targets:
            above.setdefault(target, []).append(item)
    _order(layers, above, below)
    return Layers(layers, _columns(layers, above, below, widths), below)


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path to each box; a box without inputs is placed just before its first reader."""
    sources: dict[int, list[int]] = {}
    targets: dict[int, list[int]] = {}
    for a, b in edges:
        sources.setdefault(b, []).append(a)
        targets.setdefault(a, []).append(b)
    layer_numbers = [0] * count
    for k in range(count):
        layer_numbers[k] = max((layer_numbers[a] + 1 for a in sources.get(k, ())), default=0)
    for k in range(count):
        if k not in sources and k in targets:
            layer_numbers[k] = max(min(layer_numbers[b] for b in targets[k]) - 1, 0)
    return layer_numbers


def _items(
    layer_of: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[list[list[Slot]], dict[Slot, list[Slot]]]:
    """The boxes by layer, with a place in every layer for each line that passes it; a box has one line."""
    layers: list[list[Slot]] = [[] for _ in range(max(layer_of, default=-1) + 1)]
    boxes = [Slot(k, layer, False) for k, layer in enumerate(layer_of)]
    for box in boxes:
        layers[box.layer].append(box)
    below: dict[Slot, list[Slot]] = {}
    for a, b in edges:
        upper_item = boxes[a]
        for layer in range(boxes[a].layer + 1, boxes[b].layer):
            line = Slot(a, layer, True)
            if line not in below:
                below[line] = []
                layers[layer].append(line)
                below.setdefault(upper_item, []).append(line)
            upper_item = line
        below.setdefault(upper_item, []).append(boxes[b])
    return layers, below


def _order(
    layers: list[list[Slot]], above: dict[Slot, list[Slot]], below: dict[Slot, list[Slot]]
) -> None:
    """Sort the layers by where their neighbors are, and keep the order with the fewest crossings."""
    best, least = [list(layer) for layer in layers], _crossings(layers, below)
    for sweep in range(_SWEEPS):
        if not least:
            break
        down = sweep % 2 == 0
        for k in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            position = {item: n for n, item in enumerate(layers[k - 1 if down else k + 1])}
            near = above if down else below
            now = {item: n for n, item in enumerate(layers[k])}

            def place(
                item: Slot, near: dict[Slot, list[Slot]] = near, position: dict[Slot, int] = position,
                now: dict[Slot, int] = now,
            ) -> float:  # fmt: skip
                neighbors = near.get(item)
                return (
                    sum(position[n] for n in neighbors) / len(neighbors) if neighbors else now[item]
                )

            layers[k].sort(key=place)
        crossings = _crossings(layers, below)
        if crossings < least:
            best, least = [list(layer) for layer in layers], crossings
    layers[:] = best


def _crossings(layers: list[list[Slot]], below: dict[Slot, list[Slot]]) -> int:
    crossings = 0
    for first, second in pairwise(layers):
        place = {item: n for n, item in enumerate(second)}
        ends = [sorted(place[t] for t in below.get(item, ())) for item in first]
        crossings += _inversions([end for each in ends for end in each], len(second))
    return crossings


def _inversions(numbers: Sequence[int], bound: int) -> int:
    """The number of crossings, counted in a binary indexed tree of the previous targets.

    >>> _inversions([2, 0, 1, 1], 3)
    3
    """
    met = [0] * (bound + 1)
    inversions = 0
    for count, number in enumerate(numbers):
        not_larger, k = 0, number + 1
        while k:
            not_larger += met[k]
            k &= k - 1
        inversions += count - not_larger
        k = number + 1
        while k <= bound:
            met[k] += 1
            k += k & -k
    return inversions


def _columns(
    layers: list[list[Slot]], above: dict[Slot, list[Slot]], below: dict[Slot, list[Slot]],
    widths: Sequence[int],
) -> dict[Slot, int]:  # fmt: skip
    half = {i: 0 if i.is_line else widths[i.box] // 2 for layer in layers for i in layer}
    center: dict[Slot, float] = {}
    for layer in layers:
        column_start = 0
        for item in layer:
            center[item] = column_start + half[item]
            column_start += 2 * half[item] + 1 + _GAP
    for sweep in range(2 * _SWEEPS + 1):  # the last one from above: lines bend where they end
        near = above if sweep % 2 == 0 else below
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            targets, weights = [], []
            for item in layer:
                neighbors = near.get(item, ())
                targets.append(
                    sum(center[n] for n in neighbors) / len(neighbors)
                    if neighbors
                    else center[item]
                )
                straight = item.is_line and any(n.is_line for n in neighbors)
                weights.append(_STIFFNESS if straight else 1 if neighbors else 0.1)
            apart = [half[a] + half[b] + 1 + _GAP for a, b in pairwise(layer)]
            center.update(zip(layer, _spaced(targets, weights, apart), strict=True))
    columns: dict[Slot, int] = {}
    for layer in layers:
        least = None
        for item in layer:
            column = round(center[item])
            if least is not None:
                column = max(column, least + half[item])
            columns[item] = column
            least = column + half[item] + 1 + _GAP
    left = min((c - half[i] for i, c in columns.items()), default=0)
    return {item: column - left for item, column in columns.items()}


def _spaced(
    targets: Sequence[float], weights: Sequence[float], apart: Sequence[float]
) -> list[float]:
    """The places nearest to those that are wanted, by squares, of which each is so far from the one before.

    >>> _spaced([0, 0], [1, 1], [4])
    [-2.0, 2.0]
    >>> _spaced([0, 10], [1, 1], [4])
    [0.0, 10.0]
    """
    shift, shifts = 0.0, [0.0]
    for distance in apart:
        shift += distance
        shifts.append(shift)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, moved in zip(targets, weights, shifts, strict=False):
        mean, total, count = want - moved, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (before * heavy + mean * total) / (heavy + total)
            total, count = total + heavy, count + many
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [float(mean + moved) for mean, moved in zip(means, shifts, strict=False)]
