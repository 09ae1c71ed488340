"""A scene as rails: a node a row, and a lane for every tensor that is still to be read.

The number of lanes is that of the tensors that are alive at a time. A node takes the lane of the first tensor that
ends in it, otherwise the lowest free one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from math import prod
from typing import Final, NamedTuple

from netspec.record import record
from netspec.render.box import Box, Scene
from netspec.render.theme import MARK_SIGNS
from netspec.report.numbers import scaled
from netspec.report.style import PLAIN, Style
from netspec.report.text_width import clipped, shown, width

_PITCH = 2
MOST_LANES: Final = 64
"""So many lanes are drawn. With a lane for each of n tensors, n rows would have n² characters."""


class RailRow(NamedTuple):
    """One node, the lanes that it reads and that end in it, and those that pass before and after it.

    Of these only the first `MOST_LANES` are named.
    """

    box: Box
    lane: int
    reads: tuple[int, ...]
    ends: frozenset[int]
    before: frozenset[int]
    after: frozenset[int]
    alive: int = 0
    """How many tensors are alive before or after it, in all lanes."""
    unread: bool = False
    """Whether nothing further down reads it, though it is no output."""


@record(frozen=True, slots=True)
class Glyphs:
    """The characters of lanes."""

    node: str = "●"
    unread: str = "○"
    passes: str = "│"
    cut: str = "…"
    across: str = "─"
    cross: str = "┼"
    left: str = "├"
    right: str = "┤"
    ends_left: str = "╰"
    ends_right: str = "╯"
    ends_both: str = "┴"
    again: str = "↻"


UNICODE = Glyphs()
ASCII = Glyphs("o", "x", "|", ">", "-", "+", "+", "+", "`", "'", "+", "each:")


def rows(scene: Scene) -> list[RailRow]:
    """The lanes of every node, in the order of the text."""
    boxes = scene.leaves
    order = {box: k for k, box in enumerate(boxes)}
    reads: dict[Box, list[Box]] = {}
    last: dict[Box, int] = {}
    for source, target in scene.edges:
        if order[source] < order[target]:
            reads.setdefault(target, []).append(source)
            last[source] = max(last.get(source, -1), order[target])
    taken = _Lanes()
    lanes: dict[Box, int] = {}
    lane_rows = []
    for k, box in enumerate(boxes):
        sources = reads.get(box, [])
        before, alive = frozenset(taken.drawn), taken.count
        ends = {lanes[s] for s in sources if last[s] == k}
        lane = taken.end(ends)
        lanes[box] = lane
        if box in last:
            taken.keep(lane)
            alive += lane not in ends
        read = tuple(sorted({n for s in sources if (n := lanes[s]) <= MOST_LANES}))
        drawn_ends = frozenset(n for n in ends if n <= MOST_LANES)
        unread = box not in last and box.kind != "output"
        lane_rows.append(
            RailRow(box, lane, read, drawn_ends, before, frozenset(taken.drawn), alive, unread)
        )
    return lane_rows


class _Lanes:
    """Which lanes are taken."""

    def __init__(self) -> None:
        self.drawn: set[int] = set()
        """Those of the first lanes that are taken."""
        self._taken: set[int] = set()
        self._freed: list[int] = []
        """A heap of lanes that were returned; those taken again are still in it."""
        self._next = 0

    @property
    def count(self) -> int:
        """How many are taken."""
        return len(self._taken)

    def end(self, ends: set[int]) -> int:
        """Free the lanes that end, and choose the next: the first of them, or the lowest free one."""
        self._taken -= ends
        self.drawn -= ends
        for lane in ends:
            heappush(self._freed, lane)
        if ends:
            return min(ends)
        while self._freed and self._freed[0] in self._taken:
            heappop(self._freed)
        return self._freed[0] if self._freed else self._next

    def keep(self, lane: int) -> None:
        """Take a lane."""
        self._taken.add(lane)
        self._next = max(self._next, lane + 1)
        if lane < MOST_LANES:
            self.drawn.add(lane)


def gutter(row: RailRow, lanes: int, glyphs: Glyphs = UNICODE) -> str:
    """The lanes of one row as text, cut after the last lane."""
    cells = [" "] * max(lanes * _PITCH - 1, 1)
    for lane in row.before | row.after:
        if lane < lanes:
            cells[lane * _PITCH] = glyphs.passes
    ends = [*row.reads, row.lane]
    for column in range(min(ends) * _PITCH, min(max(ends) * _PITCH + 1, len(cells))):
        lane, between = divmod(column, _PITCH)
        cells[column] = glyphs.across if between else _crossing(row, lane, ends, glyphs)
    if row.lane < lanes:
        cells[row.lane * _PITCH] = glyphs.unread if row.unread else glyphs.node
    if max(ends) >= lanes:
        cells[-1] = glyphs.cut
    return "".join(cells)


def _crossing(row: RailRow, lane: int, ends: Sequence[int], glyphs: Glyphs) -> str:
    """The character at the crossing of a row's line and a lane."""
    left, right = lane > min(ends), lane < max(ends)
    if lane in row.reads and lane in row.ends:
        return (
            glyphs.ends_both if left and right else glyphs.ends_right if left else glyphs.ends_left
        )
    if lane in row.reads:
        return glyphs.cross if left and right else glyphs.right if left else glyphs.left
    return glyphs.passes if lane in row.before & row.after else glyphs.across


def rail(scene: Scene, columns: int = 120, style: Style = PLAIN, glyphs: Glyphs = UNICODE) -> str:
    """The whole scene: lanes, names, calls, shapes, parameters; notes and errors below their node."""
    lane_rows = rows(scene)
    lanes = lane_count(lane_rows)
    marked = any(row.box.mark for row in lane_rows)
    texts = [(gutter(r, lanes, glyphs), *_cells(r.box, marked=marked)) for r in lane_rows]
    widths = [max((width(t[k]) for t in texts), default=0) for k in range(5)]
    widths[1], widths[2] = min(widths[1], 44), min(widths[2], 40)
    room = columns - sum(widths) - 8
    if room < 0:
        widths[2] = max(widths[2] + room, 8)
    lines = list(_lines(lane_rows, texts, widths, style, glyphs))
    most = max((row.alive for row in lane_rows), default=0)
    if most > lanes:
        lines.append(
            f"{glyphs.cut} {most:,} tensors are live at once; only the first {lanes} have a "
            "lane: fold levels with --depth, or use --format dot"
        )
    return "\n".join(lines)


def lane_count(lane_rows: Sequence[RailRow]) -> int:
    """How many lanes are drawn."""
    widest = max((max((r.lane, *r.before, *r.after)) for r in lane_rows), default=0) + 1
    return min(widest, MOST_LANES)


def _lines(
    lane_rows: list[RailRow],
    texts: Sequence[tuple[str, ...]],
    widths: list[int],
    style: Style,
    glyphs: Glyphs,
) -> Iterator[str]:
    for row, (lanes, name, call, shape, parameters) in zip(lane_rows, texts, strict=True):
        cells = [
            style("frame", lanes.ljust(widths[0])),
            _fitted(name, widths[1]),
            style("dim", _fitted(call, widths[2])),
            _fitted(shape, widths[3]),
            style("dim", parameters.rjust(widths[4])),
        ]
        yield "  ".join(cells).rstrip()
        passing = "".join(
            glyphs.passes if k % _PITCH == 0 and k // _PITCH in row.after else " "
            for k in range(widths[0])
        )
        cut = [text for text, room in ((name, widths[1]), (call, widths[2])) if width(text) > room]
        rounds = [shown(f"{glyphs.again} {note}") for note in row.box.rounds]
        for note in [*cut, *map(shown, row.box.reads), *rounds]:
            yield f"{style('frame', passing)}  {style('dim', note)}"
        for message in row.box.errors:
            yield f"{' ' * widths[0]}  {style('error', f'✗ {shown(message)}')}"


def _fitted(text: str, room: int) -> str:
    cut = clipped(text, room)
    return cut + " " * (room - width(cut))


def _cells(box: Box, *, marked: bool) -> tuple[str, str, str, str]:
    """Name, call, shape and parameters; a box in a repeat shows the number of iterations."""
    times = prod(b.times for b in box.around)
    label = f"{box.full_name} ×{times}" if times > 1 else box.full_name
    if marked:
        label = f"{MARK_SIGNS[box.mark]} {label}"
    shape = f"[{', '.join(box.sizes)}]" if box.sizes is not None else "?"
    return shown(label), shown(box.call), shape, scaled(box.parameters) if box.parameters else ""
