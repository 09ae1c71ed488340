"""Reading on after a mistake: certain mends are made in a copy of the text, and the copy is read.

So one mistake does not hide the next, and the tree is complete although the text is not in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from netspec.diagnostics import Diagnostic, Edit, Source, Span
from netspec.document.nodes import Document, Mapping, Node, Sequence
from netspec.record import record, replace

_MAX_ROUNDS = 12
_MAX_CHARACTERS = 4_000_000
"""Read in all rounds together, so that a large file's mistakes do not take minutes."""


@record(slots=True)
class Composed:
    """What came of reading a text once."""

    root: Node | None
    findings: list[Diagnostic]
    """What is wrong and stays so."""
    mistakes: list[Diagnostic]
    """What was not meant as it is written; the edits of the first help mend it."""
    fault: Diagnostic | None = None
    """The mistake at which reading had to stop."""
    broken_at: int = 0
    """Where it stopped."""

    @property
    def mendable(self) -> list[Diagnostic]:
        """The mistakes that come with a mend; none if reading would stop there again."""
        if self.fault and not _edits(self.fault):
            return []
        fault = [self.fault] if self.fault else []
        return [*filter(_edits, self.mistakes), *fault]


def read_on(source: Source, composed: Composed, compose: Callable[[Source], Composed]) -> Document:
    """The document, of which `composed` came, read anew after each round of mends."""
    way = Way(source)
    mended: list[Diagnostic] = []
    for _ in range(min(_MAX_ROUNDS, _MAX_CHARACTERS // (len(source.text) + 1))):
        mendable = composed.mendable
        if composed.fault and way.wrote(composed.fault):
            composed.fault = _uncertain(composed.fault)
            break
        if not mendable:
            break
        further = way.mend(edit for mistake in mendable for edit in _edits(mistake))
        again = compose(further.copy)
        if composed.fault and again.fault and not _progress(composed, again, further):
            composed.fault = _uncertain(composed.fault)
            break
        mended += map(way.diagnostic, mendable)
        composed, way = again, further
    return _document(source, composed, way, mended)


class Way:
    """The way back from a mended copy of a text to the text itself."""

    def __init__(self, copy: Source, before: Way | None = None) -> None:
        self.copy = copy
        self.original: Source = before.original if before else copy
        self._before = before
        self._edits: list[tuple[int, int, Edit]] = []
        """Each edit with the place in the copy of what it wrote."""

    def mend(self, edits: Iterable[Edit]) -> Way:
        """A copy in which the edits are made; of two at one place, the first."""
        ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
        text, parts, made, end, length = self.copy.text, list[str](), list[Edit](), 0, 0
        further = Way(Source("", self.copy.name), self)
        for edit in ordered:
            if edit.span.start < end or (made and edit.span.start == made[-1].span.start):
                continue
            parts += text[end : edit.span.start], edit.replacement
            length += edit.span.start - end + len(edit.replacement)
            further._edits.append((length - len(edit.replacement), length, edit))
            made.append(edit)
            end = edit.span.end
        further.copy.text = "".join([*parts, text[end:]])
        return further

    def wrote(self, found: Diagnostic) -> bool:
        """Whether a finding's edits go over what an earlier mend wrote: that mend was a guess."""
        way: Way | None = self
        spans = [(e.span.start, e.span.end) for e in _edits(found)]
        while way and way._before:
            if any(s < end and start < e for s, e in spans for start, end, _ in way._edits):
                return True
            spans = [(way.step(s), way.step(e)) for s, e in spans]
            way = way._before
        return False

    def step(self, at: int) -> int:
        """Where a character of the copy stands in the copy before."""
        nearest = bisect_right(self._edits, at, key=lambda made: made[0]) - 1
        if nearest < 0:
            return at
        start, end, edit = self._edits[nearest]
        if at >= end:
            return edit.span.end + at - end
        return min(edit.span.start + at - start, edit.span.end)

    def back(self, at: int) -> int:
        """Where a character of the copy stands in the original."""
        way: Way | None = self
        while way and way._before:
            at, way = way.step(at), way._before
        return at

    def span(self, span: Span) -> Span:
        """The same place in the original."""
        return Span(self.original, self.back(span.start), self.back(span.end))

    def diagnostic(self, found: Diagnostic) -> Diagnostic:
        """The same finding with all its places in the original."""
        if self._before is None:
            return found
        helps = (
            replace(h, edits=tuple(replace(e, span=self.span(e.span)) for e in h.edits))
            for h in found.helps
        )
        return replace(
            found,
            span=found.span and self.span(found.span),
            labels=tuple(replace(label, span=self.span(label.span)) for label in found.labels),
            helps=tuple(helps),
        )

    def relocate(self, root: Node | None) -> None:
        """Give all nodes of a tree their places in the original."""
        if root is None or self._before is None:
            return
        seen, todo = {id(root)}, [root]
        while todo:
            node = todo.pop()
            node.source = self.original
            node.start, node.end = self.back(node.start), self.back(node.end)
            children = [child for child in _children(node) if id(child) not in seen]
            seen.update(map(id, children))
            todo += children


def _document(source: Source, composed: Composed, way: Way, mended: list[Diagnostic]) -> Document:
    left = [*composed.findings, *composed.mistakes]
    if composed.fault:
        left.append(composed.fault)
    found = mended + [way.diagnostic(d) for d in left]
    way.relocate(composed.root)
    found.sort(key=lambda d: d.span.start if d.span else 0)
    return Document(source, composed.root, found)


def _progress(composed: Composed, again: Composed, further: Way) -> bool:
    """Whether the mend let the reader come further than to what was mended."""
    edits = _edits(composed.fault) if composed.fault else ()
    before = [e.span.end for e in edits if e.span.start <= composed.broken_at]
    return further.step(again.broken_at) > max(before, default=composed.broken_at)


def _uncertain(found: Diagnostic) -> Diagnostic:
    """The finding without edits: the mend that it offers was tried and did not do."""
    return replace(found, helps=tuple(replace(h, edits=()) for h in found.helps))


def _edits(found: Diagnostic) -> tuple[Edit, ...]:
    return found.helps[0].edits if found.helps else ()


def _children(node: Node) -> list[Node]:
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Mapping):
        return [part for entry in node.entries for part in entry]
    return []
