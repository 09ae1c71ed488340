"""The text between two pieces of a document: comments, empty lines, and signs of YAML."""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#[^\n]*")
_UNSUPPORTED = re.compile(r"[&*!?%|>@`\"']|---|\.\.\.")
"""Anchors, aliases, tags, directives and several documents: nothing of a spec, and nothing to move."""


class Comment(NamedTuple):
    """A comment on a line of its own."""

    text: str
    column: int
    after_blank: bool


class CommentGap(NamedTuple):
    """The comments of a gap, the one on the line before apart, and whether an empty line is last."""

    trailing: str
    own: tuple[Comment, ...]
    blank: bool


class UnsupportedGapError(Exception):
    """Text between two pieces whose layout is uncertain."""


def read_gap(text: str, start: int, end: int) -> CommentGap:
    """The text between `start` and `end`, which has no key or value. Raises `UnsupportedGapError`."""
    trailing = ""
    own: list[Comment] = []
    rest = _COMMENT.sub(lambda m: " " * len(m[0]), text[start:end])
    if _UNSUPPORTED.search(rest):
        raise UnsupportedGapError
    blank_from = start
    for match in _COMMENT.finditer(text, start, end):
        before = text[start : match.start()]
        comment_text = match[0].rstrip()
        if "\n" not in before and start > 0:
            trailing = comment_text
        else:
            line = text.rfind("\n", 0, match.start()) + 1
            blank = _has_empty_line(text[blank_from : match.start()])
            own.append(Comment(comment_text, match.start() - line, blank))
        blank_from = match.end()
    return CommentGap(trailing, tuple(own), _has_empty_line(text[blank_from:end]))


def _has_empty_line(text: str) -> bool:
    """Whether there is an empty line after the rest of a line."""
    return bool(re.search(r"\n[ \t]*\n", text))
