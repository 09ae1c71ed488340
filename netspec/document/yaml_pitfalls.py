"""Text that YAML reads differently than intended; each with the fix if it is certain."""

from __future__ import annotations

import re

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.flow_collections import without_dollar
from netspec.document.text_diagnostics import quote, replacement, shortened, syntax
from netspec.document.tree import Scalar, TextNode

LIST_LINE = re.compile(r"\n[ \t]+(-[ \t])")
"""Within the text of a scalar: a line that looks like an item."""
_NO_SPACE = re.compile(r"[A-Za-z_]\w*:(?=[\w\"'\[{(.=-])")


def dollar(node: Scalar, *, name: bool) -> Diagnostic:
    """`${…}`, as other configuration languages have it."""
    written = node.span.text
    new = without_dollar(written, name=name)
    if name and new.startswith("{"):
        new = quote(new)
    return syntax(
        node.source,
        node.start,
        node.end,
        f"`{shortened(written)}`: netspec does not support `${{…}}`",
        Help(f"write `{shortened(new)}`", (replacement(node.source, node.start, node.end, new),)),
        label="write an expression in a name as `{…}`"
        if name
        else ("this value is already an expression"),
    )


def list_line(node: Scalar) -> Diagnostic | None:
    """A list item with too much indentation, which continues the text above."""
    match = LIST_LINE.search(node.span.text)
    if not match:
        return None
    start = node.start + match.start(1)
    return syntax(
        node.source,
        start,
        node.end,
        "this `- ` does not start a list item: the line is indented deeper than the item above",
        Help("align it with the lines around it"),
    )


def missing_space(node: Scalar) -> Diagnostic | None:
    """`op:Conv2d`, which is one word for YAML."""
    match = _NO_SPACE.match(node.text)
    if not match or node.quoted:
        return None
    colon = node.start + match.end()
    return syntax(
        node.source,
        node.start,
        node.end,
        f"missing space after `{match[0]}`",
        Help(
            f"write `{shortened(match[0] + ' ' + node.text[match.end() :])}`",
            (replacement(node.source, colon, colon, " "),),
        ),
    )


def key_is_collection(node: TextNode) -> Diagnostic:
    """`{i}: ReLU`, in which YAML reads the name as a mapping."""
    text = node.span.text
    if "\n" in text or text[:1] not in "[{":
        return syntax(
            node.source, node.start, node.end, "a name must be text, not a list or mapping"
        )
    whole, begin, end = node.source.text, node.start - 1, node.end + 1
    if whole[begin:end] == f"{{{text}}}" and (name := re.fullmatch(r"\{ *([\w.]+) *\}", text)):
        edit = replacement(node.source, begin, end, name[1])
        message = "a parameter is written as it is, without braces"
        return syntax(node.source, begin, end, message, Help(f"write `{name[1]}`", (edit,)))
    new = quote(text)
    return syntax(
        node.source,
        node.start,
        node.end,
        f"a name that starts with `{text[0]}` needs quotes",
        Help(f"write `{new}:`", (replacement(node.source, node.start, node.end, new),)),
    )


def tag(source: Source, start: int, end: int) -> Diagnostic:
    """`!anything`: a tag makes objects, and a spec is only text, numbers, lists and mappings."""
    word = source.text[start:end]
    help = f"remove it; text that starts with `!` needs quotes: {quote(word)}"
    if re.match(r"!\w", word):
        help += f"; `not {word[1:]}` is the form in expressions"
    return Diagnostic(
        Code.TAG,
        f"`{shortened(word)}` is a YAML tag; specs do not use tags",
        Span(source, start, end),
        helps=(Help(help),),
    )


def second_document(source: Source, start: int) -> Diagnostic:
    """`---` within the text."""
    help = Help("keep one document; import blocks from other files with `use`")
    return syntax(
        source, start, start + 3, "a second document starts here, but a spec is one document", help
    )
