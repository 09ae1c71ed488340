"""The pages on codes as plain text for a terminal: a list of all codes, or one page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from netspec.report.code_page import GROUPS, Page
from netspec.report.style import PLAIN, Style

_WIDEST = 100
"""Longer lines of prose are hard to read."""
_PARTS = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def listed(pages: Sequence[Page], columns: int = 100, style: Style = PLAIN) -> str:
    """List every code with its first sentence, grouped by topic."""
    parts = []
    for digit, title in GROUPS.items():
        rows = [_row(page, columns, style) for page in pages if page.code[2] == digit]
        if rows:
            parts.append("\n".join([style("title", title), *rows]))
    return "\n\n".join([*parts, "`netspec explain CODE` shows an example and how to fix it"])


def _row(page: Page, columns: int, style: Style) -> str:
    indent = " " * (len(page.code) + 4)
    first, *more = textwrap.wrap(page.summary, max(columns - len(indent), 20))
    return "\n".join([f"  {style('good', page.code)}  {first}", *(indent + line for line in more)])


def explained(page: Page, columns: int = 100, style: Style = PLAIN) -> str:
    """Format a page without Markdown: filled prose, and indented examples under the names of their files."""
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
            items = re.split(r"\n(?=- )", _LINK.sub(r"\1", paragraph))
            yield "\n".join(_filled(item, min(columns, _WIDEST)) for item in items)


def _filled(text: str, columns: int) -> str:
    """Fill a paragraph, or an item of a list with its text aligned behind the dash."""
    indent = "  " if text.startswith("- ") else ""
    return textwrap.fill(" ".join(text.split()), columns, subsequent_indent=indent)


def _block(kind: str, text: str, style: Style) -> str:
    _, _, name = kind.partition(" file ")
    title = [style("dim", f"  {name}:")] if name else []
    return "\n".join([*title, textwrap.indent(text.rstrip("\n"), "    ")])
