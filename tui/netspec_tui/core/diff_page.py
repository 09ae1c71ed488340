"""The differences between two texts, and between the networks that they describe."""

from __future__ import annotations

import difflib
import os

from rich.text import Text

from netspec.check import Report, check
from netspec.compare import difference, facts
from netspec.compare.text import difference_text
from netspec.revision import RevisionError, copy_at_revision
from netspec_tui.core.snapshot import AnalysisRequest


def line_diff(before: str, after: str) -> Text:
    """The removed and the added lines, in color."""
    text = Text()
    for line in difflib.unified_diff(
        before.splitlines(), after.splitlines(), "before", "here", lineterm="", n=2
    ):
        style = {"+": "green", "-": "red", "@": "dim"}.get(line[:1], "")
        text.append(f"{line}\n", style=style)
    return text


def network_diff(before: Report | str, after: Report) -> str:
    """The differences between two networks; `before` may be the reason why there is no first one."""
    if isinstance(before, str):
        return before
    if before.errors or before.graph is None or after.errors or after.graph is None:
        return "cannot compare the networks: one of them has errors"
    network_difference = difference(facts(before.graph), facts(after.graph))
    return (
        difference_text(network_difference)
        if network_difference
        else "no difference in the network"
    )


def report_of_revision(request: AnalysisRequest, revision: str) -> Report | str:
    """The report of the file in a git revision, or the reason why there is none."""
    try:
        with copy_at_revision(request.name, revision) as (folder, path):
            return check(
                os.path.join(folder, path), dict(request.settings), request.preset, request.catalog
            )
    except RevisionError as error:
        return error.message
