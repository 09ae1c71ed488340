"""Commands in the source: completion, explanation, and definitions."""

from __future__ import annotations

import re

from netspec.assist.complete import complete
from netspec.assist.hover import hover
from netspec.assist.outline import Symbol
from netspec.assist.symbols import definition
from netspec.diagnostics import Span
from netspec_tui.commands.open_files import leave_for
from netspec_tui.dialogs.choose import ChoiceItem, Choose
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor


def complete_word(editor: Editor) -> None:
    """Complete the word before the cursor."""
    text, offset = editor.session.text, editor.source.cursor_offset_in_text
    report = editor.snapshot.report if editor.snapshot is not None else None
    if report is None or report.spec is None:
        last_valid = editor.session.last_valid
        report = last_valid.report if last_valid is not None else None
    completions = complete(text, offset, report)
    match = re.search(r"[\w.]*$", text[:offset])
    word = match[0] if match else ""
    matching = [
        c for c in completions if c.text.lower().startswith(word.lower()) and c.text != word
    ] or completions
    choices = [ChoiceItem(c.text, f"{c.kind}  {c.detail}") for c in matching]
    editor.ask(
        Choose("Complete", choices),
        lambda chosen: _insert(
            editor, word, matching[chosen.index].text, matching[chosen.index].kind
        ),
    )


def _insert(editor: Editor, word: str, text: str, kind: str) -> None:
    row, column = editor.source.cursor_location
    ending = ": " if kind in ("argument", "key") else ""
    editor.source.replace(text + ending, (row, column - len(word)), (row, column))
    editor.set_focus(editor.source)


def explain_word(editor: Editor) -> None:
    """Explain the word at the cursor."""
    if editor.current is None:
        return
    explanation = hover(editor.current.report, editor.source.cursor_offset_in_text)
    if explanation is None:
        editor.panes.show_line("no explanation for this word")
        return
    editor.panes.show_line(explanation.text.replace("\n", " "))
    editor.app.push_screen(TextPage("explanation", explanation.text))


def go_to_definition(editor: Editor) -> None:
    """Go to the definition of the name at the cursor."""
    if editor.current is None:
        return
    span = definition(editor.current.report, editor.source.cursor_offset_in_text)
    if span is None:
        editor.complain("there is no name at the cursor")
    else:
        _go_to_span(editor, span)


def _go_to_span(editor: Editor, span: Span) -> None:
    """Go to a place in the text; open the file if it is another one."""
    if span.source.name == editor.session.path:
        editor.source.show_offset(span.start)
        editor.set_focus(editor.source)
    else:
        leave_for(editor, span.source.name)


def go_to_symbol(editor: Editor, symbol: Symbol) -> None:
    """Go to a symbol of the outline, in the source and in the graph."""
    start = symbol.name_span.start
    editor.source.show_offset(start)
    for k, row in enumerate(editor.graph.table.rows):
        place = row.step.place if row.step is not None else None
        if place is None or place.source.name != editor.session.path:
            continue
        if place.start == start:
            editor.graph.index = k
            return
