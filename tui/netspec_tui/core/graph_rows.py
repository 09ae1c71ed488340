"""The graph as rows: a heading for every open level, a line of the rail for every node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from netspec.dims import Shape
from netspec.edit.address import step_extent
from netspec.graph import Level, Node
from netspec.graph.nodes import axes
from netspec.render.box import Box, Scene, ranges
from netspec.render.rail import ASCII, UNICODE, Glyphs, RailRow, gutter, lane_count
from netspec.render.rail import rows as rail_rows
from netspec.report.numbers import scaled
from netspec.syntax import Step

_MOST_LANES = 24
"""Lanes beyond these are not drawn."""


def path_of(box: Box) -> str:
    """The path of the node or level of a box; inputs and outputs have a path of their own."""
    return f"{box.kind} {box.name}" if box.kind in ("input", "output") else box.path


class GraphRow(NamedTuple):
    """One line of the graph."""

    box: Box
    rail: str
    depth: int
    name: str
    call: str
    shape: str
    parameters: str
    macs: str
    errors: tuple[str, ...]
    foldable: bool
    """Whether the row is a level, which can be opened and closed."""
    is_open: bool
    step: Step | None
    """The step of the text that the row comes from."""

    @property
    def path(self) -> str:
        """The path that identifies the row."""
        return path_of(self.box)


@dataclass(frozen=True)
class Table:
    """All rows, and the widths of the columns."""

    rows: tuple[GraphRow, ...] = ()
    lanes: int = 1
    widths: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """Name, call, shape, parameters, MACs."""
    most_live: int = 0
    """The largest number of live tensors."""

    def index(self, path: str) -> int | None:
        """The row of a path, or of the closed level around it; None if there is neither."""
        while path:
            for k, row in enumerate(self.rows):
                if row.path == path:
                    return k
            path = path.rpartition(".")[0]
        return None


def graph_table(
    scene: Scene,
    sizes: Mapping[str, int] | None = None,
    *,
    ascii: bool = False,
    failed_steps: Mapping[Box, Step] = MappingProxyType({}),
) -> Table:
    """The rows of a scene.

    Args:
        scene: the boxes to list.
        sizes: values of symbols; with them, shapes are numbers.
        ascii: draw lanes in ASCII.
        failed_steps: the steps of boxes without a node.
    """
    rails = rail_rows(scene)
    lanes = lane_count(rails)
    writer = _RowWriter(rails, lanes, ASCII if ascii else UNICODE, sizes, failed_steps)
    rows = tuple(writer.rows(scene.boxes))
    widths = (
        max((2 * r.depth + len(r.name) + 2 for r in rows), default=0),
        max((len(r.call) for r in rows), default=0),
        max((len(r.shape) for r in rows), default=0),
        max((len(r.parameters) for r in rows), default=0),
        max((len(r.macs) for r in rows), default=0),
    )
    live = max((r.alive for r in rails), default=0)
    return Table(rows, lanes, widths, live)


class _RowWriter:
    """Turns boxes into rows. Many rows of a large network are alike, so that their texts are cached."""

    def __init__(
        self, rails: list[RailRow], lanes: int, glyphs: Glyphs, sizes: Mapping[str, int] | None,
        failed_steps: Mapping[Box, Step],
    ) -> None:  # fmt: skip
        self.rails = {rail.box: rail for rail in rails}
        self.lanes, self.glyphs, self.sizes = lanes, glyphs, sizes
        self.failed_steps = failed_steps
        self.gutters: dict[object, str] = {}
        self.shapes: dict[tuple[Shape, Shape], str] = {}

    def rows(self, boxes: list[Box], depth: int = 0) -> Iterator[GraphRow]:
        """A row for each box; the rows of an open one follow it."""
        for box in boxes:
            if box.is_open:
                before = self.rails[next(box.leaves())].before
                passing = (self.glyphs.passes if k in before else " " for k in range(self.lanes))
                yield self._row(box, " ".join(passing)[: 2 * _MOST_LANES].rstrip(), depth)
                yield from self.rows(box.children, depth + 1)
            else:
                yield self._row(box, self._rail(self.rails[box]), depth)

    def _rail(self, rail: RailRow) -> str:
        key = rail[1:]
        cached = self.gutters.get(key)
        if cached is None:
            whole = gutter(rail, self.lanes, self.glyphs)
            cached = self.gutters[key] = whole[: 2 * _MOST_LANES].rstrip()
        return cached

    def _row(self, box: Box, rail: str, depth: int) -> GraphRow:
        is_open = box.is_open
        call = box.call
        folded = not is_open and isinstance(box.origin, Level)
        if folded and box.nodes > 1:
            call = f"{call} ({box.nodes} nodes)".strip()
        call = "; ".join([part for part in (call, *box.notes) if part])
        return GraphRow(
            box,
            rail,
            depth,
            f"{box.name} ×{box.times}" if box.times > 1 else box.name,
            call,
            self._shape(box),
            scaled(box.parameters) if box.parameters else "",
            box.macs_text,
            tuple(box.errors),
            is_open or folded,
            is_open,
            box.origin.step if box.origin is not None else self.failed_steps.get(box),
        )

    def _shape(self, box: Box) -> str:
        if box.shape is None:
            return "?" if isinstance(box.origin, Node) and box.origin.layer is not None else ""
        key = box.shape, box.first_shape or box.shape
        cached = self.shapes.get(key)
        if cached is None:
            shape, first = map(self._in_numbers, key)
            texts = map(_size, shape) if first == shape else map(_in_range, ranges(first, shape))
            cached = self.shapes[key] = "×".join(texts) if shape else "()"
        return cached

    def _in_numbers(self, shape: Shape) -> Shape:
        return axes(shape, self.sizes) if self.sizes is not None else shape


def _in_range(text: str) -> str:
    return f"({text})" if "→" in text else _size(text)


def _size(size: object) -> str:
    text = str(size)
    return text if text.isalnum() else f"({text})" if "//" not in text else text


def innermost_row(table: Table, file: str, offset: int) -> int | None:
    """The index of the row whose step is the smallest one around an offset of a file."""
    candidates = []
    for k, row in enumerate(table.rows):
        if row.step is not None and row.step.place.source.name == file:
            start, end = step_extent(row.step)
            if start <= offset <= end:
                candidates.append((end - start, k))
    return min(candidates)[1] if candidates else None
