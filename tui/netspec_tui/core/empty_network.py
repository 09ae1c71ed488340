"""The text of the inspector while there is no network to explain."""

from __future__ import annotations

from netspec_tui.core.snapshot import Snapshot

EMPTY_LINE = "empty network: a adds a step, m edits inputs and parameters, ctrl+n opens the gallery"
_EMPTY_PAGE = """The network is empty.

a   add the first step
m   edit inputs and parameters
ctrl+n   start from the gallery"""


def is_empty(snapshot: Snapshot | None) -> bool:
    """Whether a valid text has no steps yet."""
    return (
        snapshot is not None
        and not snapshot.report.errors
        and all(row.box.kind in ("input", "output") for row in snapshot.table.rows)
    )


def empty_text(text: str, snapshot: Snapshot | None) -> str:
    """The text of the inspector if no row is selected."""
    if text.strip() and not is_empty(snapshot):
        return "The text does not define a network yet. See the diagnostics below."
    return _EMPTY_PAGE
