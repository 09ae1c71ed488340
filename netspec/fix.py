"""Mistakes mended in the text itself: the certain edits of the findings, as splices that leave the rest alone."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable

from netspec.check import Report
from netspec.diagnostics import Diagnostic, Edit
from netspec.record import record

_MOST_ROUNDS = 20
"""Rounds that never end are a mistake of ours."""


@record(frozen=True, slots=True)
class Fixed:
    """A text after its mends."""

    text: str
    report: Report
    """What is left to say of it."""
    mended: tuple[Diagnostic, ...]
    """What is not to be said any more, as it was found."""


def fix(report: Report, check: Callable[[str], Report]) -> Fixed:
    """The text of a report mended as far as it is certain; `check` gives the report on another text.

    A mend may bring the next mistake to light, so there are rounds. One is kept only if what it mends is
    gone by it. Edits of other files, which this one uses, are left to the check of those files.
    """
    mended: list[Diagnostic] = []
    for _ in range(_MOST_ROUNDS):
        source = report.document.source
        certain = [d for d in report.diagnostics if _edits(d, source.name)]
        text, made = spliced(source.text, (_edits(d, source.name) for d in certain))
        if not made:
            break
        tried = [d for d, done in zip(certain, made, strict=True) if done]
        after = check(text)
        if {(d.code, d.message) for d in tried} & {(d.code, d.message) for d in after.diagnostics}:
            break
        mended += tried
        report = after
    return Fixed(report.document.source.text, report, tuple(mended))


def spliced(text: str, groups: Iterable[tuple[Edit, ...]]) -> tuple[str, list[bool]]:
    """The text with groups of edits made, each whole or, where it meets an earlier one, not at all.

    >>> from netspec.diagnostics import Source, Span
    >>> source = Source("op: Relu", "a.yaml")
    >>> spliced(source.text, [(Edit(Span(source, 4, 8), "ReLU"),)])
    ('op: ReLU', [True])
    """
    kept: list[Edit] = []
    """In the order of the text."""
    made = []
    for group in groups:
        free = not any(_taken(edit, kept) for edit in group)
        made.append(free)
        for edit in group if free else ():
            insort(kept, edit, key=_start)
    pieces, at = [], 0
    for edit in kept:
        pieces += [text[at : max(edit.span.start, at)], edit.replacement]
        at = max(edit.span.end, at)
    return "".join([*pieces, text[at:]]), made


def _start(edit: Edit) -> int:
    return edit.span.start


def _taken(edit: Edit, kept: list[Edit]) -> bool:
    """Whether an edit meets one of those that are kept, none of which meet each other: its neighbours decide."""
    at = bisect_left(kept, edit.span.start, key=_start)
    return any(_meet(edit, other) for other in kept[max(at - 1, 0) : at + 1])


def _meet(a: Edit, b: Edit) -> bool:
    """Whether two edits are about the same characters, or stand at the same place."""
    return a.span.start <= b.span.end and b.span.start <= a.span.end


def _edits(diagnostic: Diagnostic, name: str) -> tuple[Edit, ...]:
    """The certain edits of a finding: those of its first help that has any, if all are of that file."""
    edits = next((h.edits for h in diagnostic.helps if h.edits), ())
    return edits if all(e.span.source.name == name for e in edits) else ()
