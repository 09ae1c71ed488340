"""`netspec render`: the network as a picture, or as rails in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import columns, say, style, write_diagnostics
from netspec.cli.output_files import write_bytes
from netspec.cli.setting_options import load_report
from netspec.graph import Graph
from netspec.render import (
    DRAWN,
    WRITTEN,
    EngineError,
    LevelFolds,
    Scene,
    fitting_depth,
    picture,
    scene,
)
from netspec.render.mermaid import exceeded_limit
from netspec.similar_words import closest

_ENDINGS = {"gv": "dot", "mmd": "mermaid", "txt": "rail"}

Drawing = TypeVar("Drawing")


def run(args: ParsedArgs) -> int:
    """Draw a spec; one with errors too, as far as it is known, with its faults marked."""
    if args.has("--diff"):
        return _difference(args)
    file_report = load_report(args.only_operand(), args)
    write_diagnostics(file_report.diagnostics, args, file_report.document.source.name, sys.stderr)
    if file_report.unreadable:
        return exit_codes.USAGE
    if file_report.graph is None or not file_report.graph.nodes:
        if file_report.valid:
            print("this is a library: it has blocks, but no body to draw", file=sys.stderr)
            return exit_codes.USAGE
        return exit_codes.ERRORS
    if args.has("--html"):
        _page(file_report, args)
    else:
        _draw(_scene(file_report, file_report.graph, args), args)
    return exit_codes.CLEAN if file_report.valid else exit_codes.ERRORS


def _page(file_report: Report, args: ParsedArgs) -> None:
    """One HTML file with everything."""
    from netspec.render.page import html_page

    try:
        text = html_page(file_report, args.last("--theme", "light"))
    except EngineError as error:
        raise UsageError(error.message, error.help) from None
    _put(text.encode(), args.last("--html"))


def _difference(args: ParsedArgs) -> int:
    """Two networks in one picture."""
    from netspec.cli.commands.diff import UnusableError, as_second, graph_of, sides
    from netspec.render.compared import compared

    before, after = sides(args)
    try:
        old, new = graph_of(before, args), graph_of(after, as_second(args))
    except UnusableError as error:
        return error.code
    _draw(compared(old, new, _depth(args, new)), args)
    return exit_codes.CLEAN


def _scene(file_report: Report, graph: Graph, args: ParsedArgs) -> Scene:
    errors: dict[str, list[str]] = {}
    for diagnostic in file_report.errors:
        errors.setdefault(diagnostic.path, []).append(diagnostic.message)
    focus = args.last("--focus")
    known = [level.path for level in graph.root.levels()]
    for path in [*([focus] if focus else []), *args.all("--expand")]:
        if path not in known:
            suggestion = closest(path, known)
            raise UsageError(
                f"`{graph.name}` has no level `{path}`",
                f"did you mean `{suggestion}`?"
                if suggestion
                else f"its levels are: {', '.join(known[:8]) or 'none'}",
            )
    return scene(
        graph,
        depth=_depth(args, graph),
        focus=focus,
        folds=LevelFolds(expand=args.all("--expand")),
        errors=errors,
        repeats=not args.has("--unfold"),
    )


def _depth(args: ParsedArgs, graph: Graph) -> int | None:
    """The number of open levels: the requested one, or the largest that fits a page."""
    text = args.last("--depth")
    if args.has("--depth"):
        if not text.isdecimal():
            raise UsageError(f"`--depth` cannot be `{text}`", "use a number of levels: 0, 1, 2, …")
        return int(text)
    return None if args.has("--unfold") or args.has("--focus") else fitting_depth(graph)


def _draw(drawn: Scene, args: ParsedArgs) -> None:
    target = args.last("--output", "-")
    from netspec.report.terminal import terminal

    format = _format(args, target)
    if format == "rail":
        from netspec.render.rail import ASCII, UNICODE, rail

        glyphs = ASCII if args.has("--ascii") else UNICODE
        picture_content: str | bytes = (
            terminal(rail(drawn, columns(sys.stdout), style(args, sys.stdout), glyphs), color=True)
            + "\n"
        )
    elif format == "boxes":
        from netspec.render import boxes

        look = boxes.ASCII if args.has("--ascii") else boxes.UNICODE
        picture_content = terminal(_or_usage(lambda: boxes.boxes(drawn, look).text))
    else:
        theme, by = args.last("--theme", "light"), args.last("--by")
        picture_content = _or_usage(lambda: picture(drawn, format, theme, by))
        if (
            isinstance(picture_content, str)
            and format == "mermaid"
            and (excess := exceeded_limit(drawn, picture_content))
        ):
            print(f"note: {excess}", file=sys.stderr)
    _put(
        picture_content if isinstance(picture_content, bytes) else picture_content.encode(), target
    )


def _or_usage(draw: Callable[[], Drawing]) -> Drawing:
    """The picture; if drawing fails, the command reports the reason and what to do."""
    try:
        return draw()
    except EngineError as error:
        raise UsageError(error.message, error.help) from None


def _format(args: ParsedArgs, target: str) -> str:
    """The requested format, or that of the file extension; rails for a terminal."""
    if args.has("--format"):
        return args.last("--format")
    ending = os.path.splitext(target)[1].lstrip(".").lower()
    if ending in DRAWN or ending in WRITTEN:
        return ending
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if target != "-":
        raise UsageError(
            f"`{target}` has no known picture extension",
            f"use .{', .'.join(DRAWN)}, or pass `--format`",
        )
    return "rail"


def _put(data: bytes, target: str) -> None:
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_bytes(target, data)
        say(target, stream=sys.stderr)
