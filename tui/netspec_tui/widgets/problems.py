"""The findings of the report, each on a line; the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from netspec.diagnostics import Diagnostic


class Problems(OptionList):
    """A list of findings."""

    class Chosen(Message):
        """A finding was chosen."""

        def __init__(self, diagnostic: Diagnostic) -> None:
            super().__init__()
            self.diagnostic = diagnostic

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.own = ""

    def show(
        self,
        diagnostics: Sequence[Diagnostic],
        own: str,
        *,
        ascii: bool = False,
        anew: bool = False,
    ) -> None:
        """Show the findings of a report; `anew` even if they are the same."""
        if not anew and tuple(diagnostics) == self.diagnostics and self.option_count:
            return
        highlighted = self.highlighted
        self.diagnostics, self.own = tuple(diagnostics), own
        fine = Option(Text("nothing is wrong", style="dim"), disabled=True)
        self.set_options([Option(self._line(d, ascii=ascii)) for d in diagnostics] or [fine])
        if highlighted is not None and self.diagnostics:
            self.highlighted = min(highlighted, len(self.diagnostics) - 1)

    @property
    def current(self) -> Diagnostic | None:
        """The finding under the cursor."""
        highlighted = self.highlighted
        return (
            self.diagnostics[highlighted]
            if highlighted is not None and highlighted < len(self.diagnostics)
            else None
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on which finding it is."""
        event.stop()
        self.post_message(self.Chosen(self.diagnostics[event.option_index]))

    def _line(self, d: Diagnostic, *, ascii: bool) -> Text:
        theme = self.app.current_theme
        colour = theme.error if d.severity == "error" else theme.warning
        sign = ("x" if ascii else "✗") if d.severity == "error" else "!"
        text = Text()
        text.append(f"{sign} {d.code} ", style=f"bold {colour}")
        if d.span is not None:
            line, column = d.span.source.line_column(d.span.start)
            name = d.span.source.name
            text.append(f"{line}:{column} " if name == self.own else f"{name}:{line} ", style="dim")
        text.append(d.message)
        if any(h.edits for h in d.helps):
            text.append("  (. mends it)" if ascii else "  ⟨. mends it⟩", style=f"{theme.success}")
        return text
