"""Tasks on a thread, with a dialog to cancel them once they take longer than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from netspec.render import CancelledError, EngineError
from netspec.render.engine import Cancelled
from netspec_tui.dialogs.busy import Busy

if TYPE_CHECKING:
    from netspec_tui.editor.screen import Editor

Result = TypeVar("Result")
_MOMENT = 0.5
"""Seconds after which the dialog opens."""


class BackgroundError(Exception):
    """Why a task cannot be done, as a message for the user."""


def in_background(
    editor: Editor,
    title: str,
    work: Callable[[Cancelled], Result],
    then: Callable[[Result], object],
) -> None:
    """Run a task on a thread, and continue with its result unless the user cancels it.

    Args:
        editor: where the dialog opens, and an error is reported.
        title: the title of the dialog.
        work: the task. Its argument returns whether the user has canceled. A `BackgroundError` or
            `EngineError` is reported.
        then: receives the result.
    """
    cancelled = threading.Event()
    busy = Busy(title)

    def cancel(answer: bool | None) -> None:
        if answer:
            cancelled.set()

    timer = editor.set_timer(_MOMENT, lambda: editor.app.push_screen(busy, cancel))

    def finish(after: Callable[[], object]) -> None:
        timer.stop()
        if busy.is_attached and not cancelled.is_set():
            busy.dismiss(False)
        if not cancelled.is_set():
            editor.call_after_refresh(after)

    def run() -> None:
        try:
            result = work(cancelled.is_set)
        except CancelledError:
            return
        except (BackgroundError, EngineError) as error:
            message = _text(error)
            editor.app.call_from_thread(finish, lambda: editor.complain(message))
        else:
            editor.app.call_from_thread(finish, lambda: then(result))

    editor.run_worker(run, thread=True, group="background")


def _text(error: BackgroundError | EngineError) -> str:
    return f"{error.message}. {error.help}" if isinstance(error, EngineError) else str(error)
