"""The whole generated program, as a tree that is printed once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from netspec.codegen.annotations import annotation
from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.constructor import Constructor
from netspec.codegen.divisibility import Divisions
from netspec.codegen.forward import Forward, child, looped_child
from netspec.codegen.function_blocks import (
    mark_functions,
)
from netspec.codegen.graph_index import GraphIndex
from netspec.codegen.identifiers import (
    is_plain,
)
from netspec.codegen.input_checks import InputArguments
from netspec.codegen.loop_evidence import (
    has_one_iteration,
    is_chain,
    loop_of_name,
    loop_of_output,
    loop_of_pattern,
)
from netspec.codegen.lowering import Lowering
from netspec.codegen.plan_failures import CannotMerge, Unalignable, UnrollLoop, UnrollLoops
from netspec.codegen.planner import Planner
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import Construct
from netspec.codegen.syntax import constant, name, parse
from netspec.codegen.tree_arithmetic import whole
from netspec.codegen.value_references import InputRef
from netspec.codegen.weight_initialization import (
    Initialization,
    initialization,
)
from netspec.graph import Graph, Level, Node
from netspec.graph.captures import unrolled
from netspec.syntax import Spec

if TYPE_CHECKING:
    from netspec.codegen.preset_functions import Member


class Program:
    """All classes of one network."""

    def __init__(
        self,
        graph: Graph,
        spec: Spec | None,
        unrolled_loops: set[tuple[int, int]],
        split: set[int],
        grown: set[int],
        as_classes: set[int],
        index: GraphIndex,
        members: Sequence[Member] = (),
    ) -> None:
        self.graph, self.spec, self.members = graph, spec, members
        self.checked = InputArguments({}, {})
        self.graphs = graphs = [graph, *(member.graph for member in members)]
        self.planner = Planner(graphs, spec, unrolled_loops, split, index)
        self.arguments = Arguments(self.planner)
        self.own_imports = index.own_imports
        self.tied_levels = index.tied_levels
        self.readers, self.shared_uses = index.readers, index.shared_uses
        self.constructors: dict[int, Constructor] = {}
        self.forwards: dict[int, Forward] = {}
        self.bodies: dict[int, list[ast.stmt]] = {}
        self.divisions: Divisions
        """The sizes that must divide evenly; set when the classes are written."""
        self.chains = {id(plan): self._is_sequential(plan) for plan in self.planner.plans}
        chains = {plan for plan in self.planner.plans if self.chains[id(plan)]}
        mark_functions(self.planner.plans, chains, self.shared_uses, as_classes)
        for plan in self.planner.plans:
            self.constructors[id(plan)] = Constructor(
                plan, self.arguments, grown, chain=self.chains[id(plan)]
            )
        self._each_class(self._align_reads)
        self._each_class(self._build)
        self._each_class(self._forward_unless_chain)
        root_scope = self.planner.scopes[id(self.planner.root)]
        self.initialization: Initialization = initialization(
            self.graph, root_scope, set(self._attributes())
        )
        for member in members:
            with_plan(self.planner.root, partial(self._starts_alike, member.graph))
        if not self.initialization.general:
            self.arguments.not_carried("init")
        for plan in self.planner.plans:
            with_plan(plan, partial(self.arguments.freeze, plan.body))
        self._ask_for_input_sizes()
        self._hand_over()

    def _each_class(self, work: Callable[[ClassPlan], object]) -> None:
        """Do something for every class.

        Raises:
            UnrollLoops: If loops must be written out: the first one of each class.
        """
        loops: list[Site] = []
        for plan in self.planner.plans:
            try:
                with_plan(plan, partial(work, plan))
            except UnrollLoop as reason:
                if reason.loop not in loops:
                    loops.append(reason.loop)
            except CannotMerge:
                if not loops:
                    raise
        if loops:
            raise UnrollLoops(loops)

    def _align_reads(self, plan: ClassPlan) -> None:
        """Find what every step of a `forward` reads, before the work on expressions.

        Raises:
            UnrollLoop: If the iterations of a loop read different tensors, or no loop can run over the modules.
        """
        if (loop := self._loop_to_write_out(plan)) is not None:
            raise UnrollLoop(loop)
        if self.chains[id(plan)]:
            return
        for site in plan.body.sites:
            if site.loop:
                assert site.inner is not None
                looped_child(site)
                for each in site.inner.sites:
                    if not each.loop:
                        self.arguments.input_refs(each)
            else:
                self.arguments.input_refs(site)

    def _loop_to_write_out(self, plan: ClassPlan) -> Site | None:
        """A loop that must not be kept as one, by what the spec says of it or its readers."""
        if (loop := self._loop_of_outputs(plan)) is not None:
            return loop
        for site in plan.body.walk():
            if not site.loop:
                refs = self.arguments.input_refs(site)
                if (loop := loop_of_pattern(site, refs) or loop_of_name(site, refs)) is not None:
                    return loop
            elif self._runs_once(site) or (has_one_iteration(site) and not is_chain(site)):
                return site
        return None

    def _loop_of_outputs(self, plan: ClassPlan) -> Site | None:
        """The loop of a class, or of a sequence in it, that a result is an iteration of by its name."""
        definition = plan.definition or self.spec
        bodies = [(plan.body, definition.outputs)] if definition is not None else []
        bodies += [
            (site.inner, site.step.outputs)
            for site in plan.body.walk()
            if site.inner is not None and not site.loop
        ]
        return next((loop for each in bodies if (loop := loop_of_output(*each)) is not None), None)

    def _runs_once(self, loop: Site) -> bool:
        """Whether a loop has one iteration by its text, whatever the parameters are."""
        with suppress(Untranslatable):
            return whole(self.arguments.iterations(loop)) == 1
        return False

    def _forward_unless_chain(self, plan: ClassPlan) -> None:
        if not self.chains[id(plan)]:
            self.forward(plan)

    def _ask_for_input_sizes(self) -> None:
        """Let the arguments be known that the declared shapes of the inputs mention."""
        for number, value in enumerate(self.graph.inputs):
            for axis, size in enumerate(value.shape or ()):
                if type(size) is int:
                    with suppress(Untranslatable):
                        self.arguments.sizes.of(InputRef(self.planner.root.body, number), axis)

    def _attributes(self) -> Iterator[int]:
        """The identities of the layers and classes that attributes of known types lead to, always."""
        for plan in self.planner.plans:
            for site in plan.body.sites:
                if not site.loop and not site.conditions and not site.optional:
                    # The children of an `nn.Sequential` have no types of their own.
                    bases = [self.constructors[id(each)].base for each in site.plans]
                    if isinstance(site.first, Node) or bases == ["nn.Module"]:
                        yield from map(id, site.entries)

    def _starts_alike(self, member: Graph) -> None:
        """Hold the start of the weights of a member against the program's."""
        root_scope = self.planner.scopes[id(self.planner.root)]
        start = initialization(member, root_scope, set(self._attributes()))
        starts = [
            [*map(ast.dump, i.statements), *map(ast.dump, i.each_module)]
            for i in (start, self.initialization)
        ]
        if starts[0] != starts[1]:
            raise Unalignable("the rules of `init` are for other modules")

    def _build(self, plan: ClassPlan) -> None:
        self.bodies[id(plan)] = self.constructors[id(plan)].statements()

    def _is_sequential(self, plan: ClassPlan) -> bool:
        """Whether an `nn.Sequential` says a chain better than a `forward`."""
        if plan.site is not None or not all(map(self.planner.is_sequence, plan.levels)):
            return False
        odd = any(not is_plain(e.name) for v in plan.levels for e in unrolled(v.entries))
        if plan.root:
            return odd and self.graph.outputs.kind == "one"
        return odd or any(site.loop for site in plan.body.sites)

    def forward(self, plan: ClassPlan) -> Forward:
        """The `forward` of a class."""
        forward = self.forwards.get(id(plan))
        if forward is None:
            try:
                forward = Forward(plan, self.arguments, self.constructors[id(plan)], self)
            except Unalignable as reason:
                raise CannotMerge(plan, reason) from reason
            self.forwards[id(plan)] = forward
        return forward

    def plan_of_level(self, level: Level) -> ClassPlan | None:
        """The class of a level; None for a sequence in place."""
        known = self.planner.of_level.get(id(level))
        if known is not None:
            return known
        return next((p for p in self.planner.plans if any(v is level for v in p.levels)), None)

    def outputs_read(self, plan: ClassPlan) -> list[int]:
        """The numbers of the results that something outside reads; all of the network's."""
        count = len(plan.levels[0].outputs)
        if plan.root or count < 2:
            return list(range(count))
        uses = [u for v in plan.levels for u in (v, *self.shared_uses.get(id(v), ()))]
        read = [k for k in range(count) if any(self._read_outside(v, k) for v in uses)]
        return read or [0]

    def _read_outside(self, level: Level, number: int) -> bool:
        value = id(level.outputs[number])
        if value not in self.planner.aligner.values_made(level):  # read where it was made
            return False
        for reader in self.readers.get(value, ()):
            ancestor: Level | None = reader
            while ancestor is not None and ancestor is not level:
                ancestor = ancestor.parent
            if ancestor is None:
                return True
        return False

    def module(self, forward: Forward, owner: Node | Level) -> ast.expr:
        """The module of another step, where a `forward` uses it."""
        home = owner.level if isinstance(owner, Node) else owner.parent
        plan = forward.plan
        if any(level is home for level in plan.levels):
            return child(forward.constructor, owner.name)
        if owner not in forward.module_owners:
            forward.module_owners.append(owner)
        k = forward.module_owners.index(owner)
        return name(f"shared_{k}" if k else "shared")

    # ---- arguments ------------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        """Say at every construction what is given for each argument, until no more are asked for."""
        while True:
            missing = [
                (made, argument)
                for plan in self.planner.plans
                for made in plan.constructs
                for argument in list(plan.arguments.values())
                if argument.key not in made.values
            ]
            if not missing:
                return
            for made, argument in missing:
                with_plan(made.site.body.plan, partial(self._give, made, argument))

    def _give(self, made: Construct, argument: ConstructorArgument) -> None:
        if (
            argument.kind == "value"
            and sum(argument.key in p.arguments for p in made.site.plans) > 1
        ):
            raise Unalignable("classes that take different numbers")
        made.values[argument.key] = self.arguments.handed(made.site, argument)

    # ---- the tree -------------------------------------------------------------------------------------

    def value_in(self, argument: ConstructorArgument, graph: Graph) -> ast.expr:
        """What a network gives for an argument of the outermost class."""
        value = graph.root.env.get(argument.name)
        try:
            tree = self.arguments.value(value, ops=argument.holds_ops)
        except Untranslatable:
            tree = constant(None)
        return Lowering(argument.plan, self.arguments, set()).expression(tree)

    def annotation_of(self, argument: ConstructorArgument) -> ast.expr:
        """The annotation of a constructor argument."""
        expanding = {
            id(p.definition): p.name for p in self.planner.plans if p.expansion is not None
        }
        return parse(annotation(argument, expanding))


def with_plan(plan: ClassPlan, work: Callable[[], object]) -> None:
    """Do something for a class; say whose it is if that fails."""
    try:
        work()
    except (Unalignable, Untranslatable) as reason:
        raise CannotMerge(plan, reason) from reason
