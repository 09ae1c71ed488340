"""From a command line to the running editor."""

from __future__ import annotations

from netspec.elaborate import Catalog
from netspec_tui.app import NetspecApp


def edit(
    path: str,
    *,
    ascii: bool = False,
    theme: str = "dark",
    settings: dict[str, object] | None = None,
    preset: str | None = None,
    catalog: Catalog | None = None,
) -> int:
    """Open a file, and come back when somebody leaves; the exit code."""
    app = NetspecApp(
        path, ascii=ascii, theme=theme, settings=settings, preset=preset, catalog=catalog
    )
    app.run()
    return app.return_code or 0
