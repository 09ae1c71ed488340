"""The line for a query that finds rows."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from netspec_tui.core.row_query import HELP


class SearchLine(Input):
    """Reports every letter. After Enter, it receives no more keys."""

    class Left(Message):
        """The user returns to the graph."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder=HELP, id=id, compact=True)

    async def _on_key(self, event: events.Key) -> None:
        if self.screen.focused is self:
            await super()._on_key(event)

    async def action_submit(self) -> None:
        """Release the focus at once: the next key may have been pressed already."""
        self.screen.set_focus(None)
        self.post_message(self.Left())
