"""What differs between two texts, and between the networks that they describe."""

from __future__ import annotations

import difflib
import os

from rich.text import Text

from netspec.check import Report, check
from netspec.compare import difference, facts
from netspec.compare.text import difference_text
from netspec.revision import RevisionError, copied
from netspec_tui.core.snapshot import AnalysisRequest


def lines(before: str, after: str) -> Text:
    """The lines that went and came."""
    text = Text()
    for line in difflib.unified_diff(
        before.splitlines(), after.splitlines(), "before", "here", lineterm="", n=2
    ):
        role = {"+": "green", "-": "red", "@": "dim"}.get(line[:1], "")
        text.append(f"{line}\n", style=role)
    return text


def networks(before: Report | str, after: Report) -> str:
    """What differs between two networks; `before` may say why there is none."""
    if isinstance(before, str):
        return before
    if before.errors or before.graph is None or after.errors or after.graph is None:
        return "one of the two has errors, so that the networks cannot be compared"
    network_difference = difference(facts(before.graph), facts(after.graph))
    return (
        difference_text(network_difference)
        if network_difference
        else "no difference in the network"
    )


def revision(request: AnalysisRequest, name: str) -> Report | str:
    """The file as git has it in a revision, or why there is none."""
    try:
        with copied(request.name, name) as (folder, inside):
            return check(
                os.path.join(folder, inside),
                dict(request.settings),
                request.preset,
                request.catalog,
            )
    except RevisionError as error:
        return error.message
