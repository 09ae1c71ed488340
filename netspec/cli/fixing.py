"""`netspec check --fix` and `--diff`: safe fixes, applied to the file or shown as a diff."""

from __future__ import annotations

import os
import sys
from difflib import unified_diff

from netspec.check import Report
from netspec.cli.options import ParsedArgs
from netspec.cli.output import say
from netspec.cli.output_files import write
from netspec.cli.setting_options import report_on
from netspec.fix import Fixed, fix
from netspec.report.numbers import counted
from netspec.report.text_width import shown


def apply_fixes(report: Report, args: ParsedArgs) -> Report:
    """The report after the safe fixes, which are written to the file or printed as a diff."""
    name = report.document.source.name
    if not report.diagnostics or report.unreadable:
        return report
    fixed = fix(report, lambda text: report_on(text, name, args))
    if not fixed.applied:
        return report
    if args.has("--diff"):
        sys.stdout.writelines(diff(name, report.document.source.text, fixed.text))
        return report
    write(name, fixed.text)
    say(f"{shown(name)}: {_as_text(fixed)}", stream=sys.stderr)
    return fixed.report


def _as_text(fixed: Fixed) -> str:
    return f"fixed {counted(len(fixed.applied), 'diagnostic')}"


def _lines(text: str) -> list[str]:
    """The lines with their ends; `patch` counts those of line feeds, and no U+2028 in a comment."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        end for end in text.split("\n")[-1:] if end
    ]


def diff(name: str, before: str, after: str) -> list[str]:
    """A change of a text as `patch` and `git apply` read it."""
    lines = unified_diff(
        _lines(before),
        _lines(after),
        f"a/{name.lstrip(os.sep)}",
        f"b/{name.lstrip(os.sep)}",
    )
    unfinished = "\n\\ No newline at end of file\n"
    return [line if line.endswith("\n") else line + unfinished for line in lines]
