"""`python docs/pictures/editor.py`: draws the pictures of the editor that the documentation shows."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from netspec_tui.app import NetspecApp
from netspec_tui.core.session import Session

HERE = Path(__file__).parent
SPECS = HERE.parents[1] / "specs"
Script = Callable[[NetspecApp, Pilot[None]], Awaitable[None]]


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until the panes follow."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause(0.05)
    await pilot.pause(0.4)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Type letter by letter."""
    await press(pilot, *("space" if letter == " " else letter for letter in text))


async def whole(app: NetspecApp, pilot: Pilot[None]) -> None:
    """A network with folds: the cursor on the join of a dense layer."""
    app.main.graph.go_to("features.denseblock1.denselayer1.cat")
    await press(pilot)


async def wrong(app: NetspecApp, pilot: Pilot[None]) -> None:
    """A branch whose output is too small for the concatenation."""
    main = app.main
    main.session.replace_text(
        main.session.text.replace("kernel_size: 5, padding: 2", "kernel_size: 5"), "break"
    )
    main.analyze()
    await pilot.pause(0.3)
    await press(pilot, "f8")


async def boxes(app: NetspecApp, pilot: Pilot[None]) -> None:
    """The same network as boxes."""
    await press(pilot, "v")
    app.main.graph.go_to("incep1.join")
    await press(pilot)


async def joining(app: NetspecApp, pilot: Pilot[None]) -> None:
    """A layer is about to be added: the dialog previews its output shape."""
    app.main.graph.go_to("1.0.bn2")
    await press(pilot, "a")
    await typed(pilot, "conv2d 256 1")
    await pilot.pause(0.4)


PICTURES: tuple[tuple[str, str, tuple[int, int], str, Script], ...] = (
    ("editor", "densenet121.yaml", (150, 42), "dark", whole),
    ("editor_error", "textbook/inception_mnist.yaml", (150, 42), "dark", wrong),
    ("editor_boxes", "textbook/inception_mnist.yaml", (170, 50), "dark", boxes),
    ("editor_add", "textbook/resnet18.yaml", (120, 36), "light", joining),
)


async def draw(name: str, spec: str, size: tuple[int, int], theme: str, script: Script) -> None:
    """Write one picture."""
    app = NetspecApp(Session(Path(spec).name), theme=theme)
    async with app.run_test(size=size) as pilot:
        while app.main.snapshot is None:
            await pilot.pause(0.05)
        await pilot.pause(0.5)
        await script(app, pilot)
        drawn = app.export_screenshot(title=f"netspec tui {Path(spec).name}")
    # no external fonts: the reader's own ones are used
    drawn = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", drawn, flags=re.DOTALL)
    (HERE / f"{name}.svg").write_text(re.sub(r"\n\s*\n+", "\n", drawn), encoding="utf-8")


def main() -> None:
    """Draw all of them, in a folder where the files have short names."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        (Path(folder) / "netspec").mkdir()
        (Path(folder) / "netspec" / "tour").touch()
        for _, spec, *_ in PICTURES:
            shutil.copy(SPECS / spec, folder)
        os.chdir(folder)
        for picture in PICTURES:
            asyncio.run(draw(*picture))


if __name__ == "__main__":
    main()
