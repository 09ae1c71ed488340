"""The progress of a task in the background, with a key to cancel it."""

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
    """Shown while a task runs. Returns True if the user cancels the task."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title_text, self.since = title, time.monotonic()

    def compose(self) -> ComposeResult:
        """The title of the task, and the elapsed time."""
        with Vertical(id="dialog", classes="small"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield ProgressBar(total=None, show_percentage=False, show_eta=False)
            yield Label("", id="answers")

    def on_mount(self) -> None:
        """Start the clock."""
        self._show_time()
        self.set_interval(0.2, self._show_time)

    def _show_time(self) -> None:
        seconds = time.monotonic() - self.since
        self.query_one("#answers", Label).update(f"{seconds:.0f} s   [b]esc[/b] cancels")

    def on_click(self, event: events.Click) -> None:
        """Cancel by a click on the line that names the key."""
        if event.widget is not None and event.widget.id == "answers":
            self.action_cancel()

    def action_cancel(self) -> None:
        """Cancel the task."""
        self.dismiss(True)
