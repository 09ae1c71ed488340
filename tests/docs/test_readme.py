"""The commands on the pages: each is run, and what it prints is what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from doc_pages import PAGES, ROOT, Fence, Shell, fences
from torch import nn

README = (ROOT / "README.md").read_text(encoding="utf-8")
SESSIONS = [f for page in PAGES for f in fences(page) if f.kind == "console"]


@pytest.mark.parametrize("fence", SESSIONS, ids=lambda f: f.where)
def test_a_command_prints_what_the_page_shows(fence: Fence, tmp_path: Path) -> None:
    assert Shell(tmp_path, fence.page).session(fence.text) == fence.text


def test_the_generated_program_of_the_readme_runs(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "README.md")
    assert shell.run("netspec compile net.yaml -o net.py").startswith("net.py: class Net, ")
    program: dict[str, type[nn.Module]] = {}
    exec((tmp_path / "net.py").read_text(encoding="utf-8"), program)
    assert program["Net"]()(torch.zeros(2, 3, 40, 56)).shape == (2, 10)


def test_torch_sees_both_numbers_of_the_mistake_and_no_more() -> None:
    conv = nn.Conv2d(80, 20, 5)
    with pytest.raises(RuntimeError) as raised:
        conv(torch.zeros(1, 88, 12, 12))
    numbers = re.findall(r"\d+", str(raised.value))
    assert {"80", "88"} <= set(numbers)
    assert not {"16", "24"} & set(numbers)


def test_the_folders_of_the_readme_are_the_folders_there_are() -> None:
    named = re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE)
    assert [folder for folder in named if not (ROOT / folder).is_dir()] == []
    code_folders = {p.name for p in ROOT.iterdir() if p.is_dir() and any(p.rglob("*.py"))}
    assert {"netspec", "tests", "benchmarks"} <= code_folders & set(named)


def test_the_commands_of_the_makefile_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pages = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"^`?make ([\w-]+)|`make ([\w-]+)`", pages, re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


def test_the_package_is_called_what_the_readme_installs() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    name = re.search(r'^name = "(.*)"$', project, re.MULTILINE)
    assert name is not None
    assert f"pip install {name[1]} " in README
    assert re.search(r"^torch = \[", project, re.MULTILINE)
    assert 'requires-python = ">=3.11"' in project
    assert "Python 3.11 or newer" in README
