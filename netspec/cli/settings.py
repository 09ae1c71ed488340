"""`--set`, `--preset` and `--layers`: a spec's parameters and layers from the command line."""

from __future__ import annotations

import sys

from netspec.check import Report, check, check_document, check_text
from netspec.cli.arguments import Given, UsageError
from netspec.document import Document
from netspec.document.file import MAX_BYTES, decode
from netspec.elaborate import Catalog, SetText


def settings(given: Given) -> dict[str, object]:
    """The values of every `--set NAME=VALUE`; of one name the last counts."""
    found: dict[str, object] = {}
    for text in given.all("--set"):
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"`--set {text}` sets nothing", "write `--set NAME=VALUE`")
        found[name.strip()] = SetText(value)
    return found


def catalog(given: Given) -> Catalog:
    """The layers that specs may use: those of every `--layers FILE.py` as well."""
    files = tuple(given.all("--layers"))
    if not files:
        return Catalog()
    from netspec.elaborate.own_layers import OwnLayerError

    try:
        return Catalog(files)
    except OwnLayerError as error:
        raise UsageError(error.message, error.help) from None


def report(path: str, given: Given, layers: Catalog | None = None) -> Report:
    """The report on a file, or on standard input for `-`, with the parameters as asked.

    `layers` are those of `--layers`, where the caller has read them.
    """
    preset = given.last("--preset") or None
    values, known = settings(given), layers or catalog(given)
    try:
        if path == "-":
            return check_document(_standard_input, values, preset, known)
        return check(path, values, preset, known)
    except Exception as error:
        error.add_note(f"while checking {path}")
        raise


def report_on(text: str, name: str, given: Given) -> Report:
    """The report on a text in place of the file that it is of, with the parameters as asked."""
    return check_text(text, name, settings(given), given.last("--preset") or None, catalog(given))


def _standard_input() -> Document:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    return decode("<stdin>", data)
