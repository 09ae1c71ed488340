"""Dialogs that close with one of a few answers, by its letter or a click."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static


class Answering(ModalScreen[str | None]):
    """Gives back the letter of an answer; None for none of them."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = answers

    def choices(self, none: str = "") -> ComposeResult:
        """A line for each answer, and one for none of them."""
        for key, answer in self.answers.items():
            yield answer_line(key, answer)
        if none:
            yield answer_line("esc", none)

    def on_key(self, event: events.Key) -> None:
        """An answer by its letter."""
        if event.key in self.answers:
            event.stop()
            event.prevent_default()  # it must not act on the screen below as well
            self.dismiss(event.key)

    def on_click(self, event: events.Click) -> None:
        """An answer by a click."""
        name = (event.widget.id if event.widget is not None else None) or ""
        key = name.removeprefix("answer-")
        if name == "answer-esc":
            self.dismiss(None)
        elif name.startswith("answer-") and key in self.answers:
            self.dismiss(key)

    def action_cancel(self) -> None:
        """None of them."""
        self.dismiss(None)


def answer_line(key: str, answer: str) -> Static:
    """A line that can be clicked, with the key that does the same."""
    return Static(Text.assemble((key, "bold"), f"  {answer}"), classes="answer", id=f"answer-{key}")
