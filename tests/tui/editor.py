"""The editor driven inside the test's own process: keys in, the screen as text out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from netspec_tui.app import NetspecApp

Script = Callable[[NetspecApp, Pilot[None]], Awaitable[Any]]


def run(
    path: Path | str,
    script: Script,
    size: tuple[int, int] = (120, 36),
    *,
    at_once: bool = False,
    **look: Any,
) -> NetspecApp:
    """Open a file, wait for its network (unless `at_once`), and do what the script does."""
    app = NetspecApp(str(path), **look)
    _record_notifications(app)

    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            if not at_once:
                await settled(app, pilot)
            await script(app, pilot)
            app.main.session.journal.release()

    asyncio.run(go())
    return app


async def settled(app: NetspecApp, pilot: Pilot[None]) -> None:
    """Until the snapshot is that of the text, and the panes show it."""
    for _ in range(500):
        await pilot.pause(0.01)
        main = app.main
        snapshot = main.snapshot
        if (
            snapshot is not None
            and snapshot.wish == main.session.wish
            and not main._analysing
            and main._wanted is None
        ):
            break
    else:
        raise AssertionError("no snapshot came")
    await pilot.pause(0.12)  # the inspector comes a moment later
    if explaining := [w for w in app.workers if w.group == "explain"]:
        await app.workers.wait_for_complete(explaining)
    await pilot.pause()


async def until(pilot: Pilot[None], holds: Callable[[], bool], patience: float = 10.0) -> None:
    """Wait until something holds, for that many seconds of this process at most: the machine may be busy."""
    end, latest = time.process_time() + patience, time.monotonic() + 12 * patience
    while not holds():
        assert time.process_time() < end and time.monotonic() < latest, screen(pilot.app)
        await pilot.pause(0.05)


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type letter by letter."""
    names = {" ": "space", "=": "equals_sign", ".": "full_stop", "/": "slash", "*": "asterisk", ":": "colon",
             ",": "comma", "[": "left_square_bracket", "]": "right_square_bracket", "_": "underscore",
             "(": "left_parenthesis", ")": "right_parenthesis", ">": "greater_than_sign", "!": "exclamation_mark"}  # fmt: skip
    for letter in text:
        await pilot.press(names.get(letter, letter))


async def press(app: NetspecApp, pilot: Pilot[None], *keys: str) -> None:
    """Press keys, one after the other, and wait until the panes show what came of them."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await settled(app, pilot)


async def choose(app: NetspecApp, pilot: Pilot[None], key: str, typed: str) -> None:
    """Open a dialog by a key, type into its line, and take it."""
    await pilot.press(key)
    await until(pilot, lambda: app.screen is not app.main and bool(app.screen.query(Input)))
    line = app.screen.query_one(Input)
    line.value = typed
    await pilot.pause(0.1)
    await press(app, pilot, "enter")


_notifications: WeakKeyDictionary[NetspecApp, list[str]] = WeakKeyDictionary()


def _record_notifications(app: NetspecApp) -> None:
    """Keep what is said: a notification may be gone from the screen before a busy machine looks."""
    said = _notifications[app] = []
    notify = app.notify

    def record(message: str, **options: Any) -> None:
        said.append(message)
        notify(message, **options)

    app.notify = record  # type: ignore[method-assign,assignment]


def told(app: NetspecApp) -> str:
    """What the notifications have said so far."""
    return "\n".join(_notifications[app])


def screen(app: App[Any]) -> str:
    """What is on the screen."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()) + "\n"


def rows(app: NetspecApp) -> list[str]:
    """The paths of the rows of the graph."""
    return [row.path for row in app.main.graph.table.rows]
