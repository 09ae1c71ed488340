"""Applies the safe edits of diagnostics, as splices that leave the rest of the text unchanged."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from netspec.check import Report
from netspec.diagnostics import Diagnostic, Edit
from netspec.record import record

_MOST_ROUNDS = 20
"""Rounds that never end are a mistake of ours."""
_MOST_ALONE = 20


@record(frozen=True, slots=True)
class Fixed:
    """A text after its fixes."""

    text: str
    report: Report
    """The remaining diagnostics."""
    applied: tuple[Diagnostic, ...]
    """The diagnostic that must disappear, before the fix."""


def fix(report: Report, check: Callable[[str], Report]) -> Fixed:
    """The text of a report with all certain fixes; `check` returns the report on another text.

    An edit may bring the next mistake to light, so there are rounds, and the text with the fewest errors is
    kept. Edits of other files, which this one uses, are left to the check of those files.
    """
    applied: list[Diagnostic] = []
    best = Fixed(report.document.source.text, report, ())
    for _ in range(_MOST_ROUNDS):
        name = report.document.source.name
        certain = [d for d in report.diagnostics if _edits(d, name)]
        if not certain:
            break
        round_ = _together(report, certain, check) or _first_alone(report, certain, check)
        if round_ is None:
            break
        report, made = round_
        applied += made
        if _is_better(report, best.report):
            best = Fixed(report.document.source.text, report, tuple(applied))
    return best


def _is_better(report: Report, than: Report) -> bool:
    """Whether a report has fewer errors; a text that could not be read at all may have had many more."""
    if than.graph is None and report.graph is not None:
        return True
    counts = [(len(r.errors), len(r.diagnostics)) for r in (report, than)]
    return counts[0] < counts[1]


def _together(
    report: Report, certain: Sequence[Diagnostic], check: Callable[[str], Report]
) -> tuple[Report, list[Diagnostic]] | None:
    """The report after the edits of these diagnostics, and those whose edits were made; None if that helps not."""
    source = report.document.source
    text, made = spliced(source.text, [_edits(d, source.name) for d in certain])
    done = [d for d, edited in zip(certain, made, strict=True) if edited]
    after = check(text)
    left = _kinds(report.diagnostics) - _kinds(done)
    again = _kinds(done).keys() & (_kinds(after.diagnostics) - left).keys()
    return None if again else (after, done)


def _kinds(diagnostics: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    """The number of equal diagnostics."""
    return Counter((d.code, d.message) for d in diagnostics)


def _first_alone(
    report: Report, certain: Sequence[Diagnostic], check: Callable[[str], Report]
) -> tuple[Report, list[Diagnostic]] | None:
    """The same with the edits of one diagnostic, the first that can do without the others."""
    alone = (_together(report, [d], check) for d in certain[:_MOST_ALONE])
    return next((trial for trial in alone if trial is not None), None) if len(certain) > 1 else None


def spliced(text: str, groups: Iterable[tuple[Edit, ...]]) -> tuple[str, list[bool]]:
    """The text with groups of edits applied; a group that overlaps an earlier one is skipped.

    >>> from netspec.diagnostics import Source, Span
    >>> source = Source("op: Relu", "a.yaml")
    >>> spliced(source.text, [(Edit(Span(source, 4, 8), "ReLU"),)])
    ('op: ReLU', [True])
    """
    accepted: list[Edit] = []
    """In the order of the text."""
    made = []
    for group in groups:
        free = not any(_taken(edit, accepted) for edit in group)
        made.append(free)
        for edit in group if free else ():
            insort(accepted, edit, key=_start)
    pieces, offset = [], 0
    for edit in accepted:
        pieces += [text[offset : max(edit.span.start, offset)], edit.replacement]
        offset = max(edit.span.end, offset)
    return "".join([*pieces, text[offset:]]), made


def _start(edit: Edit) -> int:
    return edit.span.start


def _taken(edit: Edit, accepted: list[Edit]) -> bool:
    """Whether an edit overlaps one of the sorted, disjoint edits: only its neighbors can."""
    position = bisect_left(accepted, edit.span.start, key=_start)
    return any(_meet(edit, other) for other in accepted[max(position - 1, 0) : position + 1])


def _meet(a: Edit, b: Edit) -> bool:
    """Whether two edits are about the same characters, or are at the same place."""
    return a.span.start <= b.span.end and b.span.start <= a.span.end


def _edits(diagnostic: Diagnostic, name: str) -> tuple[Edit, ...]:
    """The safe edits of a diagnostic: those of its first help that has any, if all are of that file."""
    first = next((h for h in diagnostic.helps if h.edits), None)
    if first is None or not first.safe:
        return ()
    return first.edits if all(e.span.source.name == name for e in first.edits) else ()
