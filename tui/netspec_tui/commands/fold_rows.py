"""Commands that open and close modules in the graph."""

from __future__ import annotations

from netspec_tui.commands.open_forms import edit_arguments
from netspec_tui.core.folds import Folds, all_closed
from netspec_tui.editor import Editor


async def toggle_row(editor: Editor) -> None:
    """Open or close the selected module; of a step, edit the arguments."""
    row = editor.row
    if row is None:
        return
    if row.foldable:
        editor.set_folds(editor.folds.toggled(row.box.path))
    else:
        await edit_arguments(editor)


def open_module(editor: Editor) -> None:
    """Open the selected module; of an open one, go to its first row."""
    row = editor.row
    if row is None:
        return
    if row.is_open:
        editor.graph.action_move(1)
    elif row.foldable:
        editor.set_folds(editor.folds.toggled(row.box.path))


def close_module(editor: Editor) -> None:
    """Close the selected module; of another row, go to the module around it."""
    row = editor.row
    if row is None:
        return
    if row.is_open:
        editor.set_folds(editor.folds.toggled(row.box.path))
    elif row.box.parent is not None:
        editor.graph.go_to(row.box.parent.path)


def toggle_all_modules(editor: Editor) -> None:
    """Close all modules; if all are closed, open them."""
    graph = editor.snapshot.graph if editor.snapshot is not None else None
    if graph is not None:
        closed = all_closed(graph)
        editor.set_folds(Folds() if editor.folds.closed == closed.closed else closed)


def expand_repeat(editor: Editor) -> None:
    """Show a repeat iteration by iteration, or as one iteration again."""
    box = editor.row.box if editor.row is not None else None
    while box is not None and box.times == 1 and box.path not in editor.folds.apart:
        box = box.parent
    if box is None:
        editor.complain("this row is not in a repeat")
    else:
        editor.set_folds(editor.folds.expanded(box.path))
