"""Keys that wait together: each acts on what the one before it made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from editor import rows, run, until
from textual import events
from textual.keys import _character_to_key

ROOT = Path(__file__).parents[2]


def burst(app, *keys: str) -> None:
    """Press keys before the editor can look at the first of them."""
    for key in keys:
        letter = len(key) == 1
        app.post_message(
            events.Key(_character_to_key(key) if letter else key, key if letter else None)
        )


@pytest.fixture
def densenet(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "specs/densenet121.yaml", tmp_path))


def test_a_form_gets_the_keys_that_follow_the_one_that_opens_it(densenet: Path) -> None:
    async def script(app, pilot) -> None:
        burst(app, "m", "backspace", "backspace", "4", "8", "enter", "end")
        await until(pilot, lambda: "growth: 48" in app.main.session.text)
        await until(pilot, lambda: not app.main.query("Form"))
        await until(pilot, lambda: app.main.graph.index == len(rows(app)) - 1)
        assert app.main.graph.has_focus

    run(densenet, script)


def test_letters_that_follow_the_search_run_no_command(densenet: Path) -> None:
    before = densenet.read_text()

    async def script(app, pilot) -> None:
        burst(app, "/", *"name:classifier", "enter")
        await until(pilot, lambda: app.main.row.path == "classifier")
        assert app.main.session.text == before
        assert app.screen is app.main

    run(densenet, script)


def test_a_list_is_narrowed_down_before_enter_takes_from_it(densenet: Path) -> None:
    async def script(app, pilot) -> None:
        burst(app, "a", *"sigmoid", "enter")
        await until(pilot, lambda: "Sigmoid" in app.main.session.text)
        assert app.screen is app.main

    run(densenet, script)
