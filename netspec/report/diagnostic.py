"""A diagnostic as text: in full with the source around it, or on one line."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Diagnostic, Label, ScopeFrame, Source, Span
from netspec.report.excerpt import Excerpt, Mark, mark
from netspec.report.style import PLAIN, Style
from netspec.report.text_width import shown

WIDTH = 120
"""The width of an excerpt without a terminal."""
_MOST_FRAMES = 4
_LEAST_ROOM = 40


def full(diagnostic: Diagnostic, style: Style = PLAIN, columns: int = WIDTH, file: str = "") -> str:
    """A diagnostic with its spans, notes and helps; `file` is the location of one without a span."""
    return "\n".join(_Full(diagnostic, style, columns, file).lines())


def concise(diagnostic: Diagnostic, file: str = "") -> str:
    """`file:line:column: error[CODE]: message`."""
    where = _where(diagnostic.span) if diagnostic.span else file
    return f"{shown(where)}: {_title(diagnostic)}" if where else _title(diagnostic)


def _title(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.severity}[{diagnostic.code}]: {shown(diagnostic.message)}"


def _where(span: Span) -> str:
    return span.where if span.source.text else span.source.name


class _Full:
    """One diagnostic being printed."""

    def __init__(self, diagnostic: Diagnostic, style: Style, columns: int, file: str) -> None:
        self.diagnostic, self.style, self.file = diagnostic, style, file
        self.sources = _marks(diagnostic)
        numbers = [n for marks in self.sources.values() for n in marks]
        self.gutter = len(str(max(numbers, default=1)))
        self.room = max(columns - self.gutter - 5, _LEAST_ROOM)

    def lines(self) -> Iterator[str]:
        """The diagnostic, line by line."""
        d, style = self.diagnostic, self.style
        yield style(d.severity, f"{d.severity}[{d.code}]") + style("title", f": {shown(d.message)}")
        where = _where(d.span) if d.span else self.file
        if where:
            yield f"{style('frame', ' ' * self.gutter + '-->')} {shown(where)}"
        yield from self._excerpts()
        yield from self._details()

    def _excerpts(self) -> Iterator[str]:
        first = True
        for source, marks in self.sources.items():
            excerpt = Excerpt(source, self.gutter, self.room, self.style, self.diagnostic.severity)
            if not first:
                line = min(marks)
                where = f"{source.name}:{line}:{marks[line][0].start + 1}"
                yield f"{self.style('frame', ' ' * self.gutter + ':::')} {shown(where)}"
            yield excerpt.rule()
            yield from excerpt.lines(marks)
            first = False

    def _details(self) -> Iterator[str]:
        """The notes, the helps and the blocks around, below the last excerpt."""
        details = [*(("note", n) for n in self.diagnostic.notes),
                *(("help", h.text) for h in self.diagnostic.helps),
                *(("in", f) for f in self._around())]  # fmt: skip
        margin = " " * self.gutter
        if details and self.sources:
            yield self.style("frame", f"{margin} |")
        for kind, text in details:
            lines = text.splitlines() or [""]
            role = "help" if kind == "help" else "title"
            begin = f"{self.style('frame', f'{margin} =')} {self.style(role, kind)}:"
            yield f"{begin} {shown(lines[0])}"
            for line in lines[1:]:
                yield f"{margin}   {' ' * len(kind)}  {shown(line)}".rstrip()

    def _around(self) -> Iterator[str]:
        frames, uses = self.diagnostic.frames, self.diagnostic.uses
        more = f"and {uses - 1} more use{'s' * (uses > 2)}"
        if not frames and uses > 1:
            yield more
        for k, frame in enumerate(_fewer(frames)):
            last = uses > 1 and k == min(len(frames), _MOST_FRAMES) - 1
            text = (
                _frame(frame) if frame is not None else f"… {len(frames) - _MOST_FRAMES + 1} more"
            )
            yield f"{text}, {more}" if last else text


def _frame(frame: ScopeFrame) -> str:
    return f"{frame.path} ({frame.span.source.name}:{frame.span.line})"


def _fewer(frames: tuple[ScopeFrame, ...]) -> tuple[ScopeFrame | None, ...]:
    """The outermost and the innermost frames; None represents those between."""
    if len(frames) <= _MOST_FRAMES:
        return frames
    return (frames[0], None, *frames[2 - _MOST_FRAMES :])


def _marks(diagnostic: Diagnostic) -> dict[Source, dict[int, list[Mark]]]:
    """The marked spans, by source and line; the source of the diagnostic itself comes first."""
    marks: dict[Source, dict[int, list[Mark]]] = {}
    if diagnostic.span is None or not diagnostic.span.source.text:
        return marks
    places = [(Label(diagnostic.span, diagnostic.label), True)]
    places += [(label, False) for label in diagnostic.labels if label.span.source.text]
    for label, primary in places:
        line, marked = mark(label.span, label.text, primary=primary)
        marks.setdefault(label.span.source, {}).setdefault(line, []).append(marked)
    return marks
