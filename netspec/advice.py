"""Advice is tried before it is shown: its edits are applied in memory, and the text is checked again.

A help with edits is kept as it stands if they leave fewer diagnostics and bring no new error. One whose edits
only reveal what the mistake had hidden keeps its words, and its edits if the mistake is a misspelled word and
no more errors are left than before. Any other is omitted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Phase, Severity
from netspec.graph import Graph
from netspec.record import replace

Recheck = Callable[[str], "Sequence[Diagnostic]"]
"""The diagnostics on another text of the same name."""

_SIZES = (Code.FEATURES, Code.INFERRED)
"""Sizes that contradict each other: if several do, more than one number is needed to know which are wrong."""

_MOST_TRIALS = 16
_MOST_WORK = 2_000_000
"""Characters to check again for advice, with a node, a diagnostic and a comparison of names counted as so many:"""
_CHARACTERS_PER_NODE = 50
_CHARACTERS_PER_DIAGNOSTIC = 250
_CHARACTERS_PER_COMPARISON = 1

Verdict = Literal["helps", "reveals", "reveals many", "fails"]
"""`reveals`: the errors that are new were hidden by the diagnostic, and are no more than were there before."""

_Key = tuple[str, str, int]
"""The identity of a mistake: the code, the file, and the position in the first text."""


class _HelpTrial(NamedTuple):
    """The effect of edits on the diagnostics."""

    verdict: Verdict
    warns: bool
    """Whether the edits bring a warning."""
    leaves: bool = False
    """Whether other errors remain."""


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with these edits made; they do not overlap.

    >>> from netspec.diagnostics import Source, Span
    >>> source = Source("op: Relu", "a.yaml")
    >>> apply(source.text, [Edit(Span(source, 4, 8), "ReLU")])
    'op: ReLU'
    """
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def with_tried_helps(
    diagnostics: Sequence[Diagnostic], graph: Graph | None, text: str, name: str, recheck: Recheck,
    comparisons: int = 0,
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """The diagnostics with the helps whose edits work; `name` is the file of `text`.

    `comparisons` of names were made in the first check, and would be made in each further one.
    """
    trials = _Trials(diagnostics, graph, text, name, recheck, comparisons)
    helps = [list(d.helps) for d in diagnostics]
    outcomes: dict[tuple[int, int], _HelpTrial | None] = {}
    for rank in range(max(map(len, helps), default=0)):
        for alike in _alike(diagnostics, helps, rank, name):
            outcome = trials.together([(diagnostics[k], helps[k][rank].edits) for k in alike])
            if outcome is not None:
                outcomes.update({(k, rank): outcome for k in alike})
        for k, own in enumerate(helps):
            if rank < len(own) and own[rank].edits_only(name) and (k, rank) not in outcomes:
                outcomes[k, rank] = trials.trial(diagnostics[k], own[rank].edits)
    return tuple(
        _with_helps(d, [(h, outcomes.get((k, rank)), (k, rank) in outcomes) for rank, h in enumerate(d.helps)])
        for k, d in enumerate(diagnostics)
    )  # fmt: skip


def _alike(
    diagnostics: Sequence[Diagnostic], helps: Sequence[Sequence[Help]], rank: int, name: str
) -> list[list[int]]:
    """The indices of diagnostics with the same message and help, such as one misspelled word at many steps."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for k, (diagnostic, own) in enumerate(zip(diagnostics, helps, strict=True)):
        if rank < len(own) and own[rank].edits_only(name) and diagnostic.code not in _SIZES:
            key = diagnostic.code, diagnostic.message, own[rank].text
            groups.setdefault(key, []).append(k)
    return [group for group in groups.values() if len(group) > 1]


def _with_helps(
    diagnostic: Diagnostic, outcomes: list[tuple[Help, _HelpTrial | None, bool]]
) -> Diagnostic:
    if not any(asked for _, _, asked in outcomes):
        return diagnostic
    fixed = any(trial is not None and trial.verdict == "helps" for _, trial, _ in outcomes)
    syntax = diagnostic.phase is Phase.TEXT
    helps = []
    for help_, trial, asked in outcomes:
        if not asked:
            helps.append(help_)
        elif trial is None:  # there was no time to try it
            helps.append(Help(help_.text))
        elif trial.verdict == "helps":
            doubtful = trial.warns or (trial.leaves and diagnostic.code in _SIZES)
            helps.append(replace(help_, safe=False) if doubtful and help_.safe else help_)
        elif trial.verdict != "fails" and not fixed:
            certain = syntax or (trial.verdict == "reveals" and diagnostic.phase < Phase.SHAPES)
            helps.append(help_ if certain else Help(help_.text))
    if helps and helps[0] is not outcomes[0][0]:  # the help that it is an alternative to is gone
        helps[0] = replace(helps[0], text=helps[0].text.removeprefix("or "))
    return replace(diagnostic, helps=tuple(helps))


class _Trials:
    """Tries edits of one text, as long as that is cheap."""

    def __init__(
        self,
        diagnostics: Sequence[Diagnostic],
        graph: Graph | None,
        text: str,
        name: str,
        recheck: Recheck,
        comparisons: int,
    ) -> None:
        self.text, self.name, self.recheck = text, name, recheck
        self.graph = graph
        self.errors = Counter(_key(d) for d in diagnostics if d.severity == Severity.ERROR)
        self.warnings = Counter(_key(d) for d in diagnostics if d.severity == Severity.WARNING)
        nodes = len(graph.nodes) if graph is not None else 0
        work = len(text) + _CHARACTERS_PER_NODE * nodes + _CHARACTERS_PER_COMPARISON * comparisons
        work += _CHARACTERS_PER_DIAGNOSTIC * len(diagnostics)
        self.left = min(_MOST_TRIALS, _MOST_WORK // max(work, 1))
        self.made: dict[str, Sequence[Diagnostic]] = {}
        self._unreached: list[tuple[int, int]] | None = None

    def together(self, group: Sequence[tuple[Diagnostic, tuple[Edit, ...]]]) -> _HelpTrial | None:
        """The outcome of the edits of equal diagnostics together, if they fix all of these and break nothing."""
        edits = sorted((e for _, own in group for e in own), key=lambda e: e.span.start)
        if self.left <= 0 or any(a.span.end >= b.span.start for a, b in pairwise(edits)):
            return None
        self.left -= 1
        after, back = self.recheck(apply(self.text, edits)), _Back(edits)
        left = Counter(_key(d, back) for d in after)
        errors = Counter(_key(d, back) for d in after if d.severity == Severity.ERROR)
        warnings = Counter(_key(d, back) for d in after if d.severity == Severity.WARNING)
        if any(left[_key(diagnostic)] for diagnostic, _ in group) or errors - self.errors:
            return None
        return _HelpTrial("helps", warns=bool(warnings - self.warnings), leaves=errors.total() > 0)

    def trial(self, diagnostic: Diagnostic, edits: tuple[Edit, ...]) -> _HelpTrial | None:
        """The effect of these edits; None if there was no time to try them."""
        changed = apply(self.text, edits)
        if changed == self.text:
            return _HelpTrial("fails", warns=False)
        if changed not in self.made:
            if self.left <= 0:
                return None
            self.left -= 1
            self.made[changed] = self.recheck(changed)
        after = self.made[changed]
        back = _Back(edits)
        errors = Counter(_key(d, back) for d in after if d.severity == Severity.ERROR)
        warnings = Counter(_key(d, back) for d in after if d.severity == Severity.WARNING)
        own = _key(diagnostic)
        before = self.errors if diagnostic.severity == Severity.ERROR else self.warnings
        left = errors if diagnostic.severity == Severity.ERROR else warnings
        warns = bool(warnings - self.warnings)
        if left[own] >= before[own]:
            return _HelpTrial("fails", warns)
        brought = errors - self.errors
        if not brought:
            return _HelpTrial("helps", warns, leaves=errors.total() > 0)
        if not all(self._was_hidden(key, diagnostic, edits) for key in brought):
            return _HelpTrial("fails", warns)
        twice = any(code == Code.DUPLICATE_KEY for code, _, _ in brought)
        many = twice or errors.total() > self.errors.total()
        return _HelpTrial("reveals many" if many else "reveals", warns)

    def _was_hidden(self, key: _Key, diagnostic: Diagnostic, edits: tuple[Edit, ...]) -> bool:
        """Whether this place was unknown before, because its input was unknown."""
        code, name, offset = key
        if diagnostic.phase is Phase.TEXT:
            return Phase.of(code) is not Phase.TEXT
        is_key = diagnostic.code in (Code.UNKNOWN_ARGUMENT, Code.UNKNOWN_KEY)
        if is_key and code == Code.EXPRESSION_TYPE:
            return True  # the value of a misspelled key is not reported
        if diagnostic.phase < Phase.SHAPES and (code in _MISSING or not self._near(offset, edits)):
            return True  # an unknown word also hid its neighbors
        if self.graph is None or name != self.name or offset < 0:
            return False
        if self._unreached is None:
            self._unreached = list(_unreached(self.graph, name))
        return any(start <= offset < end for start, end in self._unreached)

    def _near(self, offset: int, edits: tuple[Edit, ...]) -> bool:
        """Whether a place is on a line that is edited, or one that the edits brought."""
        if offset == -1:
            return True
        lines = {self.text.count("\n", 0, e.span.start) for e in edits}
        return offset >= 0 and self.text.count("\n", 0, offset) in lines


_MISSING = (
    Code.MISSING_KEY,
    Code.MISSING_ARGUMENT,
    Code.INPUT_COUNT,
    Code.DUPLICATE_KEY,
    Code.BAD_NAME,
)
"""Diagnostics about missing or duplicate words and names; they do not make a suggested word wrong."""


def _unreached(graph: Graph, name: str) -> Iterator[tuple[int, int]]:
    """The steps that never had known inputs."""
    reached: dict[tuple[int, int], bool] = {}
    for node in graph.nodes:
        step = node.step
        if step is None or step.node.source.name != name:
            continue
        place = (step.node.start, max(step.node.end, step.place.end))
        known = node.layer is not None and all(v.shape is not None for v in node.inputs)
        reached[place] = reached.get(place, False) or known
    return (place for place, known in reached.items() if not known)


class _Back:
    """Places of an edited text as places of the text before."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.ends: list[int] = []
        self.shifts: list[int] = []
        self.inside: list[tuple[int, int, int]] = []
        shift = 0
        for edit in sorted(edits, key=lambda e: e.span.start):
            start = edit.span.start + shift
            end = start + len(edit.replacement)
            edit_start = edit.span.start if edit.span.end > edit.span.start else -1
            self.inside.append((start, end, edit_start))
            shift += len(edit.replacement) - (edit.span.end - edit.span.start)
            self.ends.append(end)
            self.shifts.append(shift)

    def __call__(self, offset: int) -> int:
        """The place before; -1 for one that the edits brought."""
        inside = bisect_right(self.inside, offset, key=lambda edited: edited[0])
        if inside:
            start, end, before = self.inside[inside - 1]
            if offset < end:
                return before if offset == start or before >= 0 else -1
        k = bisect_right(self.ends, offset)
        return offset - (self.shifts[k - 1] if k else 0)


def _key(diagnostic: Diagnostic, back: Callable[[int], int] = lambda offset: offset) -> _Key:
    span = diagnostic.span
    if span is None:
        return diagnostic.code, diagnostic.message, -2
    return diagnostic.code, span.source.name, back(span.start)
