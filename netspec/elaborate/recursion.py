"""Blocks that contain themselves, found in the text: whatever the conditions and counts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.diagnostics import Code, Label
from netspec.elaborate.evaluator import Values
from netspec.syntax import Block, Spec, Step


def recursive_blocks(spec: Spec, values: Values) -> set[int]:
    """Report every circle of blocks once; gives the blocks that are in one, by `id`."""
    block_ids: set[int] = set()
    done: set[int] = set()
    for block in spec.blocks.values():
        if id(block) not in done:
            for step, circle in _circles(block, spec, done):
                if not any(id(b) in block_ids for b in circle):
                    report(step, circle, values)
                block_ids.update(id(b) for b in circle)
    return block_ids


def _circles(start: Block, spec: Spec, done: set[int]) -> Iterator[tuple[Step, list[Block]]]:
    """The circles below a block, each with the step that closes it; every block is looked at once."""
    way, uses = {id(start): start}, [_uses(start, spec)]
    while uses:
        for step, inner in uses[-1]:
            if id(inner) in way:
                yield step, [*list(way.values())[list(way).index(id(inner)) :], inner]
            elif id(inner) not in done:
                way[id(inner)] = inner
                uses.append(_uses(inner, spec))
                break
        else:
            uses.pop()
            done.add(way.popitem()[0])


def _uses(block: Block, spec: Spec) -> Iterator[tuple[Step, Block]]:
    """The steps of a block that use a block of the file."""
    for step in _steps(block.body.steps):
        inner = spec.blocks.get(step.op.text) if step.op is not None else None
        if inner is not None and step.op is not None and step.op.text not in block.parameters:
            yield step, inner


def report(step: Step, circle: list[Block], values: Values) -> None:
    """Report that the blocks of `circle` contain each other; the last is the first again."""
    names = " → ".join(b.name for b in circle)
    values.error(
        Code.RECURSION,
        f"a block cannot contain itself: {names}",
        step.op or step.place,
        "closes the cycle",
        "to repeat steps, use `repeat`",
        labels=(Label(circle[-1].place.span, "the block"),),
    )


def _steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if step.body is not None:
            yield from _steps(step.body.steps)
        yield from _steps(step.branches or ())
