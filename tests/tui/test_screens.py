"""The main screens at three sizes, held as text. `NETSPEC_SCREENS=1 pytest tests/tui/test_screens.py` writes them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import run, screen, settled, type_text

from netspec_tui.commands.show_help import show_tour

SCREENS = Path(__file__).parent / "screens"
SIZES = {"80x24": (80, 24), "120x36": (120, 36), "160x48": (160, 48)}
LOOKED_AT = ["80x24", pytest.param("120x36", marks=pytest.mark.sweep), "160x48"]
"""The sizes of a test that looks at all of them; the middle one in `make test-all`."""


def held(name: str, shown: str) -> None:
    path = SCREENS / f"{name}.txt"
    if os.environ.get("NETSPEC_SCREENS"):
        path.write_text(shown)
    assert shown == path.read_text()


async def graph(app, pilot) -> None:
    await pilot.press("j", "j", "j", "j", "j")


async def as_boxes(app, pilot) -> None:
    await pilot.press("v", "j", "j", "j", "j", "j", "l")


async def an_error(app, pilot) -> None:
    main = app.main
    main.session.replace_text(main.session.text.replace(", padding: 2}", "}"), "break")
    main.analyze()
    await settled(app, pilot)
    await pilot.press("f8")


async def choosing_an_op(app, pilot) -> None:
    await pilot.press("j", "a")
    await pilot.pause(0.1)
    await type_text(pilot, "conv2d 24 5")
    await pilot.pause(0.3)


async def a_form(app, pilot) -> None:
    await pilot.press("j", "e")
    await pilot.pause(0.2)
    await pilot.press("down")


async def source(app, pilot) -> None:
    await pilot.press("3")
    await pilot.pause(0.1)


async def a_join(app, pilot) -> None:
    await pilot.press("slash")
    await type_text(pilot, "join")
    await pilot.press("enter")


async def the_file(app, pilot) -> None:
    await pilot.press("m")
    await pilot.pause(0.2)


async def help_(app, pilot) -> None:
    await pilot.press("question_mark")
    await pilot.pause(0.1)


async def tour(app, pilot) -> None:
    show_tour(app.main)
    await pilot.pause(0.1)
    await pilot.press("enter")


SCENES = [graph, as_boxes, an_error, choosing_an_op, a_form, source, a_join, the_file, help_, tour]


def scenes_and_sizes() -> Iterator[object]:
    """Every scene at every size; `make test` looks at each in the small or in the large one, in turn."""
    for k, scene in enumerate(SCENES):
        for size in SIZES:
            looked_at = size == ("80x24", "160x48")[k % 2]
            name = f"{scene.__name__.strip('_')}-{size}"
            marks = () if looked_at else pytest.mark.sweep
            yield pytest.param(scene, size, id=name, marks=marks)


@pytest.mark.parametrize(("scene", "size"), [*scenes_and_sizes()])
def test_the_screen_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str, scene
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parents[2] / "specs/textbook/inception_mnist.yaml", tmp_path)

    async def script(app, pilot) -> None:
        await scene(app, pilot)
        await settled(app, pilot)
        held(f"{scene.__name__.strip('_')}-{size}", screen(app))

    run("inception_mnist.yaml", script, SIZES[size])


@pytest.mark.parametrize("size", LOOKED_AT)
def test_ascii_screens_contain_no_unicode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parents[2] / "specs/textbook/inception_mnist.yaml", tmp_path)

    async def script(app, pilot) -> None:
        for scene in (graph, a_form, help_):
            await scene(app, pilot)
            strips = app.screen._compositor.render_strips()
            drawn = [
                strip.apply_filter(f, app.screen.styles.background)
                for strip in strips
                for f in app._filters[-1:]
            ]
            assert all(line.text.isascii() for line in drawn)
            await pilot.press("escape")

    run("inception_mnist.yaml", script, SIZES[size], ascii=True)
