"""Loops kept as loops: iterations that build the same but for their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from netspec.codegen.parts import Build, BuildChain, BuildLoop, Call, Hole, Item
from netspec.elaborate import Loop

_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)$", re.DOTALL)

Body = tuple[list[Item], list[Call], list[Hole]]


class Run(NamedTuple):
    """Consecutive iterations as one loop."""

    item: BuildLoop
    call: Call
    holes: list[Hole]
    length: int


def as_loop(
    loop: Loop, bodies: list[Body], key: Callable[[Item], object], read_again: set[int]
) -> Run | None:
    """The longest run from the first of these iterations that prints as a loop, if it has at least two.

    Each iteration must be one module, called with what the one before gave, whose name counts up, and
    what it gives must be read by the next one alone: `read_again` are the values of which that is not so.
    """
    first = _module(bodies[0])
    if first is None:
        return None
    name, item, call = first
    match = _NUMBERED.match(name)
    if match is None or (match[2] != "0" and match[2].startswith("0")):
        return None
    prefix, start, suffix = match[1], int(match[2]), match[3]
    same = _nameless(item, key)
    inner = [h.value for h in bodies[0][2] if h.inner]
    length = 1
    flow = call.outputs
    for body in bodies[1:]:
        found = _module(body)
        if found is None or found[0] != f"{prefix}{start + length}{suffix}":
            break
        if _nameless(found[1], key) != same or not _continues(found[2], flow):
            break
        if id(flow[0]) in read_again:
            break
        if [h.value for h in body[2] if h.inner] != inner:
            break
        flow = found[2].outputs
        length += 1
    if length < 2:
        return None
    run = bodies[:length]
    for k, hole in enumerate(bodies[0][2]):
        if not hole.inner:
            hole.value = [body[2][k].value for body in run]
            hole.series = hole.inner = True
    count = Hole(length, "count", inner=True, in_forward=True)
    built = BuildLoop(item, start, prefix, suffix, count, loop.step)
    last = run[-1][1][0]
    whole = Call(call.inputs, last.outputs, call.node, built, loop=built)
    return Run(built, whole, [*bodies[0][2], count], length)


def _module(body: Body) -> tuple[str, Build | BuildChain, Call] | None:
    items, calls, _ = body
    if len(items) != 1 or len(calls) != 1 or not isinstance(items[0], Build | BuildChain):
        return None
    call = calls[0]
    if call.node.checkpoint or len(call.inputs) != 1 or len(call.outputs) != 1 or call.item is None:
        return None
    return items[0].name, items[0], call


def _continues(call: Call, flow: tuple[object, ...]) -> bool:
    return len(call.inputs) == 1 and call.inputs[0] is flow[0]


def _nameless(item: Build | BuildChain, key: Callable[[Item], object]) -> object:
    name, item.name = item.name, ""
    found = key(item)
    item.name = name
    return found
