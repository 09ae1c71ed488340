"""Networks of the gallery with one edit each, labeled by running torch node by node.

What netspec rejects for its shapes, torch must reject at the same node, on the shapes that flow there; what
it accepts must run, and give at every node the shape that netspec says. Both are asked of torch by the
oracle of the tests, which does not use netspec's generated code.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from random import Random

import netspec
from netspec.diagnostics import Code
from netspec.graph import Graph
from netspec.graph.nodes import axes

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "graphs"), str(ROOT / "tests" / "layers")]

from graph_oracle import disagreements, wrongly_rejected  # noqa: E402 - it stands with the tests

NETWORKS = (
    "textbook/densenet", "textbook/densenet_bc", "textbook/googlenet", "textbook/inception_mnist",
    "textbook/lenet", "textbook/nin", "textbook/residual_mnist", "textbook/resnet18",
)  # fmt: skip
"""Those that torch runs in a fraction of a second, whatever becomes of their numbers."""
_NUMBER = re.compile(r"(?<=[ \[(])\d+(?=[,\]})]|$)", re.MULTILINE)
_LANGUAGE = ("NS0", "NS10", "NS11", "NS12", "NS4", "NS5")
"""Codes of a text that means no network: names, expressions, limits that the file sets itself."""


_MOST_WEIGHTS = 20_000_000
_MOST_ELEMENTS = 40_000_000


@dataclass(frozen=True)
class Verdict:
    """What netspec and torch say of one mutant."""

    kind: str
    """`rejected`, `accepted`, or `no network` where the text means none."""
    wrong: str
    """In which torch disagrees; empty where it does not."""


def mutants(count: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """So many texts, each with what was done to which network."""
    r = Random(seed)
    made = 0
    while made < count:
        name = r.choice(NETWORKS)
        text = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
        mutation = mutated(text, r)
        if mutation is not None:
            made += 1
            yield f"{name}: {mutation[0]}", mutation[1]


def mutated(text: str, r: Random) -> tuple[str, str] | None:
    """What was done to a text, and the text; None where this could not be done."""
    kind = r.choice(("number",) * 6 + ("drop", "swap", "join", "double"))
    lines = text.split("\n")
    if kind == "number":
        body = text.index("\nblocks:") if "\nblocks:" in text else text.index("\nbody:")
        match = r.choice([m for m in _NUMBER.finditer(text) if m.start() > body])
        number = int(match[0])
        new = r.choice((number + 1, max(number - 1, 0), number * 2))
        return f"{number} is {new}", text[: match.start()] + str(new) + text[match.end() :]
    if kind == "join":
        old, new = r.choice((("op: Add", "op: Concat"), ("op: Concat", "op: Add")))
        return (f"{new} for {old}", text.replace(old, new, 1)) if old in text else None
    steps = [k for k, line in enumerate(lines) if re.match(r" +- .*(\}|[A-Za-z0-9])$", line)]
    k = r.choice(steps)
    if kind == "drop":
        return f"without line {k + 1}", "\n".join(lines[:k] + lines[k + 1 :])
    if kind == "double":
        return f"line {k + 1} twice", "\n".join(lines[: k + 1] + lines[k:])
    if k + 1 in steps and _indent(lines[k]) == _indent(lines[k + 1]):
        lines[k], lines[k + 1] = lines[k + 1], lines[k]
        return f"lines {k + 1} and {k + 2} changed places", "\n".join(lines)
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def verdict(text: str) -> Verdict:
    """What netspec says of a text, and whether torch agrees."""
    report = netspec.load(text).report
    if any(d.code.startswith(_LANGUAGE) and d.code != Code.BAD_ARGUMENT for d in report.errors):
        return Verdict("no network", "")
    if report.graph is not None and _too_large(report.graph):
        return Verdict("too large to run", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if report.errors:
            return Verdict("rejected", "".join(wrongly_rejected(text)[:1]))
        return Verdict("accepted", "".join(disagreements(text, deep=False)[:1]))


def torch_disagrees(text: str) -> list[str]:
    """What torch says of a network that netspec accepts, where it says something else; too large ones pass."""
    graph = netspec.load(text).report.graph
    return [] if graph is not None and _too_large(graph) else disagreements(text, deep=False)


def _too_large(graph: Graph) -> bool:
    """Whether running it takes gigabytes: a pool less before a dense layer does that."""
    known = [n for n in graph.nodes if n.known]
    weights = sum(prod(shape) for n in known for shape in n.parameters.values())
    elements = sum(prod(axes(v.shape or (), graph.examples)) for n in known for v in n.outputs)
    return weights > _MOST_WEIGHTS or elements > _MOST_ELEMENTS


def tally(count: int, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """How many mutants of each kind there are, and those about which torch disagrees."""
    counts: Counter[str] = Counter()
    wrong = []
    for what, text in mutants(count, seed):
        verdict_text = verdict(text)
        counts[f"{verdict_text.kind}, wrongly" if verdict_text.wrong else verdict_text.kind] += 1
        if verdict_text.wrong:
            wrong.append(f"{what}: {verdict_text.kind}, but {verdict_text.wrong}")
    return counts, wrong
