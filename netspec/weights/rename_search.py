"""Rules by which the names in a file become those of the network, found from the names that agree.

A candidate comes from one pair of names with the same end and shape, or from the numbers of a sequence. None is
given untried: with it, more names must agree than without, all that agreed before, and no two may become one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from netspec.layer.base import ConcreteShape
from netspec.weights.checkpoint import fits
from netspec.weights.name_pairs import common_parts, pairs
from netspec.weights.renaming import Rules, renamed_key
from netspec.weights.renumbering import renumberings

Shapes = Mapping[str, ConcreteShape]
Rule = tuple[str, str]
_DIGITS = re.compile(r"\d+")
_MOST_TRIES = 12
"""Candidates that are tried in one round, those with the most votes first."""
_MOST_RULES = 40
_MOST_WORK = 600_000
"""Of a search: keys times rules."""
_MOST_LETTERS = 5_000_000
"""Of all ends of all names: those of 20,000 weights of a deep network."""


class _RenameTrial(NamedTuple):
    """The result of rules for the names of a file."""

    rules: dict[str, str]
    names: tuple[str, ...]
    agreeing: frozenset[str]


class _RenameSearch:
    """One search: the names on both sides, and the remaining budget."""

    def __init__(self, expected: Shapes, file: Shapes) -> None:
        self.expected, self.keys, self.shapes = expected, tuple(file), tuple(file.values())
        self.work = _MOST_WORK

    def trial(self, base: _RenameTrial, rules: Rules) -> _RenameTrial | None:
        """The names after further rules; None if two become equal, or the budget is exhausted."""
        self.work -= len(self.keys) * len(rules)
        if self.work < 0:
            return None
        names = tuple(renamed_key(name, rules) for name in base.names)
        if len(set(names)) < len(set(base.names)):
            return None
        return _RenameTrial({**base.rules, **rules}, names, self.agreeing(names))

    def agreeing(self, names: Sequence[str]) -> frozenset[str]:
        """The names that the network has, with their shapes."""
        expected = self.expected
        return frozenset(
            name
            for name, shape in zip(names, self.shapes, strict=True)
            if fits(expected.get(name), shape)
        )

    def better(self, base: _RenameTrial) -> _RenameTrial | None:
        """The best further rules: the most matches, with as few rules as possible."""
        best: _RenameTrial | None = None
        for rules in islice(self.candidates(base), _MOST_TRIES):
            if rules.keys() & base.rules.keys():
                continue
            trial = self.trial(base, rules)
            if trial is None or not trial.agreeing > base.agreeing:
                continue
            if best is None or _rank(trial) > _rank(best):
                best = trial
        return best

    def candidates(self, base: _RenameTrial) -> Iterator[dict[str, str]]:
        """Rules that may help, those that most names speak for first."""
        file = dict(zip(base.names, self.shapes, strict=True))
        unexpected = {n: s for n, s in file.items() if n not in self.expected}
        missing = {
            n: s for n, s in self.expected.items() if n not in base.agreeing and n not in file
        }
        yield from renumberings(self.expected, file)
        votes: Counter[Rule] = Counter()
        for name, partner in pairs(unexpected, missing):
            votes.update(_rules_of(name, partner))
        yield from (dict(rules) for rules, _ in sorted(_families(votes).items(), key=_votes))


def find_rules(expected: Shapes, file: Shapes) -> dict[str, str]:
    """Rules with which more names of a file match the network; empty if there are none.

    Both are name to shape, the file's after the rules that there are already.
    """
    if not expected.keys() - file.keys() or not file.keys() - expected.keys():
        return {}
    if sum(len(name) * (name.count(".") + 1) for name in file) > _MOST_LETTERS:
        return {}
    search = _RenameSearch(expected, file)
    best = _RenameTrial({}, search.keys, search.agreeing(search.keys))
    while len(best.rules) < _MOST_RULES:
        further = search.better(best)
        if further is None:
            break
        best = further
    return best.rules


def _rank(trial: _RenameTrial) -> tuple[int, int, int]:
    return len(trial.agreeing), -len(trial.rules), -sum(map(len, trial.rules))


def _votes(entry: tuple[tuple[Rule, ...], int]) -> tuple[int, int, int]:
    rules, votes = entry
    return -votes, len(rules), sum(len(old) for old, _ in rules)


def _families(votes: Counter[Rule]) -> dict[tuple[Rule, ...], int]:
    """The candidates, and with them those that are the same but for numbers, as one."""
    families: dict[Rule, list[Rule]] = {}
    for rule in votes:
        families.setdefault((_DIGITS.sub("#", rule[0]), _DIGITS.sub("#", rule[1])), []).append(rule)
    votes_by_rules: dict[tuple[Rule, ...], int] = {(rule,): count for rule, count in votes.items()}
    for rules in families.values():
        if 1 < len(rules) <= _MOST_RULES and len({old for old, _ in rules}) == len(rules):
            votes_by_rules[tuple(rules)] = sum(votes[rule] for rule in rules)
    return votes_by_rules


def _rules_of(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The rules that make one name the other, from the least that differs to the whole beginning."""
    a, b = old.split("."), new.split(".")
    ahead = common_parts(a, b)
    behind = min(common_parts(a[::-1], b[::-1]), len(a) - ahead, len(b) - ahead)
    was, now = a[ahead : len(a) - behind], b[ahead : len(b) - behind]
    if _DIGITS.sub("#", ".".join(was)) == _DIGITS.sub("#", ".".join(now)):
        return  # a member of a sequence: all members have to be compared
    if not ahead and not was:  # only what comes before all names is new
        yield "*.", ".".join([*now, "*"])
        yield f"{a[0]}.", ".".join([*now, a[0]])
    for context in range(ahead + 1):
        left = a[ahead - context : ahead]
        anchored = context == ahead
        is_number = all(part.isdigit() for part in (*left, *was))
        if is_number and not (
            anchored and was and not now
        ):  # `0.` before all names is a prefix as any other
            continue
        written = ".".join([*left, *was]), ".".join([*left, *now])
        yield (f"{written[0]}.", written[1]) if anchored else written
        starred = _starred(left + was, left + now)
        if starred is not None:
            yield (f"{starred[0]}.", starred[1]) if anchored else starred


def _starred(was: Sequence[str], now: Sequence[str]) -> tuple[str, str] | None:
    """The rule for any number where both have the same: `h.3` and `layers.3.block` as `h.*`, `layers.*.block`."""
    common = [p for p in was if p.isdigit() and was.count(p) == now.count(p) == 1]
    if not common or [p for p in now if p in common] != common:
        return None
    old, new = ([("*" if p in common else p) for p in parts] for parts in (was, now))
    return (".".join(old), ".".join(new)) if any(p != "*" for p in old) else None
