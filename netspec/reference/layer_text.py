"""Layers on a terminal: all of them by category, or one with everything about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from netspec.reference.layer_guide import Guide, default_text
from netspec.report.style import PLAIN, Style
from netspec.report.text_width import shown


def layer_list(
    categories: Iterable[tuple[str, list[Guide]]], columns: int = 100, style: Style = PLAIN
) -> str:
    """Every layer with its summary, under its category."""
    parts = []
    for title, guides in categories:
        width = max(len(g.op) for g in guides)
        rows = [_row(g, width, columns, style) for g in guides]
        parts.append("\n".join([style("title", title), *rows]))
    return "\n\n".join(parts)


def _row(guide: Guide, width: int, columns: int, style: Style) -> str:
    room = max(columns - width - 4, 20)
    summary = textwrap.wrap(shown(guide.summary), room) or [""]
    rest = "".join(f"\n{' ' * (width + 4)}{line}" for line in summary[1:])
    return f"  {style('good', guide.op)}{' ' * (width - len(guide.op))}  {summary[0]}{rest}"


def layer_description(guide: Guide, example: str, columns: int = 100, style: Style = PLAIN) -> str:
    """One layer: summary, shapes, arguments, an example, and its source."""
    parts = ["\n".join(_filled(f"{guide.op}: {guide.summary}", columns, ""))]
    parts.append(_section("shape", _filled(guide.shape, columns), style))
    if guide.note:
        parts.append(_section("note", _filled(guide.note.replace("`", ""), columns), style))
    if len(guide.inputs) > 1:
        parts.append(_section("inputs", list(map(_input, guide.inputs)), style))
    if guide.arguments:
        parts.append(_section("arguments", list(_arguments(guide, columns)), style))
    if example:
        lines = [f"  {line}" for line in example.rstrip().split("\n")]
        parts.append(_section("example", lines, style))
    parts.append(_section("source", _filled(guide.source.replace("`", ""), columns), style))
    return "\n\n".join(parts)


def _section(title: str, lines: list[str], style: Style) -> str:
    return "\n".join([style("title", title), *lines])


def _filled(text: str, columns: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(shown(text), columns, initial_indent=indent, subsequent_indent=indent)


def _input(input_: tuple[str, bool]) -> str:
    name, optional = input_
    return f"  {name}{' (optional)' if optional else ''}"


def _arguments(guide: Guide, columns: int) -> Iterator[str]:
    for argument in guide.arguments:
        yield f"  {argument.name} ({default_text(argument)})"
        description = f"{argument.doc}; {argument.kind.expected}"
        yield from _filled(description, columns, "      ")
