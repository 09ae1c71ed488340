"""A law: the fast reader and the pydantic models accept and reject the same files."""

from __future__ import annotations

from random import Random

import pytest
from pydantic import ValidationError
from structure_mutants import SMALL, mutant, seeds

from netspec import SpecFile
from netspec.check import check_text
from netspec.diagnostics import Code, Diagnostics
from netspec.document import Mapping, parse
from netspec.syntax import read_spec

RULES_OF_NAMES = frozenset({Code.BAD_NAME, Code.UNKNOWN_PARAMETER, Code.BAD_USE})
"""What the reader knows beyond structure: names that expressions cannot have, presets that set undeclared
parameters, and used files that are not there."""

NOT_ELABORATED = ("inputs", "outputs", "budget")
"""A library, which has no `body`, is not elaborated: nothing reads the values under these keys."""

NAME = "specs/net.yaml"


def rejected_by_reader(text: str) -> bool:
    """Whether the reader finds the structure wrong."""
    diagnostics = Diagnostics()
    read_spec(parse(text, NAME), diagnostics)
    return any(
        d.severity == "error" and d.code not in RULES_OF_NAMES for d in diagnostics.ordered()
    )


def rejected_paths(text: str) -> list[tuple]:
    """Where the models find the structure wrong."""
    try:
        SpecFile.from_yaml(text)
    except ValidationError as error:
        return [e["loc"] for e in error.errors()]
    return []


def disagreement(text: str) -> str:
    """Why reader and models differ on a file; empty where they agree."""
    paths = rejected_paths(text)
    if rejected_by_reader(text):
        return "" if paths else "only the reader rejects it"
    # The kinds of values such as those of `from` and `repeat` are the elaboration's to check.
    if not paths or not check_text(text, NAME).valid:
        return ""
    root = parse(text).root
    is_library = isinstance(root, Mapping) and root.get("body") is None
    if is_library and all(path[0] in NOT_ELABORATED for path in paths):
        return ""
    return f"only the models reject it, at {paths}"


def disagreements(count: int, seed: int) -> list[tuple[str, str]]:
    """The mutants on which reader and models differ, with the reason."""
    random, specs = Random(seed), seeds()
    small = specs[: len(SMALL)]
    texts = [mutant(random.choice(small if k % 10 else specs), random) for k in range(count)]
    readable = [text for text in texts if not parse(text).diagnostics]
    assert len(readable) > 0.9 * count
    rejected = sum(bool(rejected_paths(text)) for text in readable[:300])
    assert 0.2 * 300 < rejected < 0.8 * 300  # both verdicts occur
    return [(reason, text) for text in readable if (reason := disagreement(text))]


def test_reader_and_models_agree_on_mutants() -> None:
    assert disagreements(600, seed=1) == []


@pytest.mark.sweep
def test_reader_and_models_agree_on_ten_thousand_mutants() -> None:
    assert disagreements(10_000, seed=2) == []


@pytest.mark.parametrize(
    "text",
    [
        "{netspec: 1, body: [{name: null, op: ReLU}]}",
        "{netspec: 1, body: [{op: ReLU, share: [a, b]}]}",
        "{netspec: 1, body: [{each: {k: [1]}, body: [ReLU], doc: [a]}]}",
        "{netspec: 1, dims: {N: {min: 1, doc: [a]}}, body: []}",
        "{netspec: 1, inputs: {image: {shape: [N], doc: {}}}, body: []}",
        "{netspec: 1, rename: {a: 'b*'}, body: []}",
        "{netspec: 1, init: {a: null}, body: []}",
        "{netspec: 1, blocks: {B: {inputs: [1], body: []}}, body: []}",
        "{netspec: 1, body: [{a: null, op: ReLU}]}",
        "{netspec: 1, body: [{'': ReLU}]}",
    ],
)
def test_both_reject(text: str) -> None:
    assert rejected_paths(text)
    diagnostics = Diagnostics()
    read_spec(parse(text, NAME), diagnostics)
    assert any(d.severity == "error" for d in diagnostics.ordered())
