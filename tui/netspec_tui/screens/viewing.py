"""Actions that only look: find, fold, what-if sizes, presets, pictures."""

from __future__ import annotations

import re

from netspec_tui.core.folds import Folds, all_closed
from netspec_tui.dialogs.choose import Choice, Choose
from netspec_tui.dialogs.page import Page
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.screens.filling import Filling
from netspec_tui.widgets.box_view import BoxView
from netspec_tui.widgets.rail_view import RailView


class Viewing(Filling):
    """Everything that changes how the network is looked at."""

    # ---- panes ------------------------------------------------------------------------------------------

    def action_outline(self) -> None:
        """Go to the outline."""
        self.go_to_pane("outline")

    def action_graph(self) -> None:
        """Go to the graph."""
        self.go_to_pane("graph")

    def action_source(self) -> None:
        """Go to the source."""
        self.go_to_pane("source")

    def action_inspector(self) -> None:
        """Go to the inspector."""
        self.go_to_pane("inspector")

    def action_problems(self) -> None:
        """Go to the findings."""
        self.go_to_pane("problems")

    # ---- folds ------------------------------------------------------------------------------------------

    @property
    def folds(self) -> Folds:
        """How the graph is folded."""
        return self.session.view.folds or Folds()

    async def action_fold(self) -> None:
        """Open or close what is under the cursor; a node has its form opened."""
        row = self.row
        if row is None:
            return
        if row.foldable:
            self.fold(self.folds.toggled(row.box.path))
        else:
            await self.action_arguments()

    def action_close(self) -> None:
        """Close what is under the cursor, or go to what is around it."""
        row = self.row
        if row is None:
            return
        if row.is_open:
            self.fold(self.folds.toggled(row.box.path))
        elif row.box.parent is not None:
            self.graph.go_to(row.box.parent.path)

    def action_open_fold(self) -> None:
        """Open what is under the cursor, or go into it."""
        row = self.row
        if row is not None and row.foldable and not row.is_open:
            self.fold(self.folds.toggled(row.box.path))
        elif row is not None and row.is_open:
            self.graph.action_move(1)

    def action_fold_all(self) -> None:
        """Close every level; where all are closed, open them."""
        graph = self.snapshot.graph if self.snapshot is not None else None
        if graph is not None:
            closed = all_closed(graph)
            self.fold(Folds() if self.folds.closed == closed.closed else closed)

    def action_apart(self) -> None:
        """A repeat iteration by iteration, or as one again."""
        row = self.row
        box = row.box if row is not None else None
        while box is not None and box.times == 1 and box.path not in self.folds.apart:
            box = box.parent
        if box is None:
            self.complain("this is in no repeat")
        else:
            self.fold(self.folds.spread(box.path))

    async def on_rail_view_opened(self, message: RailView.Opened) -> None:
        """A row that was clicked twice."""
        message.stop()
        await self.action_fold()

    # ---- boxes ------------------------------------------------------------------------------------------

    def action_boxes(self) -> None:
        """The graph as boxes joined by lines, or as a rail again."""
        had = self.graph.has_focus or self.boxes.has_focus
        self.toggle_class("as-boxes")
        self.show_boxes()
        if had:
            self.call_after_refresh(self.focus_graph)
        row = self.row
        if self.as_boxes and row is not None:
            self.call_after_refresh(self.boxes.follow, row.path)

    def on_box_view_moved(self, message: BoxView.Moved) -> None:
        """The cursor is on another box: the row follows, and with it the other panes."""
        message.stop()
        self.graph.go_to(message.path)

    async def on_box_view_opened(self, message: BoxView.Opened) -> None:
        """A box that was clicked twice."""
        message.stop()
        await self.action_fold()

    # ---- edges ------------------------------------------------------------------------------------------

    def action_producer(self) -> None:
        """Go to what this row reads."""
        self._along(lambda edge: edge[1], lambda edge: edge[0])

    def action_consumer(self) -> None:
        """Go to what reads this row."""
        self._along(lambda edge: edge[0], lambda edge: edge[1])

    def _along(self, here: object, there: object) -> None:
        assert callable(here) and callable(there)
        row, snapshot = self.row, self.snapshot
        if row is None or snapshot is None or snapshot.scene is None:
            return
        boxes = list(row.box.leaves())
        inside = set(boxes)
        neighbors = [
            there(e) for e in snapshot.scene.edges if here(e) in inside and there(e) not in inside
        ]
        rows = [
            k for k, r in enumerate(self.graph.table.rows) if any(r.box is b for b in neighbors)
        ]
        if not rows:
            self.complain("there is none")
        elif len(rows) == 1:
            self.graph.index = rows[0]
        else:
            names = [
                Choice(self.graph.table.rows[k].path, self.graph.table.rows[k].shape) for k in rows
            ]
            self.ask(Choose("Go to", names), lambda c: self._go(rows[c.index]))

    def _go(self, index: int) -> None:
        self.graph.index = index

    # ---- what if ----------------------------------------------------------------------------------------

    def action_sizes(self) -> None:
        """What if the input is of another size?"""
        now = ", ".join(f"{k}={v}" for k, v in self.session.request.sizes.items())
        snapshot = self.snapshot
        known = snapshot.sizes if snapshot is not None else {}
        example = ", ".join(f"{k}={v}" for k, v in known.items()) or "H=128, W=128"

        def asked(text: str) -> None:
            pairs = re.findall(r"(\w+)\s*=\s*(\d+)", text)
            self.analyse(sizes={name: int(size) for name, size in pairs})

        self.ask(
            Prompt("Sizes", now, help=f"such as {example}; empty for the symbols", check=_sizes),
            asked,
        )

    def action_numbers(self) -> None:
        """Shapes in numbers, or in symbols."""
        self.analyse(in_numbers=not self.session.request.in_numbers)

    def action_preset(self) -> None:
        """Look at the network with a preset of the file."""
        spec = self.snapshot.report.spec if self.snapshot is not None else None
        names = list(spec.presets) if spec is not None else []
        if not names:
            self.complain("the file has no presets")
            return
        assert spec is not None
        choices = [Choice("none"), *(Choice(n, spec.presets[n].span.text) for n in names)]
        self.ask(
            Choose("Preset", choices), lambda c: self.analyse(preset=([None, *names])[c.index])
        )

    def action_overview(self) -> None:
        """The whole network on one page: every level closed that does not fit."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.graph is None:
            self.complain("there is no network to look at")
            return
        from netspec.render import fitting_depth, scene
        from netspec.render.rail import ASCII, UNICODE, rail

        drawn = scene(snapshot.graph, depth=fitting_depth(snapshot.graph))
        text = rail(drawn, max(self.size.width - 10, 60), glyphs=ASCII if self.ascii else UNICODE)
        self.app.push_screen(
            Page(
                f"{snapshot.graph.name}: {len(list(snapshot.graph.root.nodes()))} nodes",
                text,
            )
        )

    def action_dark(self) -> None:
        """The other theme."""
        self.app.theme = "netspec-light" if self.app.current_theme.dark else "netspec-dark"


def _sizes(text: str) -> str:
    parts = [p for p in re.split(r"[,\s]+", text.strip()) if p]
    wrong = next((p for p in parts if not re.fullmatch(r"\w+=\d+", p)), None)
    return f"`{wrong}` sets no size: write H=128, W=128" if wrong else ""
