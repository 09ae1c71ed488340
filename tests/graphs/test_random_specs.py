"""Whole random graphs of branches, repeats, blocks and shared weights, against torch node by node."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from graph_oracle import disagreements
from random_specs import Grown, Maker, grow, render
from sampling import some
from smaller_specs import smallest

import netspec

MUTATIONS = (3, 6, 10, 15, 25, 40)
PLACE = re.compile(r"\S*<text>:\d+")


def a_spec(seed: int) -> Grown:
    r = Random(seed)
    return grow(r, r.choice(MUTATIONS))


def failure(seed: int) -> str:
    """What is wrong with the module of a random spec, shown on the smallest spec that has it."""
    grown = a_spec(seed)
    failures = disagreements(grown.text, seed)
    if not failures:
        return ""
    small = smallest(grown.spec, failures[0], lambda spec: disagreements(render(spec), seed))
    failure_text = disagreements(render(small), seed)[0]
    return f"seed {seed}: {failure_text}\n\n{render(small)}"


@pytest.mark.parametrize("first", some(range(0, 80, 10), 5))
def test_a_random_graph_does_what_its_nodes_do(first: int) -> None:
    for seed in range(first, first + 10):
        assert failure(seed) == ""


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 6000, 100))
def test_thousands_of_random_graphs_do_what_their_nodes_do(first: int) -> None:
    for seed in range(first, first + 100):
        assert failure(seed) == ""


def shared_uses(seed: int) -> str:
    """What is wrong with the module of a random spec in which blocks and groups are used again."""
    maker = Maker(Random(seed))
    maker.weights.update(again=30, share=10)
    text = maker.grow(6).text
    failures = disagreements(text, seed, deep=seed % 4 == 0)
    return f"seed {seed}: {failures[0]}\n\n{text}" if failures else ""


def test_blocks_and_groups_that_are_shared_do_what_their_nodes_do() -> None:
    for seed in some(range(40), 20):
        assert shared_uses(seed) == ""


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_thousands_of_shared_blocks_and_groups_do_what_their_nodes_do(first: int) -> None:
    for seed in range(first, first + 100):
        assert shared_uses(seed) == ""


def unclean(seeds: range, folder: Path) -> str:
    """What ruff's pyflakes rules say of the sources of these specs: names undefined or unused."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    for seed in seeds:
        text = a_spec(seed).text
        (folder / f"spec_{seed}.yaml").write_text(text)
        (folder / f"net_{seed}.py").write_text(netspec.source(text))
    command = [
        ruff,
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "F",
        "--output-format",
        "concise",
    ]
    completed = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
    return "" if completed.returncode == 0 else completed.stdout


def test_generated_source_has_no_unused_and_no_undefined_names(tmp_path: Path) -> None:
    assert unclean(range(500, 525), tmp_path) == ""


@pytest.mark.sweep
def test_thousands_of_generated_sources_have_no_unused_and_no_undefined_names(
    tmp_path: Path,
) -> None:
    assert unclean(range(10_000, 12_000), tmp_path) == ""


def test_the_same_seed_grows_the_same_spec() -> None:
    assert all(a_spec(seed) == a_spec(seed) for seed in range(5))


def test_a_spec_means_the_same_in_yaml_and_in_json() -> None:
    for seed in some(range(600, 640), 15):
        spec = a_spec(seed).spec
        sources = [netspec.source(render(spec, json_only=only)) for only in (False, True)]
        assert PLACE.sub("", sources[0]) == PLACE.sub("", sources[1]), render(spec)


def with_another_value(seed: int) -> tuple[netspec.Network, netspec.Network, str] | None:
    """A spec with a parameter set by the caller, and the same with that value as its default."""
    spec = a_spec(seed).spec
    plain = [n for n, v in spec.get("params", {}).items() if type(v) is int]
    if not plain:
        return None
    name = Random(seed).choice(plain)
    value = spec["params"][name] + 1
    text = render(spec)
    spec["params"][name] = value
    return netspec.load(text, **{name: value}), netspec.load(render(spec)), text


def test_setting_a_parameter_is_writing_another_default() -> None:
    for seed in some(range(700, 760), 20):
        pair = with_another_value(seed)
        if pair is None:
            continue
        set_, written, text = pair
        assert [d.message for d in set_.diagnostics] == [d.message for d in written.diagnostics]
        if not set_.report.errors:
            assert set_.source() == written.source(), text
