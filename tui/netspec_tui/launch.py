"""From a command line to the running editor."""

from __future__ import annotations

import sys

from netspec_tui.app import NetspecApp
from netspec_tui.core.session import Session

_SWITCH_INTERVAL = 0.001
"""Seconds that a thread may run while the screen waits; the 5 ms of Python are noticeable."""


def edit(session: Session, *, ascii: bool = False, theme: str = "dark") -> int:
    """Open the editor on a file; return the exit code when the user closes it."""
    app = NetspecApp(session, ascii=ascii, theme=theme)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    app.run()
    return app.return_code or 0
