"""Keys take effect in the order in which they are pressed, however fast."""

from __future__ import annotations

from collections import deque
from time import monotonic

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.timer import Timer

_ROUNDS = 3
"""Rounds of messages after a key: an `Input` changes; then a form or a list; then the text."""
_PATIENCE = 1.0
"""Seconds after which the application checks whether a key was lost: a removed widget forgets its callbacks."""
_LONGEST = 30.0
"""Seconds after which the next key is sent in any case."""


class OrderedKeys(App[None]):
    """An application that sends a key only after all effects of the previous one.

    Textual (8.2) sends every key to the widget that has the focus as soon as it is read. A key that opens a
    form or a dialog runs its action later, when it has bubbled up to the application. Letters typed right
    after it would go to the old widget, and would be lost or run commands. For the same reason an `Input`
    would receive a letter before a Backspace that was pressed earlier.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._sent = 0
        """The number of keys sent, by which a callback detects that it is late."""
        self._busy = False
        self._limit: Timer | None = None
        self._since = 0.0
        """When the last key was sent."""
        self._followed: DOMNode = self
        """The widget through whose queue the last key is followed."""

    async def on_event(self, event: events.Event) -> None:
        """Queue a key until the previous one has taken effect."""
        if isinstance(event, (events.Key, events.Paste)) and not self.is_running:
            return  # its widgets are being removed
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._waiting.append(event)
            if not self._busy:
                await self._send_next()
        else:
            await super().on_event(event)

    async def _send_next(self) -> None:
        if self._limit is not None:
            self._limit.stop()
        self._busy = bool(self._waiting)
        if not self._waiting:
            return
        self._sent += 1
        number = self._sent
        self._since = monotonic()
        self._limit = self.set_timer(_PATIENCE, lambda: self._check_progress(number))
        target = self.focused or self.screen
        path = [node for node in target.ancestors_with_self if node is not self]
        await super().on_event(self._waiting.popleft())
        self._follow(path, path, number, _ROUNDS)

    def _follow(self, path: list[DOMNode], left: list[DOMNode], number: int, rounds: int) -> None:
        """Follow the key through the queues of the widgets that it may reach, for several rounds."""
        for index, node in enumerate(left):
            if node.call_later(self._follow, path, left[index + 1 :], number, rounds):
                self._followed = node
                return
        self._followed = self
        self.call_later(self._reached_app, path, number, rounds - 1)

    async def _reached_app(self, path: list[DOMNode], number: int, rounds: int) -> None:
        if rounds:
            self._follow(path, path, number, rounds)
        else:
            await self._continue(number)

    async def _check_progress(self, number: int) -> None:
        """Continue if the key was lost, but not if the machine is busy: its effect would follow the next key's."""
        if number != self._sent:
            return
        lost = self._followed is not self and not (
            self._followed.is_running and self._followed.is_attached
        )
        if lost or monotonic() - self._since > _LONGEST:
            await self._continue(number)
        else:
            self._limit = self.set_timer(_PATIENCE, lambda: self._check_progress(number))

    async def _continue(self, number: int) -> None:
        if number != self._sent or not self._busy or not self.is_running:
            return  # already continued, or the application ends
        if self.screen.is_mounted:
            await self._send_next()
        else:  # nothing in the new screen has the focus yet
            self.set_timer(0.01, lambda: self._continue(number))
