"""Steps that an error has kept out of the network: they have no node, and still a place in the graph."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.check import Report
from netspec.diagnostics import Diagnostic
from netspec.edit.address import extent, steps_at, walked
from netspec.graph import Level, Node
from netspec.render.box import Box, Scene
from netspec.syntax import Step

Place = tuple[list[Box], Box]
"""A box, and the list that it stands in."""


def restore(scene: Scene, report: Report) -> dict[Box, Step]:
    """Put a box for each lost step where it would stand; the steps, by the `id` of their box."""
    spec = report.spec
    if spec is None or not report.errors:
        return {}
    known = _known(report)
    places: dict[Step, list[Place]] = {}
    for boxes, box in _places(scene.boxes):
        if box.origin is not None and box.origin.step is not None:
            places.setdefault(box.origin.step, []).append((boxes, box))
    steps_by_box: dict[Box, Step] = {}
    for address, step in walked(spec):
        wrong = [] if step in known else _wrong(step, report)
        if not wrong:
            continue
        beside = steps_at(spec, address.block, address.way[:-1])
        for boxes, position, parent in _where(
            scene,
            beside,
            address.index,
            places,
            in_body=not address.block and len(address.way) == 1,
        ):
            op = step.op.text if step.op is not None else ""
            path = f"{parent.path}.{step.title}" if parent is not None else step.title
            box = Box(step.title, path, op, "other", parent)
            box.errors = [d.message for d in wrong]
            boxes.insert(position, box)
            places.setdefault(step, []).append((boxes, box))
            steps_by_box[box] = step
    return steps_by_box


def _known(report: Report) -> set[Step]:
    """The steps that the network has, drawn or folded away."""
    graph = report.graph
    if graph is None:
        return set()
    entries: list[Node | Level] = [*graph.nodes, *graph.root.levels()]
    return {entry.step for entry in entries if entry.step is not None}


def _places(boxes: list[Box]) -> Iterator[Place]:
    for box in boxes:
        yield boxes, box
        yield from _places(box.children)


def _wrong(step: Step, report: Report) -> list[Diagnostic]:
    """The errors in the text of a step; an unknown op is told of where it is first used."""
    start, end = extent(step)
    op, own = step.op.text if step.op is not None else "", report.document.source
    return [
        d
        for d in report.errors
        if d.span is not None
        and d.span.source == own
        and (start <= d.span.start < end or (d.code == "NS101" and d.span.text == op))
    ]


def _where(
    scene: Scene,
    beside: tuple[Step, ...],
    index: int,
    places: dict[Step, list[Place]],
    *,
    in_body: bool,
) -> Iterator[tuple[list[Box], int, Box | None]]:
    """The lists in which a step would stand, at which place, and the boxes around them."""
    before = [(other, 1) for other in reversed(beside[:index])]
    for other, after in [*before, *((other, 0) for other in beside[index + 1 :])]:
        if other in places:
            for boxes, box in places[other]:
                yield boxes, boxes.index(box) + after, box.parent
            return
    if in_body and scene.boxes:
        first = next((k for k, b in enumerate(scene.boxes) if b.kind == "output"), len(scene.boxes))
        yield scene.boxes, first, None
