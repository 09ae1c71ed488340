"""Actions that find: rows by a query, and what is wrong."""

from __future__ import annotations

from textual.widgets import Input

from netspec.diagnostics import Diagnostic
from netspec_tui.core.search import QueryError, query
from netspec_tui.dialogs.page import Page
from netspec_tui.screens.mending import Fixing
from netspec_tui.widgets.find import Find
from netspec_tui.widgets.problems import Problems


class Finding(Fixing):
    """What fits is lit while it is typed; findings lead to their row or line."""

    # ---- find -------------------------------------------------------------------------------------------

    async def action_find(self) -> None:
        """A line to look for rows with; what fits is lit while it is typed."""
        if self.query("#find"):
            self.set_focus(self.query_one("#find", Find))
            return
        line = Find(id="find")
        await self.mount(line, before=self.query_one("#line"))
        self.set_focus(line)  # before the next key is read

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
        self.graph.recolour()
        if self.graph.test is not None:
            count = sum(map(self.graph.test, self.graph.table.rows))
            self._seek(0)
            self.show_line(f"{count} found" if count else "nothing found")

    def on_find_left(self, message: Find.Left) -> None:
        """Back to the graph; `n` goes on."""
        message.stop()
        self.query("#find").remove()
        self.focus_graph()

    async def action_next_match(self) -> None:
        """The next row that was looked for."""
        if self.graph.test is None:
            await self.action_find()
        else:
            self._seek(1)

    def _seek(self, ahead: int) -> None:
        rows, test = self.graph.table.rows, self.graph.test
        for k in range(len(rows)):
            row_index = (self.graph.index + ahead + k) % len(rows)
            if test is not None and test(rows[row_index]):
                self.graph.index = row_index
                return

    def action_leave(self) -> None:
        """Escape: out of the search, out of the source, marks gone."""
        if self.query("#find"):
            self.query_one("#find").remove()
        self.graph.test = None
        self.graph.marked = frozenset()
        self.graph.recolour()
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
        if not listed.diagnostics:
            self.notify("nothing is wrong", timeout=2)
            return
        highlighted = listed.highlighted
        listed.highlighted = (
            0 if highlighted is None else (highlighted + by) % len(listed.diagnostics)
        )
        self._show(listed.diagnostics[listed.highlighted])

    def on_problems_chosen(self, message: Problems.Chosen) -> None:
        """Show a finding in full."""
        from netspec.report.diagnostic import full

        message.stop()
        self._show(message.diagnostic)
        text = full(
            message.diagnostic, columns=max(self.size.width - 12, 60), file=self.session.path
        )
        self.ask(Page(message.diagnostic.code, text, answers={"f": "mend it"} if any(
            h.edits for h in message.diagnostic.helps) else None), lambda _: self.action_fix())  # fmt: skip

    def _show(self, diagnostic: Diagnostic) -> None:
        shown = bool(diagnostic.path) and self.graph.go_to(diagnostic.path)
        span = diagnostic.span
        if not shown and span is not None and span.source.name == self.session.path:
            self.source.show_offset(span.start)
        self.show_line(diagnostic.message)
