"""Undo and redo."""

from __future__ import annotations

from netspec_tui.editor import Editor


def undo(editor: Editor) -> None:
    """Undo the last change, of the text or of the graph."""
    entry = editor.session.undo()
    _show(editor, f"undid: {entry.label}" if entry else "nothing to undo")


def redo(editor: Editor) -> None:
    """Redo the change that was undone last."""
    entry = editor.session.redo()
    _show(editor, f"redid: {entry.label}" if entry else "nothing to redo")


def _show(editor: Editor, message: str) -> None:
    editor.close_form()
    editor.selection.next_path = editor.session.view.path
    editor.confirm(message)
    editor.analyze()
