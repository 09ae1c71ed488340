"""`netspec lock`: records a network, so that `check --locked` detects changes."""

from __future__ import annotations

import os
import sys

from netspec.cli import exit_codes
from netspec.cli.input_files import find_files
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say, write_diagnostics
from netspec.cli.output_files import write
from netspec.cli.setting_options import load_report
from netspec.compare import facts
from netspec.compare.lock_file import lock_path, lock_text
from netspec.report.numbers import counted
from netspec.report.text_width import shown


def run(args: ParsedArgs) -> int:
    """Write the lock of every spec that the command line names."""
    if not args.operands:
        raise UsageError("no spec to lock", "write `netspec lock SPEC`")
    if "-" in args.operands:
        raise UsageError("standard input cannot have a lock file", "pass a file")
    files = find_files(args.operands)
    code = exit_codes.CLEAN
    for path, diagnostic in files.diagnostics:
        write_diagnostics([diagnostic], args, path, sys.stderr)
        code = exit_codes.USAGE
    for path in files.paths:
        code = max(code, _lock(path, args))
    return code


def _lock(path: str, args: ParsedArgs) -> int:
    file_report = load_report(path, args)
    write_diagnostics(file_report.errors, args, file_report.document.source.name, sys.stderr)
    if not file_report.valid:
        return exit_codes.USAGE if file_report.unreadable else exit_codes.ERRORS
    if file_report.graph is None:
        say(f"{shown(path)}: a library, without a network to lock")
        return exit_codes.CLEAN
    target = lock_path(path, args.last("--preset") or None)
    text = lock_text(facts(file_report.graph))
    if _is(target, text):
        say(f"{shown(target)}: unchanged")
        return exit_codes.CLEAN
    write(target, text)
    say(f"{shown(target)}: {counted(len(file_report.graph.nodes), 'node')}")
    return exit_codes.CLEAN


def _is(path: str, text: str) -> bool:
    """Whether a file has that text already."""
    if not os.path.isfile(path):
        return False
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read() == text
