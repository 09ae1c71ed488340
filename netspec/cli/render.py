"""`netspec render`: the network as a picture, or as rails in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import columns, say, style, write_findings
from netspec.cli.settings import report
from netspec.cli.writing import write_bytes
from netspec.diagnostics import closest
from netspec.elaborate import Graph
from netspec.elaborate.around import levels
from netspec.picture import DRAWN, WRITTEN, EngineError, Scene, fitting_depth, picture, scene
from netspec.picture.mermaid import too_large

_ENDINGS = {"gv": "dot", "mmd": "mermaid", "txt": "rail"}

Drawing = TypeVar("Drawing")


def run(given: Given) -> int:
    """Draw a spec; one with errors too, as far as it is known, with its faults marked."""
    if given.has("--diff"):
        return _difference(given)
    found = report(given.only_operand(), given)
    write_findings(found.diagnostics, given, found.document.source.name, sys.stderr)
    if found.unreadable:
        return exit_codes.USAGE
    if found.graph is None or not found.graph.nodes:
        if found.valid:
            print("this is a library: it has blocks to use, and no body to draw", file=sys.stderr)
            return exit_codes.USAGE
        return exit_codes.ERRORS
    if given.has("--html"):
        _page(found, given)
    else:
        _draw(_scene(found, found.graph, given), given)
    return exit_codes.CLEAN if found.valid else exit_codes.ERRORS


def _page(found: Report, given: Given) -> None:
    """One HTML file with everything."""
    from netspec.picture.page import page

    try:
        text = page(found, given.last("--theme", "light"))
    except EngineError as error:
        raise UsageError(error.message, error.help) from None
    _put(text.encode(), given.last("--html"))


def _difference(given: Given) -> int:
    """Two networks in one picture."""
    from netspec.cli.diff import UnusableError, as_second, graph_of, sides
    from netspec.picture.compared import compared

    before, after = sides(given)
    try:
        old, new = graph_of(before, given), graph_of(after, as_second(given))
    except UnusableError as error:
        return error.code
    _draw(compared(old, new, _depth(given, new)), given)
    return exit_codes.CLEAN


def _scene(found: Report, graph: Graph, given: Given) -> Scene:
    errors: dict[str, list[str]] = {}
    for finding in found.errors:
        errors.setdefault(finding.path, []).append(finding.message)
    focus = given.last("--focus")
    known = [level.path for level in levels(graph.root.entries)]
    for path in [*([focus] if focus else []), *given.all("--expand")]:
        if path not in known:
            meant = closest(path, known)
            raise UsageError(
                f"`{graph.name}` has no level `{path}`",
                f"did you mean `{meant}`?"
                if meant
                else f"its levels are: {', '.join(known[:8]) or 'none'}",
            )
    return scene(graph, depth=_depth(given, graph), focus=focus, expand=given.all("--expand"), errors=errors,
                 repeats=not given.has("--unfold"))  # fmt: skip


def _depth(given: Given, graph: Graph) -> int | None:
    """How many levels are open: as asked, or so many that the picture fits a page."""
    text = given.last("--depth")
    if given.has("--depth"):
        if not text.isdecimal():
            raise UsageError(
                f"`--depth` cannot be `{text}`", "it is a number of levels: 0, 1, 2, …"
            )
        return int(text)
    return None if given.has("--unfold") or given.has("--focus") else fitting_depth(graph)


def _draw(drawn: Scene, given: Given) -> None:
    target = given.last("--output", "-")
    from netspec.render.terminal import terminal

    format = _format(given, target)
    if format == "rail":
        from netspec.picture.rail import ASCII, UNICODE, rail

        glyphs = ASCII if given.has("--ascii") else UNICODE
        found: str | bytes = (
            terminal(
                rail(drawn, columns(sys.stdout), style(given, sys.stdout), glyphs), colour=True
            )
            + "\n"
        )
    elif format == "boxes":
        from netspec.picture import boxes

        look = boxes.ASCII if given.has("--ascii") else boxes.UNICODE
        found = terminal(_or_usage(lambda: boxes.boxes(drawn, look).text))
    else:
        theme, by = given.last("--theme", "light"), given.last("--by")
        found = _or_usage(lambda: picture(drawn, format, theme, by))
        if isinstance(found, str) and format == "mermaid" and (problem := too_large(drawn, found)):
            print(f"note: {problem}", file=sys.stderr)
    _put(found if isinstance(found, bytes) else found.encode(), target)


def _or_usage(draw: Callable[[], Drawing]) -> Drawing:
    """What is drawn; where that fails, the command says why and what to do."""
    try:
        return draw()
    except EngineError as error:
        raise UsageError(error.message, error.help) from None


def _format(given: Given, target: str) -> str:
    """What is asked for, or what the file's ending says; rails on a terminal."""
    if given.has("--format"):
        return given.last("--format")
    ending = os.path.splitext(target)[1].lstrip(".").lower()
    if ending in DRAWN or ending in WRITTEN:
        return ending
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if target != "-":
        raise UsageError(
            f"`{target}` does not say what kind of picture it is",
            f"end it with .{', .'.join(DRAWN)}, or give `--format`",
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
