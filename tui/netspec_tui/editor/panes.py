"""The panes: their widgets, which of them are visible, and which has the focus."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from netspec_tui.widgets.box_view import BoxView
from netspec_tui.widgets.diagnostics_pane import DiagnosticsPane
from netspec_tui.widgets.inspector import Inspector
from netspec_tui.widgets.key_bar import KeyBar
from netspec_tui.widgets.outline_pane import Outline
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.source_area import SourceArea

PANES = ("outline", "graph", "source", "inspector", "diagnostics")
_NARROW = 110
"""With fewer columns, one pane is visible at a time."""
_MEDIUM = 140
"""With fewer columns, the inspector is narrower."""
_LOW = 34
"""With fewer lines, the diagnostics and the source are lower."""


class Panes:
    """Outline, graph, source, inspector and diagnostics, as many as there is space for."""

    def __init__(self, screen: Screen[Any], text: str, *, ascii: bool) -> None:
        self._screen = screen
        self._current = "graph"
        """The pane that a narrow screen shows."""
        self.title_bar = Static("", id="bar", markup=True)
        self.outline = Outline(id="outline")
        self.graph = RailView(ascii=ascii, id="graph")
        self.boxes = BoxView(ascii=ascii, id="boxes")
        self.source = SourceArea(text, id="source")
        self.inspector = Inspector(id="inspector")
        self.row_line = Static("", id="row-line", markup=False)
        self.diagnostics = DiagnosticsPane(id="diagnostics")

    def compose(self) -> ComposeResult:
        """Outline, graph above source, inspector; diagnostics below."""
        yield self.title_bar
        with Horizontal(id="panes"):
            yield self.outline
            with Vertical(id="middle"):
                yield self.graph
                yield self.boxes
                yield self.source
            yield self.inspector
        yield self.row_line
        yield self.diagnostics
        yield KeyBar(compact=True)

    def set_titles(self) -> None:
        """Write the key and the name of each pane into its border."""
        for k, name in enumerate(PANES, 1):
            self._screen.query_one(f"#{name}").border_title = f"{k} {name}"
        self.boxes.border_title = self.graph.border_title

    @property
    def as_boxes(self) -> bool:
        """Whether the graph is drawn as boxes."""
        return self._screen.has_class("as-boxes")

    def toggle_boxes(self) -> None:
        """Draw the graph as boxes, or as rails again."""
        self._screen.toggle_class("as-boxes")

    def focus_graph(self) -> None:
        """Focus the graph, as rails or boxes."""
        self._screen.set_focus(self.boxes if self.as_boxes else self.graph)

    def go_to(self, name: str) -> None:
        """Focus a pane; on a narrow screen, show it alone."""
        self._current = name
        self.fit()
        if name == "graph":
            self.focus_graph()
        else:
            self._screen.set_focus(self._screen.query_one(f"#{name}"))
        if name == "source":  # a hidden pane has no size to scroll in
            self._screen.call_after_refresh(
                lambda: self.source.show_offset(self.source.cursor_offset_in_text)
            )

    def fit(self) -> None:
        """Show as many panes as the screen has space for."""
        width, height = self._screen.size
        classes = {"narrow": width < _NARROW, "medium": width < _MEDIUM, "low": height < _LOW}
        classes |= {f"at-{name}": self._current == name for name in PANES}
        self._screen.update_classes(classes)  # at once: the whole style sheet depends on them

    def show_line(self, text: str) -> None:
        """Show one line above the diagnostics, on narrow screens."""
        self.row_line.update(text, layout=False)

    def restyle(self) -> None:
        """Draw the panes in the colors of the current theme."""
        for pane in (self.graph, self.boxes, self.source, self.outline, self.inspector):
            pane.restyle()
