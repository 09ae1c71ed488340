"""Diagnostics that YAML and JSON have in common."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Label, Source, Span
from netspec.document.tree import MAX_DEPTH, Scalar
from netspec.record import replace


def syntax(
    source: Source, start: int, end: int, message: str, help: Help | None = None, *, label: str = ""
) -> Diagnostic:
    """A text that YAML reads differently than its author intended."""
    return Diagnostic(
        Code.SYNTAX,
        message,
        Span(source, start, min(max(start, end), len(source.text))),
        label,
        helps=(help,) if help else (),
    )


def replacement(source: Source, start: int, end: int, new: str) -> Edit:
    """The edit that writes `new` instead of the characters `start` to `end`."""
    return Edit(Span(source, start, end), new)


def quote(text: str) -> str:
    """The text in quotes, such that YAML reads it back; an apostrophe within quotes is corrected.

    >>> print(quote("max(a, b)"), quote('"x" + 1'), quote("'it's'"))
    "max(a, b)" '"x" + 1' "it's"
    """
    if len(text) > 3 and text[0] == text[-1] == "'" and text.count("'") == 3:
        text = text[1:-1]
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def duplicate_key(first: Scalar, again: Scalar) -> Diagnostic:
    """One name written twice in one mapping."""
    return Diagnostic(
        Code.DUPLICATE_KEY,
        f"`{shortened(again.text)}` is written twice",
        again.span,
        "written again here",
        labels=(Label(first.span, "written first here"),),
        helps=(Help("keep one of the two, or rename one"),),
    )


def too_deep(source: Source, offset: int) -> Diagnostic:
    """Nesting without end."""
    return Diagnostic(
        Code.TOO_DEEP,
        f"lists and mappings are nested more than {MAX_DEPTH} deep",
        Span(source, offset, offset + 1),
        "one level too many starts here",
        helps=(Help("check for an unclosed bracket, or move parts into `blocks`"),),
    )


def empty(source: Source) -> Diagnostic:
    """Nothing there."""
    return Diagnostic(
        Code.EMPTY,
        "the file is empty",
        Span(source, 0, 0),
        helps=(Help("start a spec with `netspec: 1`, `inputs:` and `body:`"),),
    )


def shortened(text: str, width: int = 40) -> str:
    """The text on one line and not too long, for a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def labeled(diagnostic: Diagnostic, label: Label) -> Diagnostic:
    """The same diagnostic, with a second place."""
    return replace(diagnostic, labels=(*diagnostic.labels, label))


def open_quote(source: Source, start: int) -> Diagnostic:
    """A quote without its partner."""
    mark = source.text[start]
    line = source.text[start:].split("\n", 1)[0].rstrip()
    before_brackets = line.rstrip("]} ")
    end = start + len(before_brackets)
    within = "," in line and line != before_brackets
    edits = () if within else (replacement(source, end, end, mark),)
    help = Help(f"close it with {mark} where it ends", edits)
    return syntax(source, start, start + 1, "unclosed quote", help, label="opened here")


def bad_escape(source: Source, start: int) -> Diagnostic:
    """A backslash that means nothing."""
    return syntax(
        source,
        start,
        start + 2,
        "unknown escape sequence in double quotes",
        Help("use single quotes, which have no escapes, or write `\\\\`"),
    )
