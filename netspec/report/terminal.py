"""Sanitizes all output for people: for terminals, and for logs that GitHub's runner reads.

Text of a spec, names of files and words of a command line may hold anything. Whatever prints them need not
think of it: control characters are shown instead of obeyed, but for our own colors, and nothing is read as a
command of a workflow. Output for machines (source, pictures) has its own rules, and does not come this way.
"""

from __future__ import annotations

import re

from netspec.report.style import CODES
from netspec.report.text_width import shown

_COLORS = re.compile("(\x1b\\[(?:0|" + "|".join(sorted(CODES.values())) + ")m)")
_UNSAFE = re.compile("[^\n -~\xa1-\u05ff]")
"""Characters that need a check; those of most languages are not among them."""
_COMMAND = re.compile(r"(?m)^(\s*)::(?!:)|##\[")
"""The beginning of a line that GitHub's runner interprets, and what it interprets anywhere in a line."""


def terminal(text: str, *, color: bool = False) -> str:
    r"""The text, of one or several lines; `color` keeps netspec's own colors.

    >>> print(terminal("a\x1b[2Jb\n::error::c ##[debug]d"))
    a␛[2Jb
    \::error::c ##\[debug]d
    """
    if _UNSAFE.search(text):
        parts = _COLORS.split(text) if color else [text]
        text = "".join(
            part if k % 2 else "\n".join(map(shown, part.split("\n")))
            for k, part in enumerate(parts)
        )
    if "::" in text or "##[" in text:
        text = _COMMAND.sub(lambda m: f"{m[1] or ''}\\::" if m[0][-1] == ":" else "##\\[", text)
    return text


_BREAKS_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|##\\[")


def inert_json(text: str) -> str:
    r"""A text of JSON, the same to its readers, in which nothing commands a terminal or GitHub's runner.

    >>> print(inert_json('{"a": "##[debug]"}'))
    {"a": "##\u005bdebug]"}
    """
    return _BREAKS_JSON.sub(
        lambda m: f"{m[0][:-1]}\\u{ord(m[0][-1]):04x}" if len(m[0]) > 1 else f"\\u{ord(m[0]):04x}",
        text,
    )
