"""Loops that have one iteration in every use: the graph shows no second one, so the text of the spec decides."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.codegen.bodies import Site
from netspec.codegen.references import AfterRef, FlowRef, Ref, ResultRef, flowing_in
from netspec.document import Mapping, Scalar
from netspec.document import Node as Place
from netspec.document import Sequence as PlaceList
from netspec.elaborate import Level, Loop, Node


def has_one_iteration(loop: Site) -> bool:
    """Whether no use repeats a loop whose number of iterations is not written as a number."""
    step = loop.step
    if isinstance(step.repeat, Scalar) and not isinstance(step.repeat.value, str):
        return False
    if step.each is not None and isinstance(step.each[0][1], PlaceList):
        return False
    return all(len(entry.iterations) < 2 for entry in loop.entries if isinstance(entry, Loop))


def is_chain(loop: Site) -> bool:
    """Whether every step of such a loop reads what the step before gives, and so would the next iteration."""
    inner = loop.inner
    assert inner is not None
    if loop.step.each is None:
        return len(inner.sites) == 1 and not _reads_by_pattern(loop.step.source)
    if inner.absent or not inner.sites:
        return False
    before: list[Site | None] = [None, *inner.sites]
    return all(_follows(site, at) for site, at in zip(inner.sites, before, strict=False))


def _follows(site: Site, before: Site | None) -> bool:
    """Whether a step reads the one before it and nothing else, in every use."""
    if site.loop or site.optional or site.step.source is not None:
        return False
    for use, entry in enumerate(site.entries):
        if not isinstance(entry, Node | Level) or len(flowing_in(entry)) != 1:
            return False
        earlier = before.entries[use] if before is not None else None
        if isinstance(earlier, Node | Level) and flowing_in(entry)[0] is not earlier.outputs[0]:
            return False
    return True


def with_flow(site: Site, refs: Sequence[Ref]) -> list[Ref]:
    """What flows into a step; into the first one of such a loop also what an iteration before would give."""
    loop = site.body.loop
    if loop is None or not refs or not has_one_iteration(loop) or not is_chain(loop):
        return list(refs)
    first, *others = refs
    sites = site.body.sites
    return [FlowRef(loop, first, ResultRef(sites[-1], 0)), *others] if site is sites[0] else [*refs]


def loop_of_pattern(site: Site, refs: Sequence[Ref]) -> Site | None:
    """The loop with one iteration of which a pattern such as `layer*` reads the results: more would be a list."""
    if _reads_by_pattern(site.step.source):
        for ref in refs:
            if isinstance(ref, AfterRef) and has_one_iteration(ref.loop):
                return ref.loop
    return None


def _reads_by_pattern(source: Place | None) -> bool:
    """Whether a reference is computed, or stands for several steps."""
    match source:
        case PlaceList():
            return any(map(_reads_by_pattern, source.items))
        case Mapping():
            return any(_reads_by_pattern(value) for _, value in source.entries)
        case Scalar():
            return any(mark in str(source.value) for mark in "*{")
    return False
