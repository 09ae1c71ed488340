"""The whole generated program, as a tree that is printed once."""

from __future__ import annotations

import ast
import builtins
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from netspec.codegen.annotations import annotation
from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.bodies import (
    CannotMerge,
    Site,
    Unalignable,
    UnrollLoop,
    UnrollLoops,
    loop_around,
)
from netspec.codegen.class_definitions import method_of
from netspec.codegen.constructor import Constructor
from netspec.codegen.divisibility import Divisions, explain_refusals, refusal
from netspec.codegen.docstrings import Shapes, class_docstring, module_docstring
from netspec.codegen.equal_classes import merge_equal_classes, rename_class
from netspec.codegen.finish import Finish, NotAComprehension
from netspec.codegen.forward import Forward, child, looped_child
from netspec.codegen.graph_index import GraphIndex, index_graphs
from netspec.codegen.helpers import RECOMPUTE
from netspec.codegen.identifiers import RESERVED, camel, class_name, fresh, input_names, is_plain
from netspec.codegen.imports import imports
from netspec.codegen.input_checks import InputArguments, input_check
from netspec.codegen.interchange import take_and_drop
from netspec.codegen.loop_evidence import (
    has_one_iteration,
    is_chain,
    loop_of_name,
    loop_of_output,
    loop_of_pattern,
)
from netspec.codegen.planner import Planner
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.printer import print_module
from netspec.codegen.proofs import is_restricted, proved_for, same_sizes
from netspec.codegen.quoting import in_comment
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.size_arguments import SizeArguments, refs_in, upper_bounds
from netspec.codegen.syntax import (
    ArgumentRef,
    CarriedRef,
    Construct,
    LoopRef,
    SiteAssign,
    SiteReturn,
    argument_ref,
    assign,
    attribute,
    call,
    constant,
    dotted,
    expression,
    name,
    parse,
    same,
    same_tree,
    statements,
    whole,
)
from netspec.codegen.tidy import tidy
from netspec.codegen.ties import Ties, apply_method
from netspec.codegen.torch_names import OF_TORCH_NN
from netspec.codegen.value_references import InputRef, ListRef, Ref, resolve
from netspec.codegen.weight_initialization import (
    Initialization,
    init_weights,
    initialization,
    with_free_variables,
)
from netspec.diagnostics import Span
from netspec.dims import Shape, Size
from netspec.elaborate.paths import RESERVED_BY_TORCH
from netspec.expr.traversal import names_in, walk
from netspec.graph import Graph, Level, Node
from netspec.graph.captures import unrolled
from netspec.layers.base import Module
from netspec.syntax import Block, Spec

if TYPE_CHECKING:
    from netspec.codegen.family import Member

MOST_ATTEMPTS = 10_000
MOST_FOLLOWED = 2_000
"""In a larger network the docstring has the sizes of outputs as numbers: following them back takes too long."""
OTHER_NAMES = frozenset(
    {"OrderedDict", "Tensor", "Callable", "Self", "partial", "contextmanager", "nullcontext"}
)
"""Other names that a program imports; no class may have one of them."""


class Program:
    """All classes of one network."""

    def __init__(
        self,
        graph: Graph,
        spec: Spec | None,
        unrolled_loops: set[tuple[int, int]],
        split: set[int],
        grown: set[int],
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
        self.chains = {id(plan): self._is_sequential(plan) for plan in self.planner.plans}
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

    def tree(self, file: str) -> tuple[ast.Module, str]:
        """The program as a tree, and the name of its class."""
        self._name()
        self._settle()
        order = self._ordered()
        self.divisions = Divisions(self.arguments.sizes.quotients)
        classes: dict[int, ast.ClassDef] = {}
        written: dict[object, list[ast.ClassDef]] = {}
        for plan in order:
            made = self._class(plan)
            alike = written.setdefault(_outline(made), [])
            twin = next((each for each in alike if _same_code(each, made)), None)
            if twin is not None and not plan.root:
                plan.name = twin.name  # the same code: one class serves both
            else:
                classes[id(plan)] = made
                alike.append(made)
        self._interchangeable(classes)
        definitions = [classes[id(plan)] for plan in order if id(plan) in classes]
        self._guard(classes[id(self.planner.root)])
        self._merge_groups(definitions)
        tidy(definitions)
        explain_refusals(definitions)
        body: list[ast.stmt] = [*definitions, *self._factories(definitions)]
        check = input_check(self.graph, self.checked)
        names = names_in(*check, *body)
        helpers = statements(RECOMPUTE) if "_recompute" in names else []
        names |= names_in(*helpers)
        head: list[ast.stmt] = [ast.Expr(ast.Constant(module_docstring(self.graph, file)))]
        tree = ast.Module(
            [
                *head,
                *imports(names, self.own_imports),
                *check,
                *helpers,
                *body,
            ],
            [],
        )
        return tree, self.planner.root.name

    def _merge_groups(self, classes: list[ast.ClassDef]) -> None:
        """Leave one class of the groups that came to be equal, and let it say so."""
        groups = {p.name: p for p in self.planner.plans if p.site is not None}
        by_doc: dict[str, list[str]] = {}
        for label, plan in groups.items():
            by_doc.setdefault(plan.definition.doc if plan.definition else "", []).append(label)
        stands_for: dict[str, list[ClassPlan]] = {}
        for labels in by_doc.values():
            for kept, all_of_them in merge_equal_classes(classes, labels).items():
                stands_for[kept] = [groups[label] for label in all_of_them]
        taken = {c.name for c in classes} | OF_TORCH_NN | {*dir(builtins), *RESERVED, *OTHER_NAMES}
        for label, plans in stands_for.items():
            made = next(c for c in classes if c.name == label)
            made.body[0] = ast.Expr(ast.Constant(class_docstring(plans[0], self.spec, None, plans)))
            stems = {plan.name.rstrip("0123456789_") for plan in plans}
            stem = stems.pop()
            if not stems and stem not in taken:
                rename_class(classes, made, stem)

    def _guard(self, root: ast.ClassDef) -> None:
        """Check the sizes only for the arguments that they are proved for."""
        self.checked = InputArguments(dict(self._declared_sizes()), self._upper_bounds())
        self._hand_sizes_to_check(root)
        asked = self._asked_by_check()
        if not asked:
            return
        alike = [graph for graph in self.graphs if same_sizes(graph, self.graph)]
        test = proved_for(
            [self._asked(tree) for tree in asked],
            [[self._asked_value(tree, g) for tree in asked] for g in alike],
        )
        init, forward = method_of(root, "__init__"), method_of(root, "forward")
        assert init is not None
        assert forward is not None
        children = {e.name for e in unrolled(self.graph.root.entries)}
        label = fresh(
            "checks_inputs", children | {n.argument.label for t in asked for n in refs_in(t)}
        )
        assignment = assign(attribute(name("self"), label), test)
        assignment.leading = ["Other arguments may be valid for other sizes of the inputs."]  # type: ignore[attr-defined]
        init.body.insert(1, assignment)
        call_ = forward.body[0]
        forward.body[0] = ast.If(attribute(name("self"), label), [call_], [])

    def _upper_bounds(self) -> dict[str, str]:
        """The arguments that bound an open size, by its symbol."""
        written = self.planner.root.written_arguments
        taken = set(input_names(self.graph))
        bounds = upper_bounds(self.arguments, self.graphs)
        return {s: a.label for s, a in bounds.items() if a in written and a.label not in taken}

    def _asked_by_check(self) -> list[ast.expr]:
        """What decides the sizes that the check asks for by number: arguments, lengths or items of them."""
        arguments = self.planner.root.written_arguments
        declared = {a.label for a in self._input_arguments()} - {*self.checked.sizes.values()}
        found: list[ast.expr] = [argument_ref(a) for a in arguments if a.label in declared]
        if any(map(is_restricted, self.graphs)):
            deciding = SizeArguments(self.arguments, self.graphs, self.checked.bounds)
            trees = map(argument_ref, arguments) if deciding.all_decide else deciding.deciding
            found += [t for t in trees if not any(same(t, known) for known in found)]
        places = {id(a): k for k, a in enumerate(arguments)}
        written = [t for t in found if all(id(n.argument) in places for n in refs_in(t))]
        return sorted(written, key=lambda t: min(places[id(n.argument)] for n in refs_in(t)))

    def _asked(self, tree: ast.expr) -> ast.expr:
        """`len(widths)` or `stem[1]` as the constructor of the network writes it."""
        return Finish(self.planner.root, self.arguments, set()).expression(tree)

    def _asked_value(self, tree: ast.expr, graph: Graph) -> ast.expr:
        """What a network gives for that."""
        (ref,) = refs_in(tree)
        value = self._value(ref.argument, graph)
        if isinstance(value, ast.Call) and same(value, ref.argument.default):
            return constant(None)  # the constructor makes it where none is given
        items = value.elts if isinstance(value, ast.Tuple) else []
        match tree:
            case ast.Call():
                return constant(len(items))
            case ast.Subscript(_, place):
                number = whole(place)
                return value if number is None or number >= len(items) else items[number]
        return value

    def _declared_sizes(self) -> Iterator[tuple[tuple[int, int], str]]:
        """The sizes of inputs that are arguments of the network, by the input and the dimension."""
        root = self.planner.root
        written = root.written_arguments
        taken = set(input_names(self.graph))
        for number, value in enumerate(self.graph.inputs):
            for axis, size in enumerate(value.shape or ()):
                tree = self.arguments.sizes.known.get((InputRef(root.body, number), axis))
                if type(size) is int and isinstance(tree, ArgumentRef):
                    label = tree.argument.label
                    if tree.argument in written and label not in taken:
                        yield (number, axis), label

    def _hand_sizes_to_check(self, root: ast.ClassDef) -> None:
        """Keep the declared sizes as attributes, and give them to the check."""
        init, forward = method_of(root, "__init__"), method_of(root, "forward")
        if init is None or forward is None or not self.checked.labels:
            return
        attributes = {e.name for e in unrolled(self.graph.root.entries)} | RESERVED_BY_TORCH
        checked = forward.body[0]
        assert isinstance(checked, ast.Expr)
        assert isinstance(checked.value, ast.Call)
        for place, label in enumerate(self.checked.labels, 1):
            attribute_name = fresh(label, attributes)
            set_already = {ast.unparse(s) for s in init.body if isinstance(s, ast.Assign)}
            if f"self.{attribute_name} = {label}" not in set_already:
                init.body.insert(
                    place, assign(attribute(name("self"), attribute_name), name(label))
                )
            checked.value.args.append(attribute(name("self"), attribute_name))

    def _interchangeable(self, classes: dict[int, ast.ClassDef]) -> None:
        """Let classes that a parameter chooses from take the same arguments."""
        for made in {id(c): c for plan in self.planner.plans for c in plan.constructs}.values():
            plans = made.site.plans if len(made.site.plans) > 1 else []
            arguments = {a.label: a for plan in plans for a in plan.written_arguments}
            for plan in plans:
                if id(plan) in classes:
                    take_and_drop(classes[id(plan)], arguments, self._annotation)

    def _factories(self, classes: Sequence[ast.ClassDef]) -> list[ast.FunctionDef]:
        """A function for each member of the family."""
        if not self.members:
            return []
        from netspec.codegen.family import Factory, factory_functions

        root = self.planner.root
        arguments = root.written_arguments
        factories = [
            Factory(m, {a.label: self._value(a, m.graph) for a in arguments}) for m in self.members
        ]
        return factory_functions(
            factories,
            arguments,
            {a.label: self._annotation(a) for a in arguments},
            root.name,
            {c.name for c in classes} | {*RESERVED, *self.own_imports, *OTHER_NAMES, "re"},
        )

    def _value(self, argument: ConstructorArgument, graph: Graph) -> ast.expr:
        """What a network gives for an argument of the outermost class."""
        value = graph.root.env.get(argument.name)
        try:
            tree = self.arguments.value(value, ops=argument.holds_ops)
        except Untranslatable:
            tree = constant(None)
        return Finish(argument.plan, self.arguments, set()).expression(tree)

    def _input_arguments(self) -> list[ConstructorArgument]:
        """The arguments that the declared shapes of the inputs mention."""
        arguments = []
        for known, tree in self.arguments.sizes.known.items():
            ref, _ = known
            if isinstance(ref, InputRef) and ref.body is self.planner.root.body:
                arguments += [n.argument for n in walk(tree) if isinstance(n, ArgumentRef)]
        return arguments

    def _name(self) -> None:
        """Give every class its name: blocks first, which have a claim to theirs."""
        root = self.planner.root
        taken = {*RESERVED, *dir(builtins), *self.own_imports, *OTHER_NAMES, *OF_TORCH_NN}
        blocks = {
            class_name(p.base_name) for p in self.planner.plans if isinstance(p.definition, Block)
        }
        own = camel(self.graph.name)
        root.name = own if own not in taken | blocks else fresh(f"{own}Network", taken | blocks)
        taken.add(root.name)
        for plan in sorted(self.planner.plans, key=lambda p: not isinstance(p.definition, Block)):
            if not plan.root:
                plan.name = self._distinct(plan, taken)
                taken.add(plan.name)

    def _distinct(self, plan: ClassPlan, taken: set[str]) -> str:
        """A name that says what the class is: its own, that of its role, or with what it is part of."""
        own = class_name(plan.base_name)
        if plan.site is not None and plan.site.unnamed:
            own = role(plan)
        if own not in taken:
            return own
        outer = plan.site.body.plan.name if plan.site is not None else self.planner.root.name
        place = camel("_".join(plan.levels[0].path.split(".")))
        for label in (f"{outer}{own}", f"{own}Of{place}", place):
            if label not in taken:
                return label
        return fresh(own, taken)

    def _settle(self) -> None:
        """Decide which arguments are constants, from the network inwards."""
        root = self.planner.root
        live = self._live()
        order = list(self.graph.root.env)
        by_order = sorted(root.arguments.values(), key=lambda a: order.index(a.name))
        root.arguments = {a.key: a for a in by_order}
        for argument in root.arguments.values():
            argument.default = default = self._value(argument, self.graph)
            if argument.name in live:
                continue
            if any(not same(default, self._value(argument, m.graph)) for m in self.members):
                from netspec.codegen.family import NotCarried

                raise NotCarried(f"it changes `{argument.name}`, which the program does not follow")
            argument.constant = default
        for plan in sorted(self.planner.plans, key=_depth):
            if not plan.root:
                self._settle_class(plan)

    def _settle_class(self, plan: ClassPlan) -> None:
        for argument in plan.arguments.values():
            values = []
            for made in plan.constructs:
                finish = Finish(made.site.body.plan, self.arguments, set())
                try:
                    values.append(finish.expression(made.values[argument.key]))
                except UnrollLoop:
                    values = []
                    break
            plain = values and all(_is_literal(v) and same(v, values[0]) for v in values)
            if plain:
                argument.constant = values[0]
            elif isinstance(plan.definition, Block) and argument.name in plan.definition.parameters:
                declared = plan.definition.parameters[argument.name].default
                value = getattr(declared, "value", None)
                if declared is not None and isinstance(value, int | float | bool):
                    argument.default = constant(value)

    def _live(self) -> set[str]:
        """The parameters of the file that the program carries."""
        if self.arguments.all_frozen:
            return set()
        frozen: set[str] = set()
        pending: list[ast.expr] = list(self.arguments.frozen)
        seen: set[int] = set()
        while pending:
            tree = pending.pop()
            for node in walk(tree):
                if isinstance(node, LoopRef):
                    pending += self.arguments.iterated(node.loop, only=node)
                if isinstance(node, CarriedRef) and id(node.carried) not in seen:
                    seen.add(id(node.carried))
                    pending += [
                        node.carried.start,
                        node.carried.next,
                        *self.arguments.iterated(node.loop),
                    ]
                if isinstance(node, ArgumentRef) and id(node.argument) not in seen:
                    seen.add(id(node.argument))
                    if node.argument.plan.root:
                        frozen.add(node.argument.name)
                    for made in node.argument.plan.constructs:
                        pending.append(made.values[node.argument.key])
                    if node.argument.outer is not None:
                        pending.append(node.argument.outer)
        return {a.name for a in self.planner.root.arguments.values() if a.name not in frozen}

    def _ordered(self) -> list[ClassPlan]:
        """The classes so that each comes before those that use it."""
        done: list[ClassPlan] = []
        seen: set[int] = set()

        def visit(plan: ClassPlan) -> None:
            if id(plan) in seen:
                return
            seen.add(id(plan))
            for site in plan.body.walk():
                for inner in site.plans:
                    visit(inner)
            done.append(plan)

        visit(self.planner.root)
        return done

    def _class(self, plan: ClassPlan) -> ast.ClassDef:
        constructor = self.constructors[id(plan)]
        children = {e.name for level in plan.levels for e in unrolled(level.entries)}
        finish = Finish(plan, self.arguments, children, constructor.local_name)
        body = finish.constructor(self.bodies[id(plan)])
        flags = {k: finish.expression(v) for k, v in constructor.flags.items()}
        methods: list[ast.stmt] = []
        forward: ast.stmt | None = None
        if not self.chains[id(plan)]:
            written = self.forward(plan)
            lines = finish.forward(written.body)
            forward = self._forward(plan, written, lines)
        elif plan.root:
            forward = self._root_chain()
        constants = [(t, finish.expression(value)) for t, value in constructor.constants()]
        assignments = [
            assign(attribute(name("self"), k), name(a.label))
            for k, a in finish.stored_arguments.items()
        ]
        flagged = [assign(attribute(name("self"), k), v) for k, v in flags.items()]
        start: list[ast.stmt] = []
        if plan.root:
            init_methods, start = self._initialize_weights(finish, children)
            methods += init_methods
        ties = Ties(plan, children | {a.label for a in plan.arguments.values()}, self.tied_levels)
        refused = [
            statement
            for sides in self.divisions.of_class(plan)
            if (statement := refusal(*map(finish.expression, sides))) is not None
        ]
        init = [*refused, *assignments, *flagged, *body, *ties.in_constructor(), *start]
        if init:
            methods.insert(0, self._init(plan, init))
        methods += ties.method()
        again = apply_method(ties, constants)
        if again is not None:
            methods.append(again)
        if forward is not None:
            methods.append(forward)
        doc = ast.Expr(
            ast.Constant(class_docstring(plan, self.spec, self._shapes() if plan.root else None))
        )
        base = dotted(constructor.base)
        buffers = [tensor for tensor, _ in constants]
        declared: list[ast.stmt] = [
            ast.AnnAssign(ast.Name(tensor.attr, ast.Store()), name("Tensor"), None, 1)
            for tensor in buffers
            if isinstance(tensor, ast.Attribute)
        ]
        shared = [] if plan.expansion is None else statements(f"expansion: int = {plan.expansion}")
        return ast.ClassDef(plan.name, [base], [], [doc, *shared, *declared, *methods], [])

    def _initialize_weights(
        self, finish: Finish, children: set[str]
    ) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """The method that starts the weights of a module, if one does, and the statements of the constructor."""
        labels = {a.label for a in self.planner.root.arguments.values()}
        start = finish.plain(with_free_variables(self.initialization.statements, labels))
        if not self.initialization.each_module:
            return [], start
        label = fresh("_init_weights", children | labels)
        method, applied = init_weights(self.initialization.each_module, label)
        return [method], [applied, *start]

    def _shapes(self) -> Shapes:
        """The shapes of the network's inputs and outputs, sizes that an argument sets by its name.

        It may ask for sizes that no class needs, so all classes must be finished.
        """
        body = self.planner.root.body
        inputs = [InputRef(body, k) for k in range(len(self.graph.inputs))]
        results = [self._root_output(k) for k in range(len(self.graph.outputs.values))]
        if len(self.graph.nodes) > MOST_FOLLOWED:
            results = [None for _ in results]
        numbers: list[int] = []

        def text(ref: Ref | None, shape: Shape) -> str:
            sizes = [self._size_text(ref, axis, size) for axis, size in enumerate(shape)]
            numbers.extend(int(size) for size in sizes if size.isdigit())
            return f"[{', '.join(sizes)}]"

        input_shapes = [
            text(r, v.shape or ()) for r, v in zip(inputs, self.graph.inputs, strict=True)
        ]
        numbers.clear()
        values = self.graph.outputs.values
        made = [text(r, v.shape or ()) for r, v in zip(results, values, strict=True)]
        live = any(a.kind == "parameter" for a in self.planner.root.written_arguments)
        return Shapes(input_shapes, made, live and bool(numbers))

    def _root_output(self, number: int) -> Ref | None:
        """The result of the network of that number; None where its origin is not known."""
        root = self.planner.root
        with suppress(Unalignable, UnrollLoop, IndexError):
            values = [level.outputs[number] for level in root.body.levels]
            return resolve(values, root.body, root.body.uses)
        return None

    def _size_text(self, ref: Ref | None, axis: int, size: Size) -> str:
        if ref is not None and type(size) is int:
            with suppress(Untranslatable, Unalignable, UnrollLoop):
                tree = self.arguments.sizes.of(ref, axis)
                if isinstance(tree, ArgumentRef) and tree.argument.constant is None:
                    return tree.argument.label
        return str(size)

    def _init(self, plan: ClassPlan, body: list[ast.stmt]) -> ast.FunctionDef:
        arguments = plan.written_arguments
        declared = list(plan.definition.parameters) if isinstance(plan.definition, Block) else []
        arguments.sort(
            key=lambda a: (
                a.default is not None,
                a.kind != "size",
                declared.index(a.name) if a.name in declared else len(declared),
            )
        )
        made = [ast.arg("self"), *(ast.arg(a.label, self._annotation(a)) for a in arguments)]
        for tree, argument in zip(made[1:], arguments, strict=True):
            tree.is_iterated = argument.is_iterated  # type: ignore[attr-defined]
        defaults = [a.default for a in arguments if a.default is not None]
        chosen: list[ast.stmt] = []
        for k, default in enumerate(defaults, len(made) - len(defaults)):
            if isinstance(default, ast.Call):  # made at each call, not once with the class
                chosen += _chosen_if_none(made[k], default)
                defaults[k - len(made)] = constant(None)
        signature = ast.arguments([], made, None, [], [], None, defaults)
        first = expression(call(attribute(call("super"), "__init__")))
        return ast.FunctionDef(
            "__init__", signature, [first, *chosen, *body], [], constant(None), None, lineno=0
        )

    def _annotation(self, argument: ConstructorArgument) -> ast.expr:
        expanding = {
            id(p.definition): p.name for p in self.planner.plans if p.expansion is not None
        }
        return parse(annotation(argument, expanding))

    def _forward(self, plan: ClassPlan, forward: Forward, lines: list[ast.stmt]) -> ast.FunctionDef:
        made = [ast.arg("self")]
        for ref in forward.parameters:
            local = forward.names[ref]
            assert isinstance(local, ast.Name)
            listed = isinstance(ref, ListRef)
            annotation = parse("list[Tensor]" if listed else "Tensor")
            made.append(ast.arg(local.id, annotation))
        for k, _ in enumerate(forward.module_owners):
            made.append(ast.arg(f"shared_{k}" if k else "shared", dotted("nn.Module")))
        signature = ast.arguments([], made, None, [], [], None, [])
        checks: list[ast.stmt] = []
        if plan.root:
            names = [name(n) for n in input_names(self.graph)]
            checks = [expression(call("_check_inputs", *names))]
        returned = self._returned(plan, forward)
        return ast.FunctionDef(
            "forward", signature, [*checks, *lines], [], returned, None, lineno=0
        )

    def _root_chain(self) -> ast.FunctionDef:
        names = input_names(self.graph)
        made = [ast.arg("self"), *(ast.arg(n, name("Tensor")) for n in names)]
        signature = ast.arguments([], made, None, [], [], None, [])
        body = statements(
            f"_check_inputs({', '.join(names)})\nreturn super().forward({', '.join(names)})"
        )
        return ast.FunctionDef("forward", signature, body, [], name("Tensor"), None, lineno=0)

    def _returned(self, plan: ClassPlan, forward: Forward) -> ast.expr:
        count = len(forward.outputs)
        kind = self.graph.outputs.kind if plan.root else "one"
        if kind == "dict" and plan.root:
            return parse("dict[str, Tensor]")
        if count == 1 and kind != "tuple":
            return name("Tensor")
        inner = ", ".join(["Tensor"] * count) if count <= 4 else "Tensor, ..."
        return parse(f"tuple[{inner}]")


def with_plan(plan: ClassPlan, work: Callable[[], object]) -> None:
    """Do something for a class; say whose it is if that fails."""
    try:
        work()
    except (Unalignable, Untranslatable) as reason:
        raise CannotMerge(plan, reason) from reason


Rewrite = Callable[[ast.Module, Program], None]
"""A change of the finished tree of a program, in place."""


class Generated(NamedTuple):
    """A program.

    Attributes:
        source: Its text.
        class_name: The class of the network.
        places: The step of the spec that a line comes from, by the number of the line (from 1).
    """

    source: str
    class_name: str
    places: dict[int, Span]

    @property
    def annotated(self) -> str:
        """The text with the place in the spec behind each line that has one."""
        lines = self.source.splitlines()
        for number, span in self.places.items():
            where = f"{os.path.basename(span.source.name)}:{span.line}"
            lines[number - 1] += f"  # {in_comment(where)}"
        return "\n".join(lines) + "\n"


def generate(
    graph: Graph,
    file: str = "",
    spec: Spec | None = None,
    members: Sequence[Member] = (),
    rewrite: Rewrite | None = None,
) -> Generated:
    """The program that defines a network.

    Args:
        graph: The network.
        file: The path of the spec, which the header names.
        spec: What the spec says; without it every number is a literal.
        members: The presets that the program has functions for.
        rewrite: A change of the finished tree, such as one of `netspec.optimize`.

    Raises:
        SpecError: If no program can define the network.
        CannotMerge: If it cannot be one with its members.
        NotCarried: If a parameter that differs between them cannot be an argument.
    """
    unrolled_loops: set[tuple[int, int]] = set()
    split: set[int] = set()
    grown: set[int] = set()
    index = index_graphs([graph, *(member.graph for member in members)])
    for _ in range(MOST_ATTEMPTS):
        try:
            program = Program(graph, spec, unrolled_loops, split, grown, index, members)
            tree, class_name = program.tree(file)
        except (UnrollLoop, UnrollLoops) as reason:
            loops = reason.loops if isinstance(reason, UnrollLoops) else [reason.loop]
            keys = {(id(loop.body.plan.definition), id(loop.step)) for loop in loops}
            if keys <= unrolled_loops:
                if members:
                    from netspec.codegen.family import NotCarried

                    raise NotCarried(f"the steps of `{reason}` differ") from reason
                raise AssertionError(f"{reason}: unrolled already") from reason
            unrolled_loops |= keys
            continue
        except NotAComprehension as reason:
            grown.add(id(reason.loop.step))
            continue
        except CannotMerge as failure:
            loop = _loop_around(failure.plan)
            if loop is not None:
                unrolled_loops.add((id(loop.body.plan.definition), id(loop.step)))
                continue
            key_block = _block_around(failure.plan)
            if key_block is None or key_block in split:
                raise
            split.add(key_block)
            continue
        if rewrite is not None:
            rewrite(tree, program)
        printed = print_module(tree)
        places = {
            number: node.site.step.place.span
            for number, node in printed.lines.items()
            if isinstance(node, SiteAssign | SiteReturn)
        }
        return Generated(printed.text, class_name, places)
    raise AssertionError("no program was found")


def _loop_around(plan: ClassPlan) -> Site | None:
    """The innermost loop that a group is in, of the same block."""
    ancestor = plan
    while ancestor.site is not None:
        loop = loop_around(ancestor.site.body)
        if loop is not None:
            return loop
        ancestor = ancestor.site.body.plan
    return None


def _block_around(plan: ClassPlan) -> int | None:
    ancestor = plan
    while ancestor.site is not None:
        ancestor = ancestor.site.body.plan
    return (
        id(ancestor.definition)
        if isinstance(ancestor.definition, Block) and len(ancestor.levels) > 1
        else None
    )


def _chosen_if_none(argument: ast.arg, default: ast.expr) -> list[ast.stmt]:
    """`if act is None: act = partial(nn.ELU, alpha=0.5)`, and the annotation that says so."""
    assert argument.annotation is not None
    argument.annotation = ast.BinOp(argument.annotation, ast.BitOr(), constant(None))
    is_none = ast.Compare(name(argument.arg), [ast.Is()], [constant(None)])
    return [ast.If(is_none, [assign(name(argument.arg), default)], [])]


def role(plan: ClassPlan) -> str:
    """What a group without a name does, by the layers in it: `Downsample`, `LayerNormLinear`."""
    nodes = [site.node for site in plan.body.walk() if isinstance(site.first, Node)]
    strides = [getattr(n.layer, "stride", 1) for n in nodes if n.op.startswith("Conv")]
    first = (
        plan.levels[0].path.split(".")[-1] == "0"
        and plan.levels[0].outer_inputs[:1] == plan.graph.inputs[:1]
    )
    if first:
        return "Stem"
    if any(n.op.startswith(("ConvTranspose", "Upsampl", "Interpolate")) for n in nodes):
        return "Upscale"
    if any(s not in (1, (1,), (1, 1), (1, 1, 1)) for s in strides):
        return "Downsample"
    own_inputs = set(map(id, plan.levels[0].inputs))
    if any(n.op == "Add" and own_inputs & set(map(id, n.inputs)) for n in nodes):
        return "Residual"
    kinds = list(dict.fromkeys(n.op for n in nodes if isinstance(n.layer, Module)))[:3]
    if len(kinds) == 1:
        return f"{kinds[0]}Block"
    return "".join(kinds) or class_name(plan.site.body.plan.base_name if plan.site else "") + "Part"


def _same_code(a: ast.ClassDef, b: ast.ClassDef) -> bool:
    """Whether two classes are the same but for their names."""
    return same_tree([*a.bases, *a.body], [*b.bases, *b.body])


def _outline(node: ast.ClassDef) -> object:
    """What classes of the same code have in common, and few others."""
    parts = [
        (part.name, len(part.body)) if isinstance(part, ast.FunctionDef) else type(part)
        for part in node.body
    ]
    return len(node.bases), *parts


def _depth(plan: ClassPlan) -> int:
    """How many classes deep a class is at most."""
    if plan.root:
        return 0
    return 1 + max((_depth(made.site.body.plan) for made in plan.constructs), default=0)


def _is_literal(node: ast.expr) -> bool:
    return all(
        isinstance(n, ast.Constant | ast.Tuple | ast.UnaryOp | ast.USub | ast.Load | ast.Attribute)
        or (isinstance(n, ast.Name) and n.id in ("nn",))
        for n in walk(node)
    )
