"""`python -m benchmarks.faults [MUTANTS]`: runs all cases and mutants, and writes the page of results."""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable

from benchmarks.faults import advice, by_onnx, by_torch
from benchmarks.faults.cases import HERE, Case, cases
from benchmarks.faults.mutants import NETWORKS, tally
from netspec.check import check_text

PAGE = HERE / "README.md"
_MUTANTS = 300


def main(count: int = _MUTANTS) -> None:
    """Print the results, and write them down."""
    warnings.simplefilter("ignore")
    results = cases()
    page = f"{_HEAD}\n{_published(results)}\n{_reports(results)}\n{_mutants(count)}\n{_advice(results, count)}"
    PAGE.write_text(page, encoding="utf-8")
    print(page)


_HEAD = """# Faults

Published shape faults, each rewritten as a small spec: those of SFData (github.com/tensfa/tensfa, questions of
StackOverflow) that a graph of layers can say, PyTea's unit tests without the five of a loss, the shape faults
of NeuraLint's synthetic samples, and issues of projects. Of SFData's 146 programs the others have no graph of
layers, or a fault in their data alone. Structures are retold; no code is taken over.

Torch's verdict is found by running the layers, on two samples; that of its meta device in the same way, without
numbers. ONNX is asked by its checker in full and by strict shape inference, for the cases that can be written
without inferring shapes first: that is what an exporter would need. Where torch runs and gives another shape,
the spec says with `expect` what the labels are; ONNX and the meta device have no place to say that.

This page is written by `python -m benchmarks.faults`.
"""


def _published(results: list[Case]) -> str:
    rows, ours, right = [], 0, 0
    wrong = [c for c in results if c.torch != "runs" or c.code]
    meta = [by_torch.verdict(c.text, "meta")[0] for c in wrong]
    onnx = [_by_onnx(c) for c in wrong]
    for case, on_meta, on_onnx in zip(wrong, meta, onnx, strict=True):
        codes = [
            (d.code, d.span.line if d.span else 0)
            for d in check_text(case.text, str(case.path)).diagnostics
        ]
        is_reported = codes == [(case.code, case.line)] if case.code else False
        ours += bool(codes)
        right += is_reported
        first = f"{codes[0][0]}, line {codes[0][1]}" if codes else "nothing"
        rows.append(
            f"| {case.name} | {case.torch} | {first}{'' if is_reported else ' (!)'} | {on_meta} | {on_onnx} |"
        )
    fine = [c for c in results if c not in wrong]
    hidden = sum(c.torch == "runs" for c in wrong)
    alarms = sum(bool(check_text(c.text, str(c.path)).errors) for c in fine)
    asked = [o for o in onnx if o != "–"]
    rejected = sum(c.torch == "rejects" for c in wrong)
    shapes = len(wrong) - rejected - hidden
    seconds = [_seconds(lambda c=c: check_text(c.text, "net.yaml")) for c in wrong]
    in_torch = [_seconds(lambda c=c: by_torch.verdict(c.text, "meta")) for c in wrong]
    return "\n".join(
        [
            "## Published faults",
            "",
            f"{len(results)} cases: {rejected} that torch rejects, {shapes} that run and give another shape than "
            f"the labels have, {hidden} that run and compute something other than intended, {len(fine)} in "
            "which neither finds a fault.",
            "",
            "| | found | of | with the code and line expected |",
            "|---|---|---|---|",
            f"| netspec | {ours} | {len(wrong)} | {right} |",
            f"| torch, meta device | {meta.count('rejects')} | {len(wrong)} | |",
            f"| ONNX, strict | {asked.count('rejects')} | {len(asked)} | |",
            "",
            f"False alarms of netspec on the {len(fine)} without a fault: {alarms}. Median time of a case, in one "
            f"process: netspec {statistics.median(seconds) * 1e3:.2f} ms, torch on the meta device "
            f"{statistics.median(in_torch) * 1e3:.2f} ms.",
            "",
            "| case | torch | netspec | meta device | ONNX |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _by_onnx(case: Case) -> str:
    try:
        return by_onnx.verdict(case.text)[0]
    except by_onnx.NotTranslatedError:
        return "–"


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _reports(results: list[Case]) -> str:
    """The public reports: whether the message would have solved the question."""
    rows = [
        f"| {c.name.split('/')[1]} | {c.fault} | {c.explained}{f': not yet, {c.later}' if c.later else ''} |"
        for c in results
        if c.explained
    ]
    explained = sum(c.explained == "yes" for c in results)
    return "\n".join(
        [
            "## Reports",
            "",
            "Issues and questions, and what new users met. Would the message have solved the question? Of "
            f"{len(rows)}, {explained} yes.",
            "",
            "| report | fault | solved |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _advice(results: list[Case], count: int) -> str:
    """How often advice with edits is good: in the cases, and in mutants with all numbers written out."""
    reports = [advice.check(c.text) for c in results]
    helps = sum(map(advice.count_helps, reports))
    worse = [
        f"{c.name}: {w}" for c, r in zip(results, reports, strict=True) for w in advice.bad_helps(r)
    ]
    fixed = [(c, advice.fix(r, advice.check).text) for c, r in zip(results, reports, strict=True)]
    changed = [(c, text) for c, text in fixed if text != c.text]
    wrong = [c.name for c, text in changed if by_torch.verdict(text)[0] != "runs" or not c.fix]
    mutants = advice.tally(count)
    return "\n".join(
        [
            "## Advice",
            "",
            "Each help with edits is applied: it must leave fewer diagnostics and bring no error. What `--fix` "
            "writes must restore the network, or leave all but the faulty lines alone and give a network that "
            "torch runs. The mutants are of the same networks with every inferred number written out; a fifth "
            "are misspelled words.",
            "",
            "| | faulty | helps with edits | that make it worse | fixed | wrongly |",
            "|---|---|---|---|---|---|",
            f"| cases | {sum(bool(r.diagnostics) for r in reports)} | {helps} | {len(worse)} | {len(changed)} "
            f"| {len(wrong)} |",
            f"| {count:,} mutants | {mutants.faulty} | {mutants.helps} | {len(mutants.worse)} | {mutants.fixed} "
            f"({mutants.restored} restored) | {len(mutants.wrong)} |",
            "",
            *(f"- {line}" for line in [*worse, *wrong, *mutants.worse, *mutants.wrong]),
        ]
    )


def _mutants(count: int) -> str:
    counts, wrong = tally(count)
    rejected, alarms = counts["rejected"], counts["rejected, wrongly"]
    missed = counts["accepted, wrongly"]
    precision = rejected / max(rejected + alarms, 1)
    recall = rejected / max(rejected + missed, 1)
    lines = [
        "## Mutants",
        "",
        f"{count:,} networks of the gallery ({', '.join(n.split('/')[1] for n in NETWORKS)}) with one edit each: "
        "a number changed, a step dropped, doubled or moved, a join made another one. Torch labels each, node by "
        "node.",
        "",
        "| netspec | torch agrees | torch does not |",
        "|---|---|---|",
        f"| rejects its shapes | {rejected} | {alarms} |",
        f"| accepts it | {counts['accepted']} | {missed} |",
        f"| it means no network | {counts['no network']} | |",
        f"| too large to run | {counts['too large to run']} | |",
        "",
        f"Precision {precision:.1%}, recall {recall:.1%}.",
        *(f"- {line}" for line in wrong),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _MUTANTS)
