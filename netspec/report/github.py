"""Diagnostics as commands of GitHub Actions, which shows them next to the lines of a pull request."""

from __future__ import annotations

from netspec.diagnostics import Diagnostic, Severity
from netspec.printable import one_line
from netspec.report.numbers import counted
from netspec.report.outcome import Outcome, file_of
from netspec.report.terminal import terminal

_MOST = 10
"""The number of errors and warnings of a step that GitHub keeps; it drops the rest silently."""


def github(outcome: Outcome) -> str:
    """A command for each diagnostic, the most important first; a notice counts those over the limit."""
    lines = []
    left_out = 0
    for severity in Severity:
        diagnostics = [(p, d) for p, d in outcome.diagnostics if d.severity == severity]
        diagnostics.sort(key=lambda each: -each[1].uses)
        lines += [_command(path, diagnostic) for path, diagnostic in diagnostics[:_MOST]]
        left_out += len(diagnostics[_MOST:])
    if left_out:
        lines.append(f"::notice title=netspec::{counted(left_out, 'more diagnostic')}: see the log")
    return "\n".join(lines)


def _command(path: str, diagnostic: Diagnostic) -> str:
    properties = {"file": file_of(path, diagnostic)}
    span = diagnostic.span
    if span is not None and span.source.text:
        line, column = span.source.line_column(span.start)
        end_line, end_column = span.source.line_column(max(span.end, span.start))
        properties |= {"line": str(line), "endLine": str(end_line)}
        if line == end_line:  # GitHub takes columns only within one line
            properties |= {"col": str(column), "endColumn": str(max(end_column - 1, column))}
    properties["title"] = one_line(f"{diagnostic.code} {diagnostic.path}".rstrip())
    properties_text = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.severity} {properties_text}::{_data(_text(diagnostic))}"


def _text(diagnostic: Diagnostic) -> str:
    """The sentence, then the notes and helps, a line each."""
    helps = (f"help: {h.text}" for h in diagnostic.helps)
    return "\n".join([diagnostic.message, *(f"note: {n}" for n in diagnostic.notes), *helps])


def _data(text: str) -> str:
    return terminal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
