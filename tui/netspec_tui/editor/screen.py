"""The screen that commands act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, Unpack

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import ModalScreen, Screen

from netspec.check import Report, check_text
from netspec.edit import Address, Draft, EditError
from netspec.syntax import Spec
from netspec_tui.core.analysis import Analysis, AnalysisFailure, Outcome, analysis_outcome
from netspec_tui.core.folds import Folds
from netspec_tui.core.form_edit import FormEdit
from netspec_tui.core.graph_rows import GraphRow, innermost_row
from netspec_tui.core.session import Session, View
from netspec_tui.core.snapshot import RequestChanges, Snapshot
from netspec_tui.editor.explainer import Explainer
from netspec_tui.editor.follow import follow_row, remember_row, show_headline, show_snapshot
from netspec_tui.editor.panes import Panes
from netspec_tui.editor.selection import Selection, editable_address
from netspec_tui.widgets.form import Form
from netspec_tui.widgets.inspector import Inspector
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.source_area import SourceArea

Answer = TypeVar("Answer")


class AnalysisDone(Message):
    """An analysis has ended."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Editor(Screen[None]):
    """One session and the panes that show it. A command is a function of an `Editor`.

    Attributes:
        session: the file under edit: text, history, saved state.
        snapshot: the newest analysis of the text; None before the first one.
        panes: the widgets and their visibility. The most used ones are also attributes of the editor:
            `graph`, `boxes`, `source`, `outline`, `inspector`, `diagnostics`.
        copied_steps: the steps that `graph.copy` has copied, as text.
        form, form_edit: the open form and its edit, if there is one.
    """

    def __init__(self, session: Session, *, ascii: bool = False) -> None:
        super().__init__()
        self.session = session
        self.ascii = ascii
        self.snapshot: Snapshot | None = None
        self.copied_steps = ""
        self.form: Form | None = None
        self.form_edit: FormEdit | None = None
        self.panes = Panes(self, session.text, ascii=ascii)
        self.graph, self.boxes = self.panes.graph, self.panes.boxes
        self.source, self.outline = self.panes.source, self.panes.outline
        self.inspector, self.diagnostics = self.panes.inspector, self.panes.diagnostics
        self.analysis = Analysis(self._start_analysis)
        self.selection = Selection(self.graph)
        self.explainer = Explainer(self)

    def compose(self) -> ComposeResult:
        """The panes."""
        yield from self.panes.compose()

    def on_mount(self) -> None:
        """Show the session."""
        self.panes.set_titles()
        self.adopt(self.session)
        self.panes.focus_graph()
        self.set_interval(0.25, self._beat)

    def on_resize(self) -> None:
        """Show as many panes as fit."""
        self.panes.fit()

    def _beat(self) -> None:
        """Store unsaved changes, and show that an analysis is slow."""
        self.session.journal.flush()
        if self.analysis.is_slow:
            show_headline(self)
        if self.session.journal.error:
            self.notify(self.session.journal.error, severity="warning", markup=False)
            self.session.journal.error = ""

    # ---- session and analysis ---------------------------------------------------------------------------

    def adopt(self, session: Session) -> None:
        """Show another session, with the custom layers of the current one."""
        catalog = self.session.request.catalog
        session.update_request(ascii=self.ascii, catalog=catalog)
        self.session = session
        session.on_change = self.source.mirror
        self.snapshot = None
        if self.source.whole != session.text:
            self.source.reload(session.text)
        show_headline(self)
        self.analyze()

    @property
    def current(self) -> Snapshot | None:
        """The snapshot if it is one of the current text."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.request.revision != self.session.revision:
            return None
        return snapshot

    @property
    def spec(self) -> Spec:
        """The spec of the current text. Raises `EditError` if the text has none."""
        spec = self.current.report.spec if self.current is not None else None
        return spec if spec is not None else self.draft().spec

    def draft(self) -> Draft:
        """The current text as a draft, to try an edit."""
        return Draft(self.session.text, self.session.path)

    def analyze(self, **changes: Unpack[RequestChanges]) -> None:
        """Analyze the current text in the background, with `changes` of the settings."""
        self.analysis.submit(self.session.update_request(**changes))

    def catch_up(self) -> None:
        """Analyze the current text now if it is not shown yet: keys may be faster than the analysis."""
        if self.current is None:
            self._show_outcome(analysis_outcome(self.session.update_request()))

    def checker(self) -> Callable[[str], Report]:
        """A function that checks another text with the settings of this session."""
        request = self.session.request
        return lambda text: check_text(
            text, self.session.path, dict(request.settings), request.preset, request.catalog
        )

    def _start_analysis(self, work: Callable[[], Outcome]) -> None:
        self.run_worker(
            lambda: self.post_message(AnalysisDone(work())), thread=True, group="analysis"
        )

    def on_analysis_done(self, message: AnalysisDone) -> None:
        """Show the result if it is one of the current text, and start the next analysis."""
        outcome = message.outcome
        is_current = (outcome.request.name, outcome.request.revision) == (
            self.session.path,
            self.session.revision,
        )
        self.analysis.finish()
        if is_current or isinstance(outcome, AnalysisFailure):
            self._show_outcome(outcome)

    def _show_outcome(self, outcome: Outcome) -> None:
        if isinstance(outcome, Snapshot):
            show_snapshot(self, outcome)
            return
        error = f"{type(outcome.error).__name__}: {outcome.error}"
        self.notify(
            f"internal error of netspec ({error}); `netspec check` shows details",
            severity="error",
            markup=False,
        )

    # ---- messages of the panes --------------------------------------------------------------------------

    def on_rail_view_selected(self, message: RailView.Selected) -> None:
        """Follow the cursor of the graph."""
        message.stop()
        remember_row(self)
        follow_row(self, move_source=True)

    def on_source_area_moved(self, message: SourceArea.Moved) -> None:
        """Select the innermost step around the cursor of the source."""
        message.stop()
        self.outline.follow(message.offset)
        if self.current is None:
            return
        index = innermost_row(self.current.table, self.session.path, message.offset)
        if index is not None and index != self.graph.index:
            with self.prevent(RailView.Selected):
                self.graph.index = index
            remember_row(self)
            follow_row(self, move_source=False)

    def on_source_area_typed(self, message: SourceArea.Typed) -> None:
        """Apply what was typed into the source."""
        message.stop()
        self.session.type(message.splice)
        self.analyze()
        show_headline(self)

    def on_inspector_resized(self, message: Inspector.Resized) -> None:
        """Explain the selected row for the new width."""
        message.stop()
        self.explainer.schedule()

    # ---- the selection ----------------------------------------------------------------------------------

    @property
    def row(self) -> GraphRow | None:
        """The row under the cursor."""
        return self.selection.row

    def selected_address(self) -> Address:
        """The step under the cursor. Raises `EditError` if the row has no step in this file."""
        self.catch_up()
        return editable_address(self.row, self.snapshot)

    def selected_step(self) -> Address | None:
        """The step under the cursor; if there is none, show why."""
        try:
            return self.selected_address()
        except EditError as error:
            self.complain(str(error))
            return None

    def marked_steps(self) -> list[Address]:
        """The marked steps."""
        return self.selection.marked(self.snapshot)

    def selected_steps(self) -> list[Address]:
        """The marked steps, or the one under the cursor; if there is none, show why."""
        if marked := self.marked_steps():
            return marked
        step = self.selected_step()
        return [step] if step is not None else []

    @property
    def folds(self) -> Folds:
        """The closed levels and expanded repeats."""
        return self.session.view.folds or Folds()

    def set_folds(self, folds: Folds) -> None:
        """Show the graph with other folds."""
        self.session.view = View(self.session.view.path, folds)
        self.analyze()

    def clear_search(self) -> None:
        """Forget the query and the marks."""
        self.graph.test = None
        self.graph.marked = frozenset()
        self.graph.restyle()

    # ---- edits ------------------------------------------------------------------------------------------

    def edit(self, label: str, change: Callable[[Draft], None]) -> bool:
        """Make a structural edit; return whether it was made. If it cannot be made, show why."""
        try:
            self.selection.next_step = self.session.edit(label, change)
        except EditError as error:
            self.complain(str(error))
            return False
        self.selection.clear_marks()
        self.analyze()
        return True

    def replace_text(self, text: str, label: str) -> bool:
        """Replace the text as one entry of the undo history; return whether that changed it."""
        is_changed = self.session.replace_text(text, label)
        self.analyze()
        return is_changed

    # ---- forms ------------------------------------------------------------------------------------------

    async def open_form(self, form: Form, edit: FormEdit) -> None:
        """Show a form in place of the inspector; each change of a field is an edit."""
        self.close_form()
        self.form, self.form_edit = form, edit
        self.add_class("with-form")
        await self.query_one("#panes").mount(form)
        form.focus_first()  # before the next key is read

    def close_form(self) -> None:
        """Show the inspector again."""
        if self.form is not None:
            self.form.remove()
            self.form = self.form_edit = None
        self.remove_class("with-form")

    # ---- dialogs and messages ---------------------------------------------------------------------------

    def ask(self, dialog: ModalScreen[Answer | None], then: Callable[[Answer], object]) -> None:
        """Open a dialog, and continue with its answer unless the user cancels it."""

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                then(answer)

        self.app.push_screen(dialog, answered)

    def complain(self, text: str) -> None:
        """Show why something is not possible."""
        self.notify(text[:1].upper() + text[1:], severity="warning", timeout=6, markup=False)

    def confirm(self, text: str) -> None:
        """Show a short confirmation."""
        self.notify(text, timeout=2, markup=False)

    def restyle(self) -> None:
        """Draw everything in the colors of the current theme."""
        self.panes.restyle()
        if self.snapshot is not None:
            diagnostics = self.snapshot.report.diagnostics
            self.diagnostics.show(diagnostics, self.session.path, ascii=self.ascii, redraw=True)
