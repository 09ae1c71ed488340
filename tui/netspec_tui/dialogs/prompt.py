"""A line to fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from netspec_tui.dialogs.answers import Answering, answer_line


class Prompt(ModalScreen[str | None]):
    """Asks for a text; `check` says what is wrong with it, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("enter", "take", "Take", priority=True),
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
        """A title, a line, and what is wrong."""
        with Vertical(id="dialog", classes="small"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield Input(self.value, id="line", select_on_focus=True)
            yield Static(self.help_text, id="said", markup=False)
            yield answer_line("enter", "take it")
            yield answer_line("esc", "leave it")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong with it at once."""
        wrong = self.check(event.value)
        message = self.query_one("#said", Static)
        message.set_class(bool(wrong), "wrong")
        message.update(wrong or self.help_text)

    def on_click(self, event: events.Click) -> None:
        """The same by a click."""
        name = event.widget.id if event.widget is not None else None
        if name == "answer-enter":
            self.action_take()
        elif name == "answer-esc":
            self.action_cancel()

    def action_take(self) -> None:
        """Take it, if nothing is wrong."""
        value = self.query_one("#line", Input).value
        if not self.check(value):
            self.dismiss(value)

    def action_cancel(self) -> None:
        """Nothing."""
        self.dismiss(None)


class Confirm(Answering):
    """A question with a few answers, each with its letter."""

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
            yield from self.choices("neither")
