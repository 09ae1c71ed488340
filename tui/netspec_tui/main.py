"""From a command line to the running editor."""

from __future__ import annotations

import sys

from netspec.elaborate import Catalog
from netspec_tui.app import NetspecApp
from netspec_tui.core.disk import Opened

_TURN = 0.001
"""Seconds that a thread may compute while the screen waits for its turn; Python's own 5 ms are felt."""


def edit(
    path: str,
    *,
    opened: Opened | None = None,
    ascii: bool = False,
    theme: str = "dark",
    settings: dict[str, object] | None = None,
    preset: str | None = None,
    catalog: Catalog | None = None,
) -> int:
    """Open a file, and come back when somebody leaves; the exit code."""
    app = NetspecApp(
        path,
        opened=opened,
        ascii=ascii,
        theme=theme,
        settings=settings,
        preset=preset,
        catalog=catalog,
    )
    sys.setswitchinterval(_TURN)
    app.run()
    return app.return_code or 0
