"""Dialogs that ask for a text, or for one of a few answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from netspec_tui.dialogs.buttons import AnswerDialog, button


class Prompt(ModalScreen[str | None]):
    """Asks for a text. `check` returns the error in a text, or an empty string."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("enter", "accept", "Accept", priority=True),
    ]

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        help: str = "",
        check: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self.title_text, self.value, self.help_text, self.check = title, value, help, check

    def compose(self) -> ComposeResult:
        """A title, a line, and help or the error."""
        with Vertical(id="dialog", classes="small"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield Input(self.value, id="prompt-line", select_on_focus=True)
            yield Static(self.help_text, id="prompt-message", markup=False)
            yield button("enter", "accept")
            yield button("esc", "cancel")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the error with the text."""
        error = self.check(event.value)
        message = self.query_one("#prompt-message", Static)
        message.set_class(bool(error), "error")
        message.update(error or self.help_text)

    def on_click(self, event: events.Click) -> None:
        """Accept or cancel by a click."""
        name = event.widget.id if event.widget is not None else None
        if name == "answer-enter":
            self.action_accept()
        elif name == "answer-esc":
            self.action_cancel()

    def action_accept(self) -> None:
        """Return the text if it has no error."""
        value = self.query_one("#prompt-line", Input).value
        if not self.check(value):
            self.dismiss(value)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Confirm(AnswerDialog):
    """A question with a few answers, each with its key."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, question: str, answers: dict[str, str], *, detail: str = "") -> None:
        super().__init__(answers)
        self.question, self.detail = question, detail

    def compose(self) -> ComposeResult:
        """The question, and the answers with their keys."""
        with Vertical(id="dialog", classes="small"):
            yield Label(self.question, id="dialog-title", markup=False)
            if self.detail:
                yield Static(self.detail, id="detail", markup=False)
            yield from self.buttons("cancel")
