"""The help for a condition whose value is neither true nor false."""

from __future__ import annotations

import re

from netspec.diagnostics import Edit, Help
from netspec.document import Scalar, TextNode

_NAME = re.compile(r"[A-Za-z_][\w.]*")


def condition_help(node: TextNode, value: object) -> Help:
    """The condition that was probably intended, with its edit where the text is one value."""
    text = node.span.text if isinstance(node, Scalar) else ""
    if isinstance(value, int | float) and isinstance(node, Scalar) and node.value == value:
        word = str(value != 0).lower()
        return Help(f"write `{word}`", (Edit(node.span, word),), safe=False)
    if isinstance(value, int | float) and _NAME.fullmatch(text):
        return Help(f"compare it: `{text} != 0`", (Edit(node.span, f"{text} != 0"),), safe=False)
    if isinstance(value, list) and _NAME.fullmatch(text):
        condition = f"len({text}) > 0"
        return Help(f"compare its length: `{condition}`", (Edit(node.span, condition),), safe=False)
    if value is None:
        return Help("write a comparison, or remove `when`")
    if isinstance(value, str):
        return Help("compare it: `… == 'text'`")
    return Help("compare it: `… > 0`, `… == 1`")
