"""`netspec check --fix` and `--diff`: what is certain is mended, in the file or only shown."""

from __future__ import annotations

import os
import sys
from difflib import unified_diff

from netspec.check import Report
from netspec.cli.arguments import Given
from netspec.cli.output import say
from netspec.cli.settings import report_on
from netspec.cli.writing import write
from netspec.fix import Fixed, fix
from netspec.render.cells import shown
from netspec.render.numbers import counted


def mend(found: Report, given: Given) -> Report:
    """What is left to say after the certain mends, which are written to the file, or printed as a diff."""
    name = found.document.source.name
    if not found.diagnostics or found.unreadable:
        return found
    fixed = fix(found, lambda text: report_on(text, name, given))
    if not fixed.mended:
        return found
    if given.has("--diff"):
        sys.stdout.writelines(diff(name, found.document.source.text, fixed.text))
        return found
    write(name, fixed.text)
    say(f"{shown(name)}: {_said(fixed)}", stream=sys.stderr)
    return fixed.report


def _said(fixed: Fixed) -> str:
    return f"mended {counted(len(fixed.mended), 'mistake')}"


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
