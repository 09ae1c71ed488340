"""The uses of one piece of a spec, laid side by side: step by step, what every use makes of it.

A block that is used five times has five levels in the graph. They come from the same steps, so they are
aligned by these: a `Site` is one step with what each use has there, or None where a condition left it out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from netspec.codegen.plan_failures import Unalignable
from netspec.codegen.scopes import BranchScope, InlineBlockScope, LoopScope, OpaqueScope, Scope
from netspec.codegen.sites import Body, Condition, Origin, Site
from netspec.graph import Entry, Level, Loop, Node
from netspec.graph.captures import unrolled
from netspec.syntax import Block, Step
from netspec.syntax import Body as Steps

if TYPE_CHECKING:
    pass


Queues = list[dict[int, deque[Entry]]]
"""For each use its entries that are not aligned yet, by the step that made them."""


class Aligner:
    """Fills bodies with sites."""

    def __init__(self, unrolled_loops: set[tuple[int, int]]) -> None:
        self.unrolled = unrolled_loops
        self.made: dict[int, set[int]] = {}
        """The loops to write iteration by iteration: the steps of their definition and their own."""

    def fill(
        self, body: Body, entries: Sequence[list[Entry]], steps: Steps | None, scope: Scope
    ) -> None:
        """Align the entries of all uses by the steps that made them.

        Raises:
            Unalignable: If an entry is left over.
        """
        queues = [_queued(own) for own in entries]
        if steps is not None:
            self._steps(body, steps.steps, scope, queues, ())
            self._steps(body, steps.output_formulas, scope, queues, ())
        for queue, own in zip(queues, entries, strict=True):
            if any(queue.values()):
                raise Unalignable(repr(own))
        _sort(body, entries)
        self._origins(body)

    def fill_single(
        self, body: Body, step: Step, entries: Sequence[list[Entry]], scope: Scope
    ) -> None:
        """Align the iterations of a `repeat`, which are all made by one step."""
        queues = [_queued(own) for own in entries]
        self._once(body, step, scope, queues, _conditions(step, scope, ()))
        if any(any(queue.values()) for queue in queues):
            raise Unalignable(step.title)
        self._origins(body)

    def fill_repeat(
        self, body: Body, step: Step, entries: Sequence[list[Entry]], scope: Scope
    ) -> None:
        """Align levels that hold the iterations of a `repeat`, each the one loop."""
        loops: list[Entry | None] = [own[0] for own in entries]
        self._loop(body, step, scope, loops, ())
        self._origins(body)

    def fill_join(
        self, body: Body, step: Step, entries: Sequence[list[Entry]], scope: Scope
    ) -> None:
        """Align levels that hold unnamed branches and the layer that joins them."""
        queues = [_queued(own) for own in entries]
        for branch in step.branches or ():
            self._branch(body, branch, scope, queues, ())
        if any(queue.get(id(step)) for queue in queues):
            taken = [w.popleft() if (w := queue.get(id(step))) else None for queue in queues]
            body.sites.append(Site(body, step, scope, taken, ()))
        elif step.op is not None:
            self._inline(body, step, scope, queues, ())
        if any(any(queue.values()) for queue in queues):
            raise Unalignable(step.title)
        _sort(body, entries)
        self._origins(body)

    # ---- steps ------------------------------------------------------------------------------------

    def _steps(
        self, body: Body, steps: Sequence[Step], scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        for step in steps:
            self._step(body, step, scope, queues, conditions)

    def _step(
        self, body: Body, step: Step, scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        if step.formulas:
            self._steps(body, step.formulas, scope, queues, conditions)
        waiting = [queue.get(id(step)) for queue in queues]
        if step.each is not None or any(w and isinstance(w[0], Loop) for w in waiting):
            entries = [w.popleft() if w else None for w in waiting]
            if all(entry is None for entry in entries):
                body.absent.append(_conditions(step, scope, conditions))
                body.empty_loops.append(Site(body, step, scope, [], conditions))
                return
            self._loop(body, step, scope, entries, conditions)
            return
        self._once(body, step, scope, queues, _conditions(step, scope, conditions))

    def _once(
        self, body: Body, step: Step, scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        waiting = [queue.get(id(step)) for queue in queues]
        named = [b for b in step.branches or () if not _made_inside(b, queues)]
        inline = step.inline is not None and any(map(any, map(dict.values, queues)))
        if not any(waiting) and inline and self._inline(body, step, scope, queues, conditions):
            return
        if not any(waiting):
            body.absent.append(conditions)
            if step.repeat is not None:
                body.empty_loops.append(Site(body, step, scope, [], conditions))
        for branch in named:
            self._branch(body, branch, scope, queues, conditions)
        again = False
        while any(waiting):
            entries = [w.popleft() if w else None for w in waiting]
            inner = OpaqueScope(scope) if again or any(waiting) else scope
            again = True
            body.sites.append(Site(body, step, inner, entries, conditions))
        if step.branches is not None and step.op is not None and not again:
            self._inline(body, step, scope, queues, conditions)

    def _branch(
        self, body: Body, branch: Step, scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        if branch.each is not None and branch.body is not None:
            if self._one_by_one(body, branch, scope, queues, conditions):
                return
            opaque = OpaqueScope(scope, {key.text for key, _ in branch.each})
            self._steps(body, branch.body.steps, opaque, queues, conditions)
            return
        self._step(body, branch, scope, queues, conditions)

    def _one_by_one(
        self, body: Body, branch: Step, scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> bool:  # fmt: skip
        """A loop that makes a branch of one step for each item: written out; whether it is such a loop."""
        assert branch.body is not None
        step, *others = branch.body.steps
        if others or step.each is not None or step.repeat is not None or step.when is not None:
            return False
        waiting = [queue.get(id(step)) for queue in queues]
        counts = {len(w) for w in waiting if w}
        if len(counts) != 1:
            return False
        (count,) = counts
        body.written_out.append(Site(body, branch, scope, [], conditions))
        for n in range(count):
            one: Queues = [{id(step): deque([w.popleft()])} if w else {} for w in waiting]
            self._once(body, step, BranchScope(scope, branch, n, count), one, conditions)
        return True

    def _inline(
        self, body: Body, step: Step, scope: Scope, queues: Queues,
        conditions: tuple[Condition, ...],
    ) -> bool:  # fmt: skip
        """The steps of a group or block that adds no level; whether it is one."""
        if step.body is not None:
            self._steps(body, step.body.steps, scope, queues, conditions)
            self._steps(body, step.body.output_formulas, scope, queues, conditions)
            return True
        block = _block_of(step, scope) if step.op is not None else None
        if block is None:
            return False
        inner = InlineBlockScope(scope, block, step)
        self._steps(body, block.body.steps, inner, queues, conditions)
        self._steps(body, block.body.output_formulas, inner, queues, conditions)
        return True

    # ---- loops ------------------------------------------------------------------------------------

    def _loop(
        self, body: Body, step: Step, scope: Scope, entries: list[Entry | None],
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        loops = [entry if isinstance(entry, Loop) else None for entry in entries]
        site = Site(body, step, scope, list(loops), conditions)
        if (id(body.plan.definition), id(step)) in self.unrolled:
            self._iterations(body, site, loops)
            return
        body.sites.append(site)
        uses = [(k, n) for k, loop in enumerate(loops) if loop for n in range(len(loop.iterations))]
        site.inner = inner = Body(
            body.plan,
            [body.levels[k] for k, _ in uses],
            body,
            [k for k, _ in uses],
            site,
            [n for _, n in uses],
        )
        bodies = [loop.iterations[n] for k, n in uses if (loop := loops[k]) is not None]
        inner_scope = LoopScope(scope, site)
        if step.each is not None:
            self.fill(inner, bodies, step.body, inner_scope)
        else:
            self.fill_single(inner, step, bodies, inner_scope)

    def _iterations(self, body: Body, site: Site, loops: list[Loop | None]) -> None:
        """A loop written out: the iterations one after the other, as far as each use has them."""
        body.written_out.append(site)
        most = max((len(loop.iterations) for loop in loops if loop), default=0)
        for n in range(most):
            bodies = [
                loop.iterations[n] if loop and n < len(loop.iterations) else [] for loop in loops
            ]
            queues = [_queued(own) for own in bodies]
            scope = LoopScope(site.scope, site, n)
            steps = site.step.body.steps if site.step.each is not None and site.step.body else ()
            if site.step.each is not None:
                self._steps(body, steps, scope, queues, site.conditions)
            else:
                self._once(body, site.step, scope, queues, _conditions(site.step, scope, ()))
            if any(any(queue.values()) for queue in queues):
                raise Unalignable(site.step.title)

    # ---- where values come from ---------------------------------------------------------------------

    def _origins(self, body: Body) -> None:
        for site in body.sites:
            for use, entry in enumerate(site.entries):
                if entry is None:
                    continue
                if isinstance(entry, Loop):
                    self._loop_origins(body, site, use)
                    continue
                # What a level only hands through is read where it was made.
                made = None if isinstance(entry, Node) else self.values_made(entry)
                origins = body.origins[use]
                for k, value in enumerate(entry.outputs):
                    if made is None or id(value) in made:
                        origins.setdefault(id(value), Origin(site, k, 0))

    def values_made(self, level: Level) -> set[int]:
        """The values that first exist in a level, its own view of its inputs included."""
        made = self.made.get(id(level))
        if made is None:
            made = {id(v) for v in level.inputs} - {id(v) for v in level.outer_inputs}
            for entry in unrolled(level.entries):
                if isinstance(entry, Node):
                    made.update([id(v) for v in entry.outputs])
                else:
                    made.update({id(v) for v in entry.outputs} & self.values_made(entry))
            self.made[id(level)] = made
        return made

    def _loop_origins(self, body: Body, site: Site, use: int) -> None:
        inner = site.inner
        assert inner is not None
        for k in inner.uses_within.get(use, ()):
            origin = Origin(site, 0, inner.iterations[k])
            body.origins[use].update(dict.fromkeys(inner.origins[k], origin))


def _sort(body: Body, entries: Sequence[list[Entry]]) -> None:
    """Bring the sites into the order in which the uses have them: a join may stand before its branches.

    Raises:
        Unalignable: If two uses have them in different orders.
    """
    places = [_places(own) for own in entries]
    rows = [
        [p[id(e)] if e is not None else -1 for p, e in zip(places, site.entries, strict=True)]
        for site in body.sites
    ]
    if all(_rising(row[use] for row in rows) for use in body.uses):
        return
    most = max(body.uses, key=lambda use: sum(row[use] >= 0 for row in rows))
    keys: list[tuple[int, int]] = []
    last = -1
    for k, row in enumerate(rows):
        last = row[most] if row[most] >= 0 else last
        keys.append((last, k))
    order = sorted(range(len(rows)), key=keys.__getitem__)
    body.sites = [body.sites[k] for k in order]
    if not all(_rising(rows[k][use] for k in order) for use in body.uses):
        raise Unalignable("steps in different orders")


def _places(entries: list[Entry]) -> dict[int, int]:
    """Where each entry stands, those of loops included."""
    places: dict[int, int] = {}
    waiting: list[Entry] = list(reversed(entries))
    while waiting:
        entry = waiting.pop()
        places[id(entry)] = len(places)
        if isinstance(entry, Loop):
            for iteration in reversed(entry.iterations):
                waiting.extend(reversed(iteration))
    return places


def _rising(places: Iterable[int]) -> bool:
    last = -1
    for place in places:
        if place >= 0:
            if place < last:
                return False
            last = place
    return True


def _queued(entries: list[Entry]) -> dict[int, deque[Entry]]:
    queues: dict[int, deque[Entry]] = {}
    for entry in entries:
        queues.setdefault(id(entry.step), deque()).append(entry)
    return queues


def _conditions(step: Step, scope: Scope, around: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return around if step.when is None else (*around, Condition(step.when, scope, step))


def _made_inside(branch: Step, queues: Queues) -> bool:
    """Whether a branch is inside the level of its join: then its entries are not among these."""
    steps = branch.body.steps if branch.each is not None and branch.body is not None else (branch,)
    return not any(id(s) in queue for s in _reachable(steps) for queue in queues)


def _reachable(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps that may make entries in the same level as these."""
    for step in steps:
        yield step
        if step.body is not None and (step.inline is not None or step.each is not None):
            yield from _reachable(step.body.steps)
        if step.branches:
            yield from _reachable(step.branches)


def _block_of(step: Step, scope: Scope) -> Block | None:
    """The block that a step's `op` names, where the text says it or a parameter has it in all uses."""
    assert step.op is not None
    return scope.block(step.op.text)
