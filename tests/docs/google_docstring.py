"""A docstring in Google style as data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from inspect import cleandoc

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Example):$", re.MULTILINE)
_ITEM = re.compile(r"^(\*{0,2}[\w.]+): (.*)$", re.DOTALL)


@dataclass(frozen=True)
class Docstring:
    """The sections of a docstring; those with names are mappings of names to descriptions."""

    text: str = ""
    args: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: dict[str, str] = field(default_factory=dict)
    example: str = ""

    @property
    def summary(self) -> str:
        """The first paragraph on one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


def parse(docstring: str | None) -> Docstring:
    """The sections of a docstring.

    >>> parse("Add.\\n\\nArgs:\\n    a: A number,\\n        or two.\\n\\nReturns:\\n    The sum.").args
    {'a': 'A number, or two.'}
    """
    text, *parts = _SECTION.split(cleandoc(docstring or ""))
    sections = {title: cleandoc(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}
    example = sections.get("Example") or _bare_example(text)
    return Docstring(
        text.partition(">>>")[0].strip(),
        _items(sections.get("Args", "")),
        _items(sections.get("Attributes", "")),
        " ".join(sections.get("Returns", "").split()),
        _items(sections.get("Raises", "")),
        example,
    )


def _bare_example(text: str) -> str:
    """An example that has no heading."""
    before, prompt, rest = text.partition(">>>")
    return f"{prompt}{rest}".strip() if prompt and before is not None else ""


def _items(body: str) -> dict[str, str]:
    items = {}
    for part in re.split(r"\n(?=\S)", body):
        if match := _ITEM.match(part):
            items[match[1].lstrip("*")] = " ".join(match[2].split())
    return items
