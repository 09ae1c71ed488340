"""The graph as rows: a heading for every open level, a line of the rail for every node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netspec.elaborate import Level, Node
from netspec.elaborate.graph import axes
from netspec.picture.rail import ASCII, UNICODE, Glyphs, gutter
from netspec.picture.rail import Row as Rail
from netspec.picture.rail import rows as rails
from netspec.picture.scene import Box, Scene
from netspec.render.numbers import scaled
from netspec.spec import Step

_MOST_LANES = 24
"""So many lanes are drawn; what is beyond is cut."""


@dataclass(frozen=True, eq=False)
class Row:
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

    @property
    def path(self) -> str:
        """The path of its node or level; inputs and outputs have one of their own."""
        return (
            f"{self.box.kind} {self.box.name}"
            if self.box.kind in ("input", "output")
            else self.box.path
        )

    @property
    def step(self) -> Step | None:
        """The step of the text that it comes from."""
        origin = self.box.origin
        return origin.step if origin is not None else None


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
        at = {row.path: k for k, row in reversed(list(enumerate(self.rows)))}
        while path:
            if path in at:
                return at[path]
            path = path.rpartition(".")[0]
        return None


def table(scene: Scene, sizes: Mapping[str, int] | None = None, *, ascii: bool = False) -> Table:
    """The rows of a scene; with `sizes`, shapes are in numbers."""
    found = rails(scene)
    lanes = max((max((r.lane, *r.before, *r.after)) for r in found), default=0) + 1
    glyphs = ASCII if ascii else UNICODE
    by_box = {id(r.box): r for r in found}
    made = tuple(_rows(scene.boxes, by_box, min(lanes, _MOST_LANES), glyphs, sizes, frozenset()))
    widths = [
        max((len(getattr(r, c)) for r in made), default=0)
        for c in ("call", "shape", "parameters", "macs")
    ]
    names = max((2 * r.depth + len(r.name) + 2 for r in made), default=0)
    live = max((len(r.before | r.after) for r in found), default=0)
    return Table(made, lanes, (names, widths[0], widths[1], widths[2], widths[3]), live)


def _rows(
    boxes: list[Box], by_box: Mapping[int, Rail], lanes: int, glyphs: Glyphs, sizes: Mapping[str, int] | None,
    live: frozenset[int], depth: int = 0,
) -> Iterator[Row]:  # fmt: skip
    for box in boxes:
        if box.is_open:
            first = next(box.leaves())
            before = by_box[id(first)].before
            passing = "".join(
                glyphs.passes + " " if k in before else "  " for k in range(lanes)
            ).rstrip()
            yield _row(box, passing, depth, sizes, is_open=True)
            yield from _rows(box.children, by_box, lanes, glyphs, sizes, live, depth + 1)
        else:
            rail = by_box[id(box)]
            drawn = gutter(
                rail,
                max(lanes, rail.lane + 1, *(k + 1 for k in (*rail.before, *rail.after, 0))),
                glyphs,
            )
            yield _row(box, drawn[: 2 * lanes].rstrip(), depth, sizes, is_open=False)


def _row(box: Box, rail: str, depth: int, sizes: Mapping[str, int] | None, *, is_open: bool) -> Row:
    name = box.name + (f" ×{box.times}" if box.times > 1 else "")
    call = " ".join(part for part in (box.op, box.arguments, box.way) if part)
    folded = isinstance(box.origin, Level) and not is_open
    if folded and box.nodes > 1:
        call = f"{call} ({box.nodes} nodes)".strip()
    return Row(
        box, rail, depth, name, call, _shape(box, sizes), scaled(box.parameters) if box.parameters else "",
        scaled(box.macs) if box.macs else "", tuple(box.errors), is_open or folded, is_open,
    )  # fmt: skip


def _shape(box: Box, sizes: Mapping[str, int] | None) -> str:
    if box.shape is None:
        return "?" if isinstance(box.origin, Node) and box.origin.layer is not None else ""
    shape = axes(box.shape, sizes) if sizes is not None else box.shape
    return "×".join(_size(s) for s in shape) if len(shape) else "()"


def _size(size: object) -> str:
    text = str(size)
    return text if text.isalnum() else f"({text})" if "//" not in text else text
