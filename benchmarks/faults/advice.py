"""Whether netspec's advice is good: every help with edits is applied, and what `--fix` writes is judged.

A help must leave fewer diagnostics of its severity, and bring no error. A fix must restore the network, or it must
touch nothing but the line with the fault and give a network that torch runs. Judged on mutants of the
gallery in which the inferred numbers are written out, as PyTorch's users write them: a number that hides
the mistake is easiest to write there.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from random import Random

from benchmarks.faults.mutants import NETWORKS, ROOT, mutated, torch_disagrees
from netspec.check import Report, check_text
from netspec.diagnosis.lint_triggers import READS_CHANNELS, READS_FEATURES
from netspec.diagnosis.step_edits import makes_several, set_arguments
from netspec.diagnostics import Diagnostic
from netspec.fix import fix, spliced
from netspec.graph.nodes import Node

_WORD = re.compile(
    r"(?<=op: )[A-Z]\w{2,}|\b(kernel_size|out_channels|padding|stride|out_features)(?=:)"
)


@dataclass
class Tally:
    """What became of so many mutants."""

    faulty: int = 0
    helps: int = 0
    worse: list[str] = field(default_factory=list)
    """Helps that do not leave fewer diagnostics, or bring an error."""
    fixed: int = 0
    restored: int = 0
    wrong: list[str] = field(default_factory=list)
    """Fixes that result in a network other than the intended one, or change correct parts."""


def check(text: str) -> Report:
    """The report on a text."""
    return check_text(text, "net.yaml")


def bad_helps(report: Report) -> Iterator[str]:
    """The helps of a report whose edits make it worse, or no better."""
    text = report.document.source.text
    for diagnostic in report.diagnostics:
        for help_ in diagnostic.helps:
            if not help_.edits:
                continue
            [edited] = [spliced(text, [help_.edits])[0]]
            if reason := _worse(report, check(edited), diagnostic):
                yield f"{diagnostic.code} {help_.text}: {reason}"


def count_helps(report: Report) -> int:
    """How many helps of a report come with edits."""
    return sum(bool(h.edits) for d in report.diagnostics for h in d.helps)


def _worse(before: Report, after: Report, diagnostic: Diagnostic) -> str:
    codes = [Counter(d.code for d in r.errors) for r in (before, after)]
    if codes[1] - codes[0]:
        return f"brings {', '.join(codes[1] - codes[0])}"
    errors = diagnostic.severity == "error"
    counts = [len(r.errors if errors else r.diagnostics) for r in (before, after)]
    return "" if counts[1] < counts[0] else "leaves as many diagnostics"


def wrong_fix(original: str, mutant: str, fixed: str) -> str:
    """Why a fixed mutant is wrong; empty where it is right."""
    if _meaning(fixed) == _meaning(original):
        return ""
    allowed = _changed_lines(original, mutant)
    touched = _replaced_lines(mutant, fixed)
    if not touched <= allowed:
        return f"changes line {min(touched - allowed)}, which was right"
    report = check(fixed)
    if report.errors:
        return "" if len(report.errors) < len(check(mutant).errors) else "leaves as many errors"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "".join(torch_disagrees(fixed)[:1])


def _changed_lines(first: str, second: str) -> set[int]:
    """The lines of the second text that the first does not have; where some are missing, those around."""
    a, b = first.split("\n"), second.split("\n")
    lines: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            lines |= set(range(start, end)) or {start - 1, start}
    return lines


def _replaced_lines(first: str, second: str) -> set[int]:
    """The lines of the first text that the second does not have."""
    a, b = first.split("\n"), second.split("\n")
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return {k for tag, i, j, _, _ in codes if tag in ("replace", "delete") for k in range(i, j)}


def _meaning(text: str) -> object:
    """The steps of a network with their shapes and weights."""
    report = check(text)
    if report.errors or report.graph is None:
        return object()
    return [(n.op, [v.shape for v in n.outputs], n.parameters) for n in report.graph.nodes]


# ---- mutants ---------------------------------------------------------------------------------------


@cache
def spelled_out(name: str) -> str:
    """A network of the gallery with the numbers that netspec infers written into its steps."""
    text = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
    graph = check(text).graph
    assert graph is not None
    groups = []
    steps: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if node.step is not None:
            steps.setdefault(id(node.step), []).append(node)
    for nodes in steps.values():
        [node, *others] = nodes
        argument = READS_FEATURES.get(node.op) or READS_CHANNELS.get(node.op)
        if argument is None or others or makes_several(node) or node.layer is None:
            continue
        number = node.layer.inferred_arguments(*node.shapes).get(argument)
        if isinstance(number, int) and getattr(node.layer, argument) is None:
            groups.append(set_arguments(node, {argument: number}))
    return spliced(text, groups)[0]


def mutants(count: int, seed: int = 0) -> Iterator[tuple[str, str, str]]:
    """So many mutants: what was done to which network, that network, and the mutant."""
    r = Random(seed)
    made = 0
    while made < count:
        name = r.choice(NETWORKS)
        original = spelled_out(name)
        mutation = _misspelled(original, r) if r.random() < 0.2 else mutated(original, r)
        if mutation is not None and mutation[1] != original:
            made += 1
            yield f"{name}: {mutation[0]}", original, mutation[1]


def _misspelled(text: str, r: Random) -> tuple[str, str] | None:
    """A word with a letter less, one twice, or two in each other's place."""
    words = list(_WORD.finditer(text))
    if not words:
        return None
    match = r.choice(words)
    word = match[0]
    k = r.randrange(1, len(word) - 1)
    less = word[:k] + word[k + 1 :]
    twice = word[:k] + word[k] + word[k:]
    swapped = word[:k] + word[k : k + 2][::-1] + word[k + 2 :]
    new = r.choice((less, twice, swapped))
    if new == word:
        return None
    return f"{word} is {new}", text[: match.start()] + new + text[match.end() :]


def tally(count: int, seed: int = 0) -> Tally:
    """What becomes of so many mutants."""
    counts = Tally()
    for what, original, mutant in mutants(count, seed):
        report = check(mutant)
        if report.valid:
            continue
        counts.faulty += 1
        counts.helps += count_helps(report)
        counts.worse += (f"{what}: {reason}" for reason in bad_helps(report))
        fixed = fix(report, check).text
        if fixed == mutant:
            continue
        counts.fixed += 1
        counts.restored += _meaning(fixed) == _meaning(original)
        if reason := wrong_fix(original, mutant, fixed):
            counts.wrong.append(f"{what}: {reason}")
    return counts
