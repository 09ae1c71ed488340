"""Between places in a text and positions of the protocol, which counts in units that the client chooses."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlparse

from lsprotocol import types

from netspec.assist.outline import Symbol
from netspec.diagnostics import Diagnostic, Edit, Severity, Source, Span

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
"""The line ends of the protocol."""
_KINDS = {
    "block": types.SymbolKind.Class,
    "step": types.SymbolKind.Method,
    "input": types.SymbolKind.Variable,
    "parameter": types.SymbolKind.Constant,
}


class Units:
    """How long a text is to the client: in code points, or units of UTF-16 or UTF-8."""

    def __init__(self, encoding: types.PositionEncodingKind | str | None) -> None:
        self.encoding = str(getattr(encoding, "value", encoding) or "utf-16")

    def length(self, text: str) -> int:
        """The units of a text."""
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def position(self, source: Source, offset: int) -> types.Position:
        """The position of an offset."""
        starts = _line_starts(source.text)
        line = bisect_right(starts, offset) - 1
        return types.Position(line, self.length(source.text[starts[line] : offset]))

    def range(self, span: Span) -> types.Range:
        """The range of a place."""
        return types.Range(
            self.position(span.source, span.start), self.position(span.source, span.end)
        )

    def offset(self, text: str, position: types.Position) -> int:
        """The offset of a position; one that is outside is moved to the nearest inside."""
        starts = _line_starts(text)
        if position.line >= len(starts):
            return len(text)
        begin = starts[position.line]
        line_break = _LINE_BREAK.search(text, begin)
        line = text[begin : line_break.start() if line_break else len(text)]
        left = position.character
        for k, char in enumerate(line):
            if left <= 0:
                return begin + k
            left -= self.length(char)
        return begin + len(line)


@lru_cache(maxsize=16)
def _line_starts(text: str) -> list[int]:
    """Where each line begins, as the protocol counts lines."""
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def path_of_uri(uri: str) -> str:
    """The file of a URI; the URI itself if it is not a file."""
    parts = urlparse(uri)
    return unquote(parts.path) if parts.scheme == "file" else uri


def uri_of(path: str) -> str:
    """The URI of a file."""
    return path if "://" in path else Path(os.path.abspath(path)).as_uri()


def lsp_diagnostic(diagnostic: Diagnostic, units: Units, uri: str) -> types.Diagnostic:
    """A diagnostic; notes and helps are below its sentence, other places are related information."""
    start = types.Position(0, 0)
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(
                uri_of(label.span.source.name) if label.span.source.text else uri,
                units.range(label.span),
            ),
            label.text or "see here",
        )
        for label in diagnostic.labels
        if label.span.source.text
    ]
    lines = [
        diagnostic.message,
        *(f"note: {n}" for n in diagnostic.notes),
        *(f"help: {h.text}" for h in diagnostic.helps),
    ]
    return types.Diagnostic(
        range=units.range(diagnostic.span)
        if diagnostic.span is not None
        else types.Range(start, start),
        message="\n".join(lines),
        severity=types.DiagnosticSeverity.Error
        if diagnostic.severity == Severity.ERROR
        else types.DiagnosticSeverity.Warning,
        code=diagnostic.code,
        source="netspec",
        related_information=related or None,
        tags=[types.DiagnosticTag.Unnecessary] if diagnostic.code == "NS105" else None,
    )


def text_edit(edit: Edit, units: Units) -> types.TextEdit:
    """A replacement."""
    return types.TextEdit(units.range(edit.span), edit.replacement)


def document_symbol(outline_symbol: Symbol, units: Units) -> types.DocumentSymbol:
    """A named part of a file with its contents."""
    return types.DocumentSymbol(
        name=outline_symbol.name or "?",
        kind=_KINDS[outline_symbol.kind],
        range=units.range(outline_symbol.span),
        selection_range=units.range(outline_symbol.name_span),
        detail=outline_symbol.detail,
        children=[document_symbol(child, units) for child in outline_symbol.children],
    )
