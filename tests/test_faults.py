"""The bench of faults: each published one is found where it is, and torch still says of it what the case says."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest
from sampling import examples, some

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import advice, by_onnx, by_torch  # noqa: E402 - the bench is next to the tests
from benchmarks.faults.cases import Case, cases  # noqa: E402
from benchmarks.faults.mutants import tally  # noqa: E402
from netspec.check import check_text  # noqa: E402

CASES = cases()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60
    assert len({c.name for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_fault_is_found_where_it_is(case: Case) -> None:
    diagnostics = [
        (d.code, d.span.line if d.span else 0)
        for d in check_text(case.text, "net.yaml").diagnostics
    ]
    assert diagnostics == ([(case.code, case.line)] if case.code else [])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_torch_says_what_the_case_says(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert by_torch.verdict(case.text)[0] == case.torch


def test_onnx_finds_what_its_checks_can_find() -> None:
    by_name = {c.name: c for c in CASES}
    assert by_onnx.verdict(by_name["sfdata/59305008"].text)[0] == "rejects"
    assert by_onnx.verdict(by_name["pytea/conv2d_basic01"].text)[0] == "accepts"
    with pytest.raises(by_onnx.NotTranslatedError):
        by_onnx.verdict(by_name["sfdata/42532386"].text)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_every_help_with_edits_makes_a_case_better(case: Case) -> None:
    assert list(advice.bad_helps(advice.check(case.text))) == []


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_fix_writes_what_the_case_says_and_torch_runs_it(case: Case) -> None:
    fixed = advice.fix(advice.check(case.text), advice.check).text
    written = [line.split("  # !!")[0].strip() for line in fixed.split("\n")]
    before = [line.split("  # !!")[0].strip() for line in case.text.split("\n")]
    new = Counter(written) - Counter(before)
    assert new == ({case.fix: 1} if case.fix else {})
    if case.fix:
        assert by_torch.verdict(fixed)[0] == "runs"


def test_advice_on_mutants_is_never_worse_and_never_a_wrong_fix() -> None:
    counts = advice.tally(examples(60), seed=1)
    assert (counts.worse, counts.wrong) == ([], [])
    assert counts.helps > 0
    assert counts.fixed > 0


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100, 120))
def test_advice_on_thousands_of_mutants(seed: int) -> None:
    counts = advice.tally(100, seed)
    assert (counts.worse, counts.wrong) == ([], [])


def test_a_fix_that_hides_the_mistake_is_known_for_one() -> None:
    original = advice.spelled_out("textbook/lenet")
    assert "in_channels: 6" in original
    mutant = original.replace("out_channels: 6,", "out_channels: 7,", 1)
    assert mutant != original
    hidden = mutant.replace("in_channels: 6", "in_channels: 7", 1)
    assert "which was right" in advice.wrong_fix(original, mutant, hidden)
    assert advice.wrong_fix(original, mutant, original) == ""


def test_torch_agrees_about_mutants() -> None:
    counts, wrong = tally(len(some(range(40), 10)), seed=2)
    assert wrong == []
    assert counts["rejected"] > 0
    assert counts["accepted"] > 0


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100, 130))
def test_torch_agrees_about_thousands_of_mutants(seed: int) -> None:
    assert tally(100, seed)[1] == []
