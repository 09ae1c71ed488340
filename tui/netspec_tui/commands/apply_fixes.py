"""Commands that apply fixes."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.check import check_text
from netspec.diagnostics import Diagnostic, Help
from netspec.fix import fix, spliced
from netspec_tui.core.snapshot import Snapshot
from netspec_tui.dialogs.choose import ChoiceItem, Choose
from netspec_tui.editor import Editor


def fix_at_cursor(editor: Editor) -> None:
    """Apply the fix of the diagnostic at the cursor, or of the first fixable one."""
    if editor.current is None:
        return
    for diagnostic in _by_distance(editor, editor.current):
        helps = [help for help in diagnostic.helps if help.edits_only(editor.session.path)]
        if len(helps) == 1:
            _apply(editor, helps[0])
            return
        if helps:
            _choose_fix(editor, diagnostic.message, helps)
            return
    has_diagnostics = bool(editor.current.report.diagnostics)
    editor.complain("no safe fix here" if has_diagnostics else "no diagnostics")


def _by_distance(editor: Editor, snapshot: Snapshot) -> Iterator[Diagnostic]:
    """The diagnostics, beginning with those at the cursor."""
    diagnostics, row = snapshot.report.diagnostics, editor.row
    current = editor.diagnostics.current
    if current is not None and editor.diagnostics.has_focus:
        yield current
    yield from (d for d in diagnostics if row is not None and d.path and d.path == row.path)
    if current is not None:
        yield current
    yield from diagnostics


def _choose_fix(editor: Editor, title: str, helps: list[Help]) -> None:
    dialog = Choose(title, [ChoiceItem(help.text) for help in helps])
    editor.ask(dialog, lambda chosen: _apply(editor, helps[chosen.index]))


def _apply(editor: Editor, help: Help) -> None:
    text, _ = spliced(editor.session.text, [help.edits])
    editor.notify(help.text[:1].upper() + help.text[1:], timeout=4, markup=False)
    editor.replace_text(text, f"fix: {help.text}")


def fix_all(editor: Editor) -> None:
    """Apply all safe fixes."""
    report = check_text(editor.session.text, editor.session.path)
    fixed = fix(report, editor.checker())
    if fixed.applied:
        editor.replace_text(fixed.text, f"fix {len(fixed.applied)} diagnostics")
    else:
        editor.complain("no safe fixes")
