"""A form whose fields report each change at once, so that shapes follow while the user types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from netspec_tui.core.form_fields import FormField


class Form(Vertical):
    """One line for each field, and the help of the focused field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Revert", id="form.cancel"),
        Binding("enter", "done", "Done", id="form.done", priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    class Changed(Message):
        """The value of a field has changed."""

        def __init__(self, form: Form, field: FormField, value: str) -> None:
            super().__init__()
            self.form, self.field, self.value = form, field, value

    class Closed(Message):
        """The user closes the form, and saves its changes or not."""

        def __init__(self, form: Form, *, is_saved: bool) -> None:
            super().__init__()
            self.form, self.is_saved = form, is_saved

    def __init__(self, title: str, fields: Sequence[FormField]) -> None:
        super().__init__()
        self.fields, self.title_text = list(fields), title

    def compose(self) -> ComposeResult:
        """A line for each field."""
        yield Label(self.title_text, id="form-title", markup=False)
        with VerticalScroll(id="fields", can_focus=False):
            section = ""
            for k, field in enumerate(self.fields):
                if field.section != section:
                    section = field.section
                    yield Label(section, classes="section", markup=False)
                with Vertical(classes="field"):
                    yield Label(field.key, classes="key", markup=False)
                    yield Input(
                        field.value, placeholder=field.hint, id=f"field-{k}", compact=True,
                        suggester=SuggestFromList(field.words) if field.words else None, select_on_focus=False,
                    )  # fmt: skip
        yield Static("", id="form-help", markup=False)
        yield Static("", id="form-error", markup=False)

    def focus_first(self) -> None:
        """Focus the first field."""
        if self.fields:
            self.screen.set_focus(self.query_one("#field-0", Input))

    def on_descendant_focus(self) -> None:
        """Show the help of the field."""
        field = self._focused()
        if field is not None:
            self.query_one("#form-help", Static).update(self.fields[field].help)

    def _focused(self) -> int | None:
        focused = self.screen.focused
        name = focused.id if focused is not None else None
        return int(name.removeprefix("field-")) if name and name.startswith("field-") else None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report a change by the user."""
        event.stop()
        k = int((event.input.id or "").removeprefix("field-"))
        if event.value != self.fields[k].value:
            field = self.fields[k]
            self.fields[k] = replace(field, value=event.value)
            self.post_message(self.Changed(self, field, event.value))

    def show_error(self, text: str) -> None:
        """Show why a value is invalid; an empty text clears it."""
        self.query_one("#form-error", Static).update(text)

    def action_done(self) -> None:
        """Save. The form loses the focus at once: the next key may have been pressed already."""
        self.screen.set_focus(None)
        self.post_message(self.Closed(self, is_saved=True))

    def action_cancel(self) -> None:
        """Revert all changes."""
        self.screen.set_focus(None)
        self.post_message(self.Closed(self, is_saved=False))
