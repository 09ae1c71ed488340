"""The commands on the pages: each is run, and what it prints is what the page shows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import torch
from doc_pages import PAGES, ROOT, Fence, Shell, fences
from torch import nn

import netspec
from netspec.cli.command_table import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
INDEX = ROOT / "docs/README.md"
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
SOURCE = URLS["Source"]
RAW = SOURCE.replace("https://github.com/", "https://raw.githubusercontent.com/") + "/main"
SESSIONS = [f for page in PAGES for f in fences(page) if f.kind == "console"]


@pytest.mark.parametrize("fence", SESSIONS, ids=lambda f: f.where)
def test_a_command_prints_what_the_page_shows(fence: Fence, tmp_path: Path) -> None:
    assert Shell(tmp_path, fence.page).session(fence.text) == fence.text


def test_the_generated_program_of_the_readme_runs(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "README.md")
    assert shell.run("netspec compile net.yaml -o net.py").startswith("net.py: class Net, ")
    program: dict[str, type[nn.Module]] = {}
    exec((tmp_path / "net.py").read_text(encoding="utf-8"), program)
    assert program["Net"]()(torch.zeros(2, 3, 40, 56)).shape == (2, 10, 20, 28)
    assert type(netspec.compile(tmp_path / "net.yaml")).__name__ == "Net"


def test_torch_reports_both_numbers_of_the_mistake_and_no_more() -> None:
    conv = nn.Conv2d(88, 20, 5)
    with pytest.raises(RuntimeError) as raised:
        conv(torch.zeros(1, 64, 12, 12))
    numbers = re.findall(r"\d+", str(raised.value))
    assert {"88", "64"} <= set(numbers)
    assert not {"16", "24"} & set(numbers)


def test_the_first_screens_have_the_picture_and_the_installation() -> None:
    lines = README.splitlines()
    assert len(lines) <= 150
    assert any(line.startswith("![") for line in lines[:12])
    assert any(line.startswith("pip install netspec-compiler ") for line in lines[:30])


def test_the_folders_of_the_architecture_page_are_the_folders_of_the_repository() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE))
    outputs = re.findall(r"^/(\w+)/$", (ROOT / ".gitignore").read_text("utf-8"), re.MULTILINE)
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0].isalpha()}
    assert named <= folders
    assert folders - named <= set(outputs)


def test_the_index_has_every_page() -> None:
    text = INDEX.read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([\w/.-]+\.md)\)", text))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {INDEX.name}
    indexes = {f"{path.parent.name}/README.md" for path in (ROOT / "docs").glob("*/README.md")}
    assert sorted((pages | indexes) - links) == []


def test_the_table_of_commands_has_every_command() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)) == {*COMMANDS, "help"}


def test_links_to_the_repository_lead_to_files() -> None:
    """README is shown outside of the repository, where pictures need the whole address."""
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all(picture.startswith(f"{RAW}/") for picture in pictures)
    links = [*pictures, *URLS.values()]
    for page in PAGES:
        links += re.findall(rf"{SOURCE}/blob/[^\s)]+", (ROOT / page).read_text(encoding="utf-8"))
    for link in links:
        path = re.sub(rf"^(?:{RAW}|{SOURCE}/(?:blob|tree)/main)/", "", link)
        assert link in {SOURCE, f"{SOURCE}/issues"} or (ROOT / path).is_file(), link


def test_the_figures_of_the_guarantees_are_those_of_the_faults_page() -> None:
    guarantees = (ROOT / "docs/guarantees.md").read_text(encoding="utf-8")
    faults = (ROOT / "benchmarks/faults/README.md").read_text(encoding="utf-8")
    cases = re.search(r"^(\d+) cases: ", faults, re.MULTILINE)
    row = re.search(r"^\| netspec \| (\d+) \| (\d+) \| (\d+) \|$", faults, re.MULTILINE)
    rest = re.search(r"^False alarms of netspec on the (\d+) .*: 0\.", faults, re.MULTILINE)
    mutants = re.search(
        r"^(\d+) networks of the gallery .* with one edit each", faults, re.MULTILINE
    )
    assert cases and row and rest and mutants
    assert row[1] == row[2] == row[3]
    assert f"{cases[1]} published cases" in guarantees
    assert f"all {row[1]} faults" in guarantees
    assert f"nothing on the other {rest[1]} " in guarantees
    assert f"{mutants[1]} networks with one edit each" in guarantees
    assert "Precision 100.0%, recall 100.0%." in faults


def test_the_commands_of_the_makefile_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pages = [ROOT / page for page in (*PAGES, "CONTRIBUTING.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    targets = re.findall(r"^make ([\w-]+)|`make ([\w-]+)`", text, re.MULTILINE)
    assert targets
    for target in targets:
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


def test_the_package_is_called_what_the_readme_installs() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    name = re.search(r'^name = "(.*)"$', project, re.MULTILINE)
    assert name is not None
    assert f"pip install {name[1]} " in README
    assert re.search(r"^torch = \[", project, re.MULTILINE)
    assert 'requires-python = ">=3.11"' in project
    assert "Python 3.11 or newer" in README
