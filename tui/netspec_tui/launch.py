"""From a command line to the running editor."""

from __future__ import annotations

import sys

from netspec.elaborate import Catalog
from netspec_tui.app import NetspecApp
from netspec_tui.core.disk import OpenedFile

_SWITCH_INTERVAL = 0.001
"""Seconds that a thread may run while the screen waits; the 5 ms of Python are noticeable."""


def edit(
    path: str,
    *,
    opened: OpenedFile | None = None,
    ascii: bool = False,
    theme: str = "dark",
    settings: dict[str, object] | None = None,
    preset: str | None = None,
    catalog: Catalog | None = None,
) -> int:
    """Open a file in the editor; return the exit code when the user closes it."""
    app = NetspecApp(
        path,
        opened=opened,
        ascii=ascii,
        theme=theme,
        settings=settings,
        preset=preset,
        catalog=catalog,
    )
    sys.setswitchinterval(_SWITCH_INTERVAL)
    app.run()
    return app.return_code or 0
