"""Which tensor a step reads, said once for all uses of a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netspec.codegen.plan_failures import Unalignable, UnrollLoop
from netspec.codegen.sites import Body, Origin, Site, loop_around
from netspec.graph import Level, Node, Value


class InputRef(NamedTuple):
    """An input of the level that a body belongs to."""

    body: Body
    number: int


class ResultRef(NamedTuple):
    """A result of a site."""

    site: Site
    result: int


class FlowRef(NamedTuple):
    """What flows from one iteration of a loop to the next; into the first flows `start`."""

    loop: Site
    start: Ref
    next: Ref


class AfterRef(NamedTuple):
    """A value of a loop's last iteration, read behind the loop."""

    loop: Site
    last: Ref
    start: Ref | None
    """What is read where the loop has no iteration."""


class ListRef(NamedTuple):
    """The values of all iterations of a loop so far, in order."""

    loop: Site
    item: Ref
    inside: bool
    """Whether it is read within the loop, or after it."""
    start: tuple[Ref, ...] = ()
    """The tensors before the first iteration's."""

    @property
    def key(self) -> tuple[Site, Ref, tuple[Ref, ...]]:
        """What is the same within the loop and after it."""
        return self.loop, self.item, self.start


Ref = InputRef | ResultRef | FlowRef | AfterRef | ListRef


def resolve(values: Sequence[Value], body: Body, uses: Sequence[int]) -> Ref:
    """The one tensor that `values`, one for each of `uses`, are.

    Raises:
        Unalignable: If the uses read different tensors.
        UnrollLoop: If the iterations of a loop do.
    """
    origins = [body.origins[use].get(id(value)) for use, value in zip(uses, values, strict=True)]
    if any(origin is not None for origin in origins):
        return _own(values, body, uses, origins)
    if body.loop is not None:
        flow = _flow(values, body, uses)
        if flow is not None:
            return flow
    if body.is_level:
        number = _input(values, body, uses)
        if number is not None:
            return InputRef(body, number)
    return _outer(values, body, uses)


def _input(values: Sequence[Value], body: Body, uses: Sequence[int]) -> int | None:
    """Which input of the level the values are."""
    candidates = [
        {k for k, v in enumerate(body.levels[use].inputs) if v is value}
        for use, value in zip(uses, values, strict=True)
    ]
    common = set.intersection(*candidates)
    return min(common) if common else None


def _outer(values: Sequence[Value], body: Body, uses: Sequence[int]) -> Ref:
    parent = body.parent
    if parent is None:
        raise Unalignable("a value from nowhere")
    by_use: dict[int, Value] = {}
    for use, value in zip(uses, values, strict=True):
        if by_use.setdefault(body.outer_use[use], value) is not value:
            loop = loop_around(body)
            if loop is not None:
                raise UnrollLoop(loop)
            raise Unalignable("uses of one level read different values")
    return resolve(list(by_use.values()), parent, list(by_use))


def _own(
    values: Sequence[Value], body: Body, uses: Sequence[int], origins: list[Origin | None]
) -> Ref:
    """A value that a site of this body makes; where it is omitted, what flows past it."""
    own = [origin for origin in origins if origin is not None]
    last = own[0]
    if any(origin.site is not last.site for origin in own):
        order = {id(site): k for k, site in enumerate(body.sites)}
        last = max(own, key=lambda o: order[id(o.site)])
    site, result = last.site, last.result
    there: list[tuple[int, Value, Origin]] = []
    others: list[tuple[int, Value]] = []
    for use, value, origin in zip(uses, values, origins, strict=True):
        if origin is not None and origin.site is site and origin.result == result:
            there.append((use, value, origin))
        elif site.entries[use] is not None and not _no_iterations(site, use):
            raise Unalignable(f"{site} is passed by in one use only")
        else:
            others.append((use, value))
    if site.loop:
        fallback = resolve([v for _, v in others], body, [u for u, _ in others]) if others else None
        return _after(site, there, fallback)
    if others:
        fallback = resolve([v for _, v in others], body, [u for u, _ in others])
        if site.fallback.setdefault(result, fallback) != fallback:
            raise Unalignable(f"{site} is passed by in two ways")
    return ResultRef(site, result)


def _no_iterations(site: Site, use: int) -> bool:
    entry = site.entries[use]
    return site.loop and not getattr(entry, "iterations", True)


def _after(loop: Site, there: list[tuple[int, Value, Origin]], start: Ref | None) -> Ref:
    """A value from inside a loop, read after it: of the last iteration, or the loop is written out."""
    inner = loop.inner
    assert inner is not None
    uses = []
    for use, _, origin in there:
        entry = loop.entries[use]
        if origin.iteration != len(entry.iterations) - 1:  # type: ignore[union-attr]
            raise UnrollLoop(loop)
        uses.append(use_of(inner, use, origin.iteration))
    return AfterRef(
        loop, _past_optional(resolve([v for _, v, _ in there], inner, uses), inner, uses), start
    )


def _past_optional(ref: Ref, body: Body, uses: list[int]) -> Ref:
    """What flows out of an iteration: past a step that only these uses omit, as if it were there.

    A step that is omitted hands on its first input, so what the last iteration of a loop gives is the result
    of the same step as in the others.
    """
    for site in body.sites:
        entry = site.first
        if site.loop or not site.optional or any(site.entries[use] is not None for use in uses):
            continue
        if not isinstance(entry, Node | Level) or len(entry.outputs) != 1:
            continue
        inputs = [
            flowing_in(e)[0] for e in site.entries if isinstance(e, Node | Level) and flowing_in(e)
        ]
        passes = len(inputs) == len(site.present) and resolve(inputs, body, site.present) == ref
        if passes and site.fallback.setdefault(0, ref) == ref:
            ref = ResultRef(site, 0)
    return ref


def use_of(inner: Body, outer: int, iteration: int) -> int:
    """The use of a loop's body that is that iteration of that use of the loop."""
    return inner.uses_within[outer][iteration]


def _flow(values: Sequence[Value], body: Body, uses: Sequence[int]) -> Ref | None:
    """What the iteration before made; None where no use reads such."""
    loop = body.loop
    assert loop is not None
    before = []
    first = []
    for use, value in zip(uses, values, strict=True):
        k = body.iterations[use]
        if k == 0:
            first.append((use, value))
            continue
        earlier = use_of(body, body.outer_use[use], k - 1)
        if id(value) in body.origins[earlier]:
            before.append((earlier, value))
        elif any(body.outer_use[j] == body.outer_use[use] for j in body.makers.get(id(value), ())):
            raise UnrollLoop(loop)
        else:
            first.append((use, value))
    if not before:
        return None
    if any(body.iterations[use] for use, _ in first) or not first:
        raise UnrollLoop(loop)
    start = _outer_or_input([v for _, v in first], body, [u for u, _ in first])
    return FlowRef(loop, start, resolve([v for _, v in before], body, [u for u, _ in before]))


def _outer_or_input(values: Sequence[Value], body: Body, uses: Sequence[int]) -> Ref:
    return _outer(values, body, uses)


def resolve_all(lists: Sequence[Sequence[Value]], body: Body, uses: Sequence[int]) -> list[Ref]:
    """The tensors that a step reads, where their number may differ from use to use.

    The values of all iterations of a loop are one `ListRef`.
    """
    if len({len(values) for values in lists}) == 1:
        try:
            return [resolve(column, body, uses) for column in zip(*lists, strict=True)]
        except UnrollLoop:
            if len(lists[0]) < 2:
                raise
    tokens = [_tokens(values, body, use) for values, use in zip(lists, uses, strict=True)]
    width = max(map(len, tokens))
    if any(len(t) != width for t in tokens):
        tokens = [_padded(t, tokens) for t in tokens]
    refs: list[Ref] = []
    for column in zip(*tokens, strict=True):
        if any(isinstance(token, ListRef) for token in column):
            first = next(t for t in column if isinstance(t, ListRef))
            if any(token != first for token in column):
                raise Unalignable("different lists")
            if refs and not isinstance(refs[-1], ListRef):
                first = first._replace(start=(refs.pop(),))
            refs.append(first)
        else:
            refs.append(resolve([t for t in column if not isinstance(t, ListRef)], body, uses))
    return refs


Token = Value | ListRef


def _tokens(values: Sequence[Value], body: Body, use: int) -> list[Token]:
    """The values of one use, those of consecutive iterations of one loop as one token."""
    tokens: list[Token] = []
    k = 0
    while k < len(values):
        place = _in_loop(values[k], body, use)
        if place is None or place[1] != 0:
            tokens.append(values[k])
            k += 1
            continue
        loop, _, item, inside, count = place
        run = 1
        while k + run < len(values):
            following = _in_loop(values[k + run], body, use)
            if (
                following is None
                or following[0] is not loop
                or following[1] != run
                or following[2] != item
            ):
                break
            run += 1
        if run == count and (count > 1 or len(values) > 1):
            tokens.append(ListRef(loop, item, inside))
        else:
            tokens.extend(values[k : k + run])
        k += run
    return tokens


def _in_loop(value: Value, body: Body, use: int) -> tuple[Site, int, Ref, bool, int] | None:
    """The loop that makes a value: iteration, what it is there, whether it is read inside, how many there are."""
    ancestor: Body | None = body
    while ancestor is not None:
        if ancestor.loop is not None:
            mine = ancestor.iterations[use]
            for j in ancestor.makers.get(id(value), ()):
                if (
                    ancestor.outer_use[j] == ancestor.outer_use[use]
                    and ancestor.iterations[j] < mine
                ):
                    earlier = ancestor.origins[j][id(value)]
                    item = ResultRef(earlier.site, earlier.result)
                    return ancestor.loop, ancestor.iterations[j], item, True, mine
        origin = ancestor.origins[use].get(id(value))
        if origin is not None:
            if not origin.site.loop:
                return None
            inner = origin.site.inner
            assert inner is not None
            k = use_of(inner, use, origin.iteration)
            own = inner.origins[k][id(value)]
            entry = origin.site.entries[use]
            count = len(entry.iterations)  # type: ignore[union-attr]
            return origin.site, origin.iteration, ResultRef(own.site, own.result), False, count
        use, ancestor = ancestor.outer_use[use], ancestor.parent
    return None


def _padded(tokens: list[Token], others: list[list[Token]]) -> list[Token]:
    """The tokens with an empty list where the loop has not made anything yet."""
    longest = max(others, key=len)
    if len(tokens) == len(longest):
        return tokens
    lists = [k for k, token in enumerate(longest) if isinstance(token, ListRef)]
    missing = len(longest) - len(tokens)
    if missing != 1 or len(lists) != 1:
        raise Unalignable("lists of different lengths")
    return [*tokens[: lists[0]], longest[lists[0]], *tokens[lists[0] :]]


def flowing_in(entry: Node | Level) -> tuple[Value, ...]:
    """What flows into an entry, as the level around it sees it."""
    return entry.outer_inputs if isinstance(entry, Level) else entry.inputs


def parts_of(ref: Ref) -> Iterator[Ref]:
    """A reference and those that it is made of."""
    yield ref
    match ref:
        case FlowRef(_, start, _):
            yield from parts_of(start)
        case AfterRef(_, last, start):
            yield from parts_of(last)
            if start is not None:
                yield from parts_of(start)
        case ListRef(_, item, _, start):
            yield from parts_of(item)
            for each in start:
                yield from parts_of(each)
