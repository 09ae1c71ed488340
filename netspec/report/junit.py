"""A run as a JUnit report: a test case for each file, failed by its errors."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from netspec.diagnostics import Diagnostic, Severity
from netspec.report.diagnostic import full
from netspec.report.outcome import Outcome

_COMMAND = re.compile(r"(?m)^\s*::|##\[")
"""Text that GitHub's runner would interpret as a command when the report is printed."""


def junit(outcome: Outcome) -> str:
    """The XML document. A file that could not be read is an error, one with errors a failure."""
    suite = ElementTree.Element("testsuite", name="netspec check", tests=str(len(outcome.files)))
    counts = {"failures": 0, "errors": 0}
    for file in outcome.files:
        case = ElementTree.SubElement(
            suite, "testcase", classname="netspec", name=_plain(file["file"])
        )
        diagnostics = [d for path, d in outcome.diagnostics if path == file["file"]]
        failing = [d for d in diagnostics if d.severity == Severity.ERROR or outcome.strict]
        if failing:
            kind = "error" if file["kind"] == "unreadable" else "failure"
            counts[f"{kind}s"] += 1
            _failure_text(ElementTree.SubElement(case, kind, _summary(failing)), failing)
        warnings = [d for d in diagnostics if d not in failing]
        if warnings:
            _failure_text(ElementTree.SubElement(case, "system-out"), warnings)
    for name, count in counts.items():
        suite.set(name, str(count))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
    text = declaration + ElementTree.tostring(suites, encoding="unicode")
    return _COMMAND.sub(lambda m: m[0].replace("::", "&#58;:").replace("##[", "##&#91;"), text)


def _summary(diagnostics: list[Diagnostic]) -> dict[str, str]:
    first, more = diagnostics[0], len(diagnostics) - 1
    return {"type": first.code, "message": _plain(first.message + (f" (+{more})" if more else ""))}


def _failure_text(element: ElementTree.Element, diagnostics: list[Diagnostic]) -> None:
    element.text = _plain("\n\n".join(full(d) for d in diagnostics))


def _plain(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n\r" or (c >= " " and c.isprintable()) else "?" for c in text)
