"""`netspec fmt`: specs in their canonical layout."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.fixing import diff
from netspec.cli.input_files import find_files
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say, write_diagnostics
from netspec.cli.output_files import write
from netspec.document import Document
from netspec.document.foreign import foreign
from netspec.document.loading import MAX_BYTES, decode, read
from netspec.fmt import UncertainError, formatted
from netspec.report.numbers import counted
from netspec.report.text_width import shown


class _Run:
    """The results of a run so far."""

    def __init__(self, args: ParsedArgs) -> None:
        self.args = args
        self.changed = self.unreadable = 0

    @property
    def shows(self) -> bool:
        """Whether files stay as they are."""
        return self.args.has("--check") or self.args.has("--diff")

    def format(self, path: str) -> None:
        """Format one file, or report why that is not possible."""
        document = _document(path)
        name = document.source.name
        diagnostics = document.diagnostics
        if not document.has_version and (diagnostic := foreign(document)) is not None:
            diagnostics = [diagnostic]
        if diagnostics:
            write_diagnostics(diagnostics, self.args, name, sys.stderr)
            self.unreadable += 1
            return
        if not document.has_version:
            self._leave(name, "it is not a netspec file")
            return
        try:
            text = formatted(document)
        except UncertainError as error:
            self._leave(name, str(error))
            text = document.source.text
        self._done(path, name, document.source.text, text)

    def _leave(self, name: str, why: str) -> None:
        self.unreadable += 1
        say(f"{shown(name)}: left unchanged: {why}", stream=sys.stderr)

    def _done(self, path: str, name: str, before: str, after: str) -> None:
        if before != after:
            self.changed += 1
        if self.args.has("--diff"):
            sys.stdout.writelines(diff(name, before, after))
        elif path == "-" and not self.shows:
            sys.stdout.write(after)
        elif before != after and self.shows:
            say(shown(name))
        elif before != after:
            write(path, after)
            say(shown(name))


def run(args: ParsedArgs) -> int:
    """Lay out everything that the command line names."""
    if not args.operands:
        raise UsageError(
            "no file to format", "to format every spec below this directory, run `netspec fmt .`"
        )
    files = find_files(args.operands, specs_only=args.has("--specs-only"))
    running = _Run(args)
    for path, diagnostic in files.diagnostics:
        write_diagnostics([diagnostic], args, path, sys.stderr)
        running.unreadable += 1
    for path in files.paths:
        running.format(path)
    if files.paths != ["-"]:
        what = "to format" if running.shows else "formatted"
        print(f"{counted(running.changed, 'file')} of {len(files.paths):,} {what}", file=sys.stderr)
    if running.unreadable:
        return exit_codes.USAGE
    return exit_codes.ERRORS if running.shows and running.changed else exit_codes.CLEAN


def _document(path: str) -> Document:
    if path == "-":
        return decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
    return read(path)
