"""The page on the editor has every key. `python tests/docs/test_tui_page.py` writes the table."""

from __future__ import annotations

import re
from pathlib import Path

from netspec_tui.commands.registry import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "tui.md"


def written(text: str) -> str:
    rows = [
        f"| {' '.join(f'`{key}`' for key in c.key_names) or '`ctrl+p`'} | {c.title} | {c.help} | `{c.id}` |"
        for c in COMMANDS
    ]
    table = "\n".join(["| key | command | what it does | name |", "|---|---|---|---|", *rows])
    return re.sub(
        r"(?s)(<!-- keys -->\n).*(<!-- /keys -->)", lambda m: f"{m[1]}\n{table}\n\n{m[2]}", text
    )


def test_the_table_of_keys_is_that_of_the_editor() -> None:
    assert PAGE.read_text("utf-8") == written(PAGE.read_text("utf-8"))


def test_the_pictures_are_there() -> None:
    for name in re.findall(r"\((pictures/[\w.]+)\)", PAGE.read_text("utf-8")):
        drawn = (PAGE.parent / name).read_text("utf-8")
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", drawn)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
