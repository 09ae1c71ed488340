"""Branches that are names of earlier steps: `branches: [a, b]` where `from: [a, b]` was intended."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span
from netspec.document import Mapping, Sequence
from netspec.syntax import Step

_MOST_NAMED = 8


def branches_by_name(step: Step) -> Diagnostic:
    """The diagnostic on a step whose branches are all names of earlier steps."""
    names = [branch.op.text for branch in step.branches or () if branch.op is not None]
    listed = f"[{', '.join(names)}]"
    details = step.node if isinstance(step.node, Mapping) else None
    if details is not None and step.op is not None and details.get("branches") is None:
        details = next((v for _, v in details.entries if isinstance(v, Mapping)), None)
    entry = next((e for e in details.entries if e[0].text == "branches"), None) if details else None
    span = step.place.span
    edits: tuple[Edit, ...] = ()
    if entry is not None:
        key, value = entry
        span = value.span
        if step.source is None and isinstance(value, Mapping | Sequence):
            edits = (Edit(Span(key.source, key.start, value.end), f"from: {listed}"),)
    return Diagnostic(
        Code.UNKNOWN_OP,
        f"branches must be steps, got the names {', '.join(f'`{n}`' for n in names[:_MOST_NAMED])}",
        span,
        "names, not steps",
        helps=(Help(f"to join these outputs, write `from: {listed}`", edits),),
    )
