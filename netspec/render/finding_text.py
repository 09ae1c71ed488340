"""The pages on findings on a terminal: all codes with a sentence, or one page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from netspec.render.finding_page import GROUPS, Page
from netspec.render.style import PLAIN, Style

_WIDEST = 100
"""Prose is hard to read in longer lines."""
_PARTS = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def listed(pages: Sequence[Page], columns: int = 100, style: Style = PLAIN) -> str:
    """Every code with its sentence, by what the codes are about."""
    parts = []
    for digit, title in GROUPS.items():
        rows = [_row(page, columns, style) for page in pages if page.code[2] == digit]
        if rows:
            parts.append("\n".join([style("title", title), *rows]))
    return "\n\n".join([*parts, "`netspec explain CODE` shows an example and its mend"])


def _row(page: Page, columns: int, style: Style) -> str:
    indent = " " * (len(page.code) + 4)
    first, *more = textwrap.wrap(page.summary, max(columns - len(indent), 20))
    return "\n".join([f"  {style('good', page.code)}  {first}", *(indent + line for line in more)])


def explained(page: Page, columns: int = 100, style: Style = PLAIN) -> str:
    """A page without its marks: prose filled, examples indented and under their file's name."""
    text, offset = page.markdown, 0
    lines: list[str] = []
    for block in _PARTS.finditer(text):
        lines += _prose(text[offset : block.start()], columns, style)
        lines.append(_block(block[1], block[2], style))
        offset = block.end()
    return "\n\n".join([*lines, *_prose(text[offset:], columns, style)])


def _prose(text: str, columns: int, style: Style) -> Iterator[str]:
    for paragraph in filter(None, text.strip().split("\n\n")):
        if paragraph.startswith("#"):
            yield style("title", paragraph.lstrip("# "))
        else:
            yield textwrap.fill(_LINK.sub(r"\1", paragraph), min(columns, _WIDEST))


def _block(kind: str, text: str, style: Style) -> str:
    _, _, name = kind.partition(" file ")
    title = [style("dim", f"  {name}:")] if name else []
    return "\n".join([*title, textwrap.indent(text.rstrip("\n"), "    ")])
