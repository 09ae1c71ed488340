"""Reading on after a mistake: certain fixes are made in a copy of the text, and the copy is read.

So one mistake does not hide the next, and the tree is complete although the text is not in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from netspec.diagnostics import Diagnostic, Edit, Source, Span
from netspec.document.tree import Document, TextNode, children
from netspec.record import record, replace

_MAX_ROUNDS = 12
_MAX_CHARACTERS = 4_000_000
"""Corrections per round together, so that a large file with many mistakes does not take minutes."""


@record(slots=True)
class Composed:
    """The result of reading a text once."""

    root: TextNode | None
    diagnostics: list[Diagnostic]
    """Errors that remain."""
    mistakes: list[Diagnostic]
    """Text that was corrected; the edits of the first help fix it."""
    fault: Diagnostic | None = None
    """The mistake at which reading had to stop."""
    broken_at: int = 0
    """Where it stopped."""

    @property
    def fixable(self) -> list[Diagnostic]:
        """The diagnostics of a correction; none if reading would stop there again."""
        if self.fault and not _edits(self.fault):
            return []
        fault = [self.fault] if self.fault else []
        return [*filter(_edits, self.mistakes), *fault]


def read_on(source: Source, composed: Composed, compose: Callable[[Source], Composed]) -> Document:
    """The document, of which `composed` came, read again after each round of fixes."""
    way = OffsetMap(source)
    applied: list[Diagnostic] = []
    for _ in range(min(_MAX_ROUNDS, _MAX_CHARACTERS // (len(source.text) + 1))):
        fixable = composed.fixable
        if composed.fault and way.wrote(composed.fault):
            composed.fault = _uncertain(composed.fault)
            break
        if not fixable:
            break
        further = way.with_edits(edit for mistake in fixable for edit in _edits(mistake))
        again = compose(further.copy)
        if composed.fault and again.fault and not _progress(composed, again, further):
            composed.fault = _uncertain(composed.fault)
            break
        applied += map(way.diagnostic, fixable)
        composed, way = again, further
    return _document(source, composed, way, applied)


class OffsetMap:
    """Maps positions of a corrected copy back to the text itself."""

    def __init__(self, copy: Source, before: OffsetMap | None = None) -> None:
        self.copy = copy
        self.original: Source = before.original if before else copy
        self._before = before
        self._edits: list[tuple[int, int, Edit]] = []
        """Each edit with the range of its replacement in the copy."""

    def with_edits(self, edits: Iterable[Edit]) -> OffsetMap:
        """A copy in which the edits are made; of two at one place, the first."""
        ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
        text, parts, made, end, length = self.copy.text, list[str](), list[Edit](), 0, 0
        further = OffsetMap(Source("", self.copy.name), self)
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

    def wrote(self, diagnostic: Diagnostic) -> bool:
        """Whether the edits of a diagnostic overlap an earlier correction, which was then a guess."""
        way: OffsetMap | None = self
        spans = [(e.span.start, e.span.end) for e in _edits(diagnostic)]
        while way and way._before:
            if any(s < end and start < e for s, e in spans for start, end, _ in way._edits):
                return True
            spans = [(way.step(s), way.step(e)) for s, e in spans]
            way = way._before
        return False

    def step(self, offset: int) -> int:
        """Where a character of the copy is in the copy before."""
        nearest = bisect_right(self._edits, offset, key=lambda made: made[0]) - 1
        if nearest < 0:
            return offset
        start, end, edit = self._edits[nearest]
        if offset >= end:
            return edit.span.end + offset - end
        return min(edit.span.start + offset - start, edit.span.end)

    def back(self, offset: int) -> int:
        """Where a character of the copy is in the original."""
        way: OffsetMap | None = self
        while way and way._before:
            offset, way = way.step(offset), way._before
        return offset

    def span(self, span: Span) -> Span:
        """The same place in the original."""
        return Span(self.original, self.back(span.start), self.back(span.end))

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        """The same diagnostic with all its places in the original."""
        if self._before is None:
            return diagnostic
        helps = (
            replace(h, edits=tuple(replace(e, span=self.span(e.span)) for e in h.edits))
            for h in diagnostic.helps
        )
        return replace(
            diagnostic,
            span=diagnostic.span and self.span(diagnostic.span),
            labels=tuple(replace(label, span=self.span(label.span)) for label in diagnostic.labels),
            helps=tuple(helps),
        )

    def relocate(self, root: TextNode | None) -> None:
        """Give all nodes of a tree their places in the original."""
        if root is None or self._before is None:
            return
        seen, todo = {root}, [root]
        while todo:
            node = todo.pop()
            node.source = self.original
            node.start, node.end = self.back(node.start), self.back(node.end)
            unseen = [child for child in children(node) if child not in seen]
            seen.update(unseen)
            todo += unseen


def _document(
    source: Source, composed: Composed, way: OffsetMap, applied: list[Diagnostic]
) -> Document:
    left = [*composed.diagnostics, *composed.mistakes]
    if composed.fault:
        left.append(composed.fault)
    diagnostics = applied + [way.diagnostic(d) for d in left]
    way.relocate(composed.root)
    diagnostics.sort(key=lambda d: d.span.start if d.span else 0)
    return Document(source, composed.root, diagnostics)


def _progress(composed: Composed, again: Composed, further: OffsetMap) -> bool:
    """Whether the correction let the reader continue beyond the corrected text."""
    edits = _edits(composed.fault) if composed.fault else ()
    before = [e.span.end for e in edits if e.span.start <= composed.broken_at]
    return further.step(again.broken_at) > max(before, default=composed.broken_at)


def _uncertain(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic without edits: the fix that it offers was tried and did not do."""
    return replace(diagnostic, helps=tuple(replace(h, edits=()) for h in diagnostic.helps))


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.helps[0].edits if diagnostic.helps else ()
