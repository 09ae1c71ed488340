"""The line on top: the file, whether it is saved, and what the network costs."""

from __future__ import annotations

import os

from netspec.report.numbers import partly_known, scaled
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
    facts = []
    errors = len(snapshot.report.errors)
    if errors:
        facts.append(f"{errors} error{'s' * (errors > 1)}")
    if graph is None:
        facts.append("the text cannot be read" if session.text.strip() else "empty")
        if session.good is not None:
            facts.append("the graph is from before")
        return facts
    if snapshot.problem:
        facts.append(snapshot.problem)
    if not errors:
        sizes_text = ", ".join(f"{k}={v}" for k, v in snapshot.sizes.items() if k != "N")
        facts.append(f"{scaled(graph.parameter_count)} parameters")
        boxes = snapshot.scene.boxes if snapshot.scene is not None else ()
        macs = partly_known(
            scaled(sum(box.macs for box in boxes)), unknown=any(box.uncounted for box in boxes)
        )
        facts.append(f"{macs} multiply-adds{f' at {sizes_text}' if sizes_text else ''}")
    live = snapshot.table.most_live
    facts.append(f"{live} tensor{'s' * (live != 1)} alive")
    if snapshot.request.preset:
        facts.append(f"preset {snapshot.request.preset}")
    return facts


def _shortened(path: str, room: int) -> str:
    """A path from here, if that is shorter; of a long one the end."""
    path = min(path, os.path.relpath(path), key=len) if path else path
    return path if len(path) <= room else f"…{path[1 - room :]}"


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
