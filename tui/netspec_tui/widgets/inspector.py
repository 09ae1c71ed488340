"""The explanation of the selected row."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from netspec_tui.core.row_explanation import TITLES


class Inspector(VerticalScroll, can_focus=True):
    """A page of text, wrapped to the width of the pane."""

    class Resized(Message):
        """The pane is visible with another size: its page does not fit."""

    _shown = ""

    def compose(self) -> ComposeResult:
        """One page."""
        yield Static("", id="inspector-page")

    def on_show(self) -> None:
        """Report that the pane is visible."""
        self.post_message(self.Resized())

    def on_resize(self) -> None:
        """Report the new size."""
        self.post_message(self.Resized())

    def show(self, text: str) -> None:
        """Show a page."""
        if text == self._shown:
            return
        self._shown = text
        page_text = Text()
        for k, line in enumerate(text.splitlines()):
            role = (
                f"bold {self.app.current_theme.error}"
                if line.startswith("✗")
                else "bold"
                if k == 0 or line in TITLES
                else ""
            )
            page_text.append(f"{line}\n", style=role)
        self.query_one("#inspector-page", Static).update(page_text)
        self.scroll_home(animate=False)

    def restyle(self) -> None:
        """Draw again in the colors of the current theme."""
        text, self._shown = self._shown, ""
        self.show(text)

    @property
    def columns(self) -> int:
        """The width of a page."""
        return max(self.content_size.width - 1, 20)
