"""The report on a graph in a file: its errors with their lines; or the network, as for a spec.

The graph is checked as the spec that it is. Then the spec receives the places of the graph, so that whatever is
reported of the network later points into the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from netspec.check import Report
from netspec.diagnostics import Diagnostic, Help, Label, ScopeFrame, Span
from netspec.document import Document, Scalar, Sequence, TextNode
from netspec.document import Mapping as MappingNode
from netspec.document.tree import subtree
from netspec.elaborate import Catalog
from netspec.record import replace
from netspec.schema.graph.field_errors import field_error_diagnostics
from netspec.schema.graph.graph_model import FIELDS_ONLY, GraphModel
from netspec.schema.graph.graph_places import GraphPlaces
from netspec.schema.graph.marked_text import MarkedText
from netspec.schema.graph.stated_facts import contradictions
from netspec.schema.graph.validation import InvalidGraphError, checked_text
from netspec.schema.graph.violation_diagnostics import violation_diagnostic


def graph_report(
    document: Document,
    catalog: Catalog | None = None,
    settings: Mapping[str, object] | None = None,
    preset: str | None = None,
) -> Report:
    """The report on a document that is a graph."""
    places = GraphPlaces(document)
    if document.diagnostics:
        return Report(document, None, None, tuple(document.diagnostics))
    data = _data(document.root)
    assert isinstance(data, dict)
    data.setdefault("name", os.path.splitext(os.path.basename(document.source.name))[0])
    try:
        model = GraphModel.model_validate(data, context={FIELDS_ONLY: True})
    except ValidationError as error:
        return _invalid(document, field_error_diagnostics(error, places))
    known = catalog or Catalog()
    try:
        text, checked = checked_text(model, known, settings, preset)
    except InvalidGraphError as error:
        return _invalid(document, (violation_diagnostic(p, places) for p in error.violations))
    if not checked.errors and (violations := contradictions(model, checked)):
        return _invalid(document, (violation_diagnostic(p, places) for p in violations))
    move = _Move(text, places)
    diagnostics = tuple(move.diagnostic(d) for d in checked.diagnostics)
    if checked.document.root is not None:
        move.tree(checked.document.root)
    return Report(document, checked.spec, checked.graph, diagnostics)


def _invalid(document: Document, diagnostics: Iterable[Diagnostic]) -> Report:
    return Report(document, None, None, tuple(diagnostics))


def _data(node: TextNode | None) -> object:
    """A document as data."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [_data(item) for item in node.items]
    if isinstance(node, MappingNode):
        return {key.text: _data(value) for key, value in node.entries}
    return None


class _Move:
    """Moves places in the spec to those of the fields that they are made of."""

    def __init__(self, text: MarkedText, places: GraphPlaces) -> None:
        self._text, self._places = text, places

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic in the graph. Its edits are those of another text: they are dropped."""
        span = diagnostic.span
        return replace(
            diagnostic,
            span=self._span(span) if span is not None else None,
            labels=tuple(Label(self._span(each.span), each.text) for each in diagnostic.labels),
            helps=tuple(Help(each.text) for each in diagnostic.helps),
            frames=tuple(
                ScopeFrame(each.path, self._span(each.span)) for each in diagnostic.frames
            ),
        )

    def tree(self, node: TextNode) -> None:
        """Move a node of the spec and all below it, in place."""
        for each in subtree(node):
            span = self._span(each.span)
            each.source, each.start, each.end = span.source, span.start, span.end

    def _span(self, span: Span) -> Span:
        location = self._text.location(span.start, span.end)
        is_key = self._text.is_key(span.start, span.end)
        return self._places.of_key(location) if is_key else self._places.of(location)
