"""Two networks in one picture: nodes that were added, removed and changed."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.compare import Difference, difference, facts
from netspec.compare.renames import renamed_path
from netspec.graph import Graph
from netspec.render.box import Box, Scene
from netspec.render.scene import scene

MARKS = ("added", "removed", "changed", "follows")


def compared(before: Graph, after: Graph, depth: int | None = None) -> Scene:
    """The picture of the second network with marked boxes, and the removed boxes of the first one."""
    network_difference = difference(facts(before), facts(after))
    drawn, old = scene(after, depth=depth), scene(before, depth=depth)
    marks, notes = _marks(network_difference), _notes(network_difference)
    for box in drawn.leaves:
        box.mark = _mark(box, marks)
        if len(box.members) == 1:
            box.way = notes.get(box.members[0], "")
    gone = {n.path for n in network_difference.removed}
    removed = [b for b in old.leaves if b.members and gone.issuperset(b.members)]
    for box in removed:
        box.mark, box.name, box.parent = "removed", box.path, None
    _put_in_place(removed, old, drawn)
    drawn.edges += _edges(old, removed, drawn, {a: b for a, b, _ in network_difference.renamed})
    return drawn


def _put_in_place(removed: list[Box], old: Scene, drawn: Scene) -> None:
    """Put each removed box before the one that followed it, so that rails show its position."""
    now = {path: box.around[0] for box in drawn.leaves for path in box.members}
    gone = set(removed)
    waiting: list[Box] = []
    before: dict[Box | None, list[Box]] = {}
    for box in old.leaves:
        if box in gone:
            waiting.append(box)
        elif (
            waiting
            and (successor := next((now[p] for p in box.members if p in now), None)) is not None
        ):
            before.setdefault(successor, []).extend(waiting)
            waiting = []
    end = next((b for b in drawn.boxes if b.kind == "output"), None)
    before.setdefault(end, []).extend(waiting)
    drawn.boxes[:] = [b for box in drawn.boxes for b in (*before.get(box, ()), box)]
    if end is None:
        drawn.boxes += waiting


def _notes(network_difference: Difference) -> dict[str, str]:
    """The change of each node in short: `out_channels 20 → 32`."""
    return {
        c.after.path: ", ".join(
            f"{a.name} {a.before or 'default'} → {a.after or 'default'}"
            for a in c.arguments
            if a.name != "from"
        )
        for c in network_difference.changed
    }


def _marks(network_difference: Difference) -> dict[str, str]:
    """The status of each node of the second network."""
    marks = {
        c.after.path: "changed" if c.arguments else "follows" for c in network_difference.changed
    }
    return marks | {n.path: "added" for n in network_difference.added}


def _mark(box: Box, marks: Mapping[str, str]) -> str:
    """The status of the nodes of a box: that of all of them, or the most important one."""
    met = {marks.get(path, "") for path in box.members}
    if met == {"added"}:
        return "added"
    if met & {"added", "changed"}:
        return "changed"
    return "follows" if "follows" in met else ""


def _edges(
    old: Scene, removed: list[Box], drawn: Scene, names: Mapping[str, str]
) -> list[tuple[Box, Box]]:
    """The edges that went with the boxes that are gone, to where the others are now."""
    now = {path: box for box in drawn.leaves if box.mark != "removed" for path in box.members}
    now |= {box.path: box for box in drawn.leaves if box.kind in ("input", "output")}
    gone = set(removed)

    def place(box: Box) -> Box | None:
        if box in gone:
            return box
        paths = box.members or [box.path]
        return next((now[p] for path in paths if (p := renamed_path(path, names)) in now), None)

    edges = []
    for source, target in old.edges:
        if source in gone or target in gone:
            a, b = place(source), place(target)
            if a is not None and b is not None:
                edges.append((a, b))
    return edges
