"""A view that draws its own lines, in cached styles of the style sheet."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.scroll_view import ScrollView


class StyledView(ScrollView, can_focus=True):
    """Caches the styles of its parts until the theme or the focus changes."""

    PREFIX: ClassVar[str] = ""
    """The prefix of the component classes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}

    def style(self, name: str) -> Style:
        """The style of a part."""
        cached = self._styles.get(name)
        if cached is None:
            cached = self._styles[name] = self.get_component_rich_style(
                f"{self.PREFIX}--{name}", partial=True
            )
        return cached

    def restyle(self) -> None:
        """Draw again with the styles of the current theme."""
        self._styles.clear()
        self.refresh()

    def on_focus(self) -> None:
        """Draw the cursor in the style of the new focus."""
        self.restyle()

    def on_blur(self) -> None:
        """Draw the cursor in the style of the new focus."""
        self.restyle()
