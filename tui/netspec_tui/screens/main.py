"""The main screen: all panes and all actions, with keys from the table of actions."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Input

from netspec_tui.core.actions import ACTIONS, GLOBAL, Action
from netspec_tui.dialogs.page import Page
from netspec_tui.screens.editing import Editing
from netspec_tui.screens.finding import Finding
from netspec_tui.screens.making import Making
from netspec_tui.screens.viewing import Viewing
from netspec_tui.screens.writing import Writing
from netspec_tui.widgets.source import SourceArea

_BY_METHOD = {action.method: action for action in ACTIONS}
_DIRECTIONS = {"right": "open_fold", "l": "open_fold", "left": "close", "h": "close"}


def _bindings() -> list[BindingType]:
    bindings: list[BindingType] = [Binding("escape", "leave", "Back", show=False)]
    for action in ACTIONS:
        keys = [k for k in action.keys.split(",") if k]
        plain = [k for k in keys if k not in _DIRECTIONS or action.id != "graph.fold"]
        if plain:
            bindings.append(
                Binding(
                    ",".join(plain), action.method, action.title, show=action.shown, id=action.id
                )
            )
        if action.id == "graph.fold":
            bindings += [
                Binding(k, method, method, show=False) for k, method in _DIRECTIONS.items()
            ]
    return bindings


class MainScreen(Editing, Writing, Making, Finding, Viewing):
    """Everything."""

    BINDINGS: ClassVar[list[BindingType]] = _bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """In the source, letters are text: only what is the same everywhere is left there."""
        known = _BY_METHOD.get(action)
        if known is None:
            return True
        if isinstance(self.focused, SourceArea | Input):
            return known.id.startswith(GLOBAL)
        return True

    def action_help(self) -> None:
        """All keys."""
        self.app.push_screen(Page("keys", help_text()))

    def action_tour(self) -> None:
        """Five steps through the editor."""
        self.app.tour()

    def close_all(self) -> None:
        """Forget what belongs to the file that is left."""
        self.close_form()
        self.graph.marked = frozenset()
        self.graph.test = None


_TITLES = {
    "file": "Files", "edit": "Undo and fixes", "graph": "The graph", "find": "Finding", "view": "Looking",
    "help": "Help",
}  # fmt: skip
_NAMES = {
    "full_stop": ".", "slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip


def keys_of(action: Action) -> str:
    """The keys of an action as a page shows them."""
    return " ".join(_NAMES.get(k, k) for k in action.keys.split(",") if k)


def help_text() -> Text:
    """Every action by what it is about, with its keys."""
    text = Text()
    section = ""
    for action in ACTIONS:
        about = action.id.partition(".")[0]
        if about != section:
            section = about
            text.append(f"\n{_TITLES[about]}\n", style="bold")
        text.append(f"  {keys_of(action) or 'ctrl+p':<22}", style="bold cyan")
        text.append(f"{action.title:<18}")
        text.append(f"{action.help}\n", style="dim")
    text.append("\nArrows or j k move, enter opens and closes; ctrl+p has every action by name.\n")
    text.append(
        'Your own keys: ~/.config/netspec/keys.toml, such as  graph.add = "n"\n', style="dim"
    )
    return text
