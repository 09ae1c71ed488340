"""The page on the inside of the editor names files that exist, and quotes code that is there."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

import netspec_tui
from netspec_tui.editor import Editor

PACKAGE = Path(netspec_tui.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "editor-internals.md"


def test_every_file_and_package_exists() -> None:
    names = re.findall(r"`([a-z_]+/[a-z_]+\.py|[a-z_]+\.py)`", PAGE.read_text("utf-8"))
    assert len(names) > 10
    assert [name for name in names if not (PACKAGE / name).is_file()] == []
    table = PAGE.read_text("utf-8").partition("## Packages")[2].partition("\n## ")[0]
    listed = {
        name
        for row in re.findall(r"(?m)^\| (`.*?) \|", table)
        for name in re.findall(r"`([\w.]+)`", row)
    }
    modules = {path.name for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert listed - {"tui/netspec_tui"} == modules - {"__init__.py", "__pycache__"}


def test_the_quoted_code_is_in_the_package() -> None:
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    quotes = re.findall(r" *```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(quotes) == 2
    for quote in quotes:
        lines = textwrap.dedent(quote).strip()
        assert any(lines in textwrap.dedent(source) for source in sources), lines


def test_the_members_of_an_editor_exist() -> None:
    table = PAGE.read_text("utf-8").partition("| member |")[2].partition("\n## ")[0]
    names = re.findall(r"`(\w+)(?:\([^`]*\))?`", table)
    attributes = inspect.getsource(Editor)
    assert len(names) > 10
    missing = [n for n in names if not hasattr(Editor, n) and f"self.{n}" not in attributes]
    assert missing == []
