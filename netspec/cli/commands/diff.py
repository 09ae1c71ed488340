"""`netspec diff A B`: the differences between two networks, not between two texts."""

from __future__ import annotations

import os
import sys

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, say, style, write_diagnostics
from netspec.cli.setting_options import load_report
from netspec.cli.size_options import sizes, validate_sizes
from netspec.compare import Difference, difference, facts, fitting
from netspec.graph import Graph
from netspec.record import replace
from netspec.revision import RevisionError, checked_out, split

_HEAD = "HEAD"


class UnusableError(Exception):
    """A side that is not a network; its errors have been printed."""

    def __init__(self, code: int) -> None:
        self.code = code


def run(args: ParsedArgs) -> int:
    """Print the difference. Exit code 0 for none, 1 for a difference, 2 if it cannot be computed."""
    before, after = sides(args)
    try:
        network_difference = _difference(
            network_of(before, args), network_of(after, as_second(args)), args
        )
    except UnusableError as error:
        return error.code
    _show(network_difference, args)
    return exit_codes.ERRORS if network_difference else exit_codes.CLEAN


def sides(args: ParsedArgs) -> tuple[str, str]:
    """The two specs of the command line; a single one is compared with its version in git."""
    command = (
        "netspec diff" if args.command.name == "diff" else f"netspec {args.command.name} --diff"
    )
    if not args.operands or len(args.operands) > 2:
        raise UsageError(
            f"`{command}` compares two specs",
            f"write `{command} A B`, or `{command} A` to compare with git",
        )
    if args.operands.count("-") > 1:
        raise UsageError("standard input can be only one of the two specs")
    if len(args.operands) == 2:
        return args.operands[0], args.operands[1]
    [only] = args.operands
    path, revision = split(only)
    if revision:
        return only, path
    if args.has("--to-set") or args.has("--to-preset"):
        return only, only
    if path == "-":
        raise UsageError("standard input has no revisions", f"write `{command} A -`")
    if not os.path.exists(path):
        return path, path  # the check says what is wrong with the path
    return f"{path}@{_HEAD}", path


def as_second(args: ParsedArgs) -> ParsedArgs:
    """The command line as the second spec sees it."""
    other = ParsedArgs(args.command)
    other.operands = args.operands
    other.options = dict(args.options)
    if args.has("--to-preset"):
        other.options["--preset"] = args.all("--to-preset")
    other.options["--set"] = [*args.all("--set"), *args.all("--to-set")]
    return other


def _difference(first: Report, second: Report, args: ParsedArgs) -> Difference:
    """Both networks counted at the same sizes, if both accept them. A graph in JSON has no settings to compare."""
    before, after = _graph(first), _graph(second)
    requested_sizes = sizes(args)
    for graph in (before, after):
        validate_sizes(
            {name: size for name, size in requested_sizes.items() if name in graph.domains}, graph
        )
    shared = {**after.examples, **fitting(before.examples, after)}
    counted_sizes = {**fitting(shared, before), **requested_sizes}
    old = facts(before, fitting(counted_sizes, before))
    new = facts(after, fitting(counted_sizes, after))
    if first.document.is_graph_data or second.document.is_graph_data:
        old, new = replace(old, settings=()), replace(new, settings=())
    return difference(old, new)


def graph_of(operand: str, args: ParsedArgs) -> Graph:
    """The network of a spec, or of its version in a revision; raises `UnusableError` if there is none."""
    return _graph(network_of(operand, args))


def _graph(file_report: Report) -> Graph:
    assert file_report.graph is not None
    return file_report.graph


def network_of(operand: str, args: ParsedArgs) -> Report:
    """The report on a spec that is a network, or on one in a revision; raises `UnusableError` for any other."""
    path, revision = split(operand)
    if not revision:
        return _of(load_report(path, args), operand, args)
    try:
        with checked_out(path, revision) as copy:
            return _of(load_report(copy, args), operand, args)
    except RevisionError as error:
        raise UsageError(error.message, error.help) from None


def _of(file_report: Report, operand: str, args: ParsedArgs) -> Report:
    if not file_report.valid or file_report.graph is None:
        if file_report.graph is None and file_report.valid:
            say(f"`{operand}` is a library without a body to compare", stream=sys.stderr)
        else:
            write_diagnostics(
                file_report.errors, args, file_report.document.source.name, sys.stderr
            )
            say(f"`{operand}` has errors, so it cannot be compared", stream=sys.stderr)
        raise UnusableError(exit_codes.USAGE)
    return file_report


def _show(network_difference: Difference, args: ParsedArgs) -> None:
    if args.last("--format") == "json":
        from netspec.compare.difference_json import difference_json

        answer(difference_json(network_difference), args)
        return
    from netspec.compare.text import difference_text

    most = None if args.has("--all") else 40
    say(
        difference_text(network_difference, style(args, sys.stdout), most=most)
        if network_difference
        else "no difference"
    )
