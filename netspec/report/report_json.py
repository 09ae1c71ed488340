"""The diagnostics of `netspec check` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from netspec.check import Report
from netspec.diagnostics import Diagnostic, Edit, Span
from netspec.graph import Graph
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import (
        CheckedFileJson,
        CheckReportJson,
        CountsJson,
        DiagnosticJson,
        LabelJson,
        PlaceJson,
        PositionJson,
        TextEditJson,
    )
    from netspec.report.outcome import Outcome


def report_json(outcome: Outcome) -> str:
    """The result of a run of `check`, for all files."""
    summary: CountsJson = {
        "files": len(outcome.files),
        "errors": outcome.errors,
        "warnings": len(outcome.diagnostics) - outcome.errors,
        "skipped": outcome.skipped,
    }
    report: CheckReportJson = {
        "format_version": FORMAT_VERSION,
        "valid": outcome.valid,
        "summary": summary,
        "files": list(outcome.files),
        "diagnostics": [diagnostic_json(d, path) for path, d in outcome.diagnostics],
    }
    return json_text(report)


def diagnostic_json(diagnostic: Diagnostic, file: str) -> DiagnosticJson:
    """One diagnostic about a file."""
    d = diagnostic
    return {
        "file": file,
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "primary": _label(d.span, d.label) if d.span else None,
        "labels": [_label(label.span, label.text) for label in d.labels],
        "notes": list(d.notes),
        "help": [{"message": h.text, "edits": [_edit(e) for e in h.edits]} for h in d.helps],
        "path": d.path,
        "trace": [{"path": f.path, **span_json(f.span)} for f in d.frames],
        "uses": d.uses,
    }


def _label(span: Span, text: str) -> LabelJson:
    return {**span_json(span), "label": text}


def span_json(span: Span) -> PlaceJson:
    """A stretch of a file: lines and columns from 1, in characters; bytes from 0."""
    return {
        "file": span.source.name,
        "start": _position(span, span.start),
        "end": _position(span, span.end),
    }


def _position(span: Span, offset: int) -> PositionJson:
    line, column = span.source.line_column(offset)
    text = span.source.text[:offset]
    return {"line": line, "col": column, "byte": len(text.encode("utf-8", "surrogatepass"))}


def _edit(edit: Edit) -> TextEditJson:
    return {**span_json(edit.span), "replacement": edit.replacement}


def file_json(path: str, report: Report | None) -> CheckedFileJson:
    """The summary of one file; None for an unreadable one."""
    if report is None:
        return {"file": path, "valid": False, "kind": "unreadable"}
    file: CheckedFileJson = {"file": path, "valid": report.valid, "kind": _kind(report)}
    if report.valid and report.graph is not None:
        _add_network(file, report.graph)
    return file


def _kind(report: Report) -> Literal["network", "library", "no spec", "unreadable"]:
    if report.unreadable:
        return "unreadable"
    if report.spec is None:
        return "no spec"
    return "network" if report.spec.body is not None else "library"


def _add_network(file: CheckedFileJson, graph: Graph) -> None:
    file["name"] = graph.name
    file["nodes"] = len(graph.nodes)
    file["parameters"] = graph.parameter_count
    file["macs"] = graph.macs()
    file["macs_unknown"] = list(graph.uncounted)
    file["sizes"] = graph.examples
    file["valid_for"] = {name: domain.describe(name) for name, domain in graph.domains.items()}
    file["unproved"] = list(map(str, graph.unproved))
