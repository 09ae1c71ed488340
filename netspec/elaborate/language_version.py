"""Diagnostics on a file that uses what a later version of the language than its own introduced."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Label
from netspec.document import TextNode
from netspec.record import replace
from netspec.syntax import LANGUAGE, Spec


def later_version(
    word: str, code: str, node: TextNode, file: Spec, *, written: str = ""
) -> Diagnostic:
    """The diagnostic on a word of a later version; `written` is the word of the file in its place."""
    version = file.root.get("netspec")
    assert version is not None
    edits = [Edit(version.span, f"{LANGUAGE}")]
    text = f"write `netspec: {LANGUAGE}`"
    if written:
        edits.append(Edit(node.span, word))
        text = f"write `netspec: {LANGUAGE}`, and `{word}` here"
    return Diagnostic(
        code,
        f"`{word}` requires version {LANGUAGE} of the language",
        node.span,
        f"unknown in version {file.version}",
        (Label(version.span, f"version {file.version}"),),
        helps=(Help(text, tuple(edits)),),
        name=written or word,
    )


def later_formula(node: TextNode, file: Spec) -> Diagnostic:
    """The diagnostic on a formula in a file of a version without formulas."""
    return replace(
        later_version("", Code.EXPRESSION_TYPE, node, file),
        message=f"a formula of tensors requires version {LANGUAGE} of the language",
        label=f"computes with tensors, but the file is of version {file.version}",
    )
