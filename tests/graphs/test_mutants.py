"""Near misses: specs that one change made wrong. What is rejected, torch rejects too; nothing crashes."""

from __future__ import annotations

import copy
from random import Random

import pytest
from graph_oracle import disagreements, wrongly_rejected
from random_specs import MUTATIONS, Maker, grow, render
from sampling import some

import netspec


def rejections(seed: int, at_most: int = 6) -> list[str]:
    """Texts that were rejected while a random spec grew."""
    r = Random(f"mutants {seed}")
    rejected_texts = grow(r, r.choice((3, 6, 10, 15))).rejected
    return r.sample(rejected_texts, min(at_most, len(rejected_texts)))


def wrong_rejection(text: str) -> str:
    rejected_nodes = wrongly_rejected(text)
    return f"{rejected_nodes[0]}\n\n{text}" if rejected_nodes else ""


@pytest.mark.parametrize("first", some(range(0, 60, 20), 2))
def test_what_netspec_rejects_for_its_shapes_torch_rejects_too(first: int) -> None:
    for seed in range(first, first + 20):
        for text in rejections(seed):
            assert wrong_rejection(text) == ""


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 5000, 200))
def test_thousands_of_rejections_are_torchs_too(first: int) -> None:
    for seed in range(first, first + 200):
        for text in rejections(seed, 20):
            assert wrong_rejection(text) == ""


def perturbed(seed: int) -> str:
    """The text of a valid spec with one argument changed, whatever that makes of it."""
    r = Random(f"perturbed {seed}")
    maker = Maker(r)
    spec = maker.grow(r.choice((3, 6, 10))).spec
    changed = copy.deepcopy(spec)
    which = r.choice(["perturb", "redirect", "compute", "remove", "move", "rename", *MUTATIONS])
    getattr(maker, which)(changed)
    return render(changed)


def of_a_perturbed_spec(seed: int) -> str:
    text = perturbed(seed)
    report = netspec.load(text).report
    diagnostics = wrongly_rejected(text) if report.errors else disagreements(text, seed, deep=False)
    return f"{diagnostics[0]}\n\n{text}" if diagnostics else ""


@pytest.mark.parametrize("first", some(range(0, 60, 20), 2))
def test_a_changed_argument_is_rejected_as_torch_rejects_it_or_runs_as_torch_runs_it(
    first: int,
) -> None:
    for seed in range(first, first + 20):
        assert of_a_perturbed_spec(seed) == ""


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 4000, 200))
def test_thousands_of_changed_arguments(first: int) -> None:
    for seed in range(first, first + 200):
        assert of_a_perturbed_spec(seed) == ""


def test_every_rejection_says_where_and_what() -> None:
    for seed in range(200, 220):
        for text in rejections(seed):
            report = netspec.load(text).report
            assert report.errors
            for diagnostic in report.diagnostics:
                assert diagnostic.message
                assert diagnostic.span is not None
                assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
