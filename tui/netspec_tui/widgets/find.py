"""The line to look for rows with."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from netspec_tui.core.search import HELP


class Find(Input):
    """Tells of every letter; Enter leaves it, and what is typed after that is no longer its own."""

    class Left(Message):
        """Somebody goes on in the graph."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder=HELP, id=id, compact=True)

    async def _on_key(self, event: events.Key) -> None:
        if self.screen.focused is self:
            await super()._on_key(event)

    async def action_submit(self) -> None:
        """Give the keys away at once: the next one may have been pressed already."""
        self.screen.set_focus(None)
        self.post_message(self.Left())
