"""Formats scalars and collections in braces: bytes are kept, except for indentation."""

from __future__ import annotations

import re

from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.document.tree import subtree

_HEADER = re.compile(r"[|>]-?[ \t]*(#[^\n]*)?$")
_KEEP_INDICATOR = re.compile(r"[|>]\S*[+0-9]")


class UnmovableError(Exception):
    """A scalar whose indentation is a part of it."""


def scalar_lines(text: str, indent: int) -> list[str]:
    """A scalar as lines, all but the first indented; one of several lines may begin at any column."""
    lines = text.split("\n")
    if len(lines) == 1:
        return lines
    if text[0] in "|>":
        if _KEEP_INDICATOR.match(lines[0]) or not _HEADER.fullmatch(lines[0].rstrip("\r")):
            raise UnmovableError
        return [lines[0].rstrip(), *_moved(lines[1:], indent)]
    margin = " " * indent
    return [
        lines[0],
        *(f"{margin}{line.lstrip()}".rstrip(" ") if line.strip() else "" for line in lines[1:]),
    ]


def _moved(lines: list[str], indent: int) -> list[str]:
    """The lines of a block of text, its margin replaced."""
    full = [line for line in lines if line.strip()]
    if not full or any(line.lstrip(" ").startswith("\t") for line in full):
        raise UnmovableError
    margin = len(full[0]) - len(full[0].lstrip(" "))
    if any(line[:margin].strip() for line in full):
        raise UnmovableError
    return [" " * indent + line[margin:] if line.strip() else "" for line in lines]


def in_braces(node: TextNode) -> bool:
    """Whether a collection is written in braces or brackets."""
    return not isinstance(node, Scalar) and node.source.text[node.start] in "{["


def flow_text(node: TextNode) -> str | None:
    """A node in braces on one line; None if a part of it needs several lines."""
    text = node.source.text
    if isinstance(node, Scalar):
        return _joined(text[node.start : node.end])
    if isinstance(node, Sequence):
        items = [flow_text(item) for item in node.items]
        return None if None in items else f"[{', '.join(i for i in items if i is not None)}]"
    assert isinstance(node, Mapping)
    entries = []
    for key, value in node.entries:
        name, value_text = flow_text(key), flow_text(value)
        if name is None or value_text is None:
            return None
        entries.append(f"{name}: {value_text}" if value_text else f"{name}:")
    return f"{{{', '.join(entries)}}}"


def _joined(text: str) -> str | None:
    """A scalar that was broken at a space, on one line; None if a break is significant."""
    if "\n" not in text:
        return text
    if text[0] in "|>" or "\\\n" in text or re.search(r"\n[ \t]*\n", text):
        return None
    return re.sub(r"[ \t]*\n[ \t]*", " ", text)


def is_simple(node: TextNode) -> bool:
    """Whether braces can be reformatted: no comments, anchors, or pairs without braces inside."""
    rest = list(node.source.text[node.start : node.end])
    for part in subtree(node):
        if part.start < node.start or part.end > node.end:
            return False
        if isinstance(part, Scalar):
            first, last = part.start - node.start, part.end - node.start
            rest[first:last] = " " * (last - first)
        elif isinstance(part, Mapping) and not in_braces(part):
            return False
    return not set("".join(rest)) - set("{}[],: \t\r\n")
