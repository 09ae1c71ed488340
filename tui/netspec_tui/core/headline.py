"""The line on top: the file, whether it is saved, and what the network costs."""

from __future__ import annotations

import os

from netspec.render.numbers import partly_known, scaled
from netspec_tui.core.session import Session
from netspec_tui.core.snapshot import Snapshot


def headline(session: Session, snapshot: Snapshot | None, columns: int, *, ascii: bool) -> str:
    """The line, in markup."""
    dot = ("*" if ascii else "●") if session.modified else " "
    path = _shortened(session.path, max(columns // 3, 20))
    return "  ".join([f"[b]{_escaped(path)}[/b] {dot}", *map(_escaped, _facts(snapshot, session))])


def _facts(snapshot: Snapshot | None, session: Session) -> list[str]:
    """What the bar says of the network."""
    if snapshot is None:
        return ["reading …"]
    graph = snapshot.graph
    found = []
    errors = len(snapshot.report.errors)
    if errors:
        found.append(f"{errors} error{'s' * (errors > 1)}")
    if graph is None:
        found.append("the text cannot be read" if session.text.strip() else "empty")
        if session.good is not None:
            found.append("the graph is from before")
        return found
    if snapshot.problem:
        found.append(snapshot.problem)
    if not errors:
        at = ", ".join(f"{k}={v}" for k, v in snapshot.sizes.items() if k != "N")
        found.append(f"{scaled(graph.parameter_count)} parameters")
        boxes = snapshot.scene.boxes if snapshot.scene is not None else ()
        macs = partly_known(
            scaled(sum(box.macs for box in boxes)), unknown=any(box.uncounted for box in boxes)
        )
        found.append(f"{macs} multiply-adds{f' at {at}' if at else ''}")
    live = snapshot.table.most_live
    found.append(f"{live} tensor{'s' * (live != 1)} alive")
    if snapshot.wish.preset:
        found.append(f"preset {snapshot.wish.preset}")
    return found


def _shortened(path: str, room: int) -> str:
    """A path from here, if that is shorter; of a long one the end."""
    path = min(path, os.path.relpath(path), key=len) if path else path
    return path if len(path) <= room else f"…{path[1 - room :]}"


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
