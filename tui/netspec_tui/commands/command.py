"""The row of the table of commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from textual.widgets import Input

from netspec_tui.editor import Editor
from netspec_tui.widgets.source_area import SourceArea

Run = Callable[[Editor], None] | Callable[[Editor], Awaitable[None]]


class Where(Enum):
    """The focus that a command needs for its keys to work."""

    ANYWHERE = "anywhere"
    NOT_IN_TEXT = "not while text is typed"
    SOURCE = "in the source"

    def is_active(self, editor: Editor) -> bool:
        """Whether the keys work with the current focus."""
        if self is Where.ANYWHERE:
            return True
        if self is Where.SOURCE:
            return isinstance(editor.focused, SourceArea)
        return not isinstance(editor.focused, SourceArea | Input)


@dataclass(frozen=True)
class Command:
    """One command of the editor.

    Attributes:
        id: the group and the name, as in the user's `keys.toml`: `graph.add`.
        keys: the names of the keys, separated by commas; may be empty.
        title: the name in the key bar and the palette.
        help: what the command does, for the palette, the help and the documentation.
        run: the function.
        where: the focus that the keys need.
        in_key_bar: whether the key bar shows the first key.
    """

    id: str
    keys: str
    title: str
    help: str
    run: Run
    where: Where = Where.NOT_IN_TEXT
    in_key_bar: bool = False

    @property
    def group(self) -> str:
        """The group of the command: a section of the help."""
        return self.id.partition(".")[0]

    @property
    def key_names(self) -> list[str]:
        """The keys as a page shows them."""
        return [_KEY_NAMES.get(key, key) for key in self.keys.split(",") if key]

    async def __call__(self, editor: Editor) -> None:
        """Run the command."""
        awaitable = self.run(editor)
        if awaitable is not None:
            await awaitable


_KEY_NAMES = {
    "full_stop": ".", "slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip
