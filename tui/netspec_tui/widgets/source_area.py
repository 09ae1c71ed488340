"""The source: a text area with syntax colors, diagnostics in the gutter, and the undo of the editor."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Selection

from netspec.diagnostics import Severity
from netspec.layers import OPS
from netspec_tui.core.undo_history import Splice

_TOKEN = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')"""
    r"""|(?P<key>[\w.*{}+\- ]*[\w}*](?=\s*:(?:\s|$)))|(?P<word>\b(?:true|false|null)\b)"""
    r"""|(?P<op>(?<![\w.])[A-Z]\w*)|(?P<number>(?<![\w.])-?\d[\w.]*)"""
)
_ROLES = ("comment", "string", "key", "word", "op", "number")


class SourceArea(TextArea):
    """Reports edits as splices, and mirrors the changes that are made elsewhere."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"source--{role}" for role in _ROLES), "source--error", "source--warning",
        "source--error-sign", "source--warning-sign",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+up", "move_line(-1)", "Line up", show=False, id="source.line_up"),
        Binding("alt+down", "move_line(1)", "Line down", show=False, id="source.line_down"),
    ]

    class Typed(Message):
        """The user changed the text here."""

        def __init__(self, splice: Splice) -> None:
            super().__init__()
            self.splice = splice

    class Moved(Message):
        """The cursor has moved."""

        def __init__(self, offset: int) -> None:
            super().__init__()
            self.offset = offset

        def can_replace(self, message: Message) -> bool:
            """Only the last of several matters."""
            return isinstance(message, SourceArea.Moved)

    def __init__(self, text: str, *, id: str | None = None) -> None:
        self._lines_at: list[int] | None = None
        self._whole = text
        self._cached: str | None = None
        self._mirrored = False
        self.marks: Mapping[int, tuple[tuple[int, int, str], ...]] = {}
        self.blocks: frozenset[str] = frozenset()
        """The names of the blocks of the file, which have the color of ops."""
        self._role_styles: dict[str, Style] = {}
        super().__init__(
            text, id=id, show_line_numbers=True, soft_wrap=False, tab_behavior="indent"
        )
        self.indent_width = 2
        self.cursor_blink = False

    # ---- the text --------------------------------------------------------------------------------------

    @property
    def whole(self) -> str:
        """The text as the session has it, byte for byte."""
        return self._whole

    @property
    def _starts(self) -> list[int]:
        """The offset of each line, as the text area counts lines."""
        if self._lines_at is None:
            starts, offset = [0], 0
            for line in self._whole.splitlines(keepends=True):
                offset += len(line)
                starts.append(offset)
            if self._whole and not self._whole.endswith(("\n", "\r")):
                starts.pop()
            self._lines_at = starts
        return self._lines_at

    def offset_at(self, location: tuple[int, int]) -> int:
        """The offset of a location."""
        row, column = location
        starts = self._starts
        if row >= len(starts):
            return len(self._whole)
        return min(starts[row] + column, len(self._whole))

    def location_at(self, offset: int) -> tuple[int, int]:
        """The location of an offset."""
        row = bisect_right(self._starts, offset) - 1
        return row, offset - self._starts[row]

    @property
    def cursor_offset_in_text(self) -> int:
        """The offset of the cursor."""
        return self.offset_at(self.cursor_location)

    def edit(self, edit: Edit) -> EditResult:
        """Make an edit, and report it unless it mirrors a change made elsewhere."""
        if self.read_only and not self._mirrored:
            return EditResult(edit.from_location, "")
        start, end = sorted((self.offset_at(edit.from_location), self.offset_at(edit.to_location)))
        new = edit.text
        if "\r\n" in self._whole:
            new = new.replace("\r\n", "\n").replace("\n", "\r\n")
        splice = Splice(start, self._whole[start:end], new)
        result = super().edit(edit)
        self._whole = splice.applied(self._whole)
        self._lines_at = self._cached = None
        self.history.clear()
        if not self._mirrored:
            self.post_message(self.Typed(splice))
        return result

    def mirror(self, splices: Iterable[Splice]) -> None:
        """Apply changes that were made elsewhere."""
        self._mirrored = True
        try:
            for splice in splices:
                start = self.location_at(splice.start)
                end = self.location_at(splice.start + len(splice.removed))
                new = splice.inserted
                self.edit(
                    Edit(new.replace("\r\n", "\n"), start, end, maintain_selection_offset=True)
                )
                if self._whole.count("\n") != self.document.line_count - 1:
                    self.reload(self._whole)
        finally:
            self._mirrored = False

    def reload(self, text: str) -> None:
        """Replace the whole text."""
        self._whole, self._lines_at, self._cached = text, None, None
        with self.prevent(TextArea.Changed):
            self.load_text(text)

    @property
    def text(self) -> str:
        """The text as the area has it, cached because every drawn line reads it."""
        if self._cached is None:
            self._cached = self.document.text
        return self._cached

    @text.setter
    def text(self, value: str) -> None:
        self.reload(value)

    async def action_undo(self) -> None:  # type: ignore[override]
        """Undo by the editor, not by the text area."""
        await self.run_action("screen.command('edit.undo')")

    async def action_redo(self) -> None:  # type: ignore[override]
        """Redo by the editor."""
        await self.run_action("screen.command('edit.redo')")

    # ---- drawing ----------------------------------------------------------------------------------------

    def mark(self, underlines: Iterable[tuple[int, int, str]]) -> None:
        """Underline diagnostics, each by its start, end and severity."""
        by_line: dict[int, list[tuple[int, int, str]]] = {}
        for start, end, severity in underlines:
            row, column = self.location_at(min(start, len(self._whole)))
            length = max(end - start, 1)
            by_line.setdefault(row, []).append((column, column + length, severity))
        marks = {row: tuple(parts) for row, parts in by_line.items()}
        if marks != self.marks:
            self.marks = marks
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line in its colors."""
        plain = self.document.get_line(line_index)
        text = Text(plain, end="", no_wrap=True)
        if len(plain) < 2000:
            for match in _TOKEN.finditer(plain):
                role = match.lastgroup or "key"
                if role != "op" or match[0] in self.blocks or match[0] in OPS:
                    text.stylize(self._role(role), match.start(), match.end())
        for start, end, severity in self.marks.get(line_index, ()):
            text.stylize(self._role(severity), start, min(end, max(len(plain), start + 1)))
        return text

    def _role(self, role: str) -> Style:
        cached = self._role_styles.get(role)
        if cached is None:
            cached = self._role_styles[role] = self.get_component_rich_style(
                f"source--{role}", partial=True
            )
        return cached

    def restyle(self) -> None:
        """Draw again in the colors of the current theme."""
        self._role_styles.clear()
        self._line_cache.clear()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """All lines. The line of the cursor has another background, and the colors of its words."""
        theme = self._theme
        if theme is not None:
            theme.apply_css(self)
            if theme.cursor_line_style is not None:
                theme.cursor_line_style = Style(bgcolor=theme.cursor_line_style.bgcolor)
        return super(TextArea, self).render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A line, with the sign of its diagnostics in the gutter."""
        strip = super().render_line(y)
        severities = {severity for _, _, severity in self.marks.get(y + self.scroll_offset.y, ())}
        if not severities:
            return strip
        severity = "error" if "error" in severities else "warning"
        sign = Strip(
            [Segment("✗" if severity == Severity.ERROR else "!", self._role(f"{severity}-sign"))]
        )
        column = self.gutter_width - 2
        return Strip.join([strip.crop(0, column), sign, strip.crop(column + 1)])

    # ---- moving -----------------------------------------------------------------------------------------

    def show_offset(self, offset: int) -> None:
        """Move the cursor to an offset, without a message."""
        with self.prevent(TextArea.SelectionChanged):
            self.selection = Selection.cursor(self.location_at(offset))
        self.scroll_cursor_visible(center=True, animate=False)
        if self.cursor_location[1] < self.size.width - self.gutter_width - 2:
            self.scroll_to(x=0, animate=False)

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """Report the position of the cursor."""
        event.stop()
        if self.has_focus:
            self.post_message(self.Moved(self.cursor_offset_in_text))

    def action_move_line(self, by: int) -> None:
        """Swap the line of the cursor with a neighbor."""
        row = self.cursor_location[0]
        other = row + by
        if (
            not 0
            <= other
            < self.document.line_count
            - (1 if not self.document.get_line(self.document.line_count - 1) else 0)
        ):
            return
        first, second = sorted((row, other))
        a, b = self.document.get_line(first), self.document.get_line(second)
        self.edit(Edit(f"{b}\n{a}", (first, 0), (second, len(b)), maintain_selection_offset=False))
        self.move_cursor((other, self.cursor_location[1]))

    async def _on_key(self, event: events.Key) -> None:
        """Enter keeps the indentation of the line; Escape runs the command that leaves the source."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            await self.run_action("screen.command('view.leave')")
            return
        if event.key == "enter" and not self.read_only and self.selection.is_empty:
            event.stop()
            event.prevent_default()
            row, column = self.cursor_location
            line = self.document.get_line(row)
            margin = len(line) - len(line.lstrip(" "))
            if line[:column].rstrip().endswith(":"):
                margin += 2
            self.insert("\n" + " " * min(margin, column + 2))
            return
        await super()._on_key(event)
