"""Commands that open another file, and what happens when a file is opened."""

from __future__ import annotations

import os
import time
from pathlib import Path

from netspec_tui.commands.save_files import after_saving
from netspec_tui.core.disk import OpenedFile, Stamp, open_file
from netspec_tui.core.journal import Recovered
from netspec_tui.core.session import Session
from netspec_tui.core.spec_files import gallery_entries, specs_below
from netspec_tui.core.user_state import add_recent_file, recent_files
from netspec_tui.dialogs.choose import ChoiceItem, Choose, Chosen
from netspec_tui.dialogs.prompt import Confirm
from netspec_tui.editor import Editor

_EMPTY = "netspec: 1\ninputs: {image: [N, 1, 28, 28]}\nbody: []\n"
"""The text of a new file."""
_ENDINGS = (".yaml", ".yml", ".json")


def open_other_file(editor: Editor) -> None:
    """Open a recent file, a spec in this folder, or any path."""
    paths = list({os.path.realpath(p): p for p in (*recent_files(), *specs_below("."))}.values())
    names = [_short(path) for path in paths]

    def chosen(answer: Chosen) -> None:
        typed = os.path.expanduser(answer.typed.strip())
        is_path = typed.endswith(_ENDINGS) and answer.typed not in names and os.path.exists(typed)
        leave_for(editor, typed if answer.index < 0 or is_path else paths[answer.index])

    choices = [ChoiceItem(name) for name in names]
    dialog = Choose("Open", choices, placeholder="type to filter, or a path", allow_new=True)
    editor.ask(dialog, chosen)


def _short(path: str) -> str:
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path


def new_file(editor: Editor) -> None:
    """Start with an empty network, or with one of the gallery."""
    entries = gallery_entries()
    choices = [ChoiceItem("empty network"), *(ChoiceItem(e.name, e.description) for e in entries)]

    def chosen(answer: Chosen) -> None:
        name, text = "network", _EMPTY
        if answer.index > 0:
            entry = entries[answer.index - 1]
            name, text = os.path.basename(entry.name), Path(entry.path).read_text("utf-8")
        path = _unused(f"{name}.yaml")
        after_saving(editor, lambda: _show(editor, path, OpenedFile("", None), text))

    editor.ask(Choose("New", choices), chosen)


def _unused(name: str) -> str:
    """The name, with a number if there is such a file in this folder."""
    stem, ending = os.path.splitext(name)
    number = 1
    while os.path.exists(name):
        number += 1
        name = f"{stem}{number}{ending}"
    return name


def leave_for(editor: Editor, path: str) -> None:
    """Open another file, after asking about unsaved changes."""
    after_saving(editor, lambda: open_path(editor, path))


def open_path(editor: Editor, path: str) -> None:
    """Open another file; unsaved changes are not asked about."""
    opened = open_file(path)
    if opened.error:
        editor.complain(opened.error)
        return
    _show(editor, path, opened)
    if opened.stamp is not None:
        add_recent_file(path)


def _show(editor: Editor, path: str, opened: OpenedFile, new_text: str | None = None) -> None:
    editor.session.journal.release()
    session = Session(path, opened)
    if new_text is not None:
        session.replace_text(new_text, "new file")
    editor.close_form()
    editor.clear_search()
    editor.adopt(session)
    offer_recovery(editor)
    start_empty_file(editor)


def start_empty_file(editor: Editor) -> None:
    """Write the first lines of an empty file, as a change that can be undone."""
    if not editor.session.text.strip():
        editor.replace_text(_EMPTY, "begin")


def offer_recovery(editor: Editor) -> bool:
    """Offer the unsaved changes of an editor that no longer runs; return whether there are any."""
    session = editor.session
    if not session.journal.claim():
        editor.notify("another editor has opened this file", severity="warning", timeout=8)
        return False
    recovered = session.journal.recover()
    if recovered is None or recovered.text == session.text:
        return False

    def answered(answer: str) -> None:
        if answer == "r":
            editor.replace_text(recovered.text, "recover")
        elif answer == "d":
            session.journal.drop()

    question = f"{os.path.basename(session.path)} has unsaved changes of another session"
    answers = {"r": "restore them", "d": "discard them"}
    editor.ask(Confirm(question, answers, detail=_age(recovered, session.stamp)), answered)
    return True


def _age(recovered: Recovered, stamp: Stamp | None) -> str:
    """When the changes were made, and whether the file has changed since."""
    seconds = max(int(time.time() - recovered.time), 0)
    if seconds < 120:
        age = f"{seconds} seconds"
    elif seconds < 7200:
        age = f"{seconds // 60} minutes"
    else:
        age = f"{seconds // 3600} hours"
    before = recovered.stamp
    is_same = before is None or stamp is None or before.digest == stamp.digest
    return f"stored {age} ago" + ("" if is_same else "; the file has changed since")
