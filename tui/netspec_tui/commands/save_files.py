"""Commands that save, reload and close the file."""

from __future__ import annotations

import os
from collections.abc import Callable

from netspec_tui.core.diff_page import line_diff
from netspec_tui.core.disk import ConflictError, OpenedFile, SaveError, changed, open_file
from netspec_tui.core.session import Session
from netspec_tui.core.user_state import add_recent_file
from netspec_tui.dialogs.prompt import Confirm, Prompt
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor
from netspec_tui.editor.follow import show_headline


def save_file(editor: Editor) -> None:
    """Save the file; if another program has changed it, ask."""
    save(editor)


def save(editor: Editor, *, force: bool = False) -> bool:
    """Save the file, with `force` also over the changes of another program; return whether it is saved."""
    try:
        editor.session.save(force=force)
    except ConflictError as error:
        _ask_about_conflict(editor, str(error))
        return False
    except SaveError as error:
        editor.complain(str(error))
        return False
    add_recent_file(editor.session.path)
    name = os.path.basename(editor.session.path)
    editor.notify(f"saved {name}", timeout=2, markup=False)
    show_headline(editor)
    return True


def _ask_about_conflict(editor: Editor, message: str) -> None:
    answers = {
        "r": "reload the file (undo restores your text)",
        "o": "overwrite the file with your text",
        "s": "save your text under another name",
        "d": "show the differences",
    }

    def resolve(answer: str) -> None:
        if answer == "r":
            reload_file(editor)
        elif answer == "o":
            save(editor, force=True)
        elif answer == "s":
            save_file_as(editor)
        else:
            _show_conflict(editor, message)

    editor.ask(Confirm("The file has changed on disk", answers, detail=message), resolve)


def _show_conflict(editor: Editor, message: str) -> None:
    lines = line_diff(open_file(editor.session.path).text, editor.session.text)
    page = TextPage("on disk (-) and here (+)", lines)
    editor.app.push_screen(page, lambda _: _ask_about_conflict(editor, message))


def save_file_as(editor: Editor) -> None:
    """Save the text to another file, and edit that one."""

    def save_as(path: str) -> None:
        path = os.path.expanduser(path)
        is_other = os.path.realpath(path) != os.path.realpath(editor.session.path)
        if os.path.exists(path) and is_other:
            question = Confirm(f"{path} exists", {"o": "overwrite it"})
            editor.ask(question, lambda _: _save_to(editor, path))
        else:
            _save_to(editor, path)

    prompt = Prompt("Save as", editor.session.path, check=_name_error)
    editor.ask(prompt, save_as)


def _name_error(path: str) -> str:
    return "" if path.strip() else "type a file name"


def _save_to(editor: Editor, path: str) -> None:
    before = editor.session
    session = Session(path, OpenedFile(before.text, open_file(path).stamp))
    session.saved_text = ""
    session.history, session.view = before.history, before.view
    session.request = before.request
    session.journal.claim()
    session.journal.record(session.text, session.stamp)
    editor.adopt(session)
    if save(editor, force=True):
        before.journal.drop()
    before.journal.release()


def reload_file(editor: Editor) -> None:
    """Read the file from disk again; undo restores the text."""
    if not editor.session.reload():
        editor.complain(editor.session.error)
        return
    editor.confirm("reloaded")
    editor.analyze()


def follow_disk(editor: Editor) -> None:
    """Reload a file that another program has changed; with unsaved changes, warn once."""
    session = editor.session
    if session.stamp is None or not changed(session.path, session.stamp):
        session.disk_change_reported = False
    elif not session.modified and os.path.exists(session.path):
        reload_file(editor)
    elif not session.disk_change_reported:
        session.disk_change_reported = True
        editor.complain("another program has changed the file; saving will ask")


def after_saving(editor: Editor, then: Callable[[], object]) -> None:
    """Ask whether to save or discard unsaved changes, then continue."""
    session = editor.session
    if not session.modified:
        then()
        return

    def answered(answer: str) -> None:
        if answer == "s" and not save(editor):
            return
        if answer == "d":
            session.journal.drop()
        then()

    question = f"{os.path.basename(session.path)} has unsaved changes"
    editor.ask(Confirm(question, {"s": "save them", "d": "discard them"}), answered)


def quit_editor(editor: Editor) -> None:
    """Close the editor, after asking about unsaved changes."""

    def leave() -> None:
        editor.session.journal.drop()
        editor.app.exit()

    after_saving(editor, leave)
