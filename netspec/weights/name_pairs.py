"""Which name of a file is which of the network, where both are the same weight: by their ends, and their shapes.

Only what is certain: where several names fit as well as another, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from netspec.layer.base import ConcreteShape

_DIGITS = re.compile(r"\d+")
_MOST_PARTNERS = 48
"""Names that are compared letter by letter with another one."""
_SYNONYMS = {
    "gamma": "weight", "beta": "bias", "kernel": "weight", "scale": "weight", "embeddings": "weight",
    "moving_mean": "running_mean", "moving_variance": "running_var", "moving_var": "running_var",
}  # fmt: skip
"""The names of the tensors of a layer in other libraries."""


class _CommonSuffix(NamedTuple):
    """The common part of two names of the same weight."""

    end: str
    shape: ConcreteShape
    numbers: tuple[str, ...] | None
    """Those before the end; None for any."""


def pairs(
    unexpected: Mapping[str, ConcreteShape], missing: Mapping[str, ConcreteShape]
) -> Iterator[tuple[str, str]]:
    """Pairs of a name that only the file has and one that only the network has."""
    index: dict[_CommonSuffix, list[str]] = {}
    for name, shape in missing.items():
        for place in _places(name, shape):
            index.setdefault(place, []).append(name)
    rivals: dict[tuple[str, ConcreteShape], int] = {}
    for name, shape in unexpected.items():
        rivals[_level(name), shape] = rivals.get((_level(name), shape), 0) + 1
    for name, shape in unexpected.items():
        match = next((index[p] for p in _places(name, shape) if p in index), None)
        partner = _closest(name, match) if match is not None else None
        if partner is None and match is None:
            partner = _sibling(name, shape, missing, alone=rivals[_level(name), shape] == 1)
        if partner is not None:
            yield name, partner


def common_parts(a: Sequence[str], b: Sequence[str]) -> int:
    """How many parts two names begin with in common."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _places(name: str, shape: ConcreteShape) -> Iterator[_CommonSuffix]:
    """The ends of a name, the longest first, each with the numbers before it and then with any."""
    dot = 0
    while True:
        end = name[dot:]
        yield _CommonSuffix(end, shape, tuple(_DIGITS.findall(name[:dot])))
        yield _CommonSuffix(end, shape, None)
        dot = name.find(".", dot) + 1
        if not dot:
            return


def _closest(name: str, partners: list[str]) -> str | None:
    """The most similar of several partners; None for a tie."""
    if len(partners) == 1:
        return partners[0]
    if len(partners) > _MOST_PARTNERS:
        return None

    ranked = sorted(((_likeness(name, partner), partner) for partner in partners), reverse=True)
    (best, partner), (second, _) = ranked[:2]
    certain = best[0] > second[0] or best[1] > max(second[1] + 0.1, 0.4)
    return partner if certain else None


def _likeness(name: str, partner: str) -> tuple[int, float]:
    """The number of leading parts that two names share, and the similarity of the first different ones."""
    a, b = name.split("."), partner.split(".")
    common = common_parts(a, b)
    if common in (len(a), len(b)):
        return common, 0.0
    x, y = a[common], b[common]
    abbreviated = x.startswith(y) or y.startswith(x)
    return common, 1.0 if abbreviated else SequenceMatcher(None, x, y).ratio()


def _sibling(
    name: str, shape: ConcreteShape, missing: Mapping[str, ConcreteShape], *, alone: bool
) -> str | None:
    """The tensor of the same step under another name: the usual one, or the only remaining one of that shape."""
    level, last = _level(name), name.rpartition(".")[2]
    usual = f"{level}.{_SYNONYMS.get(last, last)}".removeprefix(".")
    if missing.get(usual) == shape:
        return usual
    left = [n for n, s in missing.items() if s == shape and _level(n) == level] if alone else []
    return left[0] if len(left) == 1 else None


def _level(name: str) -> str:
    return name.rpartition(".")[0]
