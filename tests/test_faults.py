"""The bench of faults: each published one is found where it is, and torch still says of it what the case says."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import by_onnx, by_torch  # noqa: E402 - the bench stands beside the tests
from benchmarks.faults.cases import Case, cases  # noqa: E402
from benchmarks.faults.mutants import tally  # noqa: E402
from netspec.check import check_text  # noqa: E402

CASES = cases()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60
    assert len({c.name for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_fault_is_found_where_it_is(case: Case) -> None:
    found = [
        (d.code, d.span.line if d.span else 0)
        for d in check_text(case.text, "net.yaml").diagnostics
    ]
    assert found == ([(case.code, case.line)] if case.code else [])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_torch_says_what_the_case_says(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert by_torch.verdict(case.text)[0] == case.torch


def test_onnx_finds_what_its_checks_can_find() -> None:
    by_name = {c.name: c for c in CASES}
    assert by_onnx.verdict(by_name["sfdata/59305008"].text)[0] == "refuses"
    assert by_onnx.verdict(by_name["pytea/conv2d_basic01"].text)[0] == "accepts"
    with pytest.raises(by_onnx.NotTranslatedError):
        by_onnx.verdict(by_name["sfdata/42532386"].text)


def test_torch_agrees_about_mutants() -> None:
    found, wrong = tally(40, seed=1)
    assert wrong == []
    assert found["refused"] > 0
    assert found["accepted"] > 0


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(100, 130))
def test_torch_agrees_about_thousands_of_mutants(seed: int) -> None:
    assert tally(100, seed)[1] == []
