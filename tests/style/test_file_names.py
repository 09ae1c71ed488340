"""Each module has a name that no other module has, so that a name leads to one file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "netspec" / "cli" / "commands"
"""One module for each command, named after it: `netspec check` is `commands/check.py`."""


def test_names_of_modules_are_unique() -> None:
    paths = [*(ROOT / "netspec").rglob("*.py"), *(ROOT / "tui" / "netspec_tui").rglob("*.py")]
    names = Counter(p.name for p in paths if p.parent != COMMANDS and not p.stem.startswith("__"))
    assert [name for name, count in names.items() if count > 1] == []
