"""A run as SARIF 2.1.0, the format of GitHub's code scanning and of many editors.

Labels are related locations, offered edits are fixes, and the node is a logical location. Fingerprints
hold no line numbers, so that a diagnostic stays the same one while the file around it grows.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from netspec.diagnostics import Diagnostic, Edit, Help, Span
from netspec.report.code_page import CODES, page
from netspec.report.code_page_text import explained
from netspec.report.outcome import Outcome, file_of

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(outcome: Outcome) -> str:
    """The log of the run."""
    from netspec import __version__

    codes = sorted({d.code for _, d in outcome.diagnostics})
    run = {
        "tool": {
            "driver": {
                "name": "netspec",
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": outcome.exit_code != 2,
                "exitCode": outcome.exit_code,
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(path, d, mark, codes.index(d.code)) for path, d, mark in outcome.fingerprinted()
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    """The description of a code, from its page."""
    rule: dict[str, Any] = {"id": code, "name": _camel(CODES[code])}
    if (code_page := page(code)) is not None:
        rule["shortDescription"] = {"text": code_page.summary}
        rule["help"] = {"text": explained(code_page), "markdown": code_page.markdown}
    return rule


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _result(path: str, diagnostic: Diagnostic, fingerprint: str, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": _text(diagnostic)},
        "locations": [_location(path, diagnostic)],
        "partialFingerprints": {"netspec/v1": fingerprint},
    }
    if related := _related(diagnostic):
        result["relatedLocations"] = related
    if fixes := [_fix(h) for h in diagnostic.helps if h.edits]:
        result["fixes"] = fixes
    return result


def _text(diagnostic: Diagnostic) -> str:
    """All texts of a diagnostic, for viewers that show a single text."""
    label = f" ({diagnostic.label})" if diagnostic.label else ""
    helps = (f"Help: {h.text}" for h in diagnostic.helps)
    notes = (f"Note: {n}" for n in diagnostic.notes)
    return "\n".join([diagnostic.message + label, *notes, *helps])


def _location(path: str, diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    if span is None or not span.source.text:
        where = {
            "artifactLocation": {"uri": quote(file_of(path, diagnostic), errors="surrogateescape")}
        }
    else:
        where = _physical(span)
    location: dict[str, Any] = {"physicalLocation": where}
    if diagnostic.path:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.path, "kind": "module"}]
    return location


def _related(diagnostic: Diagnostic) -> list[dict[str, Any]]:
    """The labels, then the blocks around the node, outermost first."""
    places = [(label.span, label.text) for label in diagnostic.labels]
    places += [(frame.span, f"in {frame.path}") for frame in diagnostic.frames]
    return [
        {"id": k, "physicalLocation": _physical(span), "message": {"text": text}}
        for k, (span, text) in enumerate(places)
    ]


def _physical(span: Span) -> dict[str, Any]:
    name = span.source.name.replace("\\", "/").removeprefix("./")
    return {
        "artifactLocation": {"uri": quote(name, errors="surrogateescape")},
        "region": _region(span),
    }


def _region(span: Span) -> dict[str, int]:
    line, column = span.source.line_column(span.start)
    end_line, end_column = span.source.line_column(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(help_: Help) -> dict[str, Any]:
    by_file: dict[str, list[Edit]] = {}
    for edit in help_.edits:
        by_file.setdefault(edit.span.source.name, []).append(edit)
    return {
        "description": {"text": help_.text},
        "artifactChanges": [
            {
                "artifactLocation": _physical(edits[0].span)["artifactLocation"],
                "replacements": [
                    {"deletedRegion": _region(e.span), "insertedContent": {"text": e.replacement}}
                    for e in edits
                ],
            }
            for edits in by_file.values()
        ],
    }
