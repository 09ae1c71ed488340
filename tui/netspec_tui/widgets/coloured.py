"""A view that draws its own lines, in styles of the stylesheet that it remembers."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.scroll_view import ScrollView


class Coloured(ScrollView, can_focus=True):
    """Looks a style up once; forgets them when the theme or the focus changes."""

    PREFIX: ClassVar[str] = ""
    """What the component classes begin with."""

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

    def recolour(self) -> None:
        """Draw anew, in other colours."""
        self._styles.clear()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor is drawn in another way."""
        self.recolour()

    def on_blur(self) -> None:
        """The cursor is drawn in another way."""
        self.recolour()
