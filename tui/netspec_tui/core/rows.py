"""The graph as rows: a heading for every open level, a line of the rail for every node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from netspec.dims import Shape
from netspec.graph import Level, Node
from netspec.graph.nodes import axes
from netspec.render.box import Box, Scene, ranges
from netspec.render.rail import ASCII, UNICODE, Glyphs, gutter, lane_count
from netspec.render.rail import Row as Rail
from netspec.render.rail import rows as rail_rows
from netspec.report.numbers import scaled
from netspec.syntax import Step

_MOST_LANES = 24
"""So many lanes are drawn; what is beyond is cut."""


def path_of(box: Box) -> str:
    """The path of its node or level; inputs and outputs have one of their own."""
    return f"{box.kind} {box.name}" if box.kind in ("input", "output") else box.path


class Row(NamedTuple):
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
    """Whether there is something in it."""
    is_open: bool
    step: Step | None
    """The step of the text that it comes from."""

    @property
    def path(self) -> str:
        """Where it is found again."""
        return path_of(self.box)


@dataclass(frozen=True)
class Table:
    """All rows, and how wide the columns are."""

    rows: tuple[Row, ...] = ()
    lanes: int = 1
    widths: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """Name, call, shape, parameters, multiply-adds."""
    most_live: int = 0
    """The most tensors that are alive at a time."""

    def index(self, path: str) -> int | None:
        """The row of a path, or of the level around it that is closed; None where there is none."""
        while path:
            for k, row in enumerate(self.rows):
                if row.path == path:
                    return k
            path = path.rpartition(".")[0]
        return None


def table(
    scene: Scene,
    sizes: Mapping[str, int] | None = None,
    *,
    ascii: bool = False,
    lost: Mapping[Box, Step] = MappingProxyType({}),
) -> Table:
    """The rows of a scene; with `sizes`, shapes are in numbers. `lost` has the steps of boxes without a node."""
    rails = rail_rows(scene)
    lanes = lane_count(rails)
    writer = _Writer(rails, lanes, ASCII if ascii else UNICODE, sizes, lost)
    made = tuple(writer.rows(scene.boxes))
    widths = (
        max((2 * r.depth + len(r.name) + 2 for r in made), default=0),
        max((len(r.call) for r in made), default=0),
        max((len(r.shape) for r in made), default=0),
        max((len(r.parameters) for r in made), default=0),
        max((len(r.macs) for r in made), default=0),
    )
    live = max((r.alive for r in rails), default=0)
    return Table(made, lanes, widths, live)


class _Writer:
    """Writes boxes out as rows. Most rows of a large network look alike, so that what was written is kept."""

    def __init__(
        self, rails: list[Rail], lanes: int, glyphs: Glyphs, sizes: Mapping[str, int] | None,
        lost: Mapping[Box, Step],
    ) -> None:  # fmt: skip
        self.rail_of = {rail.box: rail for rail in rails}
        self.lanes, self.glyphs, self.sizes, self.lost = lanes, glyphs, sizes, lost
        self.drawn: dict[object, str] = {}
        self.shapes: dict[tuple[Shape, Shape | None], str] = {}

    def rows(self, boxes: list[Box], depth: int = 0) -> Iterator[Row]:
        """A row for every box, those in an open one below it."""
        for box in boxes:
            if box.is_open:
                before = self.rail_of[next(box.leaves())].before
                passing = (self.glyphs.passes if k in before else " " for k in range(self.lanes))
                yield self._row(box, " ".join(passing)[: 2 * _MOST_LANES].rstrip(), depth)
                yield from self.rows(box.children, depth + 1)
            else:
                yield self._row(box, self._rail(self.rail_of[box]), depth)

    def _rail(self, rail: Rail) -> str:
        key = rail[1:]
        cached = self.drawn.get(key)
        if cached is None:
            whole = gutter(rail, self.lanes, self.glyphs)
            cached = self.drawn[key] = whole[: 2 * _MOST_LANES].rstrip()
        return cached

    def _row(self, box: Box, rail: str, depth: int) -> Row:
        is_open = box.is_open
        call = box.call
        folded = not is_open and isinstance(box.origin, Level)
        if folded and box.nodes > 1:
            call = f"{call} ({box.nodes} nodes)".strip()
        call = "; ".join([part for part in (call, *box.notes) if part])
        return Row(
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
            box.origin.step if box.origin is not None else self.lost.get(box),
        )

    def _shape(self, box: Box) -> str:
        if box.shape is None:
            return "?" if isinstance(box.origin, Node) and box.origin.layer is not None else ""
        key = box.shape, box.first_shape
        cached = self.shapes.get(key)
        if cached is None:
            shape, first = (
                self._in_numbers(box.shape),
                self._in_numbers(box.first_shape or box.shape),
            )
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
