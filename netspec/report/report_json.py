"""Reports for programs: one JSON object, versioned. Fields are added, never changed or removed."""

from __future__ import annotations

import json
from typing import Any

from netspec.check import Report
from netspec.diagnostics import Diagnostic, Edit, Span
from netspec.graph import Graph
from netspec.report.outcome import Outcome

FORMAT_VERSION = "1.0"


def report_json(outcome: Outcome) -> str:
    """What a run of `check` found, in all files."""
    summary = {"files": len(outcome.files), "errors": outcome.errors,
               "warnings": len(outcome.findings) - outcome.errors, "skipped": outcome.skipped}  # fmt: skip
    return json.dumps(
        {
            "format_version": FORMAT_VERSION,
            "valid": outcome.valid,
            "summary": summary,
            "files": list(outcome.files),
            "diagnostics": [diagnostic_json(d, path) for path, d in outcome.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def diagnostic_json(diagnostic: Diagnostic, file: str) -> dict[str, Any]:
    """One finding about a file."""
    d = diagnostic
    primary = {**place(d.span), "label": d.label} if d.span else None
    return {
        "file": file,
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "primary": primary,
        "labels": [{**place(label.span), "label": label.text} for label in d.labels],
        "notes": list(d.notes),
        "help": [{"message": h.text, "edits": [_edit(e) for e in h.edits]} for h in d.helps],
        "path": d.path,
        "trace": [{"path": f.path, **place(f.span)} for f in d.frames],
        "uses": d.uses,
    }


def place(span: Span) -> dict[str, Any]:
    """A stretch of a file: lines and columns from 1, in characters; bytes from 0."""
    return {
        "file": span.source.name,
        "start": _position(span, span.start),
        "end": _position(span, span.end),
    }


def _position(span: Span, offset: int) -> dict[str, int]:
    line, column = span.source.line_column(offset)
    text = span.source.text[:offset]
    return {"line": line, "col": column, "byte": len(text.encode("utf-8", "surrogatepass"))}


def _edit(edit: Edit) -> dict[str, Any]:
    return {**place(edit.span), "replacement": edit.replacement}


def file_json(path: str, report: Report | None) -> dict[str, Any]:
    """What is known of one file; None stands for one that could not be looked at."""
    if report is None:
        return {"file": path, "valid": False, "kind": "unreadable"}
    facts: dict[str, Any] = {"file": path, "valid": report.valid, "kind": _kind(report)}
    if report.valid and report.graph is not None:
        facts |= _facts(report.graph)
    return facts


def _kind(report: Report) -> str:
    if report.unreadable:
        return "unreadable"
    if report.spec is None:
        return "no spec"
    return "network" if report.spec.body is not None else "library"


def _facts(graph: Graph) -> dict[str, Any]:
    return {
        "name": graph.name,
        "nodes": len(graph.nodes),
        "parameters": graph.parameter_count,
        "macs": graph.macs(),
        "macs_unknown": list(graph.uncounted),
        "sizes": graph.examples,
        "valid_for": {name: domain.describe(name) for name, domain in graph.domains.items()},
        "unproved": list(map(str, graph.unproved)),
    }
