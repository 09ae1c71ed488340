"""Actions that open a form: the arguments of a step, and what the file declares."""

from __future__ import annotations

from collections.abc import Callable

from netspec.edit import Address, Draft, EditError
from netspec_tui.core import forms
from netspec_tui.screens.base import Base
from netspec_tui.widgets.form import Field, Form


class Filling(Base):
    """A form stands where the inspector is; every letter in it is an edit."""

    _form: Form | None = None

    async def action_arguments(self) -> None:
        """The arguments of this step, in a form."""
        self.catch_up()
        row = self.row
        if row is not None and row.step is None:
            await self.action_params()
            return
        address = self.here()
        if address is None:
            return
        spec = self.spec
        step = Draft(self.session.text, self.session.path).step(address)
        title = f"{step.title}: {step.op.text}" if step.op is not None else step.title
        await self._open_form(
            title,
            forms.of_step(step, spec),
            lambda d, f, v: forms.change(d, address, f, v),
            address,
        )

    async def action_params(self) -> None:
        """The parameters, inputs and presets of the file, in a form."""
        text = self.session.text
        try:
            spec = Draft(text, self.session.path).spec
        except EditError as error:
            self.complain(str(error))
            return
        await self._open_form("the file", forms.of_file(spec), forms.change_file, None)

    async def _open_form(
        self,
        title: str,
        fields: list[Field],
        change: Callable[[Draft, Field, str], None],
        address: Address | None,
    ) -> None:
        self.close_form()
        self._form_base = self._form_text = self.session.text
        self._form_changes: dict[tuple[str, str], tuple[Field, str]] = {}
        self._form_change, self._form_address = change, address
        self._form_label = f"edit {title}"
        self.session.history.close()
        self._form = Form(title, fields)
        self.add_class("with-form")
        await self.query_one("#panes").mount(self._form)
        self._form.take_keys()  # before the next key is read

    def close_form(self) -> None:
        """Without a form."""
        if self._form is not None:
            self._form.remove()
            self._form = None
        self.remove_class("with-form")

    def on_form_changed(self, message: Form.Changed) -> None:
        """Another value: the text, and with it every shape, follows at once."""
        message.stop()
        form = message.form
        if form is not self._form:
            return  # it is closed already
        if self.session.text != self._form_text:
            self.close_form()
            self.focus_graph()
            self.complain("the text was changed elsewhere: open the form again")
            return
        original = self._form_changes.get(
            (message.field.section, message.field.key), (message.field, "")
        )[0]
        self._form_changes[message.field.section, message.field.key] = original, message.value
        draft = Draft(self._form_base, self.session.path)
        try:
            for field, value in self._form_changes.values():
                if value != field.value:
                    self._form_change(draft, field, value)
        except EditError as error:
            form.say(str(error))
            return
        form.say("")
        self._select = self._form_address
        if self.session.put(draft.text, self._form_label, group=f"form {id(form)}"):
            self._form_text = draft.text
            self.analyse()

    def on_form_closed(self, message: Form.Closed) -> None:
        """Keep what was changed, or take all of it back."""
        message.stop()
        if message.form is not self._form:
            return
        if not message.is_saved and self._form_base != self._form_text == self.session.text:
            self._select = self._form_address
            self.session.put(self._form_base, self._form_label, group=f"form {id(message.form)}")
            self.analyse()
        self.session.history.close()
        self.close_form()
        self.focus_graph()
