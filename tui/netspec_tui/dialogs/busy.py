"""What takes a while, with how long it has taken, and a key to give it up."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, ProgressBar


class Busy(ModalScreen[bool]):
    """Stands while something is done; `escape` gives it up, and the answer is True then."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title_text, self.since = title, time.monotonic()

    def compose(self) -> ComposeResult:
        """What is done, and since when."""
        with Vertical(id="dialog", classes="small"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield ProgressBar(total=None, show_percentage=False, show_eta=False)
            yield Label("", id="answers")

    def on_mount(self) -> None:
        """Count the seconds."""
        self._tell()
        self.set_interval(0.2, self._tell)

    def _tell(self) -> None:
        seconds = time.monotonic() - self.since
        self.query_one("#answers", Label).update(f"{seconds:.0f} s   [b]esc[/b] cancels")

    def on_click(self, event: events.Click) -> None:
        """The same by a click on the line that says so."""
        if event.widget is not None and event.widget.id == "answers":
            self.action_give_up()

    def action_give_up(self) -> None:
        """It is no longer wanted."""
        self.dismiss(True)
