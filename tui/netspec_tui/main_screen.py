"""The main screen: an `Editor` whose keys and messages run commands."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from netspec_tui.commands.find_rows import close_search, highlight_matches
from netspec_tui.commands.fold_rows import toggle_row
from netspec_tui.commands.open_forms import change_field, close_form
from netspec_tui.commands.registry import COMMANDS, COMMANDS_BY_ID
from netspec_tui.commands.show_diagnostics import show_diagnostic
from netspec_tui.commands.source_text import go_to_symbol
from netspec_tui.editor import Editor
from netspec_tui.widgets.box_view import BoxView
from netspec_tui.widgets.diagnostics_pane import DiagnosticsPane
from netspec_tui.widgets.form import Form
from netspec_tui.widgets.outline_pane import Outline
from netspec_tui.widgets.rail_view import RailView
from netspec_tui.widgets.search_line import SearchLine


class MainScreen(Editor):
    """Binds the keys of the table of commands, and forwards the messages of the widgets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(c.keys, f"command('{c.id}')", c.title, show=c.in_key_bar, id=c.id)
        for c in COMMANDS
        if c.keys
    ]

    async def action_command(self, id: str) -> None:
        """Run a command."""
        await COMMANDS_BY_ID[id](self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command is available: while text is typed, letters are text."""
        if action != "command":
            return True
        return COMMANDS_BY_ID[str(parameters[0])].where.is_active(self)

    async def on_rail_view_opened(self, message: RailView.Opened) -> None:
        """A double click on a row opens it."""
        message.stop()
        await toggle_row(self)

    async def on_box_view_opened(self, message: BoxView.Opened) -> None:
        """A double click on a box opens it."""
        message.stop()
        await toggle_row(self)

    def on_box_view_moved(self, message: BoxView.Moved) -> None:
        """The cursor of the boxes selects a row."""
        message.stop()
        self.graph.go_to(message.path)

    def on_outline_chosen(self, message: Outline.Chosen) -> None:
        """A symbol of the outline is chosen."""
        message.stop()
        go_to_symbol(self, message.symbol)

    def on_diagnostics_pane_chosen(self, message: DiagnosticsPane.Chosen) -> None:
        """A diagnostic is chosen."""
        message.stop()
        show_diagnostic(self, message.diagnostic)

    def on_input_changed(self, event: Input.Changed) -> None:
        """The query is typed."""
        if event.input.id == "find":
            event.stop()
            highlight_matches(self, event.value)

    def on_search_line_left(self, message: SearchLine.Left) -> None:
        """The query is complete."""
        message.stop()
        close_search(self)

    def on_form_changed(self, message: Form.Changed) -> None:
        """A field of the form is typed."""
        message.stop()
        change_field(self, message)

    def on_form_closed(self, message: Form.Closed) -> None:
        """The form is closed."""
        message.stop()
        close_form(self, message)
