"""A scene as boxes of characters, connected by lines, for graphs with branches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from math import prod
from textwrap import wrap
from typing import Final, NamedTuple

from netspec.render.box import Box, Scene
from netspec.render.engine import EngineError
from netspec.render.layered import Layers, Slot, TooManyLinesError, layered
from netspec.render.theme import MARK_SIGNS
from netspec.report.text_width import clipped, shown, width

_MOST_COLUMNS = 36
_MOST_LINES = 12
"""The maximum number of lines of a name, a call or a note in a box."""
"""So wide is a text in a box at most."""
_WIDEST: Final = 4_000
"""Columns of the widest picture. Boxes side by side need a row for each line below them: n of them cost n²."""
_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8


class Look(NamedTuple):
    """The characters to draw with: `lines` by the sides on which a line leaves its cell."""

    lines: str
    corners: str
    leaves: str
    arrow: str
    times: str
    wrong: str


UNICODE = Look(" ││││┘┐┤│└┌├│┴┬┼", "┌┐└┘─│", "┬", "▼", "×", "✗")
ASCII = Look(" ||||+++|+++|+++", "++++-|", "+", "v", "x", "x")


class BoxPosition(NamedTuple):
    """Where a box is: the cell of its corner, and its size."""

    box: Box
    x: int
    y: int
    columns: int
    rows: int


class Drawing(NamedTuple):
    """The lines of the picture, and where the boxes are in it."""

    lines: list[str]
    places: list[BoxPosition]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join([*self.lines, ""])

    @property
    def columns(self) -> int:
        """How wide it is."""
        return max(map(len, self.lines), default=0)


def boxes(scene: Scene, look: Look = UNICODE) -> Drawing:
    """Draw a scene; levels that are open are not framed, their boxes bear whole names."""
    leaves = scene.leaves
    number = {box: k for k, box in enumerate(leaves)}
    edges = [(number[a], number[b]) for a, b in scene.edges if number[a] < number[b]]
    marked = any(box.mark for box in leaves)
    texts = [list(_texts(box, look, marked=marked)) for box in leaves]
    entries = [0] * len(leaves)
    for _, b in edges:
        entries[b] += 1
    widths = [
        max(*(width(text) + 4 for text in caption), 2 * entries[k] + 3) | 1
        for k, caption in enumerate(texts)
    ]
    try:
        layout = layered(widths, edges)
    except TooManyLinesError:
        raise _too_large("has too many lines that bypass boxes") from None
    columns = max(
        (sum(1 if i.is_line else widths[i.box] for i in layer) for layer in layout.layers),
        default=0,
    )
    if columns > _WIDEST:
        raise _too_large(f"is at least {columns:,} columns wide")
    return _Canvas(leaves, texts, widths, layout, look).drawn()


def _too_large(excess: str) -> EngineError:
    return EngineError(
        f"as text boxes, the picture {excess}",
        "fold levels with `--depth`, or draw it with `--format dot` or `rail`",
    )


def _texts(box: Box, look: Look, *, marked: bool) -> Iterator[str]:
    """The text of a box: its name, its call, what its iterations share, its shape or its error."""
    times = prod(b.times for b in box.around)
    name = box.full_name + (f" {look.times}{times}" if times > 1 else "")
    if marked:
        name = f"{MARK_SIGNS[box.mark]} {name}"
    shape = look.times.join(box.sizes) if box.sizes is not None else "?"
    last = f"{look.wrong} {box.errors[0]}" if box.errors else shape
    for text in (name, box.call, *box.notes):
        yield from wrap(clipped(shown(text), _MOST_LINES * _MOST_COLUMNS), _MOST_COLUMNS)
    yield clipped(shown(last), _MOST_COLUMNS)


class _Net(NamedTuple):
    """A line between two layers: its start column and its end columns."""

    owner: Slot
    source: int
    ports: tuple[int, ...]

    @property
    def straight(self) -> bool:
        """Whether it is straight."""
        return self.ports == (self.source,)

    @property
    def span(self) -> tuple[int, int]:
        """The columns that it reaches from and to."""
        return min(self.source, *self.ports), max(self.source, *self.ports)


class _Canvas:
    """The cells: their text, and the lines that cross them, by owner."""

    def __init__(
        self, leaves: Sequence[Box], texts: Sequence[list[str]], widths: Sequence[int],
        layout: Layers, look: Look,
    ) -> None:  # fmt: skip
        self.leaves, self.texts, self.widths, self.layout, self.look = (
            leaves, texts, widths, layout, look,
        )  # fmt: skip
        self.written: dict[tuple[int, int], str] = {}
        self.lines: dict[tuple[int, int], dict[Slot, int]] = {}
        self.places: list[BoxPosition] = []

    def drawn(self) -> Drawing:
        """Layer by layer, and between each two the lines."""
        top = 0
        for k, layer in enumerate(self.layout.layers):
            height = max((len(self.texts[i.box]) + 2 for i in layer if not i.is_line), default=1)
            for item in layer:
                self._item(item, top, height)
            top += height
            if k + 1 < len(self.layout.layers):
                top += self._channel(layer, top)
        return Drawing(self._rows(top), sorted(self.places, key=lambda p: (p.y, p.x)))

    def _item(self, item: Slot, top: int, height: int) -> None:
        center = self.layout.center[item]
        first = top
        if not item.is_line:
            first = top + self._box(item, top)
        if self.layout.below.get(item):
            self._down(center, first, top + height, item)

    def _box(self, item: Slot, top: int) -> int:
        """Write a box; its height."""
        texts, columns = self.texts[item.box], self.widths[item.box]
        x = self.layout.center[item] - columns // 2
        a, b, c, d, flat, side = tuple(self.look.corners)
        below = flat * (columns - 2)
        if self.layout.below.get(item):
            below = f"{flat * (columns // 2 - 1)}{self.look.leaves}{flat * (columns // 2 - 1)}"
        self._write(x, top, f"{a}{flat * (columns - 2)}{b}")
        for k, text in enumerate(texts, 1):
            self._write(x, top + k, f"{side} {text}{' ' * (columns - 4 - width(text))} {side}")
        self._write(x, top + len(texts) + 1, f"{c}{below}{d}")
        self.places.append(BoxPosition(self.leaves[item.box], x, top, columns, len(texts) + 2))
        return len(texts) + 2

    def _write(self, x: int, y: int, text: str) -> None:
        for k, letter in enumerate(text):
            self.written[x + k, y] = letter

    def _line(self, x: int, y: int, owner: Slot, sides: int) -> None:
        cell = self.lines.setdefault((x, y), {})
        cell[owner] = cell.get(owner, 0) | sides

    # ---- between layers -----------------------------------------------------------------------------

    def _channel(self, upper: Sequence[Slot], top: int) -> int:
        """Draw the lines between a layer and the next one; how many rows they took.

        A line goes down to a row of its own, along it, and down again. Where it would come down in the
        column in which another one starts, it comes down next to that, and steps aside at the end.
        """
        ports = self._ports(upper)
        requested_nets = [
            _Net(item, self.layout.center[item], tuple(ports[item]))
            for item in upper
            if self.layout.below.get(item)
        ]
        nets, steps = _apart(requested_nets)
        rows, last_rows = _tracks(nets), _tracks(steps)
        middle = top + max(rows.values(), default=-1) + 1
        bottom = middle + max(last_rows.values(), default=-1) + 2
        aside = {step.source for step in steps}
        for net in nets:
            self._net(net, top, top + rows.get(net, 0), middle)
            for port in net.ports:
                if port not in aside:
                    self._down(port, middle, bottom, net.owner)
        for step in steps:
            self._net(step, middle, middle + last_rows[step], bottom)
        for net in requested_nets:
            for port, target in zip(net.ports, self.layout.below[net.owner], strict=True):
                if not target.is_line:
                    self.written[port, bottom - 1] = self.look.arrow
        return bottom - top

    def _net(self, net: _Net, top: int, track: int, bottom: int) -> None:
        """Down to its row, along it to all of its ports, and down from each."""
        if net.straight:
            self._down(net.source, top, bottom, net.owner)
            return
        self._down(net.source, top, track, net.owner)
        self._line(net.source, track, net.owner, _UP)
        low, high = net.span
        for x in range(low, high + 1):
            self._line(x, track, net.owner, _LEFT * (x > low) | _RIGHT * (x < high))
        for port in net.ports:
            self._line(port, track, net.owner, _DOWN)
            self._down(port, track + 1, bottom, net.owner)

    def _ports(self, upper: Sequence[Slot]) -> dict[Slot, list[int]]:
        """The columns at which the line of each item enters its targets, each different."""
        center, below = self.layout.center, self.layout.below
        sources: dict[Slot, int] = {}
        for item in upper:
            for target in below.get(item, ()):
                sources[target] = sources.get(target, 0) + 1
        met: dict[Slot, int] = {}
        ports: dict[Slot, list[int]] = {item: [] for item in upper}
        for item in sorted(upper, key=lambda i: center[i]):
            for target in below.get(item, ()):
                number = met[target] = met.get(target, -1) + 1
                ports[item].append(center[target] + 2 * number - (sources[target] - 1))
        return ports

    def _down(self, x: int, top: int, bottom: int, owner: Slot) -> None:
        for y in range(top, bottom):
            self._line(x, y, owner, _UP | _DOWN)

    # ---- text ---------------------------------------------------------------------------------------

    def _rows(self, height: int) -> list[str]:
        cells = {cell: self._glyph(owners) for cell, owners in self.lines.items()}
        cells.update(self.written)
        right = max((x for x, _ in cells), default=-1) + 1
        rows = [[" "] * right for _ in range(height)]
        for (x, y), letter in cells.items():
            rows[y][x] = letter
        return ["".join(row).rstrip() for row in rows]

    def _glyph(self, owners: dict[Slot, int]) -> str:
        """Where two lines cross, the vertical one is drawn on top."""
        if len(owners) > 1:
            down = [sides for sides in owners.values() if sides & (_UP | _DOWN)]
            return _line_glyph(down[0] if down else _LEFT | _RIGHT, self.look)
        return _line_glyph(next(iter(owners.values())), self.look)


def _line_glyph(sides: int, look: Look) -> str:
    if sides in (_LEFT, _RIGHT, _LEFT | _RIGHT):
        return look.corners[4]
    return look.lines[sides]


def _apart(nets: Sequence[_Net]) -> tuple[list[_Net], list[_Net]]:
    """The lines, none of which ends in a column in which another one starts; and their detours."""
    starts = {net.source for net in nets}
    taken = starts | {port for net in nets for port in net.ports}
    separated, steps = [], []
    for net in nets:
        ports = []
        for port in net.ports:
            aside = port
            if port != net.source and port in starts:
                aside = next(
                    c
                    for d in range(1, len(taken) + 2)
                    for c in (port + d, port - d)
                    if c not in taken and c >= 0
                )
                taken.add(aside)
                steps.append(_Net(net.owner, aside, (port,)))
            ports.append(aside)
        separated.append(net._replace(ports=tuple(ports)))
    return separated, steps


def _tracks(nets: Sequence[_Net]) -> dict[_Net, int]:
    """The row of each line that is not straight, so that none overlap: the lowest free one."""
    tracks: dict[_Net, int] = {}
    free: list[int] = []
    ends: list[tuple[int, int]] = []
    for net in sorted(nets, key=lambda net: net.span):
        if net.straight:
            continue
        low, high = net.span
        while ends and ends[0][0] + 1 < low:
            heappush(free, heappop(ends)[1])
        row = heappop(free) if free else len(ends)
        tracks[net] = row
        heappush(ends, (high, row))
    return tracks
