"""From a text to a document: JSON if it is JSON, otherwise YAML."""

from __future__ import annotations

import gc
import re

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.plain_text import read_plain
from netspec.document.tree import Document, Scalar
from netspec.limits import MOST_MARKS

_NO_TEXT = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
"""Characters that YAML forbids; a byte order mark is allowed at the beginning only."""


def parse(text: str, name: str = "<text>", most_marks: int = MOST_MARKS) -> Document:
    """The document of a text. Never raises: errors are in its diagnostics.

    >>> parse("stem: {op: Conv2d, kernel_size: 7}").root
    Mapping(stem, 0:34)
    """
    source = Source(text, name)
    if not text.replace("\n", "").isprintable():  # then it may hold one
        forbidden = re.compile(_NO_TEXT).search(text, 1 if text.startswith("\ufeff") else 0)
        if forbidden:
            return Document(source, None, [_forbidden(source, forbidden.start())])
    if len(text) > most_marks and _marks(text) > most_marks:
        return Document(source, None, [_too_long(source)])
    # Nodes are no garbage: while they pile up, the collector would walk over them again and again.
    collects = gc.isenabled()
    gc.disable()
    try:
        document = _parse(source)
    finally:
        if collects:
            gc.enable()
    if _is_empty(document):
        from netspec.document.text_diagnostics import empty

        return Document(source, None, [empty(source)])
    return document


def _parse(source: Source) -> Document:
    named_json = source.name.lower().endswith(".json")
    begin = source.text.removeprefix("\ufeff").lstrip(" \t\r\n")[:1]
    if named_json or begin in ("[", "{"):
        from netspec.document.json_reader import NotJsonError, read_json_document

        try:
            return read_json_document(source)
        except NotJsonError as error:
            if named_json:
                return Document(source, None, [error.diagnostic])
    root = read_plain(source)
    if root:
        return Document(source, root)
    from netspec.document import recovery
    from netspec.document.yaml_reader import compose

    def again(copy: Source) -> recovery.Composed:
        root = read_plain(copy)
        return recovery.Composed(root, [], []) if root else compose(copy)

    return recovery.read_on(source, compose(source), again)


def _marks(text: str) -> int:
    """How many values a text may have, at most: there is one behind each of these marks."""
    return text.count("\n") + text.count(",") + text.count(":")


def _too_long(source: Source) -> Diagnostic:
    return Diagnostic(
        Code.TOO_LARGE,
        f"`{source.name}` has {_marks(source.text):,} lines, commas and colons; the limit for "
        f"a spec is {MOST_MARKS:,}",
        Span(source, 0, 0),
        helps=(Help("use `repeat` and `each`"),),
    )


def _is_empty(document: Document) -> bool:
    root = document.root
    nothing = root is None or (isinstance(root, Scalar) and root.start == root.end)
    return nothing and not document.diagnostics


def _forbidden(source: Source, offset: int) -> Diagnostic:
    code = ord(source.text[offset])
    if code == 0:
        message = "this is not a text file: it contains the character U+0000"
        return Diagnostic(Code.NOT_TEXT, message, Span(source, offset, offset + 1))
    from netspec.document.text_diagnostics import syntax

    return syntax(
        source,
        offset,
        offset + 1,
        f"a spec cannot contain the character U+{code:04X}",
        Help("delete it"),
    )
