"""One file under edit: its text, its history, its saved state, and its view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Unpack

from netspec.edit import Draft, EditError
from netspec.edit.address import Address
from netspec_tui.core.disk import OpenedFile, Stamp, open_file, write_file
from netspec_tui.core.folds import Folds
from netspec_tui.core.journal import Journal
from netspec_tui.core.snapshot import AnalysisRequest, RequestChanges, Snapshot
from netspec_tui.core.undo_history import Splice, UndoEntry, UndoHistory, between


@dataclass(frozen=True)
class View:
    """What undo restores in addition to the text: the selected row and the folds."""

    path: str = ""
    folds: Folds | None = None


class Session:
    """The text is the single source of truth: every change goes through the session and can be undone."""

    def __init__(self, path: str, opened: OpenedFile | None = None) -> None:
        file = opened if opened is not None else open_file(path)
        self.path = path
        self.text = file.text
        self.saved_text = file.text
        self.stamp: Stamp | None = file.stamp
        self.error = file.error
        self.history = UndoHistory()
        self.revision = 0
        self.view = View()
        self.request = AnalysisRequest(self.text, path, 0, None)
        self.last_valid: Snapshot | None = None
        """The last snapshot that has a graph."""
        self.journal = Journal(path)
        self.on_change: Callable[[list[Splice]], None] = lambda _splices: None
        """Called with every change that was not typed into the source."""
        self.disk_change_reported = False
        """Whether the user knows that another program has changed the file."""

    @property
    def modified(self) -> bool:
        """Whether there is unsaved work."""
        return self.text != self.saved_text

    # ---- changes --------------------------------------------------------------------------------------

    def type(self, splice: Splice) -> None:
        """Apply a splice that was typed into the source."""
        self._change([splice], "typing", "typing", self.view)

    def replace_text(
        self, text: str, label: str, *, group: str = "", after: View | None = None
    ) -> bool:
        """Replace the text as one entry of the history; return whether that changed it."""
        if text == self.text:
            return False
        splices = [between(self.text, text)]
        self._change(splices, label, group, after or self.view)
        self.on_change(splices)
        return True

    def edit(
        self, label: str, change: Callable[[Draft], None], *, group: str = ""
    ) -> Address | None:
        """Make a structural edit, and return the step that it selects. On `EditError`, nothing has changed."""
        draft = Draft(self.text, self.path)
        change(draft)
        if not self.replace_text(draft.text, label, group=group):
            raise EditError("this would not change the text")
        return draft.selected

    def _change(self, splices: list[Splice], label: str, group: str, after: View) -> None:
        before = self.view
        for splice in splices:
            self.text = splice.applied(self.text)
        self.history.record(UndoEntry(label, splices, before, after, group))
        self._text_changed()

    def _text_changed(self) -> None:
        self.revision += 1
        if self.modified:
            self.journal.record(self.text, self.stamp)
        else:
            self.journal.drop()

    def undo(self) -> UndoEntry | None:
        """Undo the last change, and restore the selection and folds before it."""
        entry = self.history.undo()
        if entry is not None:
            self._replay([s.inverse for s in reversed(entry.splices)], entry.before)
        return entry

    def redo(self) -> UndoEntry | None:
        """Redo the change that was undone last."""
        entry = self.history.redo()
        if entry is not None:
            self._replay(entry.splices, entry.after)
        return entry

    def _replay(self, splices: list[Splice], view: object) -> None:
        for splice in splices:
            self.text = splice.applied(self.text)
        if isinstance(view, View):
            self.view = view
        self._text_changed()
        self.on_change(splices)

    # ---- files ------------------------------------------------------------------------------------------

    def save(self, *, force: bool = False) -> None:
        """Write the file. Raises `ConflictError` and `SaveError`."""
        text = self.text
        self.stamp = write_file(self.path, text, self.stamp, force=force)
        self.saved_text = text
        self.history.close()
        self.journal.drop()

    def reload(self) -> bool:
        """Read the file from disk, as a change that can be undone; return whether it could be read."""
        file = open_file(self.path)
        if file.error:
            self.error = file.error
            return False
        self.stamp, self.saved_text = file.stamp, file.text
        self.replace_text(file.text, "reload")
        if not self.modified:
            self.journal.drop()
        return True

    # ---- analysis ---------------------------------------------------------------------------------------

    def update_request(self, **changes: Unpack[RequestChanges]) -> AnalysisRequest:
        """The request to analyze the text as it is now, with `changes` of the settings of the last one."""
        self.request = replace(
            self.request,
            text=self.text,
            name=self.path,
            revision=self.revision,
            folds=self.view.folds,
            **changes,
        )
        return self.request
