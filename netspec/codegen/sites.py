"""One step in all uses of a body, and the bodies that are made of these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from netspec.codegen.scopes import Scope
from netspec.document import TextNode
from netspec.graph import Entry, Level, Loop, Node
from netspec.syntax import Step

if TYPE_CHECKING:
    from netspec.codegen.plans import ClassPlan
    from netspec.codegen.value_references import Ref


class Condition(NamedTuple):
    """A `when`, and where its names are looked up."""

    when: TextNode
    scope: Scope
    site_step: Step


class Origin(NamedTuple):
    """Where a value comes from within a body: a site, which of its results, and in which iteration."""

    site: Site
    result: int
    iteration: int


class Site:
    """One step in all uses of a body.

    Attributes:
        body: The body that it is part of.
        step: The step of the spec.
        scope: What names mean in its arguments.
        entries: For each use of the body what it has here, or None.
        conditions: The conditions that decide whether it is there.
        present: The uses that have it.
        optional: Whether it is absent from some uses.
        inner: For a loop or a sequence in place: its own body.
        plan: For a module with a class of its own: the class. Set when classes are planned.
        plans: The classes of the uses, where a parameter decides the block.
        fallback: What flows on where the step is omitted, by number of result.
    """

    def __init__(
        self,
        body: Body,
        step: Step,
        scope: Scope,
        entries: list[Entry | None],
        conditions: tuple[Condition, ...],
    ) -> None:
        self.body, self.step, self.scope = body, step, scope
        self.entries, self.conditions = entries, conditions
        self.inner: Body | None = None
        self.plan: ClassPlan | None = None
        self.plans: list[ClassPlan] = []
        self.fallback: dict[int, Ref] = {}
        self.present = [k for k, entry in enumerate(entries) if entry is not None]
        self.optional = len(self.present) < len(entries)

    @cached_property
    def first(self) -> Entry:
        """The first entry there is."""
        return next(entry for entry in self.entries if entry is not None)

    @cached_property
    def loop(self) -> bool:
        """Whether it is a loop over steps of the body."""
        return isinstance(self.first, Loop)

    @cached_property
    def nodes(self) -> list[Node]:
        """Its entries, where they are nodes."""
        return [entry for entry in self.entries if isinstance(entry, Node)]

    @cached_property
    def levels(self) -> list[Level]:
        """Its entries, where they are levels."""
        return [entry for entry in self.entries if isinstance(entry, Level)]

    @property
    def node(self) -> Node:
        """The first node."""
        first = self.first
        assert isinstance(first, Node)
        return first

    @property
    def level(self) -> Level:
        """The first level."""
        first = self.first
        assert isinstance(first, Level)
        return first

    @property
    def unnamed(self) -> bool:
        """Whether the spec gives it no name of its own."""
        return self.step.name is None

    def __repr__(self) -> str:
        return f"<site {self.step.title} of {len(self.present)}/{len(self.entries)}>"


class Body:
    """The sites of a class, of a loop, or of a sequence in place, and the uses that they are aligned for.

    Attributes:
        parent: The body around it, where it may read values of that.
        outer_use: For each use the use of `parent` that it is part of.
        iterations: For each use of a loop's body its number in its loop; 0 elsewhere.
        loop: The site of the loop, for the body of one.
        levels: For each use the level that its entries are in.
        origins: For each use where each of its values comes from, by the identity of the value.
        plan: The class that it is written in.
    """

    def __init__(
        self,
        plan: ClassPlan,
        levels: list[Level],
        parent: Body | None = None,
        outer_use: list[int] | None = None,
        loop: Site | None = None,
        iterations: list[int] | None = None,
    ) -> None:
        self.plan, self.levels, self.parent, self.loop = plan, levels, parent, loop
        self.outer_use = outer_use or list(range(len(levels)))
        self.iterations = iterations or [0] * len(levels)
        self.sites: list[Site] = []
        self.origins: list[dict[int, Origin]] = [{} for _ in levels]
        self.absent: list[tuple[Condition, ...]] = []
        """For each step that no use has its conditions."""
        self.empty_loops: list[Site] = []
        """The loops that have no iteration in any use."""
        self.written_out: list[Site] = []
        """The loops whose iterations are written one after the other."""
        self.is_level = loop is None
        """Whether it is the body of levels, whose inputs are its own."""

    @property
    def uses(self) -> range:
        """The numbers of its uses."""
        return range(len(self.levels))

    @cached_property
    def uses_within(self) -> dict[int, list[int]]:
        """The uses that are part of each use of `parent`: of a loop's body the iterations, in order."""
        within: dict[int, list[int]] = {}
        for use, outer in enumerate(self.outer_use):
            within.setdefault(outer, []).append(use)
        return within

    @cached_property
    def makers(self) -> dict[int, list[int]]:
        """The uses that make each value, by the identity of the value. Asked only when all sites are there."""
        makers: dict[int, list[int]] = {}
        for use, origins in enumerate(self.origins):
            for value in origins:
                makers.setdefault(value, []).append(use)
        return makers

    def walk(self) -> Iterator[Site]:
        """All sites that are written in the same class: those of loops and sequences in place included."""
        for site in self.sites:
            yield site
            if site.inner is not None:
                yield from site.inner.walk()


def loop_around(body: Body | None) -> Site | None:
    """The innermost loop around a body that is written in the same class."""
    plan = body.plan if body is not None else None
    while body is not None and body.plan is plan:
        if body.loop is not None:
            return body.loop
        body = body.parent
    return None
