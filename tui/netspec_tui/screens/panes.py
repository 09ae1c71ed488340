"""The panes: what they are, which of them are seen, and which has the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from netspec_tui.screens.analysing import Analysing
from netspec_tui.widgets.box_view import BoxView
from netspec_tui.widgets.inspector import Inspector
from netspec_tui.widgets.key_bar import KeyBar
from netspec_tui.widgets.outline import Outline
from netspec_tui.widgets.problems import Problems
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.source import SourceArea

PANES = ("outline", "graph", "source", "inspector", "problems")
NARROW = 110
"""Below so many columns there is one pane at a time."""


class Panes(Analysing):
    """Outline, graph, source, inspector and findings, as many as there is room for."""

    pane = "graph"
    """The one that a narrow screen shows."""

    def compose(self) -> ComposeResult:
        """Outline, graph over source, inspector; findings below."""
        yield Static("", id="bar", markup=True)
        with Horizontal(id="panes"):
            yield Outline(id="outline")
            with Vertical(id="middle"):
                yield RailView(ascii=self.ascii, id="graph")
                yield BoxView(ascii=self.ascii, id="boxes")
                yield SourceArea(self.session.text, id="source")
            yield Inspector(id="inspector")
        yield Static("", id="line", markup=False)
        yield Problems(id="problems")
        yield KeyBar(compact=True)

    @property
    def graph(self) -> RailView:
        """The graph."""
        return self.query_one("#graph", RailView)

    @property
    def boxes(self) -> BoxView:
        """The graph as boxes."""
        return self.query_one("#boxes", BoxView)

    @property
    def as_boxes(self) -> bool:
        """Whether the graph is shown as boxes."""
        return self.has_class("as-boxes")

    def focus_graph(self) -> None:
        """Give the graph the keys, as it is shown."""
        self.set_focus(self.boxes if self.as_boxes else self.graph)

    @property
    def source(self) -> SourceArea:
        """The source."""
        return self.query_one("#source", SourceArea)

    @property
    def outline(self) -> Outline:
        """The outline."""
        return self.query_one("#outline", Outline)

    @property
    def inspector(self) -> Inspector:
        """The inspector."""
        return self.query_one("#inspector", Inspector)

    @property
    def problems(self) -> Problems:
        """The findings."""
        return self.query_one("#problems", Problems)

    def go_to_pane(self, name: str) -> None:
        """Give a pane the keys; on a narrow screen show it alone."""
        self.pane = name
        self.fit()
        if name == "graph":
            self.focus_graph()
        else:
            self.set_focus(self.query_one(f"#{name}"))
        if name == "source":  # it may have been hidden, and then it had no size to scroll in
            self.call_after_refresh(
                lambda: self.source.show_offset(self.source.cursor_offset_in_text)
            )

    def on_resize(self) -> None:
        """Another size: as many panes as fit."""
        self.fit()

    def fit(self) -> None:
        """As many panes as the width has room for."""
        width, height = self.size
        classes = {"narrow": width < NARROW, "medium": width < 140, "low": height < 34}
        classes |= {f"at-{name}": self.pane == name for name in PANES}
        self.update_classes(classes)  # at once: the styles of the whole screen depend on them

    def name_panes(self) -> None:
        """Write the numbers and names that lead to them into their borders."""
        for k, name in enumerate(PANES, 1):
            self.query_one(f"#{name}").border_title = f"{k} {name}"
        self.boxes.border_title = self.graph.border_title

    def show_line(self, text: str) -> None:
        """One line above the findings."""
        self.query_one("#line", Static).update(text, layout=False)

    def recolour(self) -> None:
        """Draw everything in the colours of another theme."""
        for pane in (self.graph, self.boxes, self.source, self.outline, self.inspector):
            pane.recolour()
        if self.snapshot is not None:
            self.problems.show(
                self.snapshot.report.diagnostics, self.session.path, ascii=self.ascii, anew=True
            )

    def complain(self, text: str) -> None:
        """Say why something cannot be."""
        self.notify(text[:1].upper() + text[1:], severity="warning", timeout=6, markup=False)

    def ask(self, screen: Any, then: Callable[[Any], object]) -> None:
        """Open a dialog, and go on with its answer, if there is one."""

        def answered(answer: Any) -> None:
            if answer is not None:
                then(answer)

        self.app.push_screen(screen, answered)
