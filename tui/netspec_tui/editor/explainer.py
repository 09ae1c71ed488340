"""The explanation of the selected row in the inspector, computed on a thread after the cursor rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

from netspec_tui.core.empty_network import empty_text, is_empty
from netspec_tui.core.row_explanation import row_explanation

if TYPE_CHECKING:
    from netspec_tui.core.graph_rows import GraphRow
    from netspec_tui.editor.screen import Editor

_REST = 0.06
"""Seconds that the cursor rests on a row until the row is explained."""


class Explainer:
    """Explains one row at a time: of the rows selected meanwhile, only the newest comes next."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._timer: Timer | None = None
        self._is_scheduled = self._is_running = self._run_again = False

    @property
    def is_idle(self) -> bool:
        """Whether no explanation is computed or scheduled."""
        return not (self._is_scheduled or self._is_running)

    def schedule(self) -> None:
        """Explain the selected row after a short rest."""
        if self._timer is not None:
            self._timer.stop()
        self._is_scheduled = True
        self._timer = self._editor.set_timer(_REST, self._explain)

    def show_empty(self) -> None:
        """Show what to do while no row is selected."""
        editor = self._editor
        editor.inspector.show(empty_text(editor.session.text, editor.snapshot))

    def _explain(self) -> None:
        self._is_scheduled = False
        editor = self._editor
        row, snapshot = editor.row, editor.snapshot
        if row is None or snapshot is None or snapshot.graph is None:
            return
        if not editor.inspector.display:
            return
        if is_empty(snapshot):
            self.show_empty()
            return
        if self._is_running:
            self._run_again = True
            return
        self._is_running, self._run_again = True, False
        columns = editor.inspector.columns

        def work() -> None:
            try:
                text = row_explanation(snapshot, row, columns)
            except Exception as error:  # an internal error must not disable the inspector
                text = f"internal error of netspec: {type(error).__name__}: {error}"
            editor.app.call_from_thread(self._show, row, text)

        editor.run_worker(work, thread=True, group="explain", exit_on_error=False)

    def _show(self, row: GraphRow, text: str) -> None:
        self._is_running = False
        if row is self._editor.row:
            self._editor.inspector.show(text)
        if self._run_again:
            self._explain()
