"""The panes follow the text and the selected row."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from netspec.diagnostics import Severity
from netspec_tui.core.empty_network import EMPTY_LINE, is_empty
from netspec_tui.core.headline import headline, row_line
from netspec_tui.core.session import View

if TYPE_CHECKING:
    from netspec_tui.core.snapshot import Snapshot
    from netspec_tui.editor.screen import Editor


def show_snapshot(editor: Editor, snapshot: Snapshot) -> None:
    """Show a new analysis in all panes."""
    session = editor.session
    is_first = editor.snapshot is None
    if is_first:
        gc.freeze()  # the objects of the start stay: a collection need not visit them
    editor.snapshot = snapshot
    if snapshot.graph is not None:
        session.last_valid = snapshot
        if session.view.folds is None:
            session.view = View(session.view.path, snapshot.folds)
    path = editor.selection.path_in(snapshot, session.view.path)
    if snapshot.graph is not None:
        editor.graph.show(snapshot.table, path=path)
    elif session.last_valid is not None:
        editor.graph.show(session.last_valid.table, stale=True, path=path)
    else:
        editor.graph.show(snapshot.table)
    editor.selection.settle()
    show_boxes(editor)
    _show_diagnostics(editor, snapshot)
    if snapshot.report.spec is not None:
        editor.source.blocks = frozenset(snapshot.report.spec.blocks)
    remember_row(editor)
    show_headline(editor)
    follow_row(editor, move_source=is_first or not editor.source.has_focus)


def _show_diagnostics(editor: Editor, snapshot: Snapshot) -> None:
    file, diagnostics = editor.session.path, snapshot.report.diagnostics
    editor.set_class(not diagnostics, "clean")
    editor.diagnostics.show(diagnostics, file, ascii=editor.ascii)
    spans = [(d.span, d.severity) for d in diagnostics if d.span is not None]
    marks = [(s.start, s.end, severity) for s, severity in spans if s.source.name == file]
    editor.source.mark(marks)
    editor.outline.show(
        snapshot.outline, [start for start, _, severity in marks if severity == Severity.ERROR]
    )


def show_boxes(editor: Editor) -> None:
    """Draw the boxes if the graph is shown as boxes."""
    snapshot = editor.snapshot
    if snapshot is not None and snapshot.graph is None:
        snapshot = editor.session.last_valid
    if editor.panes.as_boxes and snapshot is not None:
        path = editor.row.path if editor.row is not None else ""
        editor.boxes.show(snapshot.scene, path, stale=editor.graph.stale)


def show_headline(editor: Editor) -> None:
    """Show the file, the network and its cost in the top line."""
    line = headline(editor.session, editor.snapshot, editor.size.width, ascii=editor.ascii)
    if editor.analysis.is_slow and editor.snapshot is not None:
        line = f"{line}  checking …"
    editor.panes.title_bar.update(line, layout=False)


def remember_row(editor: Editor) -> None:
    """Store the selected row in the session, so that undo restores it."""
    path = editor.row.path if editor.row is not None else ""
    editor.session.view = View(path, editor.session.view.folds)


def follow_row(editor: Editor, *, move_source: bool) -> None:
    """Show the selected row in the other panes; in the source only with `move_source`."""
    row = editor.row
    if row is None:
        editor.explainer.show_empty()
        editor.panes.show_line("")
        return
    if editor.panes.as_boxes:
        editor.boxes.follow(row.path)
    place = row.step.place if row.step is not None else None
    in_file = place is not None and place.source.name == editor.session.path
    if place is not None and in_file and not editor.graph.stale:
        if move_source:
            editor.source.show_offset(place.start)
        editor.outline.follow(place.start)
    is_hint = is_empty(editor.snapshot) and not row.errors
    editor.panes.show_line(EMPTY_LINE if is_hint else row_line(row, ascii=editor.ascii))
    editor.explainer.schedule()
