"""From a text to a snapshot: on a thread, one run at a time, and the newest wish next."""

from __future__ import annotations

import time

from textual.message import Message
from textual.screen import Screen

from netspec_tui.core.session import Session
from netspec_tui.core.snapshot import AnalysisRequest, Snapshot, analysed

_MOMENT = 0.4
"""Seconds after which it is said that the text is being checked."""


class Analysed(Message):
    """A snapshot is ready."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Only the last of several matters."""
        return isinstance(message, Analysed)


class Broken(Message):
    """The analysis failed, by a mistake of ours."""

    def __init__(self, request: AnalysisRequest, error: Exception) -> None:
        super().__init__()
        self.request, self.error = request, error


def _outcome(request: AnalysisRequest) -> Analysed | Broken:
    try:
        return Analysed(analysed(request))
    except Exception as error:  # the text is the user's: a mistake of ours must not end the editor
        return Broken(request, error)


class Analysing(Screen[None]):
    """Has the text of a session analysed, and shows what comes of it unless the text is another one by then."""

    def __init__(self, session: Session, *, ascii: bool = False) -> None:
        super().__init__()
        self.session = session
        self.ascii = ascii
        self.snapshot: Snapshot | None = None
        self._analysing = False
        self._since = 0.0
        self._next_request: AnalysisRequest | None = None

    @property
    def is_slow(self) -> bool:
        """Whether the answer has been awaited for longer than a moment."""
        return self._analysing and time.monotonic() - self._since > _MOMENT

    @property
    def current(self) -> Snapshot | None:
        """The snapshot, if it is of the text as it is now."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.request.revision != self.session.revision:
            return None
        return snapshot

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Put a snapshot into the panes."""
        raise NotImplementedError

    def analyse(self, **changes: object) -> None:
        """Have the text analysed, as it is looked at now; one run at a time, the newest wish next."""
        self._next_request = self.session.look(ascii=self.ascii, **changes)
        if not self._analysing:
            self._run()

    def catch_up(self) -> None:
        """Analyse the text now, if nothing or an older one is shown: keys may come faster than answers."""
        if self.current is not None:
            return
        outcome = _outcome(self.session.look(ascii=self.ascii))
        if isinstance(outcome, Analysed):
            self.show_snapshot(outcome.snapshot)
        else:
            self.post_message(outcome)

    def _run(self) -> None:
        request = self._next_request
        if request is None:
            return
        self._next_request, self._analysing, self._since = None, True, time.monotonic()
        self.run_worker(
            lambda: self.post_message(_outcome(request)),
            thread=True,
            group="analysis",
            exit_on_error=True,
        )

    def on_broken(self, message: Broken) -> None:
        """Say that the mistake is ours; the text is still there, and can be saved."""
        self._analysing = False
        error_text = f"{type(message.error).__name__}: {message.error}"
        self.notify(
            f"netspec itself failed on this text ({error_text}); `netspec check` says more",
            severity="error",
            markup=False,
        )
        if self._next_request is not None:
            self._run()

    def on_analysed(self, message: Analysed) -> None:
        """Show a snapshot, unless the text is another one by now; then have that analysed."""
        self._analysing = False
        request = message.snapshot.request
        if (request.name, request.revision) == (self.session.path, self.session.revision):
            self.show_snapshot(message.snapshot)
        if self._next_request is not None:
            self._run()
