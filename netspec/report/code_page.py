"""The pages of `docs/diagnostics`, one for each code."""

from __future__ import annotations

import os
import re

from netspec.diagnostics import Code
from netspec.record import record

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

GROUPS = {
    "0": "File and syntax",
    "1": "Names and expressions",
    "2": "Shapes",
    "3": "Input sizes",
    "4": "Likely mistakes",
    "5": "Budget, initialization, code generation, lock file",
    "6": "Weights files",
}
"""The topic of each hundred of codes."""

CODES = {
    code: name for name, code in vars(Code).items() if isinstance(code, str) and code[:2] == "NS"
}
"""The name of each code in the program."""


@record(frozen=True, slots=True)
class Page:
    """A page: its title, its first sentence, and its whole text as Markdown."""

    code: str
    title: str
    summary: str
    """The first sentence."""
    markdown: str
    """The whole page."""


def folder() -> str:
    """The folder of the pages: in the installed package, or under `docs` in a clone."""
    inside = os.path.join(_PACKAGE, "diagnostic_pages")
    in_clone = os.path.join(os.path.dirname(_PACKAGE), "docs", "diagnostics")
    return inside if os.path.isdir(inside) else in_clone


def page(code: str) -> Page | None:
    """The page of a code, or None if there is no such page."""
    try:
        with open(os.path.join(folder(), f"{code}.md"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return None
    heading, _, rest = text.partition("\n\n")
    title = heading.removeprefix(f"# {code}: ")
    return Page(code, title, _first_sentence(rest), text)


def pages() -> list[Page]:
    """All pages, in the order of the codes."""
    return [code_page for code in sorted(CODES) if (code_page := page(code)) is not None]


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    match = re.match(r".*?[.!?](?= |$)", paragraph)
    return match[0] if match else paragraph
