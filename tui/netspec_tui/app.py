"""The application: themes, the palette, the start, and the main screen."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from netspec_tui.commands.open_files import offer_recovery, start_empty_file
from netspec_tui.commands.registry import COMMANDS
from netspec_tui.commands.save_files import follow_disk, quit_editor
from netspec_tui.commands.show_help import show_tour
from netspec_tui.core.session import Session
from netspec_tui.core.user_state import add_recent_file, mark_tour_shown, tour_was_shown
from netspec_tui.main_screen import MainScreen
from netspec_tui.terminal.ascii_filter import AsciiFilter
from netspec_tui.terminal.control_filter import ControlFilter
from netspec_tui.terminal.ordered_keys import OrderedKeys
from netspec_tui.terminal.themes import DARK, LIGHT
from netspec_tui.terminal.user_keys import read_user_keys


class Palette(CommandPalette):
    """The palette. Paging a list that is not drawn yet, on a tiny screen, must not end the editor."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)


class NetspecApp(OrderedKeys):
    """The application with one file."""

    CSS_PATH = "netspec.tcss"
    TITLE = "netspec"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        Binding("ctrl+c", "copy_or_hint", show=False),
    ]

    def __init__(
        self,
        session: Session,
        *,
        ascii: bool = False,
        theme: str = "dark",
    ) -> None:
        super().__init__()
        self._filters.append(ControlFilter())
        self.ascii = ascii
        self.session = session
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = f"netspec-{theme}"  # before any style is read, so that none is read twice

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of netspec, for themes that do not define them."""
        return DARK.variables

    def on_mount(self) -> None:
        """Open the main screen, set the user's keys, and offer unsaved changes of an earlier run."""
        if self.ascii:
            self._filters.append(AsciiFilter())
        self.push_screen(MainScreen(self.session, ascii=self.ascii))
        user_keys = read_user_keys({command.id: command.help for command in COMMANDS})
        if user_keys.keys:
            self.set_keymap(user_keys.keys)
        if user_keys.errors:
            self.notify(user_keys.errors, severity="warning", markup=False)
        self.call_after_refresh(self._welcome)
        self.set_interval(1.0, self._look_at_disk)

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        return next(s for s in self.screen_stack if isinstance(s, MainScreen))

    def _welcome(self) -> None:
        editor = self.main
        if self.session.error:
            self.notify(self.session.error, severity="error", timeout=10, markup=False)
        elif not offer_recovery(editor):
            if not self.session.text.strip():
                start_empty_file(editor)
            elif self.session.stamp is not None:
                add_recent_file(self.session.path)
            if not tour_was_shown():
                mark_tour_shown()
                show_tour(editor)

    def _look_at_disk(self) -> None:
        if self.is_running and self.screen_stack and isinstance(self.screen, MainScreen):
            follow_disk(self.screen)

    def watch_theme(self) -> None:
        """Draw the panes again: they cache their styles."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen) and screen.is_mounted:
                self.call_after_refresh(screen.restyle)

    def action_leave(self) -> None:
        """Close the editor after asking, or the open dialog."""
        if isinstance(self.screen, MainScreen):
            quit_editor(self.screen)
        else:
            self.pop_screen()

    def action_copy_or_hint(self) -> None:
        """Copy by Ctrl+C; without a selected text, show which key closes the editor."""
        text = self.screen.get_selected_text()
        if text:
            self.copy_to_clipboard(text)
        else:
            self.notify("press ctrl+q to close the editor", timeout=2)

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every command, for the palette."""
        if isinstance(screen, MainScreen):
            for command in COMMANDS:
                keys = " ".join(command.key_names).replace("[", "\\[")  # the palette reads markup
                help = f"{command.help}   {keys}" if keys else command.help
                yield SystemCommand(command.title, help, partial(command, screen))
