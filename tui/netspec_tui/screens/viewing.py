"""Actions that only look: find, fold, what-if sizes, presets, pictures."""

from __future__ import annotations

import re

from textual.widgets import Input

from netspec.assist.complete import complete
from netspec.assist.hover import hover
from netspec.assist.names import definition
from netspec.diagnostics import Diagnostic
from netspec.elaborate.graph import nodes_of
from netspec_tui.core.folds import Folds, all_closed
from netspec_tui.core.search import QueryError, query
from netspec_tui.dialogs.choose import Choice, Choose
from netspec_tui.dialogs.page import Page
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.screens.base import NARROW, Base
from netspec_tui.widgets.box_view import BoxView
from netspec_tui.widgets.find import Find
from netspec_tui.widgets.outline import Outline
from netspec_tui.widgets.problems import Problems
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.source import SourceArea

_PANES = ("outline", "graph", "source", "inspector", "problems")


class Viewing(Base):
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

    def go_to_pane(self, name: str) -> None:
        """Give a pane the keys; on a narrow screen show it alone."""
        self.pane = name
        self.fit()
        if name == "graph":
            self.focus_graph()
        else:
            self.query_one(f"#{name}").focus()
        if name == "source":  # it may have been hidden, and then it had no size to scroll in
            self.call_after_refresh(
                lambda: self.source.show_offset(self.source.cursor_offset_in_text)
            )

    def on_resize(self) -> None:
        """Another size: as many panes as fit."""
        self.fit()

    def fit(self) -> None:
        """As many panes as the width has room for."""
        narrow = self.size.width < NARROW
        self.set_class(narrow, "narrow")
        self.set_class(self.size.width < 140, "medium")
        self.set_class(self.size.height < 34, "low")
        for name in _PANES:
            self.set_class(self.pane == name, f"at-{name}")

    # ---- folds ------------------------------------------------------------------------------------------

    @property
    def folds(self) -> Folds:
        """How the graph is folded."""
        return self.session.view.folds or Folds()

    def action_fold(self) -> None:
        """Open or close what is under the cursor; a node has its form opened."""
        row = self.row
        if row is None:
            return
        if row.foldable:
            self.fold(self.folds.toggled(row.box.path))
        else:
            self.run_action_of("arguments")

    def run_action_of(self, method: str) -> None:
        """Run another action of this screen."""
        getattr(self, f"action_{method}")()

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

    def on_rail_view_opened(self, message: RailView.Opened) -> None:
        """A row that was clicked twice."""
        message.stop()
        self.action_fold()

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

    def on_box_view_opened(self, message: BoxView.Opened) -> None:
        """A box that was clicked twice."""
        message.stop()
        self.action_fold()

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
        inside = {id(b) for b in boxes}
        found = [
            there(e)
            for e in snapshot.scene.edges
            if id(here(e)) in inside and id(there(e)) not in inside
        ]
        rows = [k for k, r in enumerate(self.graph.table.rows) if any(r.box is b for b in found)]
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

    # ---- find -------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """A line to look for rows with; what fits is lit while it is typed."""
        if self.query("#find"):
            self.query_one("#find", Find).focus()
            return
        line = Find(id="find")
        self.mount(line, before=self.query_one("#line"))
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Light what fits."""
        if event.input.id != "find":
            return
        event.stop()
        self._light(event.value)

    def _light(self, text: str) -> None:
        try:
            self.graph.test = query(text) if text.strip() else None
        except QueryError as error:
            self.graph.test = None
            self.show_line(str(error))
            return
        self.graph.redraw()
        if self.graph.test is not None:
            count = sum(map(self.graph.test, self.graph.table.rows))
            self._seek(0)
            self.show_line(f"{count} found" if count else "nothing found")

    def on_find_left(self, message: Find.Left) -> None:
        """Back to the graph; `n` goes on."""
        message.stop()
        self.query("#find").remove()
        self.focus_graph()

    def action_next_match(self) -> None:
        """The next row that was looked for."""
        if self.graph.test is None:
            self.action_find()
        else:
            self._seek(1)

    def _seek(self, ahead: int) -> None:
        rows, test = self.graph.table.rows, self.graph.test
        for k in range(len(rows)):
            at = (self.graph.index + ahead + k) % len(rows)
            if test is not None and test(rows[at]):
                self.graph.index = at
                return

    def action_leave(self) -> None:
        """Escape: out of the search, out of the source, marks gone."""
        if self.query("#find"):
            self.query_one("#find").remove()
        self.graph.test = None
        self.graph.marked = frozenset()
        self.graph.redraw()
        self.go_to_pane("graph")

    # ---- findings ---------------------------------------------------------------------------------------

    def action_next_problem(self) -> None:
        """The next finding."""
        self._problem(1)

    def action_previous_problem(self) -> None:
        """The finding before."""
        self._problem(-1)

    def _problem(self, by: int) -> None:
        listed = self.problems
        if not listed.found:
            self.notify("nothing is wrong", timeout=2)
            return
        at = listed.highlighted
        listed.highlighted = 0 if at is None else (at + by) % len(listed.found)
        self._show(listed.found[listed.highlighted])

    def on_problems_chosen(self, message: Problems.Chosen) -> None:
        """Show a finding in full."""
        from netspec.render.diagnostic import full

        message.stop()
        self._show(message.found)
        text = full(message.found, columns=max(self.size.width - 12, 60), file=self.session.path)
        self.ask(Page(message.found.code, text, answers={"f": "mend it"} if any(
            h.edits for h in message.found.helps) else None), lambda _: self.run_action_of("fix"))  # fmt: skip

    def _show(self, found: Diagnostic) -> None:
        shown = bool(found.path) and self.graph.go_to(found.path)
        span = found.span
        if not shown and span is not None and span.source.name == self.session.path:
            self.source.show_offset(span.start)
        self.show_line(found.message)

    # ---- what if ----------------------------------------------------------------------------------------

    def action_sizes(self) -> None:
        """What if the input is of another size?"""
        now = ", ".join(f"{k}={v}" for k, v in self.session.wish.sizes.items())
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
        self.analyse(in_numbers=not self.session.wish.in_numbers)

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
        from netspec.picture import fitting_depth, scene
        from netspec.picture.rail import ASCII, UNICODE, rail

        drawn = scene(snapshot.graph, depth=fitting_depth(snapshot.graph))
        text = rail(drawn, max(self.size.width - 10, 60), glyphs=ASCII if self.ascii else UNICODE)
        self.app.push_screen(
            Page(
                f"{snapshot.graph.name}: {len(list(nodes_of(snapshot.graph.root.entries)))} nodes",
                text,
            )
        )

    def action_dark(self) -> None:
        """The other theme."""
        self.app.theme = "netspec-light" if self.app.current_theme.dark else "netspec-dark"

    # ---- source -----------------------------------------------------------------------------------------

    def on_outline_chosen(self, message: Outline.Chosen) -> None:
        """Go to a symbol: its row, and its place in the text."""
        message.stop()
        start = message.symbol.name_span.start
        self.source.show_offset(start)
        for k, row in enumerate(self.graph.table.rows):
            step = row.step
            if (
                step is not None
                and step.place.start == start
                and step.place.source.name == self.session.path
            ):
                self.graph.index = k
                return

    def on_source_area_asked(self, message: SourceArea.Asked) -> None:
        """What somebody asked for in the source."""
        message.stop()
        snapshot = self.snapshot
        report = snapshot.report if snapshot is not None else None
        if message.what == "complete":
            readable = report if report is not None and report.spec is not None else None
            good = self.session.good
            offers = complete(
                self.session.text,
                message.offset,
                readable or (good.report if good is not None else None),
            )
            before = re.search(r"[\w.]*$", self.session.text[: message.offset])
            word = before[0] if before else ""
            fitting = [
                o for o in offers if o.text.lower().startswith(word.lower()) and o.text != word
            ] or offers
            choices = [Choice(o.text, f"{o.kind}  {o.detail}") for o in fitting]
            self.ask(
                Choose("Complete", choices),
                lambda c: self._complete(word, fitting[c.index].text, fitting[c.index].kind),
            )
        elif report is None or snapshot is None or snapshot.wish.revision != self.session.revision:
            return
        elif message.what == "hover":
            found = hover(report, message.offset)
            self.show_line(found.text.replace("\n", " ") if found else "nothing is known of this")
            if found:
                self.app.push_screen(Page("what stands here", found.text))
        else:
            span = definition(report, message.offset)
            if span is None:
                self.complain("no name stands here")
            else:
                self.run_go_to(span)

    def run_go_to(self, span: object) -> None:
        """Show a place; the screen of files knows how."""
        getattr(self, "go_to_span")(span)  # noqa: B009 - the other half of the screen has it

    def _complete(self, word: str, text: str, kind: str) -> None:
        row, column = self.source.cursor_location
        ending = ": " if kind in ("argument", "key") else ""
        self.source.replace(text + ending, (row, column - len(word)), (row, column))
        self.source.focus()


def _sizes(text: str) -> str:
    parts = [p for p in re.split(r"[,\s]+", text.strip()) if p]
    wrong = next((p for p in parts if not re.fullmatch(r"\w+=\d+", p)), None)
    return f"`{wrong}` sets no size: write H=128, W=128" if wrong else ""
