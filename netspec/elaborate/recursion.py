"""Blocks that contain themselves, found in the text, independent of conditions and counts."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Code, Label
from netspec.elaborate.call_arguments import Values
from netspec.syntax import Block, Spec, Step


def recursive_blocks(spec: Spec, values: Values) -> set[Block]:
    """Report every cycle of blocks once; returns the blocks in a cycle."""
    recursive: set[Block] = set()
    done: set[Block] = set()
    for block in spec.blocks.values():
        if block not in done:
            for step, circle in _circles(block, spec, done):
                if not any(b in recursive for b in circle):
                    report_recursion(step, circle, values)
                recursive.update(circle)
    return recursive


def _circles(start: Block, spec: Spec, done: set[Block]) -> Iterator[tuple[Step, list[Block]]]:
    """The cycles below a block, each with the step that closes it; visits every block once."""
    way, uses = {start: None}, [_uses(start, spec)]
    while uses:
        for step, inner in uses[-1]:
            if inner in way:
                yield step, [*list(way)[list(way).index(inner) :], inner]
            elif inner not in done:
                way[inner] = None
                uses.append(_uses(inner, spec))
                break
        else:
            uses.pop()
            done.add(way.popitem()[0])


def _uses(block: Block, spec: Spec) -> Iterator[tuple[Step, Block]]:
    """The steps of a block that use a block of the file."""
    for step in block.body.walk():
        inner = spec.blocks.get(step.op.text) if step.op is not None else None
        if inner is not None and step.op is not None and step.op.text not in block.parameters:
            yield step, inner


def report_recursion(step: Step, circle: list[Block], values: Values) -> None:
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
