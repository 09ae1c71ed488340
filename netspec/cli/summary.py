"""`netspec summary`: the network as a table."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import answer, columns, style, write_findings
from netspec.cli.settings import report
from netspec.cli.sizes import hold, sizes
from netspec.render.summary import Summary


def run(given: Given) -> int:
    """Print the table, or what is wrong with the spec."""
    depth = _depth(given)
    wanted = sizes(given)
    found = report(given.only_operand(), given)
    write_findings(found.diagnostics, given, found.document.source.name, sys.stderr)
    if not found.valid:
        return exit_codes.USAGE if found.unreadable else exit_codes.ERRORS
    if found.graph is None:
        print("this is a library: it has blocks to use, and no body to show", file=sys.stderr)
        return exit_codes.USAGE
    hold(wanted, found.graph)
    answer(_shown(Summary(found.graph, wanted), depth, given), given)
    return exit_codes.CLEAN


def _shown(summary: Summary, depth: int | None, given: Given) -> str:
    if given.last("--format") == "json":
        from netspec.render.summary_json import summary_json

        return summary_json(summary, depth)
    from netspec.render.table import table

    return table(summary, depth, columns(sys.stdout), style(given, sys.stdout))


def _depth(given: Given) -> int | None:
    """How many levels of rows are shown: as in `netspec render`, `--depth 0` leaves the top level alone."""
    text = given.last("--depth")
    if not given.has("--depth"):
        return None
    if not text.isdecimal():
        raise UsageError(f"`--depth` cannot be `{text}`", "it is a number of levels: 0, 1, 2, …")
    return int(text) + 1
