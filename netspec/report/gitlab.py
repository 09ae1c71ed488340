"""Diagnostics as a Code Quality report of GitLab, which compares it with that of the target branch."""

from __future__ import annotations

import json
from typing import Any

from netspec.diagnostics import Diagnostic, Severity
from netspec.report.outcome import Outcome, file_of

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def gitlab(outcome: Outcome) -> str:
    """A JSON list of issues."""
    issues = [_issue(path, d, mark) for path, d, mark in outcome.fingerprinted()]
    return json.dumps(issues, indent=2, ensure_ascii=False)


def _issue(path: str, diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    span = diagnostic.span
    first = last = 1
    if span is not None and span.source.text:
        first = span.line
        last = span.source.line_column(max(span.end - 1, span.start))[0]
    return {
        "description": diagnostic.message,
        "check_name": diagnostic.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITY[diagnostic.severity],
        "location": {"path": file_of(path, diagnostic), "lines": {"begin": first, "end": last}},
    }
