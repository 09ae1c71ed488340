"""The selected row and the marked rows, and the steps of the text that they come from."""

from __future__ import annotations

from netspec.edit import Address, EditError
from netspec.edit.address import address_of, step_at
from netspec.syntax import Step
from netspec_tui.core.graph_rows import GraphRow
from netspec_tui.core.snapshot import Snapshot
from netspec_tui.widgets.rail_view import RailView


class Selection:
    """Follows the selected step from one snapshot to the next.

    Attributes:
        next_step: the step to select in the next snapshot.
        next_path: the path to select in the next snapshot, if there is no such step.
    """

    def __init__(self, graph: RailView) -> None:
        self._graph = graph
        self.next_step: Address | None = None
        self.next_path = ""

    @property
    def row(self) -> GraphRow | None:
        """The row under the cursor."""
        return self._graph.row

    def path_in(self, snapshot: Snapshot, last_path: str) -> str:
        """The path to select in a new snapshot; `last_path` was selected in the previous one."""
        step = self._next_step_in(snapshot)
        path = _path_of(step, snapshot, last_path) if step is not None else ""
        return path or self.next_path or last_path

    def settle(self) -> None:
        """The next snapshot is shown: forget what to select in it."""
        self.next_step, self.next_path = None, ""

    def _next_step_in(self, snapshot: Snapshot) -> Step | None:
        spec = snapshot.report.spec
        if self.next_step is None or spec is None:
            return None
        try:
            return step_at(spec, self.next_step)
        except IndexError:
            return None

    def marked(self, snapshot: Snapshot | None) -> list[Address]:
        """The steps of the marked rows."""
        rows = [r for r in self._graph.table.rows if r.path in self._graph.marked]
        addresses = (row_address(row, snapshot) for row in rows)
        return list(dict.fromkeys(a for a in addresses if a is not None))

    def clear_marks(self) -> None:
        """Mark no row."""
        if self._graph.marked:
            self._graph.marked = frozenset()
            self._graph.restyle()


def _path_of(step: Step, snapshot: Snapshot, last_path: str) -> str:
    """The path of the first row of a step; of several rows, the one next to the last path."""
    parent = last_path.rpartition(".")[0]
    paths = [row.path for row in snapshot.table.rows if row.step is step]
    return next((p for p in paths if p.rpartition(".")[0] == parent), paths[0] if paths else "")


def row_address(row: GraphRow, snapshot: Snapshot | None) -> Address | None:
    """The step of a row; None if it has no step in this file."""
    if row.step is None or snapshot is None or snapshot.report.spec is None:
        return None
    return address_of(snapshot.report.spec, row.step)


def editable_address(row: GraphRow | None, snapshot: Snapshot | None) -> Address:
    """The step of a row, to edit it. Raises `EditError` with the reason if there is none."""
    if row is None:
        raise EditError("no row is selected")
    if row.step is None:
        raise EditError(f"`{row.name}` is not a step: edit inputs and outputs in the form of `m`")
    address = row_address(row, snapshot)
    if address is None:
        raise EditError(f"`{row.path}` is defined in another file: open that file to edit it")
    return address
