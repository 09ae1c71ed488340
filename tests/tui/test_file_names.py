"""A module of the editor has a name that no other module of the project has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_names_of_modules_are_unique() -> None:
    editor = [path.name for path in (ROOT / "tui").rglob("*.py") if path.name != "__init__.py"]
    compiler = {path.name for path in (ROOT / "netspec").rglob("*.py")}
    assert [name for name, count in Counter(editor).items() if count > 1] == []
    assert sorted(compiler.intersection(editor)) == []
