"""`netspec summary`: the network as a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import WIDTH, answer, columns, say, style, write_diagnostics
from netspec.cli.output_files import write
from netspec.cli.setting_options import load_report
from netspec.cli.size_options import sizes, validate_sizes
from netspec.diagnostics import SpecError
from netspec.report.numbers import counted
from netspec.report.summary import Summary

if TYPE_CHECKING:
    from netspec.check import Report


def run(args: ParsedArgs) -> int:
    """Print the table, or the errors of the spec."""
    depth = _depth(args)
    requested_sizes = sizes(args)
    file_report = load_report(args.only_operand(), args)
    write_diagnostics(file_report.diagnostics, args, file_report.document.source.name, sys.stderr)
    if not file_report.valid:
        return exit_codes.USAGE if file_report.unreadable else exit_codes.ERRORS
    if file_report.graph is None:
        print("this is a library: it has blocks, but no body to show", file=sys.stderr)
        return exit_codes.USAGE
    validate_sizes(requested_sizes, file_report.graph)
    try:
        _write(_shown(file_report, requested_sizes, depth, args), args)
    except SpecError as error:
        write_diagnostics(error.diagnostics, args, file_report.document.source.name, sys.stderr)
        return exit_codes.ERRORS
    return exit_codes.CLEAN


def _write(text: str, command_line: ParsedArgs) -> None:
    target = command_line.last("--output", "-")
    if not target:
        raise UsageError("`--output` names no file", "write `-o net.json`")
    if target == "-":
        answer(text, command_line)
        return
    from netspec.report.terminal import inert_json

    is_json = command_line.last("--format", "table") != "table"
    written = f"{inert_json(text) if is_json else text}\n"
    write(target, written)
    say(f"{target}: {counted(len(written.encode()), 'byte')}", stream=sys.stderr)


def _shown(
    report: Report, requested_sizes: dict[str, int], depth: int | None, command_line: ParsedArgs
) -> str:
    assert report.graph is not None
    if command_line.last("--format") == "graph-json":
        from netspec.schema.graph import graph_model

        if depth is not None:
            raise UsageError("`--depth` does not apply to `graph-json`", "remove `--depth`")
        return graph_model(report.graph, report.spec, requested_sizes).model_dump_json(indent=2)
    summary = Summary(report.graph, requested_sizes)
    if command_line.last("--format") == "json":
        from netspec.report.summary_json import summary_json

        return summary_json(summary, depth)
    from netspec.report.table import table

    if command_line.last("--output", "-") != "-":
        return table(summary, depth, WIDTH)
    return table(summary, depth, columns(sys.stdout), style(command_line, sys.stdout))


def _depth(args: ParsedArgs) -> int | None:
    """The number of levels to show; as in `netspec render`, `--depth 0` shows the top level only."""
    text = args.last("--depth")
    if not args.has("--depth"):
        return None
    if not text.isdecimal():
        raise UsageError(f"`--depth` cannot be `{text}`", "use a number of levels: 0, 1, 2, …")
    return int(text) + 1
