"""Blocks that contain themselves, found in the text: whatever the conditions and counts say."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Code, Label
from netspec.elaborate.values import Values
from netspec.spec import Block, Body, Spec, Step


def recursive_blocks(spec: Spec, values: Values) -> set[int]:
    """Report every circle of blocks once; gives the blocks that are in one, by `id`."""
    found: set[int] = set()
    for block in spec.blocks.values():
        if id(block) not in found:
            _follow(block, [], spec, found, values)
    return found


def _follow(block: Block, way: list[Block], spec: Spec, found: set[int], values: Values) -> None:
    for step in _steps(block.body):
        inner = spec.blocks.get(step.op.text) if step.op is not None else None
        if inner is None or step.op is None or step.op.text in block.parameters:
            continue
        circle = [*way, block]
        if inner in circle:
            circle = circle[circle.index(inner) :]
            if not any(id(b) in found for b in circle):
                report(step, [*circle, inner], values)
            found.update(id(b) for b in circle)
        elif id(inner) not in found:
            _follow(inner, circle, spec, found, values)


def report(step: Step, circle: list[Block], values: Values) -> None:
    """Report that the blocks of `circle` contain each other; the last is the first again."""
    names = " → ".join(b.name for b in circle)
    values.error(
        Code.RECURSION,
        f"a block cannot contain itself: {names}",
        step.op or step.place,
        "closes the circle",
        "use `repeat` to do something several times",
        labels=(Label(circle[-1].place.span, "the block"),),
    )


def _steps(body: Body) -> Iterator[Step]:
    for step in body.steps:
        yield step
        if step.body is not None:
            yield from _steps(step.body)
        for branch in step.branches or ():
            yield branch
            if branch.body is not None:
                yield from _steps(branch.body)
