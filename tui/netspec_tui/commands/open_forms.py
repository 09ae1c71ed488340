"""Commands that open a form, and the edits that its fields make."""

from __future__ import annotations

from netspec.edit import EditError
from netspec_tui.core import form_fields
from netspec_tui.core.form_edit import FormEdit
from netspec_tui.editor import Editor
from netspec_tui.widgets.form import Form


async def edit_arguments(editor: Editor) -> None:
    """Edit the arguments of the selected step in a form; of an input, the form of the file."""
    editor.catch_up()
    row = editor.row
    if row is not None and row.step is None:
        await edit_file(editor)
        return
    address = editor.selected_step()
    if address is None:
        return
    spec = editor.spec
    step = editor.draft().step(address)
    title = f"{step.title}: {step.op.text}" if step.op is not None else step.title
    edit = FormEdit(
        editor.session,
        title,
        lambda draft, field, value: form_fields.set_step_field(draft, address, field, value),
        address,
    )
    await editor.open_form(Form(title, form_fields.step_fields(step, spec)), edit)


async def edit_file(editor: Editor) -> None:
    """Edit the parameters, inputs and presets of the file in a form."""
    try:
        spec = editor.draft().spec
    except EditError as error:
        editor.complain(str(error))
        return
    title = "the file"
    edit = FormEdit(editor.session, title, form_fields.set_file_field, None)
    await editor.open_form(Form(title, form_fields.file_fields(spec)), edit)


def change_field(editor: Editor, message: Form.Changed) -> None:
    """Apply a changed field to the text."""
    edit = editor.form_edit
    if message.form is not editor.form or edit is None:
        return  # it is closed already
    if edit.is_outdated:
        editor.close_form()
        editor.panes.focus_graph()
        editor.complain("the text was changed elsewhere: open the form again")
        return
    try:
        is_changed = edit.change(message.field, message.value)
    except EditError as error:
        message.form.show_error(str(error))
        return
    message.form.show_error("")
    editor.selection.next_step = edit.address
    if is_changed:
        editor.analyze()


def close_form(editor: Editor, message: Form.Closed) -> None:
    """Save or revert the changes of the form."""
    edit = editor.form_edit
    if message.form is not editor.form or edit is None:
        return
    if not message.is_saved and edit.revert():
        editor.selection.next_step = edit.address
        editor.analyze()
    edit.close()
    editor.close_form()
    editor.panes.focus_graph()
