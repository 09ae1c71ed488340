"""`python -m benchmarks.faults [MUTANTS]`: runs all cases and mutants, and writes the page of results."""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable

from benchmarks.faults import by_onnx, by_torch
from benchmarks.faults.cases import HERE, Case, cases
from benchmarks.faults.mutants import NETWORKS, tally
from netspec.check import check_text

PAGE = HERE / "README.md"
_MUTANTS = 300


def main(count: int = _MUTANTS) -> None:
    """Print the results, and write them down."""
    warnings.simplefilter("ignore")
    page = f"{_HEAD}\n{_published(cases())}\n{_mutants(count)}"
    PAGE.write_text(page, encoding="utf-8")
    print(page)


_HEAD = """# Faults

Published shape faults, each rewritten as a small spec: those of SFData (github.com/tensfa/tensfa, questions of
StackOverflow) that a graph of layers can say, PyTea's unit tests without the five of a loss, the shape faults
of NeuraLint's synthetic samples, and issues of projects. Of SFData's 146 programs the others have no graph of
layers, or a fault in their data alone. Structures are retold; no code is taken over.

Torch's verdict is found by running the layers, on two samples; that of its meta device likewise, without
numbers. ONNX is asked by its checker in full and by strict shape inference, for the cases that can be written
without inferring shapes first: that is what an exporter would need. Where torch runs and gives another shape,
the spec says with `expect` what the labels are; ONNX and the meta device have no place to say that.

This page is written by `python -m benchmarks.faults`.
"""


def _published(found: list[Case]) -> str:
    rows, ours, right = [], 0, 0
    wrong = [c for c in found if c.torch != "runs"]
    meta = [by_torch.verdict(c.text, "meta")[0] for c in wrong]
    onnx = [_by_onnx(c) for c in wrong]
    for case, on_meta, on_onnx in zip(wrong, meta, onnx, strict=True):
        codes = [
            (d.code, d.span.line if d.span else 0)
            for d in check_text(case.text, str(case.path)).diagnostics
        ]
        said = codes == [(case.code, case.line)]
        ours += bool(codes)
        right += said
        first = f"{codes[0][0]}, line {codes[0][1]}" if codes else "nothing"
        rows.append(
            f"| {case.name} | {case.torch} | {first}{'' if said else ' (!)'} | {on_meta} | {on_onnx} |"
        )
    fine = [c for c in found if c.torch == "runs"]
    alarms = sum(bool(check_text(c.text, str(c.path)).errors) for c in fine)
    asked = [o for o in onnx if o != "–"]
    refused = sum(c.torch == "refuses" for c in wrong)
    seconds = [_seconds(lambda c=c: check_text(c.text, "net.yaml")) for c in wrong]
    in_torch = [_seconds(lambda c=c: by_torch.verdict(c.text, "meta")) for c in wrong]
    return "\n".join(
        [
            "## Published faults",
            "",
            f"{len(found)} cases: {refused} that torch refuses, {len(wrong) - refused} that run and give "
            f"another shape than the labels have, {len(fine)} that were faults once and are none today.",
            "",
            "| | found | of | with the code and line expected |",
            "|---|---|---|---|",
            f"| netspec | {ours} | {len(wrong)} | {right} |",
            f"| torch, meta device | {meta.count('refuses')} | {len(wrong)} | |",
            f"| ONNX, strict | {asked.count('refuses')} | {len(asked)} | |",
            "",
            f"False alarms of netspec on the {len(fine)} that are none: {alarms}. Median time of a case, in one "
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


def _mutants(count: int) -> str:
    found, wrong = tally(count)
    refused, alarms = found["refused"], found["refused, wrongly"]
    missed = found["accepted, wrongly"]
    precision = refused / max(refused + alarms, 1)
    recall = refused / max(refused + missed, 1)
    lines = [
        "## Mutants",
        "",
        f"{count:,} networks of the gallery ({', '.join(n.split('/')[1] for n in NETWORKS)}) with one edit each: "
        "a number changed, a step dropped, doubled or moved, a join made another one. Torch labels each, node by "
        "node.",
        "",
        "| netspec | torch agrees | torch does not |",
        "|---|---|---|",
        f"| refuses its shapes | {refused} | {alarms} |",
        f"| accepts it | {found['accepted']} | {missed} |",
        f"| it means no network | {found['no network']} | |",
        f"| too large to run | {found['too large to run']} | |",
        "",
        f"Precision {precision:.1%}, recall {recall:.1%}.",
        *(f"- {line}" for line in wrong),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _MUTANTS)
