"""The streams of the process, and diagnostics written to them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from netspec.cli.options import ParsedArgs
from netspec.diagnostics import Diagnostic

if TYPE_CHECKING:
    from netspec.report.style import Style

WIDTH = 120
"""The width of the output without a terminal."""
_NARROWEST = 80


def style(args: ParsedArgs, stream: TextIO) -> Style:
    """Whether to use color: by `--color`, the environment, or whether the stream is a terminal."""
    from netspec.report.style import Style

    asked = args.last("--color", "auto")
    if asked != "auto":
        return Style(color=asked == "always")
    if os.environ.get("NO_COLOR"):
        return Style(color=False)
    if os.environ.get("FORCE_COLOR"):
        return Style(color=True)
    return Style(color=stream.isatty() and os.environ.get("TERM") != "dumb")


def columns(stream: TextIO) -> int:
    """How wide the stream's lines may be."""
    if not stream.isatty() and "COLUMNS" not in os.environ:
        return WIDTH
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, _NARROWEST)


def say(*lines: str, stream: TextIO | None = None, end: str = "\n") -> None:
    """Print lines for people: safe for a terminal and for logs, whatever text is in them."""
    stream = stream or sys.stdout
    for line in lines:
        print(line if _is_plain(line) else _safe(line), end=end, file=stream)


_LAST_PLAIN = "\u05ff"
"""Later scripts may be written from right to left, or combine characters."""


def _is_plain(text: str) -> bool:
    """Whether a text is safe unchanged, by a quick test: most texts are, and require no patterns."""
    if "::" in text or "##[" in text:
        return False
    return text.replace("\n", "").isprintable() and max(text, default="") <= _LAST_PLAIN


def _safe(text: str) -> str:
    from netspec.report.terminal import terminal

    return terminal(text, color="\x1b" in text)


def answer(text: str, args: ParsedArgs) -> None:
    """Print the output: JSON if `--format` requests it, otherwise text."""
    if args.last("--format") not in ("json", "graph-json"):
        say(text)
        return
    from netspec.report.terminal import inert_json

    print(inert_json(text))


def write_diagnostics(
    diagnostics: Sequence[Diagnostic], args: ParsedArgs, file: str, stream: TextIO | None = None
) -> None:
    """Print diagnostics in the requested `--format`; `file` is the location of those without a span."""
    if not diagnostics:
        return
    from netspec.report.diagnostic import concise, full

    stream = stream or sys.stdout
    if args.last("--format") == "concise":
        for diagnostic in diagnostics:
            say(concise(diagnostic, file), stream=stream)
        return
    colors, room = style(args, stream), columns(stream)
    for diagnostic in diagnostics:
        say(full(diagnostic, colors, room, file), stream=stream, end="\n\n")
