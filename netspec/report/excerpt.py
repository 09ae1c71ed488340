"""Lines of a source with the marks on them: carets and dashes, with their labels.

A line with several marks says the last one next to it and hangs the others below:

    14 |   cat: {op: Concat, from: [b1, b5]}
       |                            --  ^^ `b5` is [N, 24, 10, 10]
       |                            |
       |                            `b1` is [N, 16, 12, 12]
"""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Source, Span
from netspec.report.style import Style
from netspec.report.text_width import shown, width, window

_FULL_LINE = 2
"""The maximum gap between shown lines that is filled; `...` would use as much space."""


class Mark:
    """A range of one line and its label; `primary` is the place the diagnostic is about."""

    __slots__ = ("end", "label", "primary", "start")

    def __init__(self, start: int, end: int, label: str, *, primary: bool) -> None:
        self.start, self.end, self.label, self.primary = start, end, label, primary

    def role(self, severity: str) -> str:
        """The color it has in a diagnostic of this severity."""
        return severity if self.primary else "frame"


class Piece:
    """Some text at a column of a row below the source."""

    __slots__ = ("column", "role", "text")

    def __init__(self, column: int, text: str, role: str) -> None:
        self.column, self.text, self.role = column, text, role


def mark(span: Span, label: str, *, primary: bool) -> tuple[int, Mark]:
    """The line of a span and the mark on it; of several lines only the first is marked."""
    number, column = span.source.line_column(span.start)
    line = span.source.line(number)
    start = min(column - 1, len(line))
    end = start + span.end - span.start
    if end > len(line) and "\n" in span.text.rstrip():
        label = f"… {label}".rstrip()
    end = max(min(end, len(line.rstrip())), start + 1)
    return number, Mark(start, end, label, primary=primary)


class Excerpt:
    """The marked lines of one source, printed with a gutter of line numbers."""

    def __init__(self, source: Source, gutter: int, room: int, style: Style, severity: str) -> None:
        self.source, self.gutter, self.room = source, gutter, room
        self.style, self.severity = style, severity

    def lines(self, marks: dict[int, list[Mark]]) -> Iterator[str]:
        """The excerpt, line by line; gaps are `...`."""
        last = min(marks) - 1
        for number in sorted(marks):
            if number == last + _FULL_LINE:
                yield self._plain(number - 1)
            elif number > last + 1:
                yield self.style("frame", "...")
            for cluster in self._clusters(number, marks[number]):
                yield from self._marked(number, cluster)
            last = number

    def rule(self, text: str = "") -> str:
        """A row without a line number."""
        return f"{self.style('frame', ' ' * self.gutter + ' |')} {text}".rstrip()

    def _numbered(self, number: int, text: str) -> str:
        return f"{self.style('frame', f'{number:>{self.gutter}} |')} {text}".rstrip()

    def _plain(self, number: int) -> str:
        line = self.source.line(number)
        left, right = window(line, 0, 0, self.room)
        return self._numbered(number, shown(line[left:right]) + "…" * (right < len(line)))

    def _clusters(self, number: int, marks: list[Mark]) -> Iterator[list[Mark]]:
        """The marks of a line, in groups that fit on one row together."""
        if len(self.source.line(number)) <= self.room:
            yield marks
            return
        cluster: list[Mark] = []
        for each in sorted(marks, key=lambda m: m.start):
            if cluster and each.end - cluster[0].start > self.room * 3 // 4:
                yield cluster
                cluster = []
            cluster.append(each)
        yield cluster

    def _marked(self, number: int, marks: list[Mark]) -> Iterator[str]:
        """One source line, or a window of it, and the marks below."""
        line = self.source.line(number)
        first, last = min(m.start for m in marks), max(m.end for m in marks)
        left, right = window(line, first, last, self.room)
        before, after = "…" * (left > 0), "…" * (right < len(line))
        yield self._numbered(number, f"{before}{shown(line[left:right])}{after}")
        text = line[left:right]
        for layer in _layers(marks):
            placed = [
                (
                    len(before) + width(shown(text[: m.start - left])),
                    max(width(shown(text[m.start - left : m.end - left])), 1),
                    m,
                )
                for m in layer
            ]
            yield from self._rows(placed)

    def _rows(self, placed: list[tuple[int, int, Mark]]) -> Iterator[str]:
        """The underlines, the last label next to them, the others below, from right to left."""
        under = [
            Piece(column, ("^" if m.primary else "-") * cells, m.role(self.severity))
            for column, cells, m in placed
        ]
        column, cells, last = placed[-1]
        if last.label:
            under.append(Piece(column + cells + 1, shown(last.label), last.role(self.severity)))
        yield self.rule(self._row(under))
        hanging = [(column, m) for column, _, m in placed[:-1] if m.label]
        if hanging:
            yield self.rule(self._row(self._lines(hanging)))
        while hanging:
            column, m = hanging.pop()
            label = Piece(column, shown(m.label), m.role(self.severity))
            yield self.rule(self._row([*self._lines(hanging), label]))

    def _lines(self, hanging: list[tuple[int, Mark]]) -> list[Piece]:
        return [Piece(column, "|", m.role(self.severity)) for column, m in hanging]

    def _row(self, pieces: list[Piece]) -> str:
        text, column = "", 0
        for piece in pieces:
            text += " " * (piece.column - column) + self.style(piece.role, piece.text)
            column = piece.column + width(piece.text)
        return text


def _layers(marks: list[Mark]) -> list[list[Mark]]:
    """The marks in rows in which none covers another; the primary one in the first."""
    layers: list[list[Mark]] = []
    for each in sorted(marks, key=lambda m: (not m.primary, m.start)):
        for layer in layers:
            if all(each.start >= m.end or each.end <= m.start for m in layer):
                layer.append(each)
                break
        else:
            layers.append([each])
    return [sorted(layer, key=lambda m: m.start) for layer in layers]
