"""Actions on files: save, reload, open, new, edit elsewhere, lay out."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from netspec.diagnostics import Span
from netspec.fmt import UncertainError, formatted
from netspec_tui.core import differences, gallery, state
from netspec_tui.core.disk import ConflictError, Opened, SaveError, changed, open_file
from netspec_tui.core.session import Session
from netspec_tui.dialogs.choose import Choice, Choose, Chosen
from netspec_tui.dialogs.page import Page
from netspec_tui.dialogs.prompt import Confirm, Prompt
from netspec_tui.screens.base import Base

_EMPTY = "netspec: 1\ninputs: {image: [N, 1, 28, 28]}\nbody: []\n"
"""What a new file begins with."""


class Files(Base):
    """Everything that reads or writes a file."""

    _warned = False

    # ---- saving -----------------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Write the file; where somebody else has written it meanwhile, ask."""
        self._save()

    def _save(self, *, force: bool = False) -> bool:
        try:
            self.session.save(force=force)
        except ConflictError as error:
            self._conflict(str(error))
            return False
        except SaveError as error:
            self.complain(str(error))
            return False
        state.remember(self.session.path)
        self.notify(f"saved {os.path.basename(self.session.path)}", timeout=2, markup=False)
        self.describe()
        return True

    def _conflict(self, message: str) -> None:
        answers = {
            "r": "read what is on the disk (undo brings your text back)",
            "o": "overwrite it with your text",
            "s": "save yours under another name",
            "d": "show what differs",
        }
        self.ask(Confirm("The file is not as it was", answers, detail=message), self._resolve)

    def _resolve(self, answer: str) -> None:
        if answer == "r":
            self.action_reload()
        elif answer == "o":
            self._save(force=True)
        elif answer == "s":
            self.action_save_as()
        else:
            disk = open_file(self.session.path).text
            page = Page("on the disk (-) and here (+)", differences.lines(disk, self.session.text))
            self.app.push_screen(page, lambda _: self._conflict("what now?"))

    def action_save_as(self) -> None:
        """Write it under another name, and go on with that."""

        def saved(path: str) -> None:
            path = os.path.expanduser(path)
            if os.path.exists(path) and os.path.realpath(path) != os.path.realpath(
                self.session.path
            ):
                self.ask(
                    Confirm(f"{path} is there already", {"o": "overwrite it"}),
                    lambda _: self._save_to(path),
                )
            else:
                self._save_to(path)

        self.ask(
            Prompt("Save as", self.session.path, check=lambda p: "" if p.strip() else "a name"),
            saved,
        )

    def _save_to(self, path: str) -> None:
        before = self.session
        other = Session(path, Opened(before.text, open_file(path).stamp))
        other.saved_text = ""
        other.history, other.view = before.history, before.view
        other.journal.claim()
        other.journal.keep(other.text, other.stamp)
        self.adopt(other)
        if self._save(force=True):
            before.journal.drop()
        before.journal.release()

    def action_reload(self) -> None:
        """Take the file as it is on the disk."""
        if not self.session.reload():
            self.complain(self.session.problem)
            return
        self.notify("read anew", timeout=2)
        self.analyse()

    def look_at_disk(self) -> None:
        """Follow what other programs do to the file: read it anew where nothing is unsaved here, else say so."""
        session = self.session
        if session.stamp is None or not changed(session.path, session.stamp):
            self._warned = False
            return
        if not session.modified and os.path.exists(session.path):
            self.action_reload()
        elif not self._warned:
            self._warned = True
            self.complain("the file was changed by another program; saving will ask")

    # ---- opening ----------------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Another file: recent ones, the specs around here, or any path."""
        known = {
            os.path.realpath(path): path for path in (*state.recent(), *gallery.specs_below("."))
        }
        paths = list(known.values())
        choices = [Choice(_short(path), "") for path in paths]

        def chosen(answer: Chosen) -> None:
            typed = os.path.expanduser(answer.typed.strip())
            is_path = typed.endswith((".yaml", ".yml", ".json")) and answer.typed not in map(
                _short, paths
            )
            self.leave_for(
                typed
                if answer.index < 0 or (is_path and os.path.exists(typed))
                else paths[answer.index]
            )

        self.ask(Choose("Open", choices, placeholder="type to find, or a path", new=True), chosen)

    def leave_for(self, path: str) -> None:
        """Open a file, after asking what becomes of unsaved work."""
        self.after_saving(lambda: self.open(path))

    def open(self, path: str, text: str | None = None) -> None:
        """Open a file, or a text under a name."""
        opened = open_file(path) if text is None else Opened("", None)
        if opened.problem:
            self.complain(opened.problem)
            return
        self.session.journal.release()
        session = Session(path, opened)
        if text is not None:
            session.put(text, "new file")
        self.close_all()
        self.adopt(session)
        self.app.offer_recovery()
        if text is None and opened.stamp is not None:
            state.remember(path)
        if not session.text.strip():
            self.begin()

    def begin(self) -> None:
        """What an empty file begins with; as a step that can be undone."""
        if not self.session.text.strip():
            self.session.put(_EMPTY, "begin")
            self.analyse()

    def close_all(self) -> None:
        """Forget what belongs to the file that is left."""

    def action_new(self) -> None:
        """Start from nothing, or from a network of the gallery."""
        entries = gallery.entries()
        choices = [Choice("an empty network"), *(Choice(name, about) for name, about, _ in entries)]

        def chosen(answer: Chosen) -> None:
            name = (
                "network" if answer.index == 0 else os.path.basename(entries[answer.index - 1][0])
            )
            text = (
                _EMPTY
                if answer.index == 0
                else Path(entries[answer.index - 1][2]).read_text("utf-8")
            )
            path = _free(f"{name}.yaml")
            self.after_saving(lambda: self.open(path, text))

        self.ask(Choose("New", choices), chosen)

    def after_saving(self, then: object) -> None:
        """Go on after asking what becomes of unsaved work."""
        assert callable(then)
        if not self.session.modified:
            then()
            return

        def answered(answer: str) -> None:
            if answer == "s" and not self._save():
                return
            if answer == "d":
                self.session.journal.drop()
            then()

        question = f"{os.path.basename(self.session.path)} has unsaved changes"
        self.ask(Confirm(question, {"s": "save them", "d": "discard them"}), answered)

    def action_quit(self) -> None:
        """Leave, after asking what becomes of unsaved work."""

        def leave() -> None:
            self.session.journal.drop()
            self.app.exit()

        self.after_saving(leave)

    def action_external(self) -> None:
        """Edit the text in $EDITOR."""
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self.complain("$EDITOR names no editor")
            return
        with tempfile.TemporaryDirectory() as folder:
            draft = Path(folder) / os.path.basename(self.session.path)
            draft.write_bytes(self.session.text.encode())
            try:
                with self.app.suspend():
                    done = subprocess.run([*shlex.split(editor), str(draft)], check=False)
                text = draft.read_bytes().decode()
            except (OSError, ValueError) as error:
                self.complain(f"`{editor}` did not do: {error}")
                return
        if done.returncode:
            self.complain(f"`{editor}` ended with {done.returncode}: nothing was taken over")
            return
        self.session.put(text, f"edit in {editor}")
        self.refresh()
        self.analyse()

    def action_format(self) -> None:
        """Lay the text out anew."""
        from netspec.document import parse

        try:
            text = formatted(parse(self.session.text, self.session.path))
        except UncertainError as error:
            self.complain(
                str(error) or "this text cannot be laid out without changing what it says"
            )
            return
        if not self.session.put(text, "format"):
            self.notify("it is laid out already", timeout=2)
        self.analyse()

    def go_to_span(self, span: Span) -> None:
        """Show a place of the text; one in another file by opening that."""
        if span.source.name == self.session.path:
            self.source.show_offset(span.start)
            self.set_focus(self.source)
        else:
            self.leave_for(span.source.name)


def _short(path: str) -> str:
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path


def _free(name: str) -> str:
    """A name that no file here has."""
    stem, ending = os.path.splitext(name)
    number = 1
    while os.path.exists(name):
        number += 1
        name = f"{stem}{number}{ending}"
    return name
