"""The whole generated program, as a tree that is printed once."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from netspec.codegen.annotations import annotation
from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.bodies import (
    CannotMerge,
    Site,
    Unalignable,
    UnrollLoop,
    UnrollLoops,
)
from netspec.codegen.class_definitions import method_of
from netspec.codegen.class_names import OTHER_NAMES, name_classes
from netspec.codegen.constructor import Constructor
from netspec.codegen.divisibility import Divisions, explain_refusals, refusal
from netspec.codegen.docstrings import (
    class_docstring,
    forward_docstring,
    module_docstring,
)
from netspec.codegen.equal_classes import merge_equal_classes, rename_class
from netspec.codegen.finish import Finish
from netspec.codegen.forward import Forward, child, looped_child
from netspec.codegen.function_blocks import (
    NotAFunction,
    check_variables,
    mark_functions,
)
from netspec.codegen.graph_index import GraphIndex
from netspec.codegen.helpers import RECOMPUTE
from netspec.codegen.identifiers import (
    RESERVED,
    fresh,
    input_names,
    is_plain,
)
from netspec.codegen.imports import imports
from netspec.codegen.input_checks import InputArguments, input_check
from netspec.codegen.input_guard import guard
from netspec.codegen.interchange import take_and_drop
from netspec.codegen.loop_evidence import (
    has_one_iteration,
    is_chain,
    loop_of_name,
    loop_of_output,
    loop_of_pattern,
)
from netspec.codegen.network_shapes import network_shapes
from netspec.codegen.planner import Planner
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.rows import columns_of_tables
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.settled_arguments import settle_arguments
from netspec.codegen.syntax import (
    Construct,
    assign,
    attribute,
    call,
    constant,
    dotted,
    expression,
    name,
    parse,
    same_tree,
    statements,
    whole,
)
from netspec.codegen.tidy import tidy
from netspec.codegen.ties import Ties, apply_method
from netspec.codegen.torch_names import OF_TORCH_NN
from netspec.codegen.value_references import InputRef, ListRef
from netspec.codegen.weight_initialization import (
    Initialization,
    init_weights,
    initialization,
    with_free_variables,
)
from netspec.expr.traversal import names_in
from netspec.graph import Graph, Level, Node
from netspec.graph.captures import unrolled
from netspec.syntax import Spec

if TYPE_CHECKING:
    from netspec.codegen.family import Member


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

    def tree(self, file: str) -> tuple[ast.Module, str]:
        """The program as a tree, and the name of its class."""
        name_classes(self)
        settle_arguments(self)
        order = self._ordered()
        self.divisions = Divisions(self.arguments.sizes.quotients)
        classes: dict[int, ast.ClassDef] = {}
        written: dict[object, list[ast.ClassDef]] = {}
        functions: list[ast.FunctionDef] = []
        for plan in order:
            if plan.is_function:
                functions.append(self._function(plan))
                continue
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
        root = classes[id(self.planner.root)]
        guard(self, root)
        self._document(root)
        self._merge_groups(definitions)
        tidy(definitions)
        explain_refusals(definitions)
        for plan in order:
            if id(plan) in classes:
                self._name_columns(plan, classes[id(plan)])
        body: list[ast.stmt] = [*functions, *definitions, *self._factories(definitions)]
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
            made.body[0] = ast.Expr(ast.Constant(class_docstring(plans[0], self.spec, plans)))
            stems = {plan.name.rstrip("0123456789_") for plan in plans}
            stem = stems.pop()
            if not stems and stem not in taken:
                rename_class(classes, made, stem)

    def _name_columns(self, plan: ClassPlan, made: ast.ClassDef) -> None:
        """Say in the docstring of a class what the columns of its tables are."""
        init = method_of(made, "__init__")
        columns = columns_of_tables(init) if init is not None else {}
        if columns:
            text = class_docstring(plan, self.spec, columns=columns)
            made.body[0] = ast.Expr(ast.Constant(text))

    def _document(self, root: ast.ClassDef) -> None:
        """Say in `forward` of the network what shapes it maps."""
        forward = method_of(root, "forward")
        assert forward is not None
        text = forward_docstring(self.graph, network_shapes(self))
        forward.body.insert(0, ast.Expr(ast.Constant(text)))

    def _interchangeable(self, classes: dict[int, ast.ClassDef]) -> None:
        """Let classes that a parameter chooses from take the same arguments."""
        for made in {id(c): c for plan in self.planner.plans for c in plan.constructs}.values():
            plans = made.site.plans if len(made.site.plans) > 1 else []
            arguments = {a.label: a for plan in plans for a in plan.written_arguments}
            for plan in plans:
                if id(plan) in classes:
                    take_and_drop(classes[id(plan)], arguments, self.annotation_of)

    def _factories(self, classes: Sequence[ast.ClassDef]) -> list[ast.FunctionDef]:
        """A function for each member of the family."""
        if not self.members:
            return []
        from netspec.codegen.family import Factory, factory_functions

        root = self.planner.root
        arguments = root.written_arguments
        factories = [
            Factory(m, {a.label: self.value_in(a, m.graph) for a in arguments})
            for m in self.members
        ]
        return factory_functions(
            factories,
            arguments,
            {a.label: self.annotation_of(a) for a in arguments},
            root.name,
            {c.name for c in classes} | {*RESERVED, *self.own_imports, *OTHER_NAMES, "re"},
        )

    def value_in(self, argument: ConstructorArgument, graph: Graph) -> ast.expr:
        """What a network gives for an argument of the outermost class."""
        value = graph.root.env.get(argument.name)
        try:
            tree = self.arguments.value(value, ops=argument.holds_ops)
        except Untranslatable:
            tree = constant(None)
        return Finish(argument.plan, self.arguments, set()).expression(tree)

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
        doc = ast.Expr(ast.Constant(class_docstring(plan, self.spec)))
        base = dotted(constructor.base)
        buffers = [tensor for tensor, _ in constants]
        declared: list[ast.stmt] = [
            ast.AnnAssign(ast.Name(tensor.attr, ast.Store()), name("Tensor"), None, 1)
            for tensor in buffers
            if isinstance(tensor, ast.Attribute)
        ]
        shared = [] if plan.expansion is None else statements(f"expansion: int = {plan.expansion}")
        return ast.ClassDef(plan.name, [base], [], [doc, *shared, *declared, *methods], [])

    def _function(self, plan: ClassPlan) -> ast.FunctionDef:
        """The function that a block without modules is."""
        if any(True for _ in self.divisions.of_class(plan)):
            raise NotAFunction(plan)
        forward = self.forward(plan)
        children = {e.name for level in plan.levels for e in unrolled(level.entries)}
        finish = Finish(plan, self.arguments, children)
        made = self._forward(plan, forward, finish.forward(forward.body))
        numbers = plan.signature
        made.name = plan.name
        made.args.args[:1] = []
        made.args.args += [ast.arg(a.label, self.annotation_of(a)) for a in numbers]
        made.args.defaults = [a.default for a in numbers if a.default is not None]
        check_variables(plan, made)
        doc = ast.Expr(ast.Constant(class_docstring(plan, self.spec)))
        made.body.insert(0, doc)
        return made

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

    def _init(self, plan: ClassPlan, body: list[ast.stmt]) -> ast.FunctionDef:
        arguments = plan.signature
        made = [ast.arg("self"), *(ast.arg(a.label, self.annotation_of(a)) for a in arguments)]
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

    def annotation_of(self, argument: ConstructorArgument) -> ast.expr:
        """The annotation of a constructor argument."""
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


def _chosen_if_none(argument: ast.arg, default: ast.expr) -> list[ast.stmt]:
    """`if act is None: act = partial(nn.ELU, alpha=0.5)`, and the annotation that says so."""
    assert argument.annotation is not None
    argument.annotation = ast.BinOp(argument.annotation, ast.BitOr(), constant(None))
    is_none = ast.Compare(name(argument.arg), [ast.Is()], [constant(None)])
    return [ast.If(is_none, [assign(name(argument.arg), default)], [])]


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
