"""Which classes a program has, and what each of them is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from netspec.codegen.block_alignment import Aligner
from netspec.codegen.graph_index import GraphIndex
from netspec.codegen.identifiers import camel
from netspec.codegen.plan_failures import CannotMerge, Unalignable, UnrollLoop
from netspec.codegen.plans import ClassPlan
from netspec.codegen.scopes import GroupScope, OpaqueScope, PlanScope, Scope
from netspec.codegen.sequential import is_chain
from netspec.codegen.sites import Body, Origin, Site, loop_around
from netspec.codegen.value_references import flowing_in
from netspec.graph import Entry, Graph, Level, Loop, Node
from netspec.graph.captures import unrolled
from netspec.layer.base import Function, Module
from netspec.syntax import Block, Spec
from netspec.syntax import Body as Steps


class Planner:
    """Lays the uses of every block side by side and decides what is a class.

    Attributes:
        graphs: The network, and the members of its family that share the program.
        plans: The classes, in the order in which their first uses are in the graph.
        root: The class of the whole network.
    """

    def __init__(
        self,
        graphs: Sequence[Graph],
        spec: Spec | None,
        unrolled_loops: set[tuple[int, int]],
        split: set[int],
        index: GraphIndex,
    ) -> None:
        self.graphs, self.spec = graphs, spec
        self.graph = graphs[0]
        self.split = split
        self.aligner = Aligner(unrolled_loops)
        self.captured, self.sharing_levels = index.captured, index.sharing_levels
        self.plans: list[ClassPlan] = []
        self.blocks: dict[object, ClassPlan] = {}
        self.of_level: dict[int, ClassPlan] = {}
        self.scopes: dict[int, Scope] = {}
        self.root = self._root()

    # ---- classes ----------------------------------------------------------------------------------

    def _root(self) -> ClassPlan:
        spec_body = self.spec.body if self.spec is not None else None
        root = ClassPlan(self.graph, None, camel(self.graph.name))
        root.levels = [graph.root for graph in self.graphs]
        names = frozenset(self.spec.parameters) if self.spec is not None else frozenset()
        for graph in self.graphs:
            self._collect(graph.root)
        self._fill(root, spec_body, PlanScope(root, names, self.spec))
        for plan in list(self.blocks.values()):
            block = plan.definition
            assert isinstance(block, Block)
            self._fill(plan, block.body, PlanScope(plan, frozenset(block.parameters), block.file))
        return root

    def _collect(self, root: Level) -> None:
        """Find the uses of all blocks, from the outermost inwards."""
        stack = [root]
        while stack:
            level = stack.pop()
            if level.block is not None and level.owner is None:
                key = (id(level.block), self._variant(level))
                plan = self.blocks.get(key)
                if plan is None:
                    plan = self.blocks[key] = ClassPlan(self.graph, level.block, level.block.name)
                plan.levels.append(level)
                self.of_level[id(level)] = plan
            if level.owner is None:
                children = [e for e in unrolled(level.entries) if isinstance(e, Level)]
                stack.extend(reversed(children))

    def _variant(self, level: Level) -> object:
        """What sets uses of a block apart that cannot be one class."""
        return signature(level) if id(level.block) in self.split else None

    def _fill(self, plan: ClassPlan, steps: Steps | None, scope: Scope) -> None:
        plan.body = Body(plan, plan.levels)
        self.scopes[id(plan)] = scope
        self.plans.append(plan)
        entries = [level.entries for level in plan.levels]
        try:
            self.aligner.fill(plan.body, entries, steps, scope)
        except Unalignable as reason:
            if len(plan.levels) > 1:
                raise CannotMerge(plan, reason) from reason
            plan.body = Body(plan, plan.levels)
            _one_by_one(plan.body, entries[0], OpaqueScope(scope))
        self._inside(plan.body)

    def _inside(self, body: Body) -> None:
        """Plan what is inside the sites of a body."""
        for site in body.sites:
            if site.loop:
                assert site.inner is not None
                self._inside(site.inner)
            elif isinstance(site.first, Level):
                self._level(site)
            elif len(site.nodes) != len(site.present):
                self._differs(site, "sometimes a layer, sometimes not")

    def _differs(self, site: Site, reason: str) -> NoReturn:
        if (loop := loop_around(site.body)) is not None:
            raise UnrollLoop(loop)
        raise CannotMerge(site.body.plan, Unalignable(f"{site}: {reason}"))

    def is_sequence(self, level: Level) -> bool:
        """Whether each child takes what the one before gave, and nothing of another level."""
        if id(level) in self.sharing_levels or not is_chain(level, self.captured):
            return False
        return not any(id(entry) in self.sharing_levels for entry in unrolled(level.entries))

    def _level(self, site: Site) -> None:
        levels = site.levels
        if len(levels) != len(site.present):
            self._differs(site, "sometimes a layer, sometimes not")
        owned = [level.owner is not None for level in levels]
        if any(owned):
            if not all(owned):
                self._differs(site, "sometimes shared")
            return
        if all(level.block is not None for level in levels):
            site.plans = list({id(p): p for p in (self.of_level[id(v)] for v in levels)}.values())
            site.plan = site.plans[0]
            return
        if any(level.block is not None for level in levels):
            self._differs(site, "sometimes a block, sometimes a group")
        if all(map(self.is_sequence, levels)):
            inner = Body(site.body.plan, levels, site.body, site.present)
            site.inner = inner
            self._fill_group(inner, site, site.scope)
            self._inside(inner)
            return
        plan = ClassPlan(self.graph, site.step, site.step.title)
        plan.site, plan.levels = site, levels
        site.plan, site.plans = plan, [plan]
        plan.body = Body(plan, levels, site.body, site.present)
        scope = GroupScope(plan, site.scope)
        self.scopes[id(plan)] = scope
        self.plans.append(plan)
        self._fill_group(plan.body, site, scope)
        self._inside(plan.body)

    def _fill_group(self, body: Body, site: Site, scope: Scope) -> None:
        entries = [level.entries for level in body.levels]
        step = site.step
        try:
            if step.repeat is not None and all(_is_repeat(own) for own in entries):
                self.aligner.fill_repeat(body, step, entries, scope)
            elif step.body is not None:
                self.aligner.fill(body, entries, step.body, scope)
            else:
                self.aligner.fill_join(body, step, entries, scope)
        except Unalignable as reason:
            if len(entries) > 1:
                if (loop := loop_around(site.body)) is not None:
                    raise UnrollLoop(loop) from reason
                raise CannotMerge(site.body.plan, reason) from reason
            body.sites.clear()
            body.origins[:] = [{} for _ in body.levels]
            _one_by_one(body, entries[0], OpaqueScope(scope))


def _is_repeat(entries: list[Entry]) -> bool:
    return len(entries) == 1 and isinstance(entries[0], Loop)


def _one_by_one(body: Body, entries: list[Entry], scope: Scope) -> None:
    """Sites for the entries of a single use, where its steps do not tell their order."""
    for entry in unrolled(entries):
        assert entry.step is not None
        body.sites.append(Site(body, entry.step, scope, [entry], ()))
        for k, value in enumerate(entry.outputs):
            body.origins[0][id(value)] = Origin(body.sites[-1], k, 0)


def signature(level: Level) -> object:
    """The structure of a level: equal for two levels that one class says without any choice."""
    numbers: dict[int, object] = {id(v): k for k, v in enumerate(level.inputs)}
    parts: list[object] = []
    for k, entry in enumerate(unrolled(level.entries)):
        what = signature(entry) if isinstance(entry, Level) else (entry.op, _form(entry))
        inputs = tuple(numbers.get(id(v), "outside") for v in flowing_in(entry))
        owner = entry.owner.path if entry.owner is not None else ""
        parts.append((entry.name, id(entry.step), what, inputs, owner, entry.checkpoint))
        numbers.update({id(v): (k, j) for j, v in enumerate(entry.outputs)})
    return tuple(parts), tuple(numbers.get(id(v), "outside") for v in level.outputs)


def _form(node: Node) -> tuple[str, ...]:
    layer = node.layer
    return (*layer.changed(), call_form(node)) if layer is not None else ()


def call_form(node: Node) -> str:
    """How a call is written, whatever its operands: some arguments shape the expression."""
    layer = node.layer
    if not isinstance(layer, Function):
        plain = len(node.inputs) == len(node.outputs) == 1
        alike = plain and isinstance(layer, Module) and not layer.call_arguments
        return "module" if alike else type(layer).__name__
    names = {name_: f"_{name_}" for name_ in layer.arguments}
    return layer.write(*(f"_{k}" for k in range(len(layer.inputs) or 1)), **names)
