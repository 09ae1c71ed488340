"""The rules of `rename`, names in weights files mapped to names here: invalid rules and their places."""

from __future__ import annotations

from netspec.diagnostics import Span
from netspec.document import Mapping
from netspec.syntax.model import Spec


def rule_fault(old: str, new: str) -> tuple[str, str] | None:
    """Why a rule can never apply, and what to write; None for a valid one."""
    was = old.removesuffix(".").split(".")
    now = new.removesuffix(".").split(".")
    if "" in was:
        return (
            "has an empty part in a name",
            'separate the parts with single dots: `"norm.1": norm1`',
        )
    if any("*" in part and part != "*" for part in (*was, *now)):
        return (
            "has a `*` inside a part of a name",
            'a `*` matches one whole part: `"h.*": "layers.*"`; write a rule for each other name',
        )
    if now.count("*") > was.count("*"):
        return (
            "has more `*` in the new name than in the old one",
            "each `*` in the new name takes its part from the old name",
        )
    return None


def rename_spans(spec: Spec) -> dict[str, Span]:
    """Where each rule is in the text, by its old name."""
    rules = spec.root.get("rename")
    return {key.text: key.span for key, _ in rules.entries} if isinstance(rules, Mapping) else {}
