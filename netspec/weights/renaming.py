"""Old names of weights as new ones: `norm.1` as `norm1`, wherever it stands in a key.

A rule names one or more parts of a key, as they stand between its dots; `*` stands for any one part, and
in the new name for what it stood for. A rule that ends with a dot is about the beginning of a key.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set

Rules = Mapping[str, str]


def renamed(key: str, rules: Rules) -> str:
    """A key after all rules, one after the other.

    >>> renamed("module.denselayer1.norm.1.weight", {"module.": "", "norm.1": "norm1"})
    'denselayer1.norm1.weight'
    >>> renamed("layers.3.weight", {"layers.*": "h.*.block"})
    'h.3.block.weight'
    """
    parts = key.split(".")
    for old, new in rules.items():
        parts = _applied(parts, old, new)
    return ".".join(parts)


def _applied(parts: list[str], old: str, new: str) -> list[str]:
    wanted = old.removesuffix(".").split(".")
    into = [part for part in new.removesuffix(".").split(".") if part]
    found: list[str] = []
    at = 0
    while at < len(parts):
        stars = _matched(parts[at : at + len(wanted)], wanted)
        if stars is None or (old.endswith(".") and at > 0):
            found.append(parts[at])
            at += 1
            continue
        rest = iter(stars)
        found += [next(rest, part) if part == "*" else part for part in into]
        at += len(wanted)
    return found


def _matched(parts: Sequence[str], wanted: Sequence[str]) -> list[str] | None:
    """What the stars stand for; None where the parts are others."""
    if len(parts) != len(wanted):
        return None
    if any(w not in ("*", p) for p, w in zip(parts, wanted, strict=True)):
        return None
    return [p for p, w in zip(parts, wanted, strict=True) if w == "*"]


def find_rules(
    missing: Mapping[str, Hashable], strange: Mapping[str, Hashable], kept: Set[str]
) -> dict[str, str]:
    """Rules by which most strange keys are missing ones of the same shape; empty where there are none.

    Both are key to shape; `kept` are the keys that are where they should be.
    """
    names, others = list(missing), list(strange)
    for rules in (*_beginnings(names, others), _parts(names, others)):
        if rules and _fits(rules, missing, strange, kept):
            return rules
    return {}


def _fits(
    rules: Rules, missing: Mapping[str, Hashable], strange: Mapping[str, Hashable], kept: Set[str]
) -> bool:
    """Whether the rules make most strange keys missing ones, and none of them one that is there already."""
    after = {key: renamed(key, rules) for key in strange}
    met = sum(name in missing and missing[name] == strange[key] for key, name in after.items())
    clash = any(name in kept for name in after.values()) or len(set(after.values())) < len(after)
    return not clash and met * 2 > len(strange)


def _beginnings(missing: list[str], strange: list[str]) -> Iterable[dict[str, str]]:
    """A beginning that one side has and the other does not: `module.`, `backbone.`."""
    for keys, others, take in ((strange, missing, True), (missing, strange, False)):
        if not keys or not others:
            continue
        parts = keys[0].split(".")
        for k in range(1, len(parts)):
            head = ".".join(parts[:k]) + "."
            if not all(key.startswith(head) for key in keys):
                break
            if take and {key[len(head) :] for key in keys} & set(others):
                yield {head: ""}
            if not take and {key[len(head) :] for key in keys} & set(others):
                for first in sorted({other.split(".")[0] for other in others}):
                    yield {f"{first}.": f"{head}{first}"}


def _parts(missing: list[str], strange: list[str]) -> dict[str, str]:
    """What differs in the middle of keys that are the same in order: `norm.1` and `norm1`."""
    if len(missing) != len(strange):
        return {}
    rules: dict[str, str] = {}
    for old, new in zip(strange, missing, strict=True):
        a, b = old.split("."), new.split(".")
        ahead = 0
        while ahead < min(len(a), len(b)) and a[ahead] == b[ahead]:
            ahead += 1
        behind = 0
        while behind < min(len(a), len(b)) - ahead and a[-1 - behind] == b[-1 - behind]:
            behind += 1
        middle = slice(ahead, len(a) - behind), slice(ahead, len(b) - behind)
        was, now = (".".join(p[s]) for p, s in zip((a, b), middle, strict=True))
        if not was or rules.setdefault(was, now) != now:
            return {}
    return rules
