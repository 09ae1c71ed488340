"""What the source and the outline ask for: completion, explanations, and where a name is declared."""

from __future__ import annotations

import re

from netspec.assist.complete import complete
from netspec.assist.hover import hover
from netspec.assist.symbols import definition
from netspec_tui.dialogs.choose import Choice, Choose
from netspec_tui.dialogs.page import Page
from netspec_tui.screens.files import Files
from netspec_tui.widgets.outline import Outline
from netspec_tui.widgets.source import SourceArea


class Writing(Files):
    """The text, as somebody writes it."""

    def on_outline_chosen(self, message: Outline.Chosen) -> None:
        """Go to a symbol: its row, and its place in the text."""
        message.stop()
        start = message.symbol.name_span.start
        self.source.show_offset(start)
        for k, row in enumerate(self.graph.table.rows):
            step = row.step
            if (
                step is not None
                and step.place.start == start
                and step.place.source.name == self.session.path
            ):
                self.graph.index = k
                return

    def on_source_area_asked(self, message: SourceArea.Asked) -> None:
        """What somebody asked for in the source."""
        message.stop()
        if message.what == "complete":
            report = self.snapshot.report if self.snapshot is not None else None
            readable = report if report is not None and report.spec is not None else None
            good = self.session.good
            offers = complete(
                self.session.text,
                message.offset,
                readable or (good.report if good is not None else None),
            )
            before = re.search(r"[\w.]*$", self.session.text[: message.offset])
            word = before[0] if before else ""
            fitting = [
                o for o in offers if o.text.lower().startswith(word.lower()) and o.text != word
            ] or offers
            choices = [Choice(o.text, f"{o.kind}  {o.detail}") for o in fitting]
            self.ask(
                Choose("Complete", choices),
                lambda c: self._complete(word, fitting[c.index].text, fitting[c.index].kind),
            )
        elif self.current is None:
            return
        elif message.what == "hover":
            hover_result = hover(self.current.report, message.offset)
            self.show_line(
                hover_result.text.replace("\n", " ") if hover_result else "nothing is known of this"
            )
            if hover_result:
                self.app.push_screen(Page("what stands here", hover_result.text))
        else:
            span = definition(self.current.report, message.offset)
            if span is None:
                self.complain("no name stands here")
            else:
                self.go_to_span(span)

    def _complete(self, word: str, text: str, kind: str) -> None:
        row, column = self.source.cursor_location
        ending = ": " if kind in ("argument", "key") else ""
        self.source.replace(text + ending, (row, column - len(word)), (row, column))
        self.set_focus(self.source)
