"""The help and the tour."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from netspec_tui.commands.command import Command
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.dialogs.tour import Tour
from netspec_tui.editor import Editor

_SECTIONS = {
    "help": "Help", "file": "Files", "edit": "Undo and fixes", "graph": "Graph", "find": "Search", "view": "View",
    "source": "Source",
}  # fmt: skip
_KEYS, _TITLE = 15, 18
"""The widths of the columns."""


def show_tour(editor: Editor) -> None:
    """Show the tour of the editor."""
    editor.app.push_screen(Tour())


def show_help(editor: Editor) -> None:
    """List all commands and their keys."""
    from netspec_tui.commands.registry import COMMANDS  # the table has this command as a row

    editor.app.push_screen(TextPage("keys", help_text(COMMANDS)))


def help_text(commands: Iterable[Command]) -> Text:
    """All commands by group, with their keys."""
    text = Text()
    group = ""
    for command in commands:
        if command.group != group:
            group = command.group
            text.append(f"\n{_SECTIONS[group]}\n", style="bold")
        keys = " ".join(command.key_names) or "ctrl+p"
        text.append(f"  {keys:<{_KEYS}}", style="bold cyan")
        text.append(f"{command.title:<{_TITLE}}")
        text.append(f"{command.help}\n", style="dim")
    text.append("\nThe arrows or j and k move; ctrl+p lists all commands by name.\n")
    own_keys = 'Your own keys: ~/.config/netspec/keys.toml, such as  graph.add = "n"\n'
    text.append(own_keys, style="dim")
    return text
