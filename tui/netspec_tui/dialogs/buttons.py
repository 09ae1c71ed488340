"""Dialogs that close with one of a few answers, by its key or a click."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static


class AnswerDialog(ModalScreen[str | None]):
    """Returns the key of an answer, or None if the dialog is canceled."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = answers

    def buttons(self, cancel_text: str = "") -> ComposeResult:
        """A line for each answer, and one to cancel if it has a text."""
        for key, answer in self.answers.items():
            yield button(key, answer)
        if cancel_text:
            yield button("esc", cancel_text)

    def on_key(self, event: events.Key) -> None:
        """Choose an answer by its key."""
        if event.key in self.answers:
            event.stop()
            event.prevent_default()  # the screen below must not receive it
            self.dismiss(event.key)

    def on_click(self, event: events.Click) -> None:
        """Choose an answer by a click."""
        name = (event.widget.id if event.widget is not None else None) or ""
        key = name.removeprefix("answer-")
        if name == "answer-esc":
            self.dismiss(None)
        elif name.startswith("answer-") and key in self.answers:
            self.dismiss(key)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


def button(key: str, answer: str) -> Static:
    """A line to click, with the key that does the same."""
    return Static(Text.assemble((key, "bold"), f"  {answer}"), classes="answer", id=f"answer-{key}")
