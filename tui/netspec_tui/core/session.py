"""One file being edited: its text, its history, what is saved of it, and how it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from netspec.edit import Draft, EditError
from netspec.edit.address import Address
from netspec_tui.core.disk import Opened, Stamp, open_file, save
from netspec_tui.core.folds import Folds
from netspec_tui.core.history import Entry, History, Splice, between
from netspec_tui.core.snapshot import AnalysisRequest, Snapshot
from netspec_tui.core.state import Journal


@dataclass(frozen=True)
class View:
    """What undo brings back besides the text: the row that is selected, and what is folded."""

    path: str = ""
    folds: Folds | None = None


class Session:
    """The text is the only truth: every change of it goes through here, and can be undone."""

    def __init__(self, path: str, opened: Opened | None = None) -> None:
        file = opened if opened is not None else open_file(path)
        self.path = path
        self.text = file.text
        self.saved_text = file.text
        self.stamp: Stamp | None = file.stamp
        self.problem = file.problem
        self.history = History()
        self.revision = 0
        self.view = View()
        self.request = AnalysisRequest(self.text, path, 0, None)
        self.good: Snapshot | None = None
        """The last snapshot in which there was a network."""
        self.journal = Journal(path)
        self.on_change: Callable[[list[Splice]], None] = lambda _splices: None
        """Told of every change that did not come from typing."""

    @property
    def modified(self) -> bool:
        """Whether there is unsaved work."""
        return self.text != self.saved_text

    # ---- changes --------------------------------------------------------------------------------------

    def type(self, splice: Splice) -> None:
        """Take in what was typed into the source."""
        self._change([splice], "typing", "typing", self.view)

    def put(self, text: str, label: str, *, group: str = "", after: View | None = None) -> bool:
        """Give the text another content, as one step of the history; whether that changed anything."""
        if text == self.text:
            return False
        splices = [between(self.text, text)]
        self._change(splices, label, group, after or self.view)
        self.on_change(splices)
        return True

    def edit(
        self, label: str, change: Callable[[Draft], None], *, group: str = ""
    ) -> Address | None:
        """Make a structural edit; what it selects. Raises `EditError`, and nothing has happened then."""
        draft = Draft(self.text, self.path)
        change(draft)
        if not self.put(draft.text, label, group=group):
            raise EditError("that changes nothing")
        return draft.selected

    def _change(self, splices: list[Splice], label: str, group: str, after: View) -> None:
        before = self.view
        for splice in splices:
            self.text = splice.applied(self.text)
        self.history.record(Entry(label, splices, before, after, group))
        self._moved()

    def _moved(self) -> None:
        self.revision += 1
        if self.modified:
            self.journal.keep(self.text, self.stamp)
        else:
            self.journal.drop()

    def undo(self) -> Entry | None:
        """Take the last step back, with the selection and folds that were before it."""
        entry = self.history.undo()
        if entry is not None:
            self._replay([s.inverse for s in reversed(entry.splices)], entry.before)
        return entry

    def redo(self) -> Entry | None:
        """Do again what was undone last."""
        entry = self.history.redo()
        if entry is not None:
            self._replay(entry.splices, entry.after)
        return entry

    def _replay(self, splices: list[Splice], view: object) -> None:
        for splice in splices:
            self.text = splice.applied(self.text)
        if isinstance(view, View):
            self.view = view
        self._moved()
        self.on_change(splices)

    # ---- files ------------------------------------------------------------------------------------------

    def save(self, *, force: bool = False) -> None:
        """Write the file. Raises `ConflictError` and `SaveError`."""
        text = self.text
        self.stamp = save(self.path, text, self.stamp, force=force)
        self.saved_text = text
        self.history.close()
        self.journal.drop()

    def reload(self) -> bool:
        """Take the file as it is on the disk, as a step that can be undone; whether it can be read."""
        file = open_file(self.path)
        if file.problem:
            self.problem = file.problem
            return False
        self.stamp, self.saved_text = file.stamp, file.text
        self.put(file.text, "reload from disk")
        if not self.modified:
            self.journal.drop()
        return True

    # ---- looking ----------------------------------------------------------------------------------------

    def look(self, **changes: object) -> AnalysisRequest:
        """What is to be analysed now, looked at in another way where `changes` say so."""
        self.request = replace(
            self.request,
            text=self.text,
            name=self.path,
            revision=self.revision,
            folds=self.view.folds,
            **changes,  # type: ignore[arg-type]
        )
        return self.request
