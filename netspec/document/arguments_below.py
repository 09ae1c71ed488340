"""An op with its arguments indented below it, which YAML cannot read: `conv: Conv2d`, then `out_channels: 64`."""

from __future__ import annotations

import re

from netspec.diagnostics import Diagnostic, Help, Source
from netspec.document.problems import replacement, syntax

_OP_LINE = re.compile(r" *(?:- +)+(?:[\w.-]+:)?( *)([A-Z]\w*|(?:nn|torch|F)[\w.]*)[ \t]*(?:#.*)?$")
_ARGUMENT = re.compile(r"\w+:(?:\s|$)")
_BLANK_LINE = re.compile(r"[ \t]*(?:#.*)?$")


def arguments_below(source: Source, start: int, end: int) -> Diagnostic | None:
    """The finding on an argument at `start`; None where the line above is no op alone."""
    text = source.text
    if not _ARGUMENT.match(text, start, end):
        return None
    line_start = text.rfind("\n", 0, start) + 1
    above = line_start
    while above > 0:
        line_end, above = above - 1, text.rfind("\n", 0, above - 1) + 1
        if not _BLANK_LINE.fullmatch(text, above, line_end):
            break
    else:
        return None
    op = _OP_LINE.fullmatch(text, above, line_end)
    if op is None or start - line_start <= len(text[above:line_end]) - len(
        text[above:line_end].lstrip(" ")
    ):
        return None
    edit = replacement(source, op.start(1), op.end(1), f"\n{' ' * (start - line_start)}op: ")
    return syntax(
        source,
        start,
        end,
        f"the arguments of `{op[2]}` cannot stand below it: it is a value already",
        Help(
            f"write `op: {op[2]}` on a line of its own above them, or `{{op: {op[2]}, …}}`", (edit,)
        ),
    )
