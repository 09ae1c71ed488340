"""The analysis of the text, on a thread: one run at a time, then the newest request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from netspec_tui.core.snapshot import AnalysisRequest, Snapshot, analyze

_MOMENT = 0.4
"""Seconds after which a run counts as slow."""


@dataclass(frozen=True)
class AnalysisFailure:
    """An internal error of netspec while it analyzed a text."""

    request: AnalysisRequest
    error: Exception


Outcome = Snapshot | AnalysisFailure


def analysis_outcome(request: AnalysisRequest) -> Outcome:
    """Analyze a text. An internal error is a result: the text is the user's, and the editor must not end."""
    try:
        return analyze(request)
    except Exception as error:
        return AnalysisFailure(request, error)


class Analysis:
    """The queue of analyses: one runs, and of those requested meanwhile only the newest runs next.

    Args:
        start: runs a function on a thread, and has `finish` called with its result afterwards.
    """

    def __init__(self, start: Callable[[Callable[[], Outcome]], object]) -> None:
        self._start = start
        self._next: AnalysisRequest | None = None
        self._since: float | None = None
        """When the current run began; None if nothing runs."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing is requested."""
        return self._since is None and self._next is None

    @property
    def is_slow(self) -> bool:
        """Whether the current run takes longer than a moment."""
        return self._since is not None and time.monotonic() - self._since > _MOMENT

    def submit(self, request: AnalysisRequest) -> None:
        """Analyze a text now, or after the current run."""
        self._next = request
        if self._since is None:
            self._run()

    def finish(self) -> None:
        """End the current run, and begin the next one."""
        self._since = None
        if self._next is not None:
            self._run()

    def _run(self) -> None:
        request = self._next
        assert request is not None
        self._next, self._since = None, time.monotonic()
        self._start(lambda: analysis_outcome(request))
