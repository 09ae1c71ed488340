"""The editor driven inside the test's own process: keys in, the screen as text out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Any, Unpack
from weakref import WeakKeyDictionary

import pytest
from textual import app as textual_app
from textual import pilot as textual_pilot
from textual._context import active_app
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input

from netspec_tui.app import NetspecApp
from netspec_tui.core.session import Session
from netspec_tui.core.snapshot import RequestChanges

_PATIENCE = 30.0
"""Seconds until an answer must have come."""
_MOMENT = 0.004
"""Seconds between two looks at what a timer or a thread changes."""

Script = Callable[[NetspecApp, Pilot[None]], Awaitable[Any]]


def run(
    path: Path | str,
    script: Script,
    size: tuple[int, int] = (120, 36),
    *,
    at_once: bool = False,
    ascii: bool = False,
    **changes: Unpack[RequestChanges],
) -> NetspecApp:
    """Open a file, wait for its network (unless `at_once`), and do what the script does."""
    session = Session(str(path))
    session.update_request(**changes)
    app = NetspecApp(session, ascii=ascii)
    _record_notifications(app)

    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            if not at_once:
                await settled(app, pilot)
            await script(app, pilot)
            app.main.session.journal.release()

    with pytest.MonkeyPatch.context() as patch:
        for module in (textual_app, textual_pilot):
            patch.setattr(module, "wait_for_idle", idle)
        patch.setattr(Stylesheet, "_parse_rules", _parsed_once)
        asyncio.run(go())
    return app


_parse_rules = Stylesheet._parse_rules
_parsed: dict[Hashable, list[RuleSet]] = {}


def _parsed_once(sheet: Stylesheet, *arguments: Hashable, **named: Hashable) -> list[RuleSet]:
    """The rules of a style sheet, which every editor of this process would parse again."""
    key = (frozenset(sheet._variables.items()), arguments, tuple(sorted(named.items())))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *arguments, **named)  # type: ignore[arg-type]
    return _parsed[key]


async def settled(app: NetspecApp, pilot: Pilot[None]) -> None:
    """Wait until the panes show the snapshot of the text."""
    end = time.monotonic() + _PATIENCE
    await pilot.pause()
    while not _is_settled(app):
        assert time.monotonic() < end, "no snapshot came"
        await asyncio.sleep(_MOMENT)
        await pilot.pause()
    await pilot.pause()


def _is_settled(app: NetspecApp) -> bool:
    main = app.main
    snapshot = main.snapshot
    is_current = snapshot is not None and snapshot.request == main.session.request
    return is_current and main.analysis.is_idle and main.explainer.is_idle


async def idle(_min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until nothing but timers and threads can change the screen, and the screen is drawn.

    Replaces Textual's `wait_for_idle`, which samples the load of the process every 20 ms: that takes
    longer, and ends too early on a busy machine.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    while loop.time() < end:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            continue
        if _is_drawn(active_app.get()):
            return
        await asyncio.sleep(_MOMENT)


def _is_drawn(app: App[Any]) -> bool:
    if not app.screen_stack:
        return True
    top = app.screen
    return not (
        top._layout_required
        or top._scroll_required
        or top._repaint_required
        or top._recompose_required
        or top._dirty_widgets
        or top._callbacks
    )


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
    """Press keys, one after the other, and wait until the panes show the result."""
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
    """Record notifications: one may have left the screen before a busy machine looks."""
    notifications = _notifications[app] = []
    notify = app.notify

    def record(message: str, **options: Any) -> None:
        notifications.append(message)
        notify(message, **options)

    app.notify = record  # type: ignore[method-assign,assignment]


def notifications(app: NetspecApp) -> str:
    """All notifications so far."""
    return "\n".join(_notifications[app])


def screen(app: App[Any]) -> str:
    """The text of the screen."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()) + "\n"


def rows(app: NetspecApp) -> list[str]:
    """The paths of the rows of the graph."""
    return [row.path for row in app.main.graph.table.rows]
