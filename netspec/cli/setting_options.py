"""`--set`, `--preset` and `--layers`: a spec's parameters and layers from the command line."""

from __future__ import annotations

import sys

from netspec.check import Report, check_document, check_text
from netspec.cli.options import ParsedArgs, UsageError
from netspec.document import Document, read
from netspec.document.loading import MAX_BYTES, decode
from netspec.elaborate import Catalog, SetText


def settings(args: ParsedArgs) -> dict[str, object]:
    """The values of every `--set NAME=VALUE`; of one name the last counts."""
    values: dict[str, object] = {}
    for text in args.all("--set"):
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"`--set {text}` sets nothing", "write `--set NAME=VALUE`")
        values[name.strip()] = SetText(value)
    return values


def catalog(args: ParsedArgs) -> Catalog:
    """The layers that specs may use: those of every `--layers FILE.py` as well."""
    files = tuple(args.all("--layers"))
    if not files:
        return Catalog()
    from netspec.elaborate.custom_layers import OwnLayerError

    try:
        return Catalog(files)
    except OwnLayerError as error:
        raise UsageError(error.message, error.help) from None


def load_report(path: str, args: ParsedArgs, layers: Catalog | None = None) -> Report:
    """The report on a file, or on standard input for `-`, with the requested parameters. The file may be a graph.

    `layers` are those of `--layers`, where the caller has read them.
    """
    preset = args.last("--preset") or None
    values, known = settings(args), layers or catalog(args)
    try:
        document = _standard_input() if path == "-" else read(path)
        if not document.is_graph_data:
            return check_document(document, values, preset, known)
        from netspec.schema.graph import graph_report

        return graph_report(document, known, values, preset)
    except Exception as error:
        error.add_note(f"while checking {path}")
        raise


def report_on(text: str, name: str, args: ParsedArgs) -> Report:
    """The report on a text in place of the content of its file, with the requested parameters."""
    return check_text(text, name, settings(args), args.last("--preset") or None, catalog(args))


def _standard_input() -> Document:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    return decode("<stdin>", data)
