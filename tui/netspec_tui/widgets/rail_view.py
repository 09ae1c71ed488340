"""The graph as rails: a row for each node or level, a lane for each live tensor."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from netspec_tui.core.graph_rows import GraphRow, Table
from netspec_tui.core.row_query import Test
from netspec_tui.widgets.styled_view import StyledView

KINDS = (
    "conv", "dense", "norm", "activation", "pool", "join", "shape", "recurrent", "attention", "level", "dropout",
    "constant", "other", "input", "output",
)  # fmt: skip
_GAP = "  "
_MOST_LANES = 24
_SHRINKING = (
    ("macs", 0), ("call", 14), ("name", 16), ("weights", 0), ("call", 7), ("name", 12), ("call", 0), ("shape", 8),
    ("name", 8),
)  # fmt: skip
"""The columns that shrink when space is short, in this order, each with its minimum width."""


class RailView(StyledView):
    """Draws the visible rows only."""

    PREFIX = "rail"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"rail--{kind}" for kind in KINDS),
        "rail--cursor", "rail--marked", "rail--match", "rail--error", "rail--dim", "rail--lane",
        "rail--stale", "rail--shape",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="graph.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="graph.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="graph.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="graph.page_up"),
        Binding("home,g", "go(0)", "First", show=False, id="graph.first"),
        Binding("end,G", "go(-1)", "Last", show=False, id="graph.last"),
    ]

    index: reactive[int] = reactive(0, init=False)

    class Selected(Message):
        """The cursor has moved to another row."""

        def __init__(self, row: GraphRow) -> None:
            super().__init__()
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Only the last of several matters."""
            return isinstance(message, RailView.Selected)

    class Opened(Message):
        """The user opens a row by a double click, or by a click on its fold."""

        def __init__(self, row: GraphRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table = Table()
        self.marked: frozenset[str] = frozenset()
        self.test: Test | None = None
        self.stale = False
        self.ascii = ascii
        self._lines: dict[tuple[int, int, bool], Strip] = {}

    # ---- the rows -------------------------------------------------------------------------------------

    def show(self, table: Table, *, stale: bool = False, path: str = "") -> None:
        """Show other rows; the cursor moves to the path, or stays in its line."""
        self.table, self.stale = table, stale
        self._lines.clear()
        self.virtual_size = Size(1, len(table.rows))  # rows are as wide as the view
        index = table.index(path) if path else None
        cursor_row = index if index is not None else min(self.index, max(len(table.rows) - 1, 0))
        self.set_reactive(RailView.index, cursor_row)
        self._scroll_to_cursor()
        self.refresh()

    def restyle(self) -> None:
        """Draw again: marks, matches or styles have changed."""
        self._lines.clear()
        super().restyle()

    @property
    def row(self) -> GraphRow | None:
        """The row under the cursor."""
        rows = self.table.rows
        return rows[self.index] if 0 <= self.index < len(rows) else None

    def validate_index(self, index: int) -> int:
        """Limit the index to the rows."""
        return max(0, min(index, len(self.table.rows) - 1))

    def watch_index(self, old: int, new: int) -> None:
        """Report the selected row, and draw the old and the new one."""
        self._scroll_to_cursor()
        for k in (old, new):
            self.refresh(Region(0, k - self.scroll_offset.y, self.size.width, 1))
        if (row := self.row) is not None:
            self.post_message(self.Selected(row))

    def _scroll_to_cursor(self) -> None:
        self.scroll_to_region(Region(0, self.index, 1, 1), animate=False, force=True, x_axis=False)

    # ---- drawing ----------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        x, top = self.scroll_offset
        k, width = top + y, self.size.width
        if k >= len(self.table.rows):
            return Strip.blank(width, self.rich_style)
        key = (k, width + x, k == self.index)
        strip = self._lines.get(key)
        if strip is None:
            if len(self._lines) > 2000:
                self._lines.clear()
            strip = self._lines[key] = self._draw_row(
                self.table.rows[k], k == self.index, width + x
            )
        return strip.crop(x, x + width)

    def _draw_row(self, row: GraphRow, at_cursor: bool, width: int) -> Strip:
        base = self.rich_style
        if row.path in self.marked:
            base += self.style("marked")
        elif self.test is not None and self.test(row):
            base += self.style("match")
        if at_cursor:
            base += self.style("cursor")
        cells = list(self._cells(row, width, base))
        used = sum(cell_len(s.text) for s in cells)
        if used < width:
            cells.append(Segment(" " * (width - used), base))
        return Strip(cells, max(used, width))

    def _cells(self, row: GraphRow, width: int, base: Style) -> list[Segment]:
        dim, lane = base + self.style("dim"), base + self.style("lane")
        kind = base + (self.style("stale") if self.stale else self.style(row.box.kind))
        names, calls, shapes, weights, macs = self._columns(width)
        rail = row.rail.ljust(2 * min(self.table.lanes, _MOST_LANES))
        cells = [Segment(" ", base)]
        dot = rail.find("o" if self.ascii else "●")
        if dot < 0:
            cells.append(Segment(rail, lane))
        else:
            cells += [
                Segment(rail[:dot], lane),
                Segment(rail[dot], kind),
                Segment(rail[dot + 1 :], lane),
            ]
        name = "  " * row.depth + self._fold(row) + row.name
        bold = Style(bold=row.foldable)
        cells.append(Segment(_cut(name, names) + _GAP, base + bold))
        if row.errors:
            sign = "x " if self.ascii else "✗ "
            room = max(width - sum(cell_len(s.text) for s in cells) - 1, 10)
            cells.append(Segment(_cut(sign + row.errors[0], room), base + self.style("error")))
            return cells
        for text, room, style in (
            (_cut(row.call, calls), calls, dim if row.box.kind == "level" else kind),
            (_cut(row.shape, shapes), shapes, base + self.style("shape")),
            (row.parameters.rjust(weights), weights, dim),
            (row.macs.rjust(macs), macs, dim),
        ):
            if room:
                cells.append(Segment(text[:room] + _GAP, style))
        return cells

    def _fold(self, row: GraphRow) -> str:
        if not row.foldable:
            return ""
        if self.ascii:
            return "- " if row.is_open else "+ "
        return "▾ " if row.is_open else "▸ "

    def _columns(self, width: int) -> tuple[int, int, int, int, int]:
        """The widths of the columns: the least important shrink first, the shape last."""
        names, calls, shapes, weights, macs = self.table.widths
        widths = {
            "name": min(names, 36),
            "call": min(calls, 40),
            "shape": shapes,
            "weights": weights,
            "macs": macs,
        }
        room = width - 2 * min(self.table.lanes, _MOST_LANES) - 2
        for column, least in _SHRINKING:
            used = sum(widths.values()) + len(_GAP) * (sum(w > 0 for w in widths.values()) - 1)
            if used > room:
                widths[column] = max(min(widths[column], least), widths[column] - (used - room))
        return tuple(widths.values())  # type: ignore[return-value]

    # ---- moving -----------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self.index += by

    def action_page(self, by: int) -> None:
        """Move the cursor by some pages."""
        self.index += by * max(self.size.height - 1, 1)

    def action_go(self, index: int) -> None:
        """Move the cursor to a row; -1 is the last one."""
        self.index = index if index >= 0 else len(self.table.rows) - 1

    def go_to(self, path: str) -> bool:
        """Move the cursor to the row of a path; return whether there is one."""
        index = self.table.index(path)
        if index is not None:
            self.index = index
        return index is not None

    def on_click(self, event: events.Click) -> None:
        """Select the row under the pointer; a second click, or one on its fold, opens it."""
        clicked = event.get_content_offset_capture(self) + self.scroll_offset
        k = clicked.y
        if not 0 <= k < len(self.table.rows):
            return
        self.index = k
        row = self.table.rows[k]
        fold = 1 + 2 * min(self.table.lanes, _MOST_LANES) + 2 * row.depth
        if event.chain == 2 or (row.foldable and fold <= clicked.x < fold + 2):
            self.post_message(self.Opened(row))


def _cut(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return set_cell_size(text, room)
    return set_cell_size(text, max(room - 1, 0)) + "…" if room > 0 else ""
