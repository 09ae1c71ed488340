"""Any keys in any order: the editor stays up, source and session agree, and undo leads back to the first byte."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from editor import run, settled
from textual.widgets import Input

ROOT = Path(__file__).parents[2]
SPECS = (
    "textbook/inception_mnist", "textbook/resnet18", "densenet121", "unet", "siamese", "gpt",
)  # fmt: skip
KEYS = [
    *"aibJcxderoypwBWRtZvMsSPmnuU.DKN[]12345/?jkhlgGV", "space", "enter", "enter", "escape", "escape", "escape", "up", "down",
    "left", "right", "pagedown", "home", "end", "tab", "shift+tab", "delete", "backspace", "f2", "f3", "f4", "f8", "f12",
    "ctrl+z", "ctrl+y", "ctrl+p", "ctrl+n", "ctrl+o", "f5", "f6",
]  # fmt: skip
NAMES = {
    ".": "full_stop",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "/": "slash",
    "?": "question_mark",
}
WORDS = (
    "relu", "conv2d 8 3", "2", "x", "", "H=64, W=64", "op:conv", "]", "a b", "stem!", "0", "params:>1k", "sep*", "é", "net.txt",
)  # fmt: skip


def play(tmp_path: Path, seed: int, length: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / f"{Path(SPECS[seed % len(SPECS)]).name}.yaml"
    shutil.copy(ROOT / "specs" / f"{SPECS[seed % len(SPECS)]}.yaml", path)
    before = path.read_bytes()
    size = chance.choice([(80, 24), (120, 36), (160, 48), (50, 12)])
    pressed: list[str] = []

    async def script(app, pilot) -> None:
        for _ in range(length):
            key = chance.choice(KEYS)
            pressed.append(key)
            await pilot.press(NAMES.get(key, key))
            focused = app.focused
            if isinstance(focused, Input) and chance.random() < 0.5:
                focused.value = chance.choice(WORDS)
                pressed.append(f"«{focused.value}»")
            if chance.random() < 0.3:
                await pilot.pause(0.02)
            assert app.is_running, pressed
            main = app.main
            if main.session.path == str(path):
                assert main.source.whole == main.session.text, pressed
        for _ in range(50):
            if len(app.screen_stack) > 2:
                await pilot.press("escape")
                await pilot.pause(0.05)
        assert len(app.screen_stack) == 2, pressed  # every dialog closes by escape
        await settled(app, pilot)
        session = app.main.session
        if session.path == str(path):
            while session.undo() is not None:
                pass
            assert session.text.encode() == before, pressed
            assert app.main.source.whole == session.text

    try:
        run(path, script, size)
    except BaseException:
        print(seed, size, pressed)
        raise
    answered = "s" in pressed and {"ctrl+n", "ctrl+o"} & set(
        pressed
    )  # "save them?" before another file
    assert path.read_bytes() == before or answered, pressed


@pytest.mark.parametrize("seed", range(3))
def test_any_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.chdir(tmp_path)
    play(tmp_path, seed, 60)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3, 60))
def test_any_keys_for_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.chdir(tmp_path)
    play(tmp_path, seed, 200)
