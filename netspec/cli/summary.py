"""`netspec summary`: the network as a table."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import ParsedArgs, UsageError
from netspec.cli.output import answer, columns, style, write_findings
from netspec.cli.settings import report
from netspec.cli.sizes import hold, sizes
from netspec.render.summary import Summary


def run(args: ParsedArgs) -> int:
    """Print the table, or what is wrong with the spec."""
    depth = _depth(args)
    requested_sizes = sizes(args)
    file_report = report(args.only_operand(), args)
    write_findings(file_report.diagnostics, args, file_report.document.source.name, sys.stderr)
    if not file_report.valid:
        return exit_codes.USAGE if file_report.unreadable else exit_codes.ERRORS
    if file_report.graph is None:
        print("this is a library: it has blocks to use, and no body to show", file=sys.stderr)
        return exit_codes.USAGE
    hold(requested_sizes, file_report.graph)
    answer(_shown(Summary(file_report.graph, requested_sizes), depth, args), args)
    return exit_codes.CLEAN


def _shown(summary: Summary, depth: int | None, args: ParsedArgs) -> str:
    if args.last("--format") == "json":
        from netspec.render.summary_json import summary_json

        return summary_json(summary, depth)
    from netspec.render.table import table

    return table(summary, depth, columns(sys.stdout), style(args, sys.stdout))


def _depth(args: ParsedArgs) -> int | None:
    """How many levels of rows are shown: as in `netspec render`, `--depth 0` leaves the top level alone."""
    text = args.last("--depth")
    if not args.has("--depth"):
        return None
    if not text.isdecimal():
        raise UsageError(f"`--depth` cannot be `{text}`", "it is a number of levels: 0, 1, 2, …")
    return int(text) + 1
