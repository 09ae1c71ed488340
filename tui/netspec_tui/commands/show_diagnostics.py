"""Commands that go from diagnostic to diagnostic."""

from __future__ import annotations

from netspec.diagnostics import Diagnostic
from netspec_tui.commands.apply_fixes import fix_at_cursor
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor


def next_diagnostic(editor: Editor) -> None:
    """Go to the next diagnostic."""
    _go_by(editor, 1)


def previous_diagnostic(editor: Editor) -> None:
    """Go to the previous diagnostic."""
    _go_by(editor, -1)


def _go_by(editor: Editor, by: int) -> None:
    pane = editor.diagnostics
    if not pane.diagnostics:
        editor.confirm("no diagnostics")
        return
    highlighted = pane.highlighted
    pane.highlighted = 0 if highlighted is None else (highlighted + by) % len(pane.diagnostics)
    _go_to(editor, pane.diagnostics[pane.highlighted])


def show_diagnostic(editor: Editor, diagnostic: Diagnostic) -> None:
    """Go to a diagnostic, and show it in full with its fix."""
    from netspec.report.diagnostic import full

    _go_to(editor, diagnostic)
    columns = max(editor.size.width - 12, 60)
    text = full(diagnostic, columns=columns, file=editor.session.path)
    is_fixable = any(help.edits for help in diagnostic.helps)
    page = TextPage(diagnostic.code, text, answers={"f": "fix it"} if is_fixable else None)
    editor.ask(page, lambda _: fix_at_cursor(editor))


def _go_to(editor: Editor, diagnostic: Diagnostic) -> None:
    """Go to the row of a diagnostic, or to its line."""
    has_row = bool(diagnostic.path) and editor.graph.go_to(diagnostic.path)
    span = diagnostic.span
    if not has_row and span is not None and span.source.name == editor.session.path:
        editor.source.show_offset(span.start)
    editor.panes.show_line(diagnostic.message)
