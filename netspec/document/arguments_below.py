"""An op with its arguments indented below it, which YAML cannot read: `conv: Conv2d`, then `out_channels: 64`."""

from __future__ import annotations

import re

from netspec.diagnostics import Diagnostic, Edit, Help, Source
from netspec.document.text_diagnostics import replacement, syntax

_OP_LINE = re.compile(
    r" *(?:- +)+(?:([\w.-]+):)?( *)([A-Z]\w*|(?:nn|torch|F)[\w.]*)[ \t]*(?:#.*)?$"
)
_ARGUMENT = re.compile(r"\w+:(?:\s|$)")
_BLANK_LINE = re.compile(r"[ \t]*(?:#.*)?$")


def arguments_below(source: Source, start: int, end: int) -> Diagnostic | None:
    """The diagnostic on an argument at `start`; None if the line above is not a single op."""
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
    message = f"the arguments of `{op[3]}` are indented below it, but it is already a value"
    if op[1] == "op":
        column = op.start(1) - above
        edit = _aligned(source, line_start, start - line_start, column)
        return syntax(source, start, end, message, Help("align them with `op`", (edit,)))
    edit = replacement(source, op.start(2), op.end(2), f"\n{' ' * (start - line_start)}op: ")
    words = f"write `op: {op[3]}` on a line of its own above them, or `{{op: {op[3]}, …}}`"
    return syntax(source, start, end, message, Help(words, (edit,)))


def _aligned(source: Source, begin: int, margin: int, column: int) -> Edit:
    """The lines from `begin` on with an indentation of at least `margin`, moved to a column on the left."""
    text = source.text
    lines, end = [], begin
    while end < len(text):
        line = text[end : text.find("\n", end) + 1 or len(text)]
        if line.strip() and len(line) - len(line.lstrip(" ")) < margin:
            break
        lines.append(line[margin - column :] if line.strip() else line)
        end += len(line)
    return replacement(source, begin, end, "".join(lines))
