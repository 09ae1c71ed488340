"""A scene as rails: a node a row, and a lane for every tensor that is still to be read.

The number of lanes is that of the tensors that are alive at a time. A node takes the lane of the first tensor that
ends in it, or else the lowest free one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from netspec.picture.scene import Box, Scene
from netspec.record import record
from netspec.render.cells import clipped, shown, width
from netspec.render.numbers import scaled
from netspec.render.style import PLAIN, Style

_PITCH = 2


class Row(NamedTuple):
    """One node, the lanes that it reads and that end in it, and those that pass before and after it."""

    box: Box
    lane: int
    reads: tuple[int, ...]
    ends: frozenset[int]
    before: frozenset[int]
    after: frozenset[int]


@record(frozen=True, slots=True)
class Glyphs:
    """What lanes are drawn with."""

    node: str = "●"
    passes: str = "│"
    across: str = "─"
    cross: str = "┼"
    left: str = "├"
    right: str = "┤"
    ends_left: str = "╰"
    ends_right: str = "╯"
    ends_both: str = "┴"


UNICODE = Glyphs()
ASCII = Glyphs("o", "|", "-", "+", "+", "+", "`", "'", "+")


def rows(scene: Scene) -> list[Row]:
    """The lanes of every node, in the order of the text."""
    boxes = scene.leaves
    order = {id(box): k for k, box in enumerate(boxes)}
    reads: dict[int, list[Box]] = {}
    last: dict[int, int] = {}
    for source, target in scene.edges:
        if order[id(source)] < order[id(target)]:
            reads.setdefault(id(target), []).append(source)
            last[id(source)] = max(last.get(id(source), -1), order[id(target)])
    lanes: dict[int, int] = {}
    live: set[int] = set()
    found = []
    for k, box in enumerate(boxes):
        sources = reads.get(id(box), [])
        before = frozenset(live)
        taken = tuple(sorted({lanes[id(s)] for s in sources}))
        ends = frozenset(lanes[id(s)] for s in sources if last[id(s)] == k)
        live -= ends
        lane = min(ends) if ends else next(n for n in range(len(live) + 1) if n not in live)
        lanes[id(box)] = lane
        if id(box) in last:
            live.add(lane)
        found.append(Row(box, lane, taken, ends, before, frozenset(live)))
    return found


def gutter(row: Row, lanes: int, glyphs: Glyphs = UNICODE) -> str:
    """The lanes of one row as text."""
    cells = [" "] * max(lanes * _PITCH - 1, 1)
    for lane in row.before | row.after:
        cells[lane * _PITCH] = glyphs.passes
    ends = [*row.reads, row.lane]
    for column in range(min(ends) * _PITCH, max(ends) * _PITCH + 1):
        lane, between = divmod(column, _PITCH)
        cells[column] = glyphs.across if between else _crossing(row, lane, ends, glyphs)
    cells[row.lane * _PITCH] = glyphs.node
    return "".join(cells)


def _crossing(row: Row, lane: int, ends: Sequence[int], glyphs: Glyphs) -> str:
    """What stands where a row's line meets a lane."""
    left, right = lane > min(ends), lane < max(ends)
    if lane in row.reads and lane in row.ends:
        return (
            glyphs.ends_both if left and right else glyphs.ends_right if left else glyphs.ends_left
        )
    if lane in row.reads:
        return glyphs.cross if left and right else glyphs.right if left else glyphs.left
    return glyphs.passes if lane in row.before & row.after else glyphs.across


def rail(scene: Scene, columns: int = 120, style: Style = PLAIN, glyphs: Glyphs = UNICODE) -> str:
    """The whole scene: lanes, names, calls, shapes, parameters; errors below their node."""
    found = rows(scene)
    lanes = max((max((r.lane, *r.before, *r.after)) for r in found), default=0) + 1
    texts = [(gutter(r, lanes, glyphs), *_cells(r.box)) for r in found]
    widths = [max((width(t[k]) for t in texts), default=0) for k in range(5)]
    widths[1], widths[2] = min(widths[1], 44), min(widths[2], 40)
    room = columns - sum(widths) - 8
    if room < 0:
        widths[2] = max(widths[2] + room, 8)
    return "\n".join(_lines(found, texts, widths, style))


def _lines(
    found: list[Row], texts: Sequence[tuple[str, ...]], widths: list[int], style: Style
) -> Iterator[str]:
    for row, (lanes, name, call, shape, parameters) in zip(found, texts, strict=True):
        cells = [
            style("frame", lanes.ljust(widths[0])),
            _fitted(name, widths[1]),
            style("dim", _fitted(call, widths[2])),
            _fitted(shape, widths[3]),
            style("dim", parameters.rjust(widths[4])),
        ]
        yield "  ".join(cells).rstrip()
        for message in row.box.errors:
            yield f"{' ' * widths[0]}  {style('error', f'✗ {shown(message)}')}"


def _fitted(text: str, room: int) -> str:
    cut = clipped(text, room)
    return cut + " " * (room - width(cut))


def _cells(box: Box) -> tuple[str, str, str, str]:
    """Name, call, shape and parameters; a box in a repeat says how often it is there."""
    around = box.around
    times = prod(b.times for b in around)
    name = ".".join(b.name for b in around if b.name)
    shape = f"[{', '.join(map(str, box.shape))}]" if box.shape is not None else "?"
    said = f"{name} ×{times}" if times > 1 else name
    return shown(said), shown(box.call), shape, scaled(box.parameters) if box.parameters else ""
