"""Loops of which the graph does not show what more iterations would do, so that the text of the spec decides.

Such are loops that have one iteration in every use, and those of which a step reads an iteration by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netspec.codegen.sites import Body, Site
from netspec.codegen.value_references import AfterRef, FlowRef, ListRef, Ref, ResultRef, flowing_in
from netspec.document import Mapping, Scalar, TextNode
from netspec.document import Sequence as PlaceList
from netspec.graph import Level, Loop, Node
from netspec.graph.captures import unrolled
from netspec.syntax import Step


def has_one_iteration(loop: Site) -> bool:
    """Whether no use repeats a loop whose number of iterations is not written as a number."""
    if _has_fixed_count(loop.step):
        return False
    return all(len(entry.iterations) < 2 for entry in loop.entries if isinstance(entry, Loop))


def _has_fixed_count(step: Step) -> bool:
    """Whether the number of iterations is written as a number or a list."""
    if step.each is not None:
        return isinstance(step.each[0][1], PlaceList)
    return isinstance(step.repeat, Scalar) and not isinstance(step.repeat.value, str)


def is_chain(loop: Site) -> bool:
    """Whether every step of such a loop reads what the step before gives, and so would the next iteration."""
    inner = loop.inner
    assert inner is not None
    if loop.step.each is None:
        return len(inner.sites) == 1 and not _reads_by_pattern(loop.step.source)
    if inner.absent or not inner.sites:
        return False
    before: list[Site | None] = [None, *inner.sites]
    return all(
        _follows(site, predecessor) for site, predecessor in zip(inner.sites, before, strict=False)
    )


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


def loop_of_name(site: Site, refs: Sequence[Ref]) -> Site | None:
    """The loop of which a step reads an iteration by a fixed name: with more iterations it reads the same one."""
    names = set(_fixed_names(site.step.source))
    for ref in refs if names else ():
        match ref:
            case AfterRef(loop) | ListRef(loop, _, False) if not _has_fixed_count(loop.step):
                if not names.isdisjoint(_step_names(loop)):
                    return loop
    return None


def loop_of_output(body: Body, outputs: TextNode | None) -> Site | None:
    """The loop of which an iteration is a result by a fixed name: with more iterations it is the same one."""
    names = set(_fixed_names(outputs))
    for loop in body.sites if names else ():
        if (
            loop.loop
            and not _has_fixed_count(loop.step)
            and not names.isdisjoint(_step_names(loop))
        ):
            return loop
    return None


def _step_names(loop: Site) -> Iterator[str]:
    """What the steps of all iterations are called."""
    for entry in loop.entries:
        for iteration in entry.iterations if isinstance(entry, Loop) else ():
            yield from (step.name for step in unrolled(iteration))


def _fixed_names(source: TextNode | None) -> Iterator[str]:
    """The steps that a `from` names as they are called."""
    match source:
        case PlaceList():
            for item in source.items:
                yield from _fixed_names(item)
        case Mapping():
            for _, value in source.entries:
                yield from _fixed_names(value)
        case Scalar() if not _reads_by_pattern(source):
            yield str(source.value).partition(".")[0]


def _reads_by_pattern(source: TextNode | None) -> bool:
    """Whether a reference is computed, or stands for several steps."""
    match source:
        case PlaceList():
            return any(map(_reads_by_pattern, source.items))
        case Mapping():
            return any(_reads_by_pattern(value) for _, value in source.entries)
        case Scalar():
            return any(mark in str(source.value) for mark in "*{")
    return False
