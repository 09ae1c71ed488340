"""Keys that wait together: each acts on what the one before it made."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from editor import rows, run, until
from textual import events
from textual.app import ComposeResult
from textual.keys import _character_to_key
from textual.widgets import Static

from netspec_tui.terminal import ordered_keys

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


def test_a_form_receives_the_keys_after_the_one_that_opens_it(densenet: Path) -> None:
    async def script(app, pilot) -> None:
        burst(app, "m", "backspace", "backspace", "4", "8", "enter", "end")
        await until(pilot, lambda: "growth: 48" in app.main.session.text)
        await until(pilot, lambda: not app.main.query("Form"))
        await until(pilot, lambda: app.main.graph.index == len(rows(app)) - 1)
        await until(pilot, lambda: app.main.graph.has_focus)

    run(densenet, script)


def test_letters_that_follow_the_search_run_no_command(densenet: Path) -> None:
    before = densenet.read_text()

    async def script(app, pilot) -> None:
        burst(app, "/", *"name:classifier", "enter")
        await until(pilot, lambda: app.main.row.path == "classifier")
        await until(pilot, lambda: app.screen is app.main)
        assert app.main.session.text == before

    run(densenet, script)


def test_a_list_is_filtered_before_enter_chooses_from_it(densenet: Path) -> None:
    async def script(app, pilot) -> None:
        burst(app, "a", *"sigmoid", "enter")
        await until(pilot, lambda: "Sigmoid" in app.main.session.text)
        await until(pilot, lambda: app.screen is app.main)

    run(densenet, script)


class Slow(Static, can_focus=True):
    """Takes longer for a key than it is waited for, and then hands the focus on."""

    async def on_key(self, event: events.Key) -> None:
        await asyncio.sleep(0.2)
        self.app.got.append(("slow", event.key))  # type: ignore[attr-defined]
        self.app.query_one(Next).focus()


class Next(Static, can_focus=True):
    def on_key(self, event: events.Key) -> None:
        self.app.got.append(("next", event.key))  # type: ignore[attr-defined]


class TwoWidgets(ordered_keys.OrderedKeys):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield Slow()
        yield Next()


def test_a_slow_key_takes_effect_before_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_keys, "_PATIENCE", 0.01)

    async def go() -> list[tuple[str, str]]:
        app = TwoWidgets()
        async with app.run_test() as pilot:
            app.query_one(Slow).focus()
            await pilot.pause()
            burst(app, "a", "b")
            await until(pilot, lambda: len(app.got) == 2)
        return app.got

    assert asyncio.run(go()) == [("slow", "a"), ("next", "b")]
