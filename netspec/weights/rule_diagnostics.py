"""Rename rules without the intended effect: two weights get one name, or nothing is renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netspec.diagnostics import Code, Diagnostic, Severity, Span
from netspec.weights.checkpoint import Checkpoint, readable
from netspec.weights.renaming import Rules, applied_rules, renamed_key

_MOST = 5
"""How many names a diagnostic shows."""


def rule_diagnostics(
    file: Checkpoint, rules: Rules, start: Span, spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """A diagnostic for each rule that nothing matches, and one for weights that get the same name."""
    if not rules:
        return
    used: set[str] = set()
    names: dict[str, list[str]] = {}
    for key in file.weights:
        used.update(applied_rules(key, rules))
        names.setdefault(renamed_key(key, rules), []).append(key)
    clashes = {name: keys for name, keys in names.items() if len(keys) > 1}
    if clashes:
        yield _clash(clashes, file, rules, start, spans)
    for old in rules:
        if old not in used:
            yield Diagnostic(
                Code.WEIGHT_RENAME,
                f"the rule `{old}` matches no weight of `{file.path}`",
                spans.get(old, start),
                severity=Severity.WARNING,
            )


def _clash(
    clashes: Mapping[str, list[str]],
    file: Checkpoint,
    rules: Rules,
    start: Span,
    spans: Mapping[str, Span],
) -> Diagnostic:
    """Weights of which all but one would be lost."""
    name, keys = next(iter(clashes.items()))
    rule = next((old for key in reversed(keys) for old in applied_rules(key, rules)), "")
    shown = ", ".join(f"`{readable(key)}`" for key in keys[:_MOST])
    others = (
        f"; the same holds for those of {len(clashes) - 1:,} more names" if len(clashes) > 1 else ""
    )
    return Diagnostic(
        Code.WEIGHT_RENAME,
        f"{len(keys)} weights of `{file.path}` get the same name from `rename`: `{readable(name)}`",
        spans.get(rule, start),
        notes=(f"{shown} all become `{readable(name)}`{others}",),
    )
