"""A dialog with a text to read: a difference, a program, the help."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, Static

from netspec_tui.dialogs.buttons import AnswerDialog
from netspec_tui.widgets.key_bar import KeyBar


class TextPage(AnswerDialog):
    """Shows a text. A key of `answers` closes it and is returned."""

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
        super().__init__(answers or {})
        self.title_text, self.text = title, text

    def compose(self) -> ComposeResult:
        """A title, the text, and the keys."""
        with Vertical(id="dialog", classes="large"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            with VerticalScroll(id="page"):
                yield Static(self.text if isinstance(self.text, Text) else Text(self.text))
            yield from self.buttons()
            yield KeyBar()

    def on_mount(self) -> None:
        """Focus the text."""
        self.query_one("#page").focus()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll down, or up by a negative number."""
        self.query_one("#page").scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the whole text to the clipboard."""
        self.app.copy_to_clipboard(str(self.text))
        self.notify("copied")
