"""`netspec check`: every diagnostic of every file, and one line per valid file."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.input_files import InputFiles, find_files
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say, write_diagnostics
from netspec.cli.report_files import Reports
from netspec.cli.setting_options import load_report, settings
from netspec.diagnostics import Diagnostic, Severity
from netspec.report.numbers import counted
from netspec.report.text_width import shown

if TYPE_CHECKING:
    from netspec.report.json_types import CheckedFileJson
    from netspec.report.outcome import Outcome


class CheckRun:
    """The results of a run so far, for all files."""

    def __init__(self, args: ParsedArgs) -> None:
        self.args = args
        self.strict = args.has("--strict")
        self.format = args.last("--format", "full")
        self.quiet = args.has("--diff")
        """Whether standard output is for a diff alone."""
        self.applies_fixes = self.quiet or args.has("--fix")
        self.reports = Reports(args)
        self.files: list[CheckedFileJson] = []
        """The summary of each file, if requested; the graphs themselves are released."""
        self.diagnostics: list[tuple[str, Diagnostic]] = []
        self.unreadable = 0
        self._texts: dict[tuple[str, str, int, int], str] = {}

    def check(self, path: str) -> None:
        """Check one file and report the result."""
        file_report = load_report(path, self.args)
        if self.applies_fixes:
            from netspec.cli.fixing import apply_fixes

            file_report = apply_fixes(file_report, self.args)
        if self.args.has("--locked"):
            from netspec.cli.lock_check import locked

            file_report = locked(file_report, self.args)
        if self.args.has("--weights"):
            from netspec.cli.weights_check import check_weights

            file_report = check_weights(file_report, self.args)
        name = file_report.document.source.name
        self.unreadable += file_report.unreadable
        self.add(name, file_report, file_report.diagnostics)
        fine = not (file_report.diagnostics if self.strict else file_report.errors)
        if fine and self.format == "full" and not self.quiet:
            from netspec.report.status_line import verdict

            say(f"{shown(name)}: {verdict(file_report)}")

    def add(
        self, name: str, file_report: Report | None, diagnostics: tuple[Diagnostic, ...]
    ) -> None:
        """Collect the diagnostics of one file, and print them unless a report prints all at the end."""
        if self.reports.are_requested:
            from netspec.report.report_json import file_json

            self.files.append(file_json(name, file_report))
        fresh = [d for d in diagnostics if self._is_new(d, name)]
        self.diagnostics.extend((name, d) for d in fresh)
        if not self.reports.on_output and not self.quiet:
            write_diagnostics(fresh, self.args, name)

    def _is_new(self, diagnostic: Diagnostic, name: str) -> bool:
        """Whether no earlier file reported this: a mistake in a shared file occurs in each file that uses it."""
        span = diagnostic.span
        if span is None:
            return True
        key = (diagnostic.code, span.source.name, span.start, span.end)
        return self._texts.setdefault(key, name) == name

    @property
    def errors(self) -> int:
        """How many of the diagnostics are errors."""
        return sum(1 for _, d in self.diagnostics if d.severity == Severity.ERROR)

    @property
    def code(self) -> int:
        """The exit code."""
        if self.unreadable:
            return exit_codes.USAGE
        failed = self.diagnostics if self.strict else self.errors
        return exit_codes.ERRORS if failed else exit_codes.CLEAN


def run(args: ParsedArgs) -> int:
    """Check everything that the command line names."""
    if not args.operands:
        raise UsageError(
            "no file to check",
            "to check every spec below this directory, run `netspec check .`",
        )
    settings(args)
    if "-" in args.operands and args.has("--fix"):
        raise UsageError("cannot fix standard input in place", "use `--diff`, or pass a file")
    files = find_files(args.operands, specs_only=args.has("--specs-only"))
    if args.has("--weights"):
        from netspec.cli.weights_check import one_network

        one_network(files.paths)
    checking = CheckRun(args)
    for path, diagnostic in files.diagnostics:
        checking.unreadable += 1
        checking.add(path, None, (diagnostic,))
    if len(files.paths) > 1:
        gc.enable()  # one graph may be left to the end of the process, a thousand may not
    for path in files.paths:
        checking.check(path)
    _sum_up(checking, files)
    if checking.reports.are_requested:
        checking.reports.write(_outcome(checking, files))
    return checking.code


def _outcome(checking: CheckRun, files: InputFiles) -> Outcome:
    from netspec.report.outcome import Outcome

    valid = checking.code == exit_codes.CLEAN
    diagnostics = checking.diagnostics
    return Outcome(checking.files, diagnostics, valid, checking.strict, files.skipped)


def _sum_up(checking: CheckRun, files: InputFiles) -> None:
    """One summary line on standard error, if it adds to the result of a single file."""
    sys.stdout.flush()
    diagnostics, count = checking.diagnostics, len(files.paths)
    if not count or (count == 1 and not diagnostics and not files.skipped):
        return
    errors = checking.errors
    counts = [counted(errors, "error")] if errors else []
    if warnings := len(diagnostics) - errors:
        counts.append(counted(warnings, "warning"))
    others = f" ({counted(files.skipped, 'other file')} skipped)" if files.skipped else ""
    print(
        f"{', '.join(counts) or 'no diagnostics'} in {counted(count, 'file')}{others}",
        file=sys.stderr,
    )
    if diagnostics and sys.stderr.isatty():
        print(f"for details: `netspec explain {diagnostics[0][1].code}`", file=sys.stderr)
