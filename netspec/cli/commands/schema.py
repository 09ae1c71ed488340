"""`netspec schema`: the JSON Schema of spec files, for editors, and of reports, for programs."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say
from netspec.cli.output_files import write
from netspec.report.numbers import counted


def run(args: ParsedArgs) -> int:
    """Print the schema, or write it to a file."""
    if args.operands:
        raise UsageError("`netspec schema` takes no spec", "write `netspec schema -o FILE`")
    target = args.last("--output", "-")
    if not target:
        raise UsageError("`--output` names no file", "write `-o netspec.schema.json`")
    schema_text = _schema(args.last("--of", "spec"))
    if target == "-":
        print(schema_text, end="")
        return exit_codes.CLEAN
    write(target, schema_text)
    say(f"{target}: {counted(len(schema_text.encode()), 'byte')}", stream=sys.stderr)
    return exit_codes.CLEAN


def _schema(of: str) -> str:
    from netspec.schema import lock_schema_text, report_schema_text, text
    from netspec.schema.graph import graph_schema_text

    if of == "spec":
        return text()
    if of == "lock":
        return lock_schema_text()
    return graph_schema_text() if of == "graph" else report_schema_text(of)
