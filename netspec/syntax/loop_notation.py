"""The `each` of a loop as other languages write it."""

from __future__ import annotations

import re

from netspec.document import TextNode


def as_loop(node: TextNode) -> str:
    """How a loop is written; `i in range(3)` of Python as the mapping that has its meaning."""
    text = node.span.text.strip("\"'")
    match = re.fullmatch(r"(\w+) in (\S.*)", text)
    if match is None:
        return "write `each: {stage: stages}`"
    items = match[2].rstrip(":")
    shown = items if items.isidentifier() else f'"{items}"'
    return f"write `each: {{{match[1]}: {shown}}}`"
