"""The graph as boxes connected by lines, with the rows and the cursor of the rail view."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from netspec.render.box import Scene
from netspec.render.boxes import ASCII, UNICODE, BoxPosition, Drawing, Look, boxes
from netspec.render.engine import EngineError
from netspec_tui.core.graph_rows import path_of
from netspec_tui.widgets.rail_view import KINDS
from netspec_tui.widgets.styled_view import StyledView

MOST_BOXES = 400
"""With more boxes than this, the user has to close modules first."""


class BoxView(StyledView):
    """Draws the boxes of a scene, with the cursor on one of them."""

    PREFIX = "box"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"box--{kind}" for kind in KINDS), "box--cursor", "box--line", "box--error", "box--stale",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "go(0, 1)", "Down", show=False, id="boxes.down"),
        Binding("up,k", "go(0, -1)", "Up", show=False, id="boxes.up"),
        Binding("left,h", "go(-1, 0)", "Left", show=False, id="boxes.left"),
        Binding("right,l", "go(1, 0)", "Right", show=False, id="boxes.right"),
    ]

    class Moved(Message):
        """The user moves the cursor to the box of a path."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Opened(Message):
        """The box under the cursor was double-clicked."""

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = ASCII if ascii else UNICODE
        self.drawing = Drawing([], [])
        self.stale = False
        self.current_place: BoxPosition | None = None
        """The box under the cursor."""
        self._scene: Scene | None = None
        self._by_row: dict[int, list[BoxPosition]] = {}

    # ---- the scene ----------------------------------------------------------------------------------

    def show(self, scene: Scene | None, path: str, *, stale: bool = False) -> None:
        """Show a scene, with the cursor on the box of a path."""
        if scene is not self._scene:
            self._scene = scene
            fits = scene is not None and len(scene.leaves) <= MOST_BOXES
            self.drawing = (
                _drawing_of(scene, self.look) if scene is not None and fits else _too_many(scene)
            )
            self._by_row = {}
            for place in self.drawing.places:
                for y in range(place.y, place.y + place.rows):
                    self._by_row.setdefault(y, []).append(place)
            self.virtual_size = Size(self.drawing.columns + 2, len(self.drawing.lines))
        self.stale = stale
        self.follow(path)

    def follow(self, path: str) -> None:
        """Move the cursor to the box of a path, or to the first box inside it."""
        places = self.drawing.places
        self.current_place = next((p for p in places if path_of(p.box) == path), None) or next(
            (p for p in places if path_of(p.box).startswith(f"{path}.")),
            self.current_place and _same_place(self.current_place, places),
        )
        if self.current_place is not None:
            where = Region(
                self.current_place.x,
                self.current_place.y,
                self.current_place.columns + 2,
                self.current_place.rows + 1,
            )
            self.scroll_to_region(where, animate=False, force=True)
        self.refresh()

    # ---- drawing ------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        left, top = self.scroll_offset
        width, row = self.size.width, top + y
        base = self.rich_style
        if row >= len(self.drawing.lines):
            return Strip.blank(width, base)
        line = self.drawing.lines[row]
        lines = base + self.style("line")
        cells, column = [Segment(" ", base)], 0
        for place in sorted(self._by_row.get(row, ()), key=lambda p: p.x):
            cells.append(Segment(line[column : place.x].ljust(place.x - column), lines))
            column = place.x + place.columns
            cells.append(
                Segment(line[place.x : column].ljust(place.columns), self._style_of(place, base))
            )
        cells.append(Segment(line[column:], lines))
        whole = Strip(cells)
        return whole.crop(left, left + width).extend_cell_length(width, base)

    def _style_of(self, place: BoxPosition, base: Style) -> Style:
        kind = "stale" if self.stale else "error" if place.box.errors else place.box.kind
        style = base + self.style(kind)
        return style + self.style("cursor") if place == self.current_place else style

    # ---- moving -------------------------------------------------------------------------------------

    def action_go(self, across: int, down: int) -> None:
        """Move to the nearest box in a direction."""
        if self.current_place is None:
            if self.drawing.places:
                self._move_to(self.drawing.places[0])
            return
        here = _center(self.current_place)
        best: tuple[float, BoxPosition] | None = None
        for place in self.drawing.places:
            there = _center(place)
            ahead = (there[0] - here[0]) * across + (there[1] - here[1]) * down
            aside = abs((there[0] - here[0]) * down) + abs((there[1] - here[1]) * across)
            if ahead > 0 and (best is None or ahead + 2 * aside < best[0]):
                best = ahead + 2 * aside, place
        if best is not None:
            self._move_to(best[1])

    def _move_to(self, place: BoxPosition) -> None:
        self.post_message(self.Moved(path_of(place.box)))

    def on_click(self, event: events.Click) -> None:
        """Move to the box under the pointer; open it by a double click."""
        clicked = event.get_content_offset_capture(self) + self.scroll_offset
        for place in self._by_row.get(clicked.y, ()):
            if place.x <= clicked.x - 1 < place.x + place.columns:
                self._move_to(place)
                if event.chain == 2:
                    self.post_message(self.Opened())


def _center(place: BoxPosition) -> tuple[float, float]:
    """The center of a box, in columns; a line of text is as high as two columns are wide."""
    return place.x + place.columns / 2, 2 * place.y + place.rows


def _same_place(place: BoxPosition, places: list[BoxPosition]) -> BoxPosition | None:
    return next(
        (p for p in places if path_of(p.box) == path_of(place.box)), places[0] if places else None
    )


def _drawing_of(scene: Scene, look: Look) -> Drawing:
    try:
        return boxes(scene, look)
    except EngineError as error:
        return Drawing([error.message, "Z closes all modules, v returns to the rails"], [])


def _too_many(scene: Scene | None) -> Drawing:
    if scene is None:
        return Drawing([], [])
    count = len(scene.leaves)
    return Drawing(
        [
            f"{count} boxes, but at most {MOST_BOXES} are drawn: Z closes all modules, v returns to the rails"
        ],
        [],
    )
