"""Commands that add a step, or replace its op: the user types a call and sees the output shape."""

from __future__ import annotations

from collections.abc import Callable

from netspec.edit import Address, Draft, EditError, entry_edits, step_operations
from netspec.edit.address import steps_at
from netspec.edit.scalar_text import Data
from netspec_tui.commands.connect_steps import choose_input
from netspec_tui.commands.preview import preview_edit
from netspec_tui.core.typed_calls import (
    CallError,
    call_arguments,
    matching_ops,
    op_choices,
    sentence,
)
from netspec_tui.dialogs.choose import ChoiceItem, Choose, Chosen
from netspec_tui.editor import Editor

OpEdit = Callable[[Draft, str, dict[str, Data]], None]
"""An edit with an op and its arguments."""


def add_step(editor: Editor) -> None:
    """Add a step after the selected one; in an empty network, the first step."""
    try:
        address = _address_to_add_after(editor)
    except EditError as error:
        editor.complain(str(error))
        return
    if address is None:
        _choose_op(
            editor,
            "Add the first step",
            "add",
            lambda d, op, a: step_operations.add_first(d, "", op, a),
        )
    else:
        _choose_op(
            editor,
            "Add after this step",
            "add",
            lambda d, op, a: step_operations.add_after(d, address, op, a),
        )


def _address_to_add_after(editor: Editor) -> Address | None:
    editor.catch_up()
    row = editor.row
    spec = editor.spec if editor.session.text.strip() else editor.draft().spec
    if row is None or row.step is None:
        is_first = row is None or row.box.kind == "input"
        count = len(steps_at(spec, ""))
        return None if is_first or not count else Address("", (count - 1,))
    return editor.selected_address()


def insert_step(editor: Editor) -> None:
    """Insert a step before an input of the selected one."""

    def choose(address: Address, edge: int) -> None:
        _choose_op(
            editor,
            "Insert before this step",
            "insert",
            lambda d, op, a: step_operations.insert_before(d, address, op, a, edge),
        )

    choose_input(editor, "Insert after", choose)


def add_branch(editor: Editor) -> None:
    """Start a second branch from the selected step."""
    if (address := editor.selected_step()) is not None:
        _choose_op(
            editor,
            "Branch from this step",
            "branch",
            lambda d, op, a: step_operations.branch_from(d, address, op, a),
        )


def change_op(editor: Editor) -> None:
    """Replace the op of the selected step."""
    if (address := editor.selected_step()) is not None:
        _choose_op(
            editor, "Replace the op", "op", lambda d, op, _: entry_edits.set_op(d, address, op)
        )


def _choose_op(editor: Editor, title: str, label: str, change: OpEdit) -> None:
    """Let the user type a call, preview its output shape, and make the edit."""
    snapshot = editor.snapshot
    spec = snapshot.report.spec if snapshot is not None else None
    ops = op_choices(spec, editor.session.request.catalog)

    def arguments_of(index: int, typed: str) -> dict[str, Data]:
        return call_arguments(ops[index].op, typed.strip().partition(" ")[2], spec)

    def preview(index: int, typed: str) -> str:
        op = ops[index].op
        draft = editor.draft()
        try:
            change(draft, op, arguments_of(index, typed))
        except (CallError, EditError) as error:
            return f"{sentence(op)}\n✗ {error}"
        return f"{sentence(op)}\n{preview_edit(editor, draft)}"

    def chosen(answer: Chosen) -> None:
        op = ops[answer.index].op
        try:
            arguments = arguments_of(answer.index, answer.typed)
        except CallError as error:
            editor.complain(str(error))
            return
        editor.edit(f"{label} {op}", lambda draft: change(draft, op, arguments))

    dialog = Choose(
        title,
        [ChoiceItem(choice.op, choice.detail) for choice in ops],
        placeholder="Conv2d 64 3 stride=2",
        matcher=lambda query: matching_ops(query, ops),
        preview=preview,
    )
    editor.ask(dialog, chosen)
