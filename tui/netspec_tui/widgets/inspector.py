"""What there is to say of the row under the cursor."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from netspec_tui.core.explained import TITLES


class Inspector(VerticalScroll, can_focus=True):
    """What is known of a row, as wide as the pane."""

    _shown = ""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", id="told")

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
        self.query_one("#told", Static).update(page_text)
        self.scroll_home(animate=False)

    def recolour(self) -> None:
        """Write it anew: the theme has changed."""
        text, self._shown = self._shown, ""
        self.show(text)

    @property
    def columns(self) -> int:
        """How wide a page may be."""
        return max(self.content_size.width - 1, 20)
