"""Comments that ignore a warning: `# netspec: ignore[NS410]` at the end of its line.

Errors cannot be silenced. An unused ignore comment is a warning of its own, so that none outlives
what it was written for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netspec.diagnostics import (
    Code,
    Diagnostic,
    Edit,
    Help,
    Severity,
    Source,
    Span,
    advice,
    did_you_mean,
)
from netspec.document import Scalar, TextNode
from netspec.document.tree import subtree
from netspec.record import record
from netspec.similar_words import closest

MARK = "netspec: ignore"
_COMMENT = r"(?<!\S)#\s*netspec: ignore(\[([^\]\n]*)\])?"
_CODE = r"[^\s,]+"


@record(frozen=True, slots=True)
class Ignore:
    """One code in one comment."""

    code: str
    line: int
    span: Span
    removal: Span
    """The text to remove with the code: the comment and the space before it, or one code of several."""


def without_ignored(
    diagnostics: tuple[Diagnostic, ...], source: Source, root: TextNode | None
) -> tuple[Diagnostic, ...]:
    """The diagnostics but for the warnings that comments of their lines name, and what is wrong with comments."""
    ignores = list(_ignores(source, root))
    if not ignores:
        return diagnostics
    asked = {(i.code, i.line) for i in ignores}
    silenced: set[tuple[str, int]] = set()
    left = []
    for diagnostic in diagnostics:
        span = diagnostic.span
        here = span is not None and span.source.name == source.name
        key = (diagnostic.code, span.line if span is not None and here else 0)
        if diagnostic.severity == Severity.WARNING and key in asked:
            silenced.add(key)
        else:
            left.append(diagnostic)
    errors = {
        (d.code, d.span.line) for d in left if d.severity == Severity.ERROR and d.span is not None
    }
    left += (
        _useless(i, errors)
        for i in ignores
        if (i.code, i.line) not in silenced
        and not (i.code in _codes() and _unknown(i, diagnostics, errors))
    )
    return tuple(sorted(left, key=_position))


def _unknown(
    ignore: Ignore, diagnostics: tuple[Diagnostic, ...], errors: set[tuple[str, int]]
) -> bool:
    """Whether errors are left that may hide the warning."""
    return (ignore.code, ignore.line) not in errors and any(
        d.severity == Severity.ERROR for d in diagnostics
    )


def _position(diagnostic: Diagnostic) -> tuple[bool, str, int]:
    span = diagnostic.span
    if span is None:
        return False, "", -1
    return True, span.source.name, span.start


def _ignores(source: Source, root: TextNode | None) -> Iterator[Ignore]:
    if "netspec: ignore" not in source.text:
        return
    texts = [(s.start, s.end) for s in _scalars(root)]
    for match in re.finditer(_COMMENT, source.text):
        if any(start <= match.start() < end for start, end in texts):
            continue  # the words are in a text, and are no comment
        comment = Span(source, match.start(), match.end())
        line_start = source.text.rfind("\n", 0, comment.start) + 1
        code_before = source.text[line_start : comment.start].rstrip(" \t")
        whole = Span(source, line_start + len(code_before), comment.end)
        words = [
            Span(source, match.start(2) + word.start(), match.start(2) + word.end())
            for word in re.finditer(_CODE, match[2] or "")
        ]
        if not words:
            yield Ignore("", comment.line, comment, whole)
        for index, word in enumerate(words):
            if len(words) == 1:
                removal = whole
            elif index == 0:
                removal = Span(source, word.start, words[1].start)
            else:
                removal = Span(source, words[index - 1].end, word.end)
            yield Ignore(source.text[word.start : word.end], comment.line, word, removal)


def _scalars(root: TextNode | None) -> Iterator[Scalar]:
    """The texts of a document in which the mark stands."""
    for node in subtree(root):
        if isinstance(node, Scalar) and MARK in node.text:
            yield node


def _useless(ignore: Ignore, errors: Iterable[tuple[str, int]]) -> Diagnostic:
    """The warning about an unused ignore comment."""
    code = ignore.code
    helps: tuple[Help, ...] = (Help("remove the comment", (Edit(ignore.removal, ""),), safe=False),)
    if not code:
        message = "`netspec: ignore` has no code"
        helps = (Help("add a code: `# netspec: ignore[NS301]`"),)
    elif code not in _codes():
        message = f"`{code}` is not a diagnostic code"
        near = closest(code, _codes())
        helps = (
            advice(did_you_mean(near), ignore.span)
            if near
            else Help("list all codes with `netspec explain`"),
        )
    elif (code, ignore.line) in errors:
        message, helps = f"{code} is an error here; a comment cannot ignore an error", ()
    else:
        message = f"this line has no warning {code}"
    return Diagnostic(
        Code.IGNORED,
        message,
        ignore.span,
        "ignores nothing",
        helps=helps,
        severity=Severity.WARNING,
    )


def _codes() -> list[str]:
    return [value for name, value in vars(Code).items() if name.isupper()]
