"""`netspec lock`: writes down what a network is, so that `check --locked` notices when that changes."""

from __future__ import annotations

import os
import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.files import find
from netspec.cli.output import say, write_findings
from netspec.cli.settings import report
from netspec.cli.writing import write
from netspec.compare import facts
from netspec.compare.lock import lock_path, lock_text
from netspec.render.cells import shown
from netspec.render.numbers import counted


def run(given: Given) -> int:
    """Write the lock of every spec that the command line names."""
    if not given.operands:
        raise UsageError("`netspec lock` names no spec", "write `netspec lock SPEC`")
    if "-" in given.operands:
        raise UsageError("standard input has no place for a lock beside it", "name the file")
    files = find(given.operands)
    code = exit_codes.CLEAN
    for path, problem in files.problems:
        write_findings([problem], given, path, sys.stderr)
        code = exit_codes.USAGE
    for path in files.paths:
        code = max(code, _lock(path, given))
    return code


def _lock(path: str, given: Given) -> int:
    found = report(path, given)
    write_findings(found.errors, given, found.document.source.name, sys.stderr)
    if not found.valid:
        return exit_codes.USAGE if found.unreadable else exit_codes.ERRORS
    if found.graph is None:
        say(f"{shown(path)}: a library: there is no network to lock")
        return exit_codes.CLEAN
    target = lock_path(path, given.last("--preset") or None)
    text = lock_text(facts(found.graph))
    if _is(target, text):
        say(f"{shown(target)}: unchanged")
        return exit_codes.CLEAN
    write(target, text)
    say(f"{shown(target)}: {counted(len(found.graph.nodes), 'node')}")
    return exit_codes.CLEAN


def _is(path: str, text: str) -> bool:
    """Whether a file has that text already."""
    if not os.path.isfile(path):
        return False
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read() == text
