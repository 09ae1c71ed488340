"""One of several, found by typing; where it says so, what is typed may be something new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

_FEW = 5
"""So many choices need no line to find one by."""
Preview = Callable[[int, str], str]
"""What is to be said of a choice, by its number and what was typed; made off the screen's thread."""


@dataclass(frozen=True)
class Choice:
    """What may be chosen."""

    name: str
    detail: str = ""


@dataclass(frozen=True)
class Chosen:
    """What was chosen: its number, or -1 for something new, and what was typed."""

    index: int
    typed: str


def match(query: str, names: Sequence[str]) -> list[int]:
    """The numbers of the names that have the letters of a query in order; the best first."""
    word = query.strip().lower()
    if not word:
        return list(range(len(names)))
    ranked = []
    for k, name in enumerate(names):
        low, offset = name.lower(), -1
        matches_all = all((offset := low.find(letter, offset + 1)) >= 0 for letter in word)
        if matches_all:
            ranked.append((0 if low.startswith(word) else 1 if word in low else 2, k))
    return [k for _, k in sorted(ranked)]


class Choose(ModalScreen[Chosen | None]):
    """A list with a line to narrow it down."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("enter", "take", "Take", priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        placeholder: str = "type to find",
        finder: Callable[[str], list[int]] | None = None,
        preview: Preview | None = None,
        new: bool = False,
    ) -> None:
        super().__init__()
        self.title_text, self.choices, self.placeholder = title, choices, placeholder
        names = [c.name for c in choices]
        self.finder = finder or (lambda query: match(query, names))
        self.preview, self.new = preview, new
        self.shown: list[int] = []

    def compose(self) -> ComposeResult:
        """A title, a line, a list, and what is to be said of the choice."""
        with Vertical(id="dialog"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield Input(placeholder=self.placeholder, id="query")
            yield OptionList(id="choices")
            if self.preview is not None:
                yield Static("", id="preview")

    def on_mount(self) -> None:
        """Show all."""
        self._narrow("")
        line = self.query_one("#query", Input)
        line.display = self.new or len(self.choices) > _FEW
        (line if line.display else self.query_one("#choices", OptionList)).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits."""
        self._narrow(event.value)

    def _narrow(self, query: str) -> None:
        matches = self.finder(query)
        listed = self.query_one("#choices", OptionList)
        if matches != self.shown or not listed.option_count:
            self.shown = matches
            listed.set_options([Option(self._line(self.choices[k])) for k in matches[:300]])
            listed.highlighted = 0 if matches else None
        self._tell()

    def _line(self, choice: Choice) -> Text:
        text = Text(choice.name, style="bold")
        if choice.detail:
            text.append(f"  {choice.detail}", style="dim")
        return text

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what is to be said of it."""
        event.stop()
        self._tell()

    def _tell(self) -> None:
        if self.preview is None:
            return
        index, typed = self._current(), self.query_one("#query", Input).value
        if index < 0:
            self.query_one("#preview", Static).update("")
            return
        preview = self.preview
        self.run_worker(
            lambda: self._preview(preview, index, typed),
            thread=True,
            exclusive=True,
            group="preview",
        )

    def _preview(self, preview: Preview, index: int, typed: str) -> None:
        preview_text = preview(index, typed)

        def show() -> None:
            if self.is_mounted and index == self._current():
                self.query_one("#preview", Static).update(Text(preview_text))

        self.app.call_from_thread(show)

    def _current(self) -> int:
        highlighted = self.query_one("#choices", OptionList).highlighted
        return (
            self.shown[highlighted]
            if highlighted is not None and highlighted < len(self.shown)
            else -1
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what was clicked."""
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Take what is under the cursor, or what was typed where that may be new."""
        index, typed = self._current(), self.query_one("#query", Input).value
        if index >= 0 or (self.new and typed.strip()):
            self.dismiss(Chosen(index, typed))

    def action_move(self, by: int) -> None:
        """The cursor of the list, while the line keeps the keys."""
        listed = self.query_one("#choices", OptionList)
        if listed.option_count:
            position = (listed.highlighted or 0) + by
            listed.highlighted = max(0, min(position, listed.option_count - 1))

    def action_cancel(self) -> None:
        """Nothing."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click outside means nothing, too."""
        if event.widget is self:
            self.dismiss(None)
