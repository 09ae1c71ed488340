"""What may take a while: done on a thread, with a dialog that gives it up once it takes longer than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from textual.screen import Screen

from netspec.render import CancelledError, EngineError
from netspec.render.engine import Cancelled
from netspec_tui.dialogs.busy import Busy

Result = TypeVar("Result")
_MOMENT = 0.5
"""Seconds after which it is said that something is going on."""


class BackgroundError(Exception):
    """What stands in the way, as the user is told."""


def in_background(
    screen: Screen[Any],
    title: str,
    work: Callable[[Cancelled], Result],
    then: Callable[[Result], object],
    complain: Callable[[str], object],
) -> None:
    """Do something on a thread, and go on with what comes of it, unless it was given up.

    `work` is told how to ask whether it is still wanted. What stands in its way is told: a `SaidError`, or
    that Graphviz cannot draw.
    """
    cancelled = threading.Event()
    busy = Busy(title)

    def cancel(answer: bool | None) -> None:
        if answer:
            cancelled.set()

    timer = screen.set_timer(_MOMENT, lambda: screen.app.push_screen(busy, cancel))

    def done(after: Callable[[], object]) -> None:
        timer.stop()
        if busy.is_attached and not cancelled.is_set():
            busy.dismiss(False)
        if not cancelled.is_set():
            screen.call_after_refresh(after)

    def run() -> None:
        try:
            result = work(cancelled.is_set)
        except CancelledError:
            return
        except (BackgroundError, EngineError) as error:
            message = (
                f"{error.message}. {error.help}" if isinstance(error, EngineError) else str(error)
            )
            screen.app.call_from_thread(done, lambda: complain(message))
        else:
            screen.app.call_from_thread(done, lambda: then(result))

    screen.run_worker(run, thread=True, group="background")
