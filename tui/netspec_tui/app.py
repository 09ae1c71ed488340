"""The application: themes, the palette, recovery, and the one main screen."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from netspec.elaborate import Catalog
from netspec_tui.ascii import Ascii
from netspec_tui.core import state
from netspec_tui.core.actions import ACTIONS
from netspec_tui.core.disk import Opened
from netspec_tui.core.key_file import keymap
from netspec_tui.core.session import Session
from netspec_tui.dialogs.prompt import Confirm
from netspec_tui.dialogs.tour import Tour
from netspec_tui.inert import Inert
from netspec_tui.ordered_keys import OrderedKeys
from netspec_tui.screens.main import MainScreen, keys_of
from netspec_tui.themes import DARK, LIGHT


class Palette(CommandPalette):
    """The palette. A list that is not drawn yet, on a tiny screen, must not end the editor when it is paged."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)


class NetspecApp(OrderedKeys):
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
        self._filters.append(Inert())
        self.clipping = ""
        """What was copied in the graph."""
        self.ascii = ascii
        self.session = Session(path, opened)
        self._look = {"settings": settings or {}, "preset": preset, "catalog": catalog}
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = f"netspec-{theme}"  # before any style is read, so that none is read twice

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that have none."""
        return DARK.variables

    def on_mount(self) -> None:
        """Keys, the main screen; then what an earlier run left."""
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
        recovered = session.journal.recover()
        if recovered is None or recovered.text == session.text:
            return False
        ago = max(int(time.time() - recovered.time), 0)
        when = (
            f"{ago} seconds"
            if ago < 120
            else f"{ago // 60} minutes"
            if ago < 7200
            else f"{ago // 3600} hours"
        )
        same = (
            recovered.stamp is None
            or session.stamp is None
            or recovered.stamp.digest == session.stamp.digest
        )
        detail = f"written down {when} ago" + ("" if same else "; the file has been changed since")

        def answered(answer: str | None) -> None:
            if answer == "r":
                session.put(recovered.text, "recover")
                self.main.analyse()
            elif answer == "d":
                session.journal.drop()

        question = f"There is unsaved work on {os.path.basename(session.path)}"
        self.push_screen(
            Confirm(question, {"r": "take it up again", "d": "discard it"}, detail=detail), answered
        )
        return True

    def _look_at_disk(self) -> None:
        if self.is_running and self.screen_stack and isinstance(self.screen, MainScreen):
            self.screen.look_at_disk()

    def tour(self) -> None:
        """Five steps through the editor."""
        self.push_screen(Tour())

    def watch_theme(self) -> None:
        """Colours are remembered by the panes: let them forget."""
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

    def action_command_palette(self) -> None:
        """Every action by name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action, by name."""
        if isinstance(screen, MainScreen):
            for action in ACTIONS:
                keys = keys_of(action).replace("[", "\\[")  # the palette reads markup
                help = f"{action.help}   {keys}" if keys else action.help
                yield SystemCommand(action.title, help, getattr(screen, f"action_{action.method}"))
