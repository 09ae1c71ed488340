"""A report as Python prints it."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.check import Report
from netspec.diagnostics import Diagnostic


class PrintedReport(Report):
    """A report that prints as `netspec check` prints it."""

    def __str__(self) -> str:
        from netspec.report.status_line import verdict

        text = diagnostics_in_full(self.diagnostics, self.document.source.name)
        if self.errors:
            return text
        ok = f"{self.document.source.name}: {verdict(self)}"
        return f"{text}\n\n{ok}" if text else ok

    def __repr__(self) -> str:
        return f"<Report of {self.document.source.name}: {counted_diagnostics(self)}>"


def diagnostics_in_full(diagnostics: Sequence[Diagnostic], file: str) -> str:
    """Diagnostics with their lines of the source, notes and helps."""
    from netspec.report.diagnostic import full

    return "\n\n".join(full(d, file=file) for d in diagnostics)


def counted_diagnostics(report: Report) -> str:
    """`2 errors, 1 warning`; `ok` for none."""
    from netspec.report.numbers import counted

    errors = len(report.errors)
    warnings = len(report.diagnostics) - errors
    parts = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(parts) or "ok"
