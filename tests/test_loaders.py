"""Whichever parser PyYAML has, libyaml's or its own, a text gets the same diagnostics in the same places."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import yaml
from document_texts import content
from hostile_texts import mutant

from netspec.check import check_text
from netspec.diagnostics import Diagnostic
from netspec.document import parse, yaml_reader
from netspec.document.pure_loader import PureLoader

ROOT = Path(__file__).parents[1]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").rglob("*.yaml"))]
SHORT = [text for text in TEXTS if len(text) < 3000]
LOADERS = (yaml.CBaseLoader, PureLoader)

BROKEN = [
    "netspec: 1\nbody:\n    - ReLU\n  - ReLU\n",
    "netspec: 1\nbody: [ReLU, {op: ReLU\n",
    'netspec: 1\nbody:\n  - "ReLU\n--- \n',
    'netspec: 1\nbody:\n  - "\\q"\n',
    'netspec: 1\nbody:\n  - "a\\uD800 \\x4"\n',
    'netspec: 1\nbody:\n  - "\\U00110000"\n',
    "netspec: 1\nbody:\n  - {op: !Add, from: [a, b]}\n",
    "netspec: 1\nbody:\n  - !<a b\n",
    "netspec: 1\nbody:\n\t- ReLU\n",
    "netspec: 1\ndoc: a\n\tb\nbody: [ReLU]\n",
    "netspec: 1\nbody: [ReLU]\n%FOO\n",
    "netspec: 1\nbody:\n  - ReLU\n{",
    "netspec: 1\nbody:\n  - |0\n",
    "%YAML 2.0\n---\nnetspec: 1\n",
    "netspec: 1\nbody:\n  - |x\n",
    "netspec: 1\nbody:\n  - *\n  - &\n",
    "netspec: 1\nbody: ]\n",
    "netspec: 1\nbody: @a\n",
    "netspec: 1\nname: a: b\n",
    "netspec: 1\nbody - ReLU\nname: x\n",
    "netspec: 1\n: 2\nbody: [ReLU]\n",
    "netspec: 1\nbody:\n  - : ReLU\n",
    "netspec: 1\nbody:\n  - {op: ReLU, :inplace: true}\n",
    "netspec: 1\nbody: [:ReLU]\n",
    "netspec: 1\ndoc: |\n  a\n b\nbody: [ReLU]\n",
    "|-\nnetspec: 1\nbody:\n  - ReLU\n",
]

YAML_1_2: dict[str, object] = {
    "a: {b?: 1}\n": {"a": {"b?": 1}},
    "a: [b? c, d]\n": {"a": ["b? c", "d"]},
    "a: {b:[0, 1]}\n": {"a": {"b": [0, 1]}},
    "a: {b:, c: 1}\n": {"a": {"b": None, "c": 1}},
    "a: {b:? c}\n": {"a": {"b:? c": None}},
    "a: [b,\tc]\n": {"a": ["b", "c"]},
    "a: b\tc\n": {"a": "b\tc"},
    "a:\t\n  - b\n": {"a": ["b"]},
    "a: |\n  \tb\n": {"a": "\tb\n"},
    "a: |\t# c\n  b\n": {"a": "b\n"},
    "%YAML 1.3\n---\na: 1\n": {"a": 1},
    "# c\n%OWN x\n%YAML 1.2\n---\na: 1\n": {"a": 1},
    'a: "\\ud7ff\\ue000"\n': {"a": "\ud7ff\ue000"},
}
"""Texts that one of the two parsers rejects as they are, and what YAML 1.2 says they are."""


def diagnostics_of(text: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    monkeypatch.setattr(yaml_reader, "LOADER", loader)
    return [described(diagnostic) for diagnostic in check_text(text, "net.yaml").diagnostics]


def described(diagnostic: Diagnostic) -> object:
    place = diagnostic.span and (diagnostic.span.start, diagnostic.span.end)
    labels = [(label.span.start, label.span.end, label.text) for label in diagnostic.labels]
    return (
        diagnostic.code,
        place,
        diagnostic.message,
        diagnostic.label,
        labels,
        [h.text for h in diagnostic.helps],
    )


@pytest.mark.parametrize("text", BROKEN)
def test_broken_texts_get_one_answer(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_libyaml, alone = (diagnostics_of(text, loader, monkeypatch) for loader in LOADERS)
    assert with_libyaml
    assert alone == with_libyaml


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", YAML_1_2)
def test_yaml_1_2_decides(text: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "LOADER", loader)
    document = parse(text)
    assert document.diagnostics == []
    assert content(document.root) == YAML_1_2[text]


def mutants_get_one_answer(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(20)
    unlike = [
        text
        for text in (mutant(random.choice(SHORT), random) for _ in range(count))
        if diagnostics_of(text, LOADERS[0], monkeypatch)
        != diagnostics_of(text, LOADERS[1], monkeypatch)
    ]
    assert unlike == []


def test_mutants_get_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants_get_one_answer(100, monkeypatch)


@pytest.mark.sweep
def test_thousands_of_mutants_get_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants_get_one_answer(4000, monkeypatch)
