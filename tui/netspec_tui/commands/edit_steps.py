"""Commands on one step: delete, rename, move, copy, paste."""

from __future__ import annotations

from netspec.assist.symbols import RenameError, rename
from netspec.check import check_text
from netspec.edit import Address, Draft, EditError, step_operations
from netspec.edit.step_inputs import base_name
from netspec.fix import spliced
from netspec.syntax import Step
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.editor import Editor


def delete_step(editor: Editor) -> None:
    """Delete the selected step or the marked ones, and reconnect their neighbors."""
    addresses = editor.selected_steps()

    def remove(draft: Draft) -> None:
        for address in _in_order(addresses)[::-1]:
            step_operations.remove(draft, address)

    if addresses:
        count = len(addresses)
        editor.edit("delete" if count == 1 else f"delete {count} steps", remove)


def rename_step(editor: Editor) -> None:
    """Rename the selected step, and all references to it."""
    address = editor.selected_step()
    if address is None:
        return
    draft = editor.draft()
    step = draft.step(address)
    if step.name is None:
        _name_step(editor, address, draft.unique(address, base_name(step)))
        return
    editor.ask(
        Prompt(f"Rename {step.title}", step.title, help="references are renamed too"),
        lambda name: _rename(editor, address, step, name),
    )


def _name_step(editor: Editor, address: Address, suggestion: str) -> None:
    def set_name(name: str) -> None:
        if editor.edit("name", lambda draft: draft.name_step(address, name)):
            editor.selection.next_step = address  # its path has changed

    help = "the name becomes part of the path of its weights"
    editor.ask(Prompt("Name this step", suggestion, help=help), set_name)


def _rename(editor: Editor, address: Address, step: Step, name: str) -> None:
    report = check_text(editor.session.text, editor.session.path)
    try:
        edits = rename(report, step.place.start, name, editor.checker())
    except RenameError as error:
        editor.complain(str(error))
        return
    text, _ = spliced(editor.session.text, [(edit,) for edit in edits])
    editor.selection.next_step = address
    editor.replace_text(text, f"rename {step.title}")


def move_step_up(editor: Editor) -> None:
    """Move the selected step before the step above it."""
    _move(editor, "move up", -1)


def move_step_down(editor: Editor) -> None:
    """Move the selected step after the step below it."""
    _move(editor, "move down", 1)


def _move(editor: Editor, label: str, by: int) -> None:
    if (address := editor.selected_step()) is not None:
        editor.edit(label, lambda draft: step_operations.move(draft, address, by))


def copy_steps(editor: Editor) -> None:
    """Copy the selected step or the marked ones, as text."""
    addresses = editor.selected_steps()
    if not addresses:
        return
    try:
        editor.copied_steps = step_operations.copied_steps(editor.draft(), _in_order(addresses))
    except EditError as error:
        editor.complain(str(error))
        return
    editor.app.copy_to_clipboard(editor.copied_steps)
    editor.notify(f"copied {len(addresses)} step{'s' * (len(addresses) > 1)}")


def paste_steps(editor: Editor) -> None:
    """Paste the copied steps after the selected one."""
    if not editor.copied_steps:
        editor.complain("no step is copied: press `y` to copy one")
        return
    if (address := editor.selected_step()) is not None:
        text = editor.copied_steps
        editor.edit("paste", lambda draft: step_operations.paste(draft, address, text))


def _in_order(addresses: list[Address]) -> list[Address]:
    return sorted(addresses, key=lambda address: address.way)
