"""The decision pages: numbered, listed, of one form; the files and names that pages mention exist."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from doc_pages import ROOT

FOLDER = ROOT / "docs/decisions"
DECISIONS = sorted(p for p in FOLDER.glob("*.md") if p.name != "README.md")
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
PAGES = [
    *DECISIONS,
    ROOT / "docs/architecture.md",
    ROOT / "docs/adding-a-layer.md",
    ROOT / "CONTRIBUTING.md",
]


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(p.name[:4]) for p in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda p: p.name)
def test_a_decision_has_its_three_parts_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    number, title = re.match(r"# (\d+)\. (.*)\n", text).groups()  # type: ignore[union-attr]
    assert int(number) == int(page.name[:4])
    assert f"{number}. [{title}]({page.name})" in INDEX
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert text.count("\n") <= 60


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_files_that_a_page_mentions_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:netspec|tests|specs|docs|benchmarks)/[\w/.*-]*)", text):
        if path != "netspec/layers/repeat.py":
            assert list(ROOT.glob(path.rstrip("/"))), path


def test_the_names_that_decisions_mention_exist() -> None:
    names = {
        "netspec.layer.base": ["Module", "Function"],
        "netspec.layer.argument_kinds": ["Integer", "PerAxis", "OneOf"],
        "netspec.graph": ["Graph", "Value"],
        "netspec.expr": ["UNKNOWN"],
        "netspec.diagnostics": ["Diagnostics"],
        "netspec.dims": ["Opaque"],
    }
    for module, module_names in names.items():
        assert [n for n in module_names if not hasattr(import_module(module), n)] == []


def test_pydantic_and_torch_are_imported_in_one_place_each() -> None:
    for file in (ROOT / "netspec").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        validates = re.search(r"^\s*(import|from) pydantic", text, re.MULTILINE)
        assert not validates or "schema" in file.parts, file
        runs = re.split(r"^if TYPE_CHECKING:\n(?:    .*\n|\n)*", text, flags=re.MULTILINE)
        imports = any(re.search(r"^\s*(import|from) torch\b", part, re.MULTILINE) for part in runs)
        generates = "codegen" in file.parts
        runs_in_programs = "program_helpers" in file.parts
        assert not imports or generates or runs_in_programs or "build" in file.parts, file
