"""A list to choose from, filtered as the user types; optionally, the typed text is an answer too."""

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

_MOST_WITHOUT_FILTER = 5
"""A list of at most so many choices has no line to filter it."""
Preview = Callable[[int, str], str]
"""The description of a choice, by its index and the typed text; computed on a thread."""


@dataclass(frozen=True)
class ChoiceItem:
    """One item of the list."""

    name: str
    detail: str = ""


@dataclass(frozen=True)
class Chosen:
    """The answer: the index of the choice, or -1 for a new text, and the typed text."""

    index: int
    typed: str


def fuzzy_matches(query: str, names: Sequence[str]) -> list[int]:
    """The indexes of the names that have the letters of a query in order, the best match first."""
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
    """A list, with a line to filter it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("enter", "take", "Choose", priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[ChoiceItem],
        *,
        placeholder: str = "type to filter",
        matcher: Callable[[str], list[int]] | None = None,
        preview: Preview | None = None,
        allow_new: bool = False,
    ) -> None:
        super().__init__()
        self.title_text, self.choices, self.placeholder = title, choices, placeholder
        names = [c.name for c in choices]
        self.matcher = matcher or (lambda query: fuzzy_matches(query, names))
        self.preview, self.allow_new = preview, allow_new
        self.shown: list[int] = []

    def compose(self) -> ComposeResult:
        """A title, a line, a list, and a description of the highlighted choice."""
        with Vertical(id="dialog"):
            yield Label(self.title_text, id="dialog-title", markup=False)
            yield Input(placeholder=self.placeholder, id="query")
            yield OptionList(id="choices")
            if self.preview is not None:
                yield Static("", id="preview")

    def on_mount(self) -> None:
        """Show all choices."""
        self._filter("")
        line = self.query_one("#query", Input)
        line.display = self.allow_new or len(self.choices) > _MOST_WITHOUT_FILTER
        (line if line.display else self.query_one("#choices", OptionList)).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the choices that match."""
        self._filter(event.value)

    def _filter(self, query: str) -> None:
        matches = self.matcher(query)
        listed = self.query_one("#choices", OptionList)
        if matches != self.shown or not listed.option_count:
            self.shown = matches
            listed.set_options([Option(self._line(self.choices[k])) for k in matches[:300]])
            listed.highlighted = 0 if matches else None
        self._update_preview()

    def _line(self, choice: ChoiceItem) -> Text:
        text = Text(choice.name, style="bold")
        if choice.detail:
            text.append(f"  {choice.detail}", style="dim")
        return text

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Describe the highlighted choice."""
        event.stop()
        self._update_preview()

    def _update_preview(self) -> None:
        if self.preview is None:
            return
        index, typed = self._current(), self.query_one("#query", Input).value
        if index < 0:
            self.query_one("#preview", Static).update("")
            return
        preview = self.preview
        self.run_worker(
            lambda: self._show_preview(preview, index, typed),
            thread=True,
            exclusive=True,
            group="preview",
        )

    def _show_preview(self, preview: Preview, index: int, typed: str) -> None:
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
        """Choose the item that was clicked."""
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Choose the highlighted item, or the typed text if it may be new."""
        index, typed = self._current(), self.query_one("#query", Input).value
        if index >= 0 or (self.allow_new and typed.strip()):
            self.dismiss(Chosen(index, typed))

    def action_move(self, by: int) -> None:
        """Move the cursor of the list while the line has the focus."""
        listed = self.query_one("#choices", OptionList)
        if listed.option_count:
            position = (listed.highlighted or 0) + by
            listed.highlighted = max(0, min(position, listed.option_count - 1))

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """Cancel by a click outside the dialog."""
        if event.widget is self:
            self.dismiss(None)
