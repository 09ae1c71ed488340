"""The diagnostics of the report, one on each line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from netspec.diagnostics import Diagnostic, Severity


class DiagnosticsPane(OptionList):
    """A list of diagnostics."""

    class Chosen(Message):
        """The user chose a diagnostic."""

        def __init__(self, diagnostic: Diagnostic) -> None:
            super().__init__()
            self.diagnostic = diagnostic

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.file = ""

    def show(
        self,
        diagnostics: Sequence[Diagnostic],
        file: str,
        *,
        ascii: bool = False,
        redraw: bool = False,
    ) -> None:
        """Show the diagnostics of a report on a file; equal ones are drawn again only with `redraw`."""
        if not redraw and tuple(diagnostics) == self.diagnostics and self.option_count:
            return
        highlighted = self.highlighted
        self.diagnostics, self.file = tuple(diagnostics), file
        no_diagnostics = Option(Text("no diagnostics", style="dim"), disabled=True)
        self.set_options(
            [Option(self._line(d, ascii=ascii)) for d in diagnostics] or [no_diagnostics]
        )
        if highlighted is not None and self.diagnostics:
            self.highlighted = min(highlighted, len(self.diagnostics) - 1)

    @property
    def current(self) -> Diagnostic | None:
        """The diagnostic under the cursor."""
        highlighted = self.highlighted
        return (
            self.diagnostics[highlighted]
            if highlighted is not None and highlighted < len(self.diagnostics)
            else None
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Report the chosen diagnostic."""
        event.stop()
        self.post_message(self.Chosen(self.diagnostics[event.option_index]))

    def _line(self, d: Diagnostic, *, ascii: bool) -> Text:
        theme = self.app.current_theme
        color = theme.error if d.severity == Severity.ERROR else theme.warning
        sign = ("x" if ascii else "✗") if d.severity == Severity.ERROR else "!"
        text = Text()
        text.append(f"{sign} {d.code} ", style=f"bold {color}")
        if d.span is not None:
            line, column = d.span.source.line_column(d.span.start)
            name = d.span.source.name
            text.append(
                f"{line}:{column} " if name == self.file else f"{name}:{line} ", style="dim"
            )
        text.append(d.message)
        if any(h.edits for h in d.helps):
            text.append("  (. fixes it)" if ascii else "  ⟨. fixes it⟩", style=f"{theme.success}")
        return text
