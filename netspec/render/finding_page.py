"""The pages of the manual on findings: one for each code, as they lie in `docs/findings`."""

from __future__ import annotations

import os
import re

from netspec.diagnostics import Code
from netspec.record import record

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

GROUPS = {
    "0": "The text of the file",
    "1": "Names and expressions",
    "2": "Shapes",
    "3": "Sizes that the input may have",
    "4": "Smells",
    "5": "Limits, starts, and the program",
    "6": "Files of weights",
}
"""What the codes of each hundred are about."""

CODES = {
    code: name for name, code in vars(Code).items() if isinstance(code, str) and code[:2] == "NS"
}
"""Every code with the name that the program has for it."""


@record(frozen=True, slots=True)
class Page:
    """One page: a title, a sentence on what the code means, and everything else as Markdown."""

    code: str
    title: str
    summary: str
    """The first sentence."""
    markdown: str
    """The whole page."""


def folder() -> str:
    """Where the pages are: in the installed package, or in the manual beside it in a clone."""
    inside = os.path.join(_PACKAGE, "findings")
    beside = os.path.join(os.path.dirname(_PACKAGE), "docs", "findings")
    return inside if os.path.isdir(inside) else beside


def page(code: str) -> Page | None:
    """The page on a code; None where there is none."""
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
    return [finding_page for code in sorted(CODES) if (finding_page := page(code)) is not None]


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    match = re.match(r".*?[.!?](?= |$)", paragraph)
    return match[0] if match else paragraph
