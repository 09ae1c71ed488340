"""One session in the panes: what is shown of it, what is selected, and the way of every edit."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widgets import Static

from netspec.check import Report, check_text
from netspec.edit import Address, Draft, EditError
from netspec.edit.address import address_of, extent, step_at
from netspec.syntax import Spec, Step
from netspec_tui.core.explained import explained
from netspec_tui.core.folds import Folds
from netspec_tui.core.headline import headline
from netspec_tui.core.history import Splice
from netspec_tui.core.rows import Row
from netspec_tui.core.session import Session, View
from netspec_tui.core.snapshot import Snapshot
from netspec_tui.screens.panes import Panes
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.source import SourceArea

if TYPE_CHECKING:
    from netspec_tui.app import NetspecApp

_REST = 0.06
"""Seconds that the cursor rests on a row until the row is explained."""


class Base(Panes):
    """One session, and the panes that show it."""

    app: NetspecApp

    def __init__(self, session: Session, *, ascii: bool = False) -> None:
        super().__init__(session, ascii=ascii)
        self._explaining = self._explain_again = False
        self._explain_timer: Timer | None = None
        self._select: Address | None = None
        """The step to select when the next snapshot comes."""
        self._select_path = ""

    def on_mount(self) -> None:
        """Name the panes, and analyse the text."""
        self.name_panes()
        self.adopt(self.session)
        self.focus_graph()
        self.set_interval(0.25, self._beat)

    def adopt(self, session: Session) -> None:
        """Show another session."""
        self.session = session
        session.on_change = self._mirror
        self.snapshot = None
        if self.source.whole != session.text:
            self.source.reload(session.text)
        self.describe()
        self.analyse()

    def _mirror(self, splices: list[Splice]) -> None:
        """The source follows a change that was made elsewhere."""
        self.source.mirror(splices)

    def _beat(self) -> None:
        """What has to be done now and then: unsaved work is written down."""
        self.session.journal.flush()
        if self.is_slow:
            self.describe()
        if self.session.journal.problem:
            self.notify(self.session.journal.problem, severity="warning", markup=False)
            self.session.journal.problem = ""

    # ---- snapshots --------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Put a snapshot into the panes."""
        session = self.session
        first = self.snapshot is None
        if first:
            gc.freeze()  # what is there now stays: collecting need not look at it with every stroke
        self.snapshot = snapshot
        path = self._select_path or session.view.path
        if snapshot.graph is not None:
            session.good = snapshot
            if session.view.folds is None:
                session.view = View(session.view.path, snapshot.folds)
            if (step := self._chosen_step(snapshot)) is not None:
                path = self._path_of(snapshot, step) or path
            self.graph.show(snapshot.table, path=path)
        elif session.good is not None:
            self.graph.show(session.good.table, stale=True, path=path)
        else:
            self.graph.show(snapshot.table)
        self._select, self._select_path = None, ""
        self.show_boxes()
        own = session.path
        self.set_class(not snapshot.report.diagnostics, "clean")
        self.problems.show(snapshot.report.diagnostics, own, ascii=self.ascii)
        here = [
            d
            for d in snapshot.report.diagnostics
            if d.span is not None and d.span.source.name == own
        ]
        self.source.mark((d.span.start, d.span.end, d.severity) for d in here if d.span is not None)
        errors = [d.span.start for d in here if d.span is not None and d.severity == "error"]
        self.outline.show(snapshot.outline, errors)
        if snapshot.report.spec is not None:
            self.source.blocks = frozenset(snapshot.report.spec.blocks)
        self._remember()
        self.describe()
        self.follow(move_source=first or not self.source.has_focus)

    def show_boxes(self) -> None:
        """Let the boxes show what the rail does, where they are looked at."""
        shown = self.snapshot
        if shown is not None and shown.graph is None:
            shown = self.session.good
        if self.as_boxes and shown is not None:
            row = self.row
            self.boxes.show(
                shown.scene, row.path if row is not None else "", stale=self.graph.stale
            )

    def _chosen_step(self, snapshot: Snapshot) -> Step | None:
        spec = snapshot.report.spec
        if self._select is None or spec is None:
            return None
        try:
            return step_at(spec, self._select)
        except IndexError:
            return None

    def _path_of(self, snapshot: Snapshot, step: Step) -> str:
        """The path of the first row that a step has; near the one that was selected, if there are several."""
        near = self.session.view.path.rpartition(".")[0]
        paths = [row.path for row in snapshot.table.rows if row.step is step]
        return next((p for p in paths if p.rpartition(".")[0] == near), paths[0] if paths else "")

    # ---- the selection ----------------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.graph.row

    @property
    def spec(self) -> Spec:
        """What the text says. Raises `EditError` where it cannot be read."""
        spec = self.current.report.spec if self.current is not None else None
        return spec if spec is not None else Draft(self.session.text, self.session.path).spec

    def address(self, row: Row | None = None) -> Address:
        """The step of a row, by default of the one under the cursor. Raises `EditError` where it has none here."""
        if row is None:
            self.catch_up()
            row = self.row
        if row is None:
            raise EditError("no row is selected")
        if row.step is None:
            raise EditError(f"`{row.name}` is no step: inputs and outputs are in the form of `m`")
        address = self._address_of(row)
        if address is None:
            raise EditError(f"`{row.path}` comes from another file: open that one")
        return address

    def _address_of(self, row: Row) -> Address | None:
        snapshot = self.snapshot
        step = row.step
        if step is None or snapshot is None or snapshot.report.spec is None:
            return None
        return address_of(snapshot.report.spec, step)

    def on_rail_view_selected(self, message: RailView.Selected) -> None:
        """Another row: the other panes follow."""
        message.stop()
        self._remember()
        self.follow(move_source=True)

    def _remember(self) -> None:
        row = self.row
        self.session.view = View(row.path if row is not None else "", self.session.view.folds)

    def follow(self, *, move_source: bool) -> None:
        """Let source, outline and inspector show what is selected."""
        row = self.row
        if row is None:
            self.inspector.show(self._nothing())
            self.show_line("")
            return
        if self.as_boxes:
            self.boxes.follow(row.path)
        step = row.step
        here = step is not None and step.place.source.name == self.session.path
        if here and step is not None and not self.graph.stale:
            if move_source:
                self.source.show_offset(step.place.start)
            self.outline.follow(step.place.start)
        self.show_line(self._in_a_line(row))
        if self._explain_timer is not None:
            self._explain_timer.stop()
        self._explain_timer = self.set_timer(_REST, self._explain)

    @property
    def _is_begun(self) -> bool:
        """Whether there is nothing yet but an input."""
        snapshot = self.snapshot
        return (
            snapshot is not None
            and not snapshot.report.errors
            and all(row.box.kind in ("input", "output") for row in snapshot.table.rows)
        )

    def _nothing(self) -> str:
        if self.session.text.strip() and not self._is_begun:
            return "The text has no network yet. The findings below say what is missing."
        keys = (
            "a   add the first step\nm   name inputs and parameters\nctrl+n   start from a network"
        )
        return f"Nothing is here yet.\n\n{keys}"

    def _explain(self) -> None:
        """Have the row explained, one at a time: the newest row next."""
        row, snapshot = self.row, self.snapshot
        if row is None or snapshot is None or snapshot.graph is None or not self.inspector.display:
            return
        if self._is_begun:
            self.inspector.show(self._nothing())
            return
        if self._explaining:
            self._explain_again = True
            return
        self._explaining, self._explain_again = True, False
        columns = self.inspector.columns

        def work() -> None:
            try:
                text = explained(snapshot, row, columns)
            except Exception as error:  # a mistake of ours must not silence the inspector for good
                text = f"netspec itself failed here: {type(error).__name__}: {error}"
            self.app.call_from_thread(self._show_page, row, text)

        self.run_worker(work, thread=True, group="explain", exit_on_error=False)

    def _show_page(self, row: Row, text: str) -> None:
        self._explaining = False
        if row is self.row:
            self.inspector.show(text)
        if self._explain_again:
            self._explain()

    def _in_a_line(self, row: Row) -> str:
        """The row in a line, for narrow screens."""
        if row.errors:
            return f"{'x' if self.ascii else '✗'} {row.errors[0]}"
        if self._is_begun:
            return (
                "a adds the first step, m names inputs and parameters, ctrl+n starts from a network"
            )
        parts = [row.path, row.call, row.shape, f"{row.parameters} parameters" if row.parameters else "",
                 f"{row.macs} multiply-adds" if row.macs else ""]  # fmt: skip
        return "  ".join(p for p in parts if p)

    def describe(self) -> None:
        """The bar on top: the file, the network, and what it costs."""
        line = headline(self.session, self.snapshot, self.size.width, ascii=self.ascii)
        if self.is_slow and self.snapshot is not None:
            line = f"{line}  checking …"
        self.query_one("#bar", Static).update(line, layout=False)

    # ---- edits ------------------------------------------------------------------------------------------

    def edit(self, label: str, change: Callable[[Draft], None], *, group: str = "") -> bool:
        """Make a structural edit, and say why not where it cannot be; whether it was made."""
        try:
            self._select = self.session.edit(label, change, group=group)
        except EditError as error:
            self.complain(str(error))
            return False
        self.marked_none()
        self.analyse()
        return True

    def here(self) -> Address | None:
        """The step under the cursor, or why there is none."""
        try:
            return self.address()
        except EditError as error:
            self.complain(str(error))
            return None

    def checker(self) -> Callable[[str], Report]:
        """What checks another text as this one is checked."""
        request = self.session.request
        return lambda text: check_text(
            text, self.session.path, dict(request.settings), request.preset, request.catalog
        )

    def marked_none(self) -> None:
        """No row is marked."""
        if self.graph.marked:
            self.graph.marked = frozenset()
            self.graph.recolour()

    def fold(self, folds: Folds) -> None:
        """Look at the graph with other folds."""
        self.session.view = View(self.session.view.path, folds)
        self.analyse()

    def on_source_area_typed(self, message: SourceArea.Typed) -> None:
        """Take in what was typed."""
        message.stop()
        self.session.type(message.splice)
        self.analyse()
        self.describe()

    def on_source_area_moved(self, message: SourceArea.Moved) -> None:
        """Let the graph follow the cursor of the source."""
        message.stop()
        self.outline.follow(message.offset)
        snapshot = self.current
        if snapshot is None:
            return
        best: tuple[int, int] | None = None
        for k, row in enumerate(snapshot.table.rows):
            step = row.step
            if step is None or step.place.source.name != self.session.path:
                continue
            start, end = extent(step)
            if start <= message.offset <= end and (best is None or end - start < best[0]):
                best = end - start, k
        if best is not None and best[1] != self.graph.index:
            with self.prevent(RailView.Selected):
                self.graph.index = best[1]
            self._remember()
            self.follow(move_source=False)
