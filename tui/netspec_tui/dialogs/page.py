"""A text to read: a difference, a program, the help."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Label, Static


def keyed(answers: dict[str, str], between: str) -> Text:
    """Answers with their keys in front."""
    text = Text()
    for key, answer in answers.items():
        text.append(between if text else "")
        text.append(key, style="bold")
        text.append(f"  {answer}")
    return text


class Page(ModalScreen[str | None]):
    """Shows a text. Keys in `answers` close it and are given back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "Close"),
        Binding("j,down", "scroll_by(1)", show=False),
        Binding("k,up", "scroll_by(-1)", show=False),
        Binding("pagedown,space", "scroll_by(15)", show=False),
        Binding("pageup", "scroll_by(-15)", show=False),
        Binding("y", "copy", "Copy"),
    ]

    def __init__(
        self, title: str, text: str | Text, *, answers: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        self.title_text, self.text, self.answers = title, text, answers or {}

    def compose(self) -> ComposeResult:
        """A title, the text, and the keys."""
        with Vertical(id="dialog", classes="large"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            with VerticalScroll(id="page"):
                yield Static(self.text if isinstance(self.text, Text) else Text(self.text))
            if self.answers:
                yield Label(keyed(self.answers, "   "), id="answers")
            yield Footer()

    def on_mount(self) -> None:
        """The text has the keys."""
        self.query_one("#page").focus()

    def on_key(self, event: events.Key) -> None:
        """An answer by its key."""
        if event.key in self.answers:
            event.stop()
            event.prevent_default()  # it must not act on the screen below as well
            self.dismiss(event.key)

    def action_scroll_by(self, lines: int) -> None:
        """Further down, or up."""
        self.query_one("#page").scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """The whole text, to the clipboard."""
        self.app.copy_to_clipboard(str(self.text))
        self.notify("copied")

    def action_cancel(self) -> None:
        """Back."""
        self.dismiss(None)
