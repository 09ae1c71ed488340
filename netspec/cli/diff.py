"""`netspec diff A B`: what differs between two networks, not between two texts."""

from __future__ import annotations

import os
import sys

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import answer, say, style, write_findings
from netspec.cli.settings import report
from netspec.cli.sizes import hold, sizes
from netspec.compare import Difference, difference, facts, fitting
from netspec.elaborate import Graph
from netspec.revision import RevisionError, checked_out, split

_HEAD = "HEAD"


class UnusableError(Exception):
    """A side that is no network; what is wrong with it has been printed."""

    def __init__(self, code: int) -> None:
        self.code = code


def run(given: Given) -> int:
    """Print the difference: 0 where there is none, 1 where there is one, 2 where it cannot be told."""
    before, after = sides(given)
    try:
        found = _difference(graph_of(before, given), graph_of(after, as_second(given)), given)
    except UnusableError as error:
        return error.code
    _show(found, given)
    return exit_codes.ERRORS if found else exit_codes.CLEAN


def sides(given: Given) -> tuple[str, str]:
    """The two specs that the command line means; one alone is compared with what git has of it."""
    command = (
        "netspec diff" if given.command.name == "diff" else f"netspec {given.command.name} --diff"
    )
    if not given.operands or len(given.operands) > 2:
        raise UsageError(
            f"`{command}` compares two specs",
            f"write `{command} A B`, or `{command} A` for A in git",
        )
    if given.operands.count("-") > 1:
        raise UsageError("standard input can be one of the two specs only")
    if len(given.operands) == 2:
        return given.operands[0], given.operands[1]
    [only] = given.operands
    path, revision = split(only)
    if revision:
        return only, path
    if given.has("--to-set") or given.has("--to-preset"):
        return only, only
    if path == "-":
        raise UsageError("standard input has no revisions", f"write `{command} A -`")
    if not os.path.exists(path):
        return path, path  # the check says what is wrong with the path
    return f"{path}@{_HEAD}", path


def as_second(given: Given) -> Given:
    """The command line as the second spec sees it."""
    other = Given(given.command)
    other.operands = given.operands
    other.options = dict(given.options)
    if given.has("--to-preset"):
        other.options["--preset"] = given.all("--to-preset")
    other.options["--set"] = [*given.all("--set"), *given.all("--to-set")]
    return other


def _difference(before: Graph, after: Graph, given: Given) -> Difference:
    """Both counted at the same sizes, as far as both take them."""
    wanted = sizes(given)
    for graph in (before, after):
        hold({name: size for name, size in wanted.items() if name in graph.domains}, graph)
    shared = {**after.examples, **fitting(before.examples, after)}
    at = {**fitting(shared, before), **wanted}
    return difference(facts(before, fitting(at, before)), facts(after, fitting(at, after)))


def graph_of(operand: str, given: Given) -> Graph:
    """The network of a spec, or of one in a revision; raises `UnusableError` where there is none."""
    path, revision = split(operand)
    if not revision:
        return _of(report(path, given), operand, given)
    try:
        with checked_out(path, revision) as copy:
            return _of(report(copy, given), operand, given)
    except RevisionError as error:
        raise UsageError(error.message, error.help) from None


def _of(found: Report, operand: str, given: Given) -> Graph:
    if not found.valid or found.graph is None:
        if found.graph is None and found.valid:
            say(f"`{operand}` is a library: it has no body to compare", stream=sys.stderr)
        else:
            write_findings(found.errors, given, found.document.source.name, sys.stderr)
            say(f"`{operand}` has errors, so there is nothing to compare", stream=sys.stderr)
        raise UnusableError(exit_codes.USAGE)
    return found.graph


def _show(found: Difference, given: Given) -> None:
    if given.last("--format") == "json":
        from netspec.compare.difference_json import difference_json

        answer(difference_json(found), given)
        return
    from netspec.compare.text import told

    most = None if given.has("--all") else 40
    say(told(found, style(given, sys.stdout), most=most) if found else "no difference")
