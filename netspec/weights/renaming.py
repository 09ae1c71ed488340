"""Maps old names of weights to new ones: `norm.1` to `norm1`, anywhere in a key.

A rule names one or more parts of a key, as they stand between its dots; `*` stands for any one part, and
in the new name for what it stood for. A rule that ends with a dot is about the beginning of a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Rules = Mapping[str, str]


def renamed_key(key: str, rules: Rules) -> str:
    """A key after all rules, one after the other.

    >>> renamed_key("module.denselayer1.norm.1.weight", {"module.": "", "norm.1": "norm1"})
    'denselayer1.norm1.weight'
    >>> renamed_key("layers.3.weight", {"layers.*": "h.*.block"})
    'h.3.block.weight'
    """
    parts = key.split(".")
    for old, new in rules.items():
        parts = _applied(parts, old, new)
    return ".".join(parts)


def _applied(parts: list[str], old: str, new: str) -> list[str]:
    old_parts = old.removesuffix(".").split(".")
    if old_parts[0] != "*" and old_parts[0] not in parts:
        return parts
    into = [part for part in new.removesuffix(".").split(".") if part]
    new_parts: list[str] = []
    position = 0
    while position < len(parts):
        stars = _matched(parts[position : position + len(old_parts)], old_parts)
        if stars is None or (old.endswith(".") and position > 0):
            new_parts.append(parts[position])
            position += 1
            continue
        rest = iter(stars)
        new_parts += [next(rest, part) if part == "*" else part for part in into]
        position += len(old_parts)
    return new_parts


def _matched(parts: Sequence[str], pattern_parts: Sequence[str]) -> list[str] | None:
    """The values of the stars; None if the parts do not match."""
    if len(parts) != len(pattern_parts):
        return None
    if any(w not in ("*", p) for p, w in zip(parts, pattern_parts, strict=True)):
        return None
    return [p for p, w in zip(parts, pattern_parts, strict=True) if w == "*"]


def applied_rules(key: str, rules: Rules) -> list[str]:
    """The rules that change a key, as they apply one after the other.

    >>> applied_rules("module.conv.weight", {"module.": "", "conv": "c", "norm": "n"})
    ['module.', 'conv']
    """
    applied_rules, parts = [], key.split(".")
    for old, new in rules.items():
        old_parts = old.removesuffix(".").split(".")
        if old_parts[0] != "*" and old_parts[0] not in parts:
            continue
        places = range(1 if old.endswith(".") else len(parts))
        if any(_matched(parts[k : k + len(old_parts)], old_parts) is not None for k in places):
            applied_rules.append(old)
        parts = _applied(parts, old, new)
    return applied_rules
