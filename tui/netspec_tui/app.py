"""The application: themes, the palette, recovery, and the one main screen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from netspec.elaborate import Catalog
from netspec_tui.ascii import Ascii
from netspec_tui.core import state
from netspec_tui.core.actions import ACTIONS, keymap
from netspec_tui.core.disk import Opened
from netspec_tui.core.session import Session
from netspec_tui.dialogs.prompt import Confirm
from netspec_tui.dialogs.tour import Tour
from netspec_tui.screens.main import MainScreen, keys_of

_DARK = Theme(
    "netspec-dark", primary="#6cb6ff", secondary="#8ddb8c", accent="#f0b05a", foreground="#d6dde6",
    background="#14171b", surface="#191d23", panel="#20262e", error="#ff7b72", warning="#e3b341",
    success="#7ee787", dark=True,
    variables={
        "edge": "#363f4a", "quiet": "#8b96a3", "cursor-row": "#1f3d5c", "cursor-row-far": "#232b35", "marked-row": "#4d3b1c",
        "match-row": "#3d3a1e", "wrong-text": "#5c2528", "doubtful-text": "#4a401c",
    },
)  # fmt: skip
_LIGHT = Theme(
    "netspec-light", primary="#0b5cad", secondary="#1a7f37", accent="#9a5b00", foreground="#1a1f26",
    background="#fbfcfd", surface="#f3f5f8", panel="#e6eaf0", error="#b3261e", warning="#8a6100",
    success="#1a7f37", dark=False,
    variables={
        "edge": "#b8c2ce", "quiet": "#5c6773", "cursor-row": "#c9e0f8", "cursor-row-far": "#e4eaf1", "marked-row": "#f8e1bb",
        "match-row": "#f4edc4", "wrong-text": "#f8d3d0", "doubtful-text": "#f3e8c0",
    },
)  # fmt: skip


class NetspecApp(App[None]):
    """One window, one file."""

    CSS_PATH = "netspec.tcss"
    TITLE = "netspec"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+c", "copy_or_hint", show=False),
    ]

    def __init__(
        self,
        path: str,
        *,
        ascii: bool = False,
        theme: str = "dark",
        settings: dict[str, object] | None = None,
        preset: str | None = None,
        catalog: Catalog | None = None,
        opened: Opened | None = None,
    ) -> None:
        super().__init__()
        self.clipping = ""
        """What was copied in the graph."""
        self.ascii = ascii
        self.session = Session(path, opened)
        self._look = {"settings": settings or {}, "preset": preset, "catalog": catalog}
        self._first_theme = f"netspec-{theme}"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that have none."""
        return _DARK.variables

    def on_mount(self) -> None:
        """Themes, keys, the main screen; then what an earlier run left."""
        self.register_theme(_DARK)
        self.register_theme(_LIGHT)
        self.theme = self._first_theme
        if self.ascii:
            self._filters.append(Ascii())
        self.session.look(**self._look)
        self.push_screen(MainScreen(self.session, ascii=self.ascii))
        keys, problem = keymap()
        if keys:
            self.set_keymap(keys)
        if problem:
            self.notify(problem, severity="warning", markup=False)
        self.call_after_refresh(self._welcome)
        self.set_interval(1.0, self._look_at_disk)

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        return next(s for s in self.screen_stack if isinstance(s, MainScreen))

    def _welcome(self) -> None:
        if self.session.problem:
            self.notify(self.session.problem, severity="error", timeout=10, markup=False)
        elif not self.offer_recovery():
            if not self.session.text.strip():
                self.main.begin()
            elif self.session.stamp is not None:
                state.remember(self.session.path)
            if not state.tour_seen():
                state.see_tour()
                self.tour()

    def offer_recovery(self) -> bool:
        """Offer the unsaved work of an editor that is gone; whether there is any."""
        session = self.main.session
        if not session.journal.claim():
            self.notify("another editor has this file open", severity="warning", timeout=8)
            return False
        found = session.journal.recover()
        if found is None or found.text == session.text:
            return False
        ago = max(int(time.time() - found.time), 0)
        when = (
            f"{ago} seconds"
            if ago < 120
            else f"{ago // 60} minutes"
            if ago < 7200
            else f"{ago // 3600} hours"
        )
        same = (
            found.stamp is None
            or session.stamp is None
            or found.stamp.digest == session.stamp.digest
        )
        detail = f"written down {when} ago" + ("" if same else "; the file has been changed since")

        def answered(answer: str | None) -> None:
            if answer == "r":
                session.put(found.text, "recover")
                self.main.analyse()
            elif answer == "d":
                session.journal.drop()

        question = f"There is unsaved work on {os.path.basename(session.path)}"
        self.push_screen(
            Confirm(question, {"r": "take it up again", "d": "discard it"}, detail=detail), answered
        )
        return True

    def _look_at_disk(self) -> None:
        if isinstance(self.screen, MainScreen):
            self.screen.look_at_disk()

    def tour(self) -> None:
        """Five steps through the editor."""
        self.push_screen(Tour())

    def watch_theme(self, theme_name: str) -> None:
        """Colours are remembered by the panes: let them forget."""
        super()._watch_theme(theme_name)
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen) and screen.is_mounted:
                self.call_after_refresh(screen.recolour)

    def action_leave(self) -> None:
        """Leave, after asking."""
        if isinstance(self.screen, MainScreen):
            self.screen.action_quit()
        else:
            self.pop_screen()

    def action_copy_or_hint(self) -> None:
        """Ctrl+C copies; it does not end the editor."""
        text = self.screen.get_selected_text()
        if text:
            self.copy_to_clipboard(text)
        else:
            self.notify("ctrl+q leaves", timeout=2)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action, by name."""
        if isinstance(screen, MainScreen):
            for action in ACTIONS:
                keys = keys_of(action).replace("[", "\\[")  # the palette reads markup
                help = f"{action.help}   {keys}" if keys else action.help
                yield SystemCommand(action.title, help, getattr(screen, f"action_{action.method}"))
