"""`netspec compile`: the network as a Python program."""

from __future__ import annotations

import os
import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import say, write_findings
from netspec.cli.settings import report
from netspec.cli.writing import write
from netspec.diagnostics import SpecError
from netspec.render.numbers import counted


def run(given: Given) -> int:
    """Print the program, or write it to a file."""
    from netspec.api import Network

    path, target = given.only_operand(), given.last("--output", "-")
    _keep_spec(path, target)
    found = report(path, given)
    name = found.document.source.name
    write_findings(found.diagnostics, given, name, sys.stderr)
    if found.unreadable:
        return exit_codes.USAGE
    if not found.valid:
        return exit_codes.ERRORS
    try:
        generated = Network(found)._generated()
    except SpecError as error:
        write_findings(error.diagnostics, given, name, sys.stderr)
        return exit_codes.ERRORS
    source = generated.annotated if given.has("--annotate") else generated.source
    if target == "-":
        print(source, end="")
        return exit_codes.CLEAN
    write(target, source)
    lines = counted(source.count("\n"), "line")
    say(f"{target}: class {generated.class_name}, {lines}", stream=sys.stderr)
    return exit_codes.CLEAN


def _keep_spec(path: str, target: str) -> None:
    if not target:
        raise UsageError("`--output` names no file", "write `-o net.py`")
    if (
        target != "-"
        and os.path.exists(target)
        and os.path.exists(path)
        and os.path.samefile(path, target)
    ):
        raise UsageError(f"`{target}` is the spec itself", "write the program to another file")
