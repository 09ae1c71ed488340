"""Steps without a node because of an error: their boxes are put back into the scene."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.check import Report
from netspec.diagnostics import Diagnostic
from netspec.edit.address import Address, step_extent, steps_at, walked
from netspec.graph import Level, Node
from netspec.render.box import Box, Scene
from netspec.syntax import Spec, Step


class Sibling(NamedTuple):
    """A box, and the list of boxes that it is in."""

    boxes: list[Box]
    box: Box


class BoxGap(NamedTuple):
    """Where a box is inserted: a list of boxes, an index in it, and the box around it."""

    boxes: list[Box]
    position: int
    parent: Box | None


def restore_failed_steps(scene: Scene, report: Report) -> dict[Box, Step]:
    """Insert a box for each step that an error has kept out of the graph.

    Returns:
        The step of each inserted box.
    """
    spec = report.spec
    if spec is None or not report.errors:
        return {}
    steps_in_graph = _steps_in_graph(report)
    siblings: dict[Step, list[Sibling]] = {}
    for sibling in _siblings(scene.boxes):
        origin = sibling.box.origin
        if origin is not None and origin.step is not None:
            siblings.setdefault(origin.step, []).append(sibling)
    failed: dict[Box, Step] = {}
    for address, step in walked(spec):
        errors = [] if step in steps_in_graph else _errors_in(step, report)
        if not errors:
            continue
        for gap in _gaps(scene, spec, address, siblings):
            box = _box(step, gap.parent, errors)
            gap.boxes.insert(gap.position, box)
            siblings.setdefault(step, []).append(Sibling(gap.boxes, box))
            failed[box] = step
    return failed


def _box(step: Step, parent: Box | None, errors: list[Diagnostic]) -> Box:
    op = step.op.text if step.op is not None else ""
    path = f"{parent.path}.{step.title}" if parent is not None else step.title
    box = Box(step.title, path, op, "other", parent)
    box.errors = [d.message for d in errors]
    return box


def _steps_in_graph(report: Report) -> set[Step]:
    """The steps that have a node or a level, drawn or folded."""
    graph = report.graph
    if graph is None:
        return set()
    entries: list[Node | Level] = [*graph.nodes, *graph.root.levels()]
    return {entry.step for entry in entries if entry.step is not None}


def _siblings(boxes: list[Box]) -> Iterator[Sibling]:
    for box in boxes:
        yield Sibling(boxes, box)
        yield from _siblings(box.children)


def _errors_in(step: Step, report: Report) -> list[Diagnostic]:
    """The errors in the text of a step; an unknown op is reported only where it is first used."""
    start, end = step_extent(step)
    op, source = step.op.text if step.op is not None else "", report.document.source
    return [
        d
        for d in report.errors
        if d.span is not None
        and d.span.source == source
        and (start <= d.span.start < end or (d.code == "NS101" and d.span.text == op))
    ]


def _gaps(
    scene: Scene, spec: Spec, address: Address, siblings: dict[Step, list[Sibling]]
) -> Iterator[BoxGap]:
    """Where the box of a step belongs: next to each box of its nearest neighbor in the text."""
    steps, index = steps_at(spec, address.block, address.way[:-1]), address.index
    before = [(step, 1) for step in reversed(steps[:index])]
    for step, offset in [*before, *((step, 0) for step in steps[index + 1 :])]:
        if step in siblings:
            for boxes, box in siblings[step]:
                yield BoxGap(boxes, boxes.index(box) + offset, box.parent)
            return
    if not address.block and len(address.way) == 1 and scene.boxes:
        first = next((k for k, b in enumerate(scene.boxes) if b.kind == "output"), len(scene.boxes))
        yield BoxGap(scene.boxes, first, None)
