"""Loops kept as loops: iterations that build the same but for their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from netspec.codegen.flow import calls_plainly
from netspec.codegen.parts import Build, BuildChain, BuildLoop, Call, Hole, Item
from netspec.elaborate import Loop, Node, Value

_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)$", re.DOTALL)

_FEWEST_GROUPS = 5
"""Fewer sequences built in place read better one by one."""

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
    names = (f"{prefix}{start + k}{suffix}" for k in range(len(bodies)))
    length = _alike(bodies, names, key, read_again)
    if length < (_FEWEST_GROUPS if isinstance(item, BuildChain) else 2):
        return None
    run = bodies[:length]
    holes = bodies[0][2]
    for k, hole in enumerate(holes):
        if not hole.inner:
            hole.value = [body[2][k].value for body in run]
            hole.series = hole.inner = True
    count = Hole(length, "count", inner=True, in_forward=True)
    built = BuildLoop(item, start, prefix, suffix, count, loop.step)
    last = run[-1][1][0]
    whole = Call(call.inputs, last.outputs, call.node, built, loop=built)
    return Run(built, whole, [*holes, count], length)


def _alike(
    bodies: list[Body],
    names: Iterator[str],
    key: Callable[[Item], object],
    read_again: set[int],
) -> int:
    """How many iterations from the first build the same but for their numbers, one after the other."""
    first = _module(bodies[0])
    assert first is not None
    same = _nameless(first[1], key)
    inner = [h.value for h in bodies[0][2] if h.inner]
    flow: tuple[Value, ...] = ()
    for length, (body, name) in enumerate(zip(bodies, names, strict=True)):
        found = _module(body)
        if found is None or found[0] != name or _nameless(found[1], key) != same:
            return length
        if [h.value for h in body[2] if h.inner] != inner:
            return length
        if flow and (found[2].inputs[0] is not flow[0] or id(flow[0]) in read_again):
            return length
        flow = found[2].outputs
    return len(bodies)


def _module(body: Body) -> tuple[str, Build | BuildChain, Call] | None:
    items, calls, _ = body
    if len(items) != 1 or len(calls) != 1 or not isinstance(items[0], Build | BuildChain):
        return None
    call = calls[0]
    if isinstance(call.node, Node) and not calls_plainly(call.node):
        return None
    if call.node.checkpoint or len(call.inputs) != 1 or len(call.outputs) != 1 or call.item is None:
        return None
    return items[0].name, items[0], call


def _nameless(item: Build | BuildChain, key: Callable[[Item], object]) -> object:
    name, item.name = item.name, ""
    found = key(item)
    item.name = name
    return found
