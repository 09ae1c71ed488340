"""The line at the top (the file, whether it is saved, the cost of the network), and one row in a line."""

from __future__ import annotations

import os

from netspec.report.numbers import partly_known, scaled
from netspec_tui.core.graph_rows import GraphRow
from netspec_tui.core.session import Session
from netspec_tui.core.snapshot import Snapshot


def headline(session: Session, snapshot: Snapshot | None, columns: int, *, ascii: bool) -> str:
    """The line, in markup."""
    dot = ("*" if ascii else "●") if session.modified else " "
    path = _shortened(session.path, max(columns // 3, 20))
    return "  ".join([f"[b]{_escaped(path)}[/b] {dot}", *map(_escaped, _facts(snapshot, session))])


def _facts(snapshot: Snapshot | None, session: Session) -> list[str]:
    """The facts about the network."""
    if snapshot is None:
        return ["reading …"]
    graph = snapshot.graph
    facts = []
    errors = len(snapshot.report.errors)
    if errors:
        facts.append(f"{errors} error{'s' * (errors > 1)}")
    if graph is None:
        facts.append("no valid network" if session.text.strip() else "empty")
        if session.last_valid is not None:
            facts.append("showing the last valid graph")
        return facts
    if snapshot.error:
        facts.append(snapshot.error)
    if not errors:
        sizes_text = ", ".join(f"{k}={v}" for k, v in snapshot.sizes.items() if k != "N")
        facts.append(f"{scaled(graph.parameter_count)} parameters")
        boxes = snapshot.scene.boxes if snapshot.scene is not None else ()
        macs = partly_known(
            scaled(sum(box.macs for box in boxes)), unknown=any(box.uncounted for box in boxes)
        )
        facts.append(f"{macs} MACs{f' at {sizes_text}' if sizes_text else ''}")
    live = snapshot.table.most_live
    facts.append(f"{live} live tensor{'s' * (live != 1)}")
    if snapshot.request.preset:
        facts.append(f"preset {snapshot.request.preset}")
    return facts


def _shortened(path: str, room: int) -> str:
    """The relative path if it is shorter; the end of a long one."""
    path = min(path, os.path.relpath(path), key=len) if path else path
    return path if len(path) <= room else f"…{path[1 - room :]}"


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def row_line(row: GraphRow, *, ascii: bool) -> str:
    """One row in a line, for screens without an inspector."""
    if row.errors:
        return f"{'x' if ascii else '✗'} {row.errors[0]}"
    parameters = f"{row.parameters} parameters" if row.parameters else ""
    macs = f"{row.macs} MACs" if row.macs else ""
    return "  ".join(p for p in (row.path, row.call, row.shape, parameters, macs) if p)
