"""Reports of a run for other programs, on standard output or in files."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from netspec.cli.options import ParsedArgs, UsageError, choose

if TYPE_CHECKING:
    from netspec.report.outcome import Outcome

_WRITERS = {
    "json": "report_json",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}
"""Each format with the module of `netspec.report` whose function of its name writes it."""

REPORTS = tuple(_WRITERS)


class Reports:
    """The reports that a command line requests."""

    def __init__(self, args: ParsedArgs) -> None:
        asked = args.last("--format", "full")
        self.on_output = asked if asked in _WRITERS else ""
        """The report that replaces the text output, if any."""
        self.on_files = [_target(text) for text in args.all("--output")]
        """Each report to be written to a file: its format and the path."""
        self.annotate = not self.on_output and os.environ.get("GITHUB_ACTIONS") == "true"
        """Whether the command runs in GitHub Actions, which shows diagnostics next to the code."""

    @property
    def are_requested(self) -> bool:
        """Whether any report is to be written."""
        return bool(self.on_output or self.on_files or self.annotate)

    def write(self, outcome: Outcome) -> None:
        """Write all of them."""
        for format, path in self.on_files:
            with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(_report(format, outcome) + "\n")
        text = (
            _report(self.on_output or "github", outcome) if self.on_output or self.annotate else ""
        )
        if text:
            sys.stderr.flush()
            print(text)


def _report(format: str, outcome: Outcome) -> str:
    name = _WRITERS[format]
    from netspec.report.terminal import inert_json

    text: str = getattr(import_module(f"netspec.report.{name}"), name)(outcome)
    return text if format in ("github", "junit") else inert_json(text)


def _target(text: str) -> tuple[str, str]:
    """`sarif:out.sarif` taken apart."""
    format, colon, path = text.partition(":")
    if not colon or not path:
        raise UsageError(
            f"`--output {text}` names no file", "write `--output sarif:diagnostics.sarif`"
        )
    if format not in _WRITERS:
        raise UsageError(
            f"`--output` does not support the format `{format}`", choose(format, REPORTS)
        )
    return format, path
