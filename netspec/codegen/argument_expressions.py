"""The arguments of the calls that a constructor makes: what the spec writes, what the input decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress

from netspec.codegen.argument_writer import ArgumentWriter
from netspec.codegen.expressions import SizeOf, no_size, translate, translate_static
from netspec.codegen.identifiers import identifier
from netspec.codegen.loop_evidence import with_flow
from netspec.codegen.plan_failures import Unalignable, UnrollLoop
from netspec.codegen.planner import Planner
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Body, Condition, Site, loop_around
from netspec.codegen.size_expressions import Axis, Sizes
from netspec.codegen.special_nodes import ArgumentRef, CarriedRef, LoopRef, argument_ref, class_ref
from netspec.codegen.syntax import call, conjunction, constant, dotted
from netspec.codegen.value_references import Ref, flowing_in, resolve, resolve_all
from netspec.dims import is_symbolic
from netspec.document import Mapping as PlaceMapping
from netspec.document import Scalar, TextNode
from netspec.document import Sequence as PlaceList
from netspec.elaborate.op_value import OpValue
from netspec.expr.traversal import TreeTransformer, copy_tree, walk_tree
from netspec.graph import Level, Loop, Node, Value
from netspec.graph.captures import unrolled
from netspec.layer.base import Layer, Module
from netspec.layers import find
from netspec.layers.constant import Parameter
from netspec.syntax import Block


class Arguments(ArgumentWriter):
    """Writes arguments in the terms of the class that they are in.

    Attributes:
        frozen: Expressions that hold for the given parameters only: what they mention cannot be an argument.
        all_frozen: Whether a number had to be written whose origin is not known.
    """

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.sizes = Sizes(self)
        self.frozen: list[ast.expr] = []
        self.all_frozen = False
        self.reasons: list[str] = []
        self._arguments: dict[tuple[int, str], ast.expr | None] = {}
        self._at_run_time: dict[int, list[ast.expr]] = {}
        self._inputs: dict[int, list[Ref]] = {}
        self._names: dict[int, dict[str, Node | Level]] = {}

    # ---- what flows in ------------------------------------------------------------------------------

    def input_refs(self, site: Site) -> list[Ref]:
        """The tensors that flow into a site."""
        cached = self._inputs.get(id(site))
        if cached is None:
            entries = [e for e in site.entries if isinstance(e, Node | Level)]
            lists = [list(flowing_in(entry)) for entry in entries]
            refs = with_flow(site, self._resolved(site, lists))
            cached = self._inputs[id(site)] = refs
        return cached

    def _resolved(self, site: Site, lists: list[list[Value]]) -> list[Ref]:
        try:
            return resolve_all(lists, site.body, site.present)
        except Unalignable:
            loop = loop_around(site.body)
            if loop is not None:
                raise UnrollLoop(loop) from None
            raise

    def input_ref(self, site: Site, number: int) -> Ref:
        """The tensor that flows into a site as its input of that number."""
        refs = self.input_refs(site)
        entry = site.first
        assert isinstance(entry, Node | Level)
        if len(refs) != len(flowing_in(entry)):
            raise Untranslatable("a list of inputs")
        return refs[number]

    # ---- tensors by name ----------------------------------------------------------------------------

    def size_of(self, site: Site) -> SizeOf:
        """How the sizes that a step asks for are stated."""

        def size(root: str, number: int, axis: int) -> ast.expr:
            if root == "previous" and site.step.source is None:
                root = "x"
            values = [self.tensor(site, use, root, number) for use in site.present]
            for value in values:
                shape = value.shape or ()
                if not -len(shape) <= axis < len(shape) or type(shape[axis]) is not int:
                    raise Untranslatable(root)
            flows = root == "x" and not number
            ref = (
                self.input_refs(site)[0]
                if flows
                else self._resolved(site, [[v] for v in values])[0]
            )
            return self.sizes.seen_from(site.body.plan, ref, axis)

        return size

    def tensor(self, site: Site, use: int, root: str, number: int) -> Value:
        """The tensor that a name means in a step's expressions."""
        entry = site.entries[use]
        if root == "x":
            if isinstance(entry, Loop):
                raise Untranslatable(root)
            assert entry is not None
            values = flowing_in(entry)
            if number >= len(values):
                raise Untranslatable(root)
            return values[number]
        level: Level | None = site.body.levels[use]
        if root == "input" and level is not None:
            return level.inputs[number]
        while level is not None:
            named = self._by_name(level).get(root)
            if named is not None and not isinstance(named, Loop):
                return named.outputs[0]
            names = _input_names(level)
            if root in names:
                return level.inputs[names.index(root)]
            if level.block is not None:
                break
            level = level.parent
        raise Untranslatable(root)

    def _by_name(self, level: Level) -> dict[str, Node | Level]:
        cached = self._names.get(id(level))
        if cached is None:
            cached = self._names[id(level)] = {e.name: e for e in unrolled(level.entries)}
        return cached

    # ---- conditions and counts ------------------------------------------------------------------------

    def condition(self, site: Site) -> ast.expr:
        """The condition under which a site is there.

        Raises:
            Untranslatable: If no expression says it.
        """
        if not site.conditions:
            raise Untranslatable("no condition")
        return conjunction([self._condition(site, c) for c in site.conditions])

    def _condition(self, site: Site, condition: Condition) -> ast.expr:
        size = self._size_at(site, condition)
        return translate(condition.when, condition.scope, size)

    def _size_at(self, site: Site, condition: Condition) -> SizeOf:
        """Sizes as the condition sees them, in the uses without the step as well."""
        body = site.body

        def size(root: str, number: int, axis: int) -> ast.expr:
            if root == "x" and condition.site_step is not site.step:
                raise Untranslatable(root)
            if root == "x" and not number:
                refs = self.input_refs(site)
                if not refs:
                    raise Untranslatable(root)
                return self.sizes.seen_from(body.plan, refs[0], axis)
            if root == "input" or root in _input_names(body.levels[0]):
                names = _input_names(body.levels[0])
                k = names.index(root) if root in names else number
                values = [level.inputs[k] for level in body.levels]
                return self.sizes.seen_from(body.plan, resolve(values, body, list(body.uses)), axis)
            return self.size_of(site)(root, number, axis)

        return size

    def freeze(self, body: Body) -> None:
        """Note the conditions that hold in all uses, or in none: the program has one of the two ways only."""
        for site in body.walk():
            if site.optional or not site.conditions:
                continue
            try:
                self.frozen.append(self.condition(site))
            except Untranslatable:
                self.not_carried("a condition")
        for each in (body, *(s.inner for s in body.walk() if s.inner is not None)):
            for conditions in each.absent:
                try:
                    tests = [translate_static(c.when, c.scope) for c in conditions]
                except Untranslatable:
                    self.not_carried("a condition")
                else:
                    self.frozen += _undecided(conditions, tests, each)
            self._freeze_loops(each)

    def _freeze_loops(self, body: Body) -> None:
        """Note what decides the number of iterations of loops that are written out, or that have none."""
        for loop in body.written_out:
            self.frozen += self._counts(loop)
        for loop in body.empty_loops:
            try:
                self.frozen += self.iterated(loop)
            except Untranslatable:
                self.not_carried("a number of iterations")

    def _counts(self, loop: Site) -> Iterator[ast.expr]:
        """The numbers that decide how often a loop runs, but for the lengths of lists, which are unpacked."""
        try:
            lists = self.iterated(loop)
        except Untranslatable:
            self.not_carried("a number of iterations")
            return
        for values in lists:
            if loop.step.each is None or _is_range(values):
                yield _WithoutLengths().visit(copy_tree(values))
                continue
            for part in walk_tree(values):
                if isinstance(part, ArgumentRef):
                    part.argument.is_iterated = True

    def iterations(self, loop: Site) -> ast.expr:
        """How many iterations a loop has."""
        step = loop.step
        if step.each is None:
            assert step.repeat is not None
            return translate(step.repeat, loop.scope, no_size)
        _, place = step.each[0]
        if isinstance(place, PlaceList):
            return constant(len(place.items))
        values = translate_static(place, loop.scope)
        match values:
            case ast.Call(ast.Name("list"), [ast.Call(ast.Name("range"), [count])], []):
                return count
            case ast.Call(ast.Name("range"), [count], []):
                return count
        return call("len", values)

    def iterated(self, loop: Site, only: LoopRef | None = None) -> list[ast.expr]:
        """What a loop runs over: its lists, or the number of its iterations; or what `only` depends on of that."""
        if loop.step.each is None:
            return [self.iterations(loop)]
        return [
            translate_static(place, loop.scope)
            for key, place in loop.step.each
            if only is None or only.word != "value" or only.variable == key.text
        ]

    def counter(self, loop: Site) -> str:
        """The variable whose index counts the iterations."""
        return loop.step.each[0][0].text if loop.step.each else "i"

    def in_scope(self, place: object, plan: ClassPlan) -> ast.expr:
        """A value written at the top of the file."""
        assert isinstance(place, Scalar)
        return translate_static(place, self.planner.scopes[id(plan)])

    # ---- layers ---------------------------------------------------------------------------------------

    def argument(self, site: Site, name: str) -> ast.expr:
        """The expression of an argument of a layer: as the spec writes it, or what the input decides."""
        key = (id(site), name)
        if key not in self._arguments:
            try:
                self._arguments[key] = self._argument(site, name)
            except Untranslatable:
                self._arguments[key] = None
        expression = self._arguments[key]
        return self.literal(site, name) if expression is None else expression

    def note_at_run_time(self, site: Site, tree: ast.expr) -> None:
        """Note what an argument mentions that `forward` computes from sizes of tensors."""
        self._at_run_time.setdefault(id(site), []).append(tree)

    def expressions_at(self, site: Site) -> Iterator[tuple[str, ast.expr]]:
        """The expressions that were written for the arguments of a site, each with its argument's name."""
        assert site.node.layer is not None
        for name in site.node.layer.arguments:
            tree = self._arguments.get((id(site), name))
            if tree is not None:
                yield name, tree
        for tree in self._at_run_time.get(id(site), ()):
            yield "", tree

    def written(self, site: Site, name: str, place: int | None = None) -> ast.expr:
        """The expression that the spec writes for an argument, or for one item of it.

        Raises:
            Untranslatable: If it writes none, or one that the class cannot say.
        """
        if place is None:
            return self._argument(site, name)
        value = next((v for k, v in site.step.arguments if k.text == name), None)
        if value is None:
            raise Untranslatable(name)
        if isinstance(value, PlaceList) and place < len(value.items):
            return translate(value.items[place], site.scope, self.size_of(site))
        items = translate(value, site.scope, self.size_of(site))
        if not isinstance(items, ast.Tuple) or place >= len(items.elts):
            raise Untranslatable(name)
        return items.elts[place]

    def _argument(self, site: Site, name: str) -> ast.expr:
        layer = site.node.layer
        assert layer is not None
        written = next((v for k, v in site.step.arguments if k.text == name), None)
        if written is None:
            inferred = self.inferred(site).get(name)
            if inferred is None:
                raise Untranslatable(name)
            return inferred
        value = getattr(layer, name)
        argument = layer.arguments.get(name)
        if isinstance(written, Scalar) and isinstance(written.value, str) and argument is not None:
            text = written.value
            literal = argument.kind.text or text in argument.kind.words
            if literal and not text.startswith("="):
                return constant(value)
        if _plain(written):
            return constant(value)
        return translate(written, site.scope, self.size_of(site))

    def inferred(self, site: Site) -> Mapping[str, ast.expr]:
        """The arguments that the input decides, by expressions for its sizes."""
        node = site.node
        layer = node.layer
        assert layer is not None
        if type(layer).inferred_arguments is Layer.inferred_arguments or not node.inputs:
            return {}
        shapes = [
            tuple(Axis(k, a) for a in range(len(v.shape or ()))) for k, v in enumerate(node.inputs)
        ]
        expressions: dict[str, ast.expr] = {}
        for name, size in layer.inferred_arguments(*shapes).items():  # type: ignore[arg-type]
            if isinstance(size, Axis):
                try:
                    expressions[name] = self.sizes.of_input(site, size.number, size.axis)
                except Untranslatable:
                    continue
        return expressions

    def literal(self, site: Site, name: str) -> ast.expr:
        """The numbers that an argument has in each use, where no expression says them."""
        values: dict[int, object] = {}
        for use in site.present:
            node = site.entries[use]
            assert isinstance(node, Node)
            assert node.layer is not None
            value = getattr(node.layer, name)
            if value is None and node.inputs:
                value = node.layer.inferred_arguments(*node.shapes).get(name)
            values[use] = value
        written = [k.text for k, _ in site.step.arguments]
        return self.by_use(
            site.body, values, name, known=name not in written and not _keyword_value(site, name)
        )

    def initial_value(self, site: Site, key: str) -> ast.expr:
        """An argument of the function that fills a parameter: as the spec writes it, or what it is in each use."""
        written = next((v for k, v in site.step.arguments if k.text == "init"), None)
        place = written.get(key) if isinstance(written, PlaceMapping) else None
        values: dict[int, object] = {
            use: node.layer.init[key]
            for use in site.present
            if isinstance(node := site.entries[use], Node) and isinstance(node.layer, Parameter)
        }
        if place is not None and not any(isinstance(value, str) for value in values.values()):
            with suppress(Untranslatable):
                return translate(place, site.scope, self.size_of(site))
        known = isinstance(place, Scalar) and all(place.text == v for v in values.values())
        return self.by_use(site.body, values, key, known=known)

    def by_use(
        self, body: Body, values: dict[int, object], hint: str, *, known: bool = False
    ) -> ast.expr:
        """A value for each use of a body, as a literal or as an argument of the class.

        Args:
            body: The body.
            values: The values by use.
            hint: What to call an argument.
            known: Whether the value is the same whatever the parameters of the spec are.

        Raises:
            UnrollLoop: If the iterations of a loop differ.
        """
        distinct = list(values.values())
        first = distinct[0]
        if any(is_symbolic(v) for v in distinct):
            raise Unalignable("a size that is open")
        if all(v == first and type(v) is type(first) for v in distinct):
            self.not_carried(hint, known=known)
            return self.value(first)
        if body.parent is not None:
            outer: dict[int, object] = {}
            for use, value in values.items():
                k = body.outer_use[use]
                if k in outer and outer[k] != value:
                    loop = loop_around(body)
                    raise UnrollLoop(loop) if loop is not None else Unalignable(hint)
                outer[k] = value
            outer_argument = self.by_use(body.parent, outer, hint)
            if body.plan.body is not body or isinstance(outer_argument, ast.Constant):
                return outer_argument
            return argument_ref(
                body.plan.free_name(body.plan.fresh(identifier(hint)), "value", outer_argument)
            )
        if body.plan.root:
            raise Unalignable(_difference(distinct, hint))
        every = [values.get(use) for use in body.uses]
        return argument_ref(body.plan.value(identifier(hint), every))

    def value(self, value: object, *, ops: bool = False) -> ast.expr:
        """A value of the spec as a literal; with `ops`, texts that name layers are the layers."""
        if isinstance(value, OpValue):
            return self.op_value(value)
        if isinstance(value, list | tuple):
            return ast.Tuple([self.value(v, ops=ops) for v in value], ast.Load())
        if ops and isinstance(value, str):
            layer = find(value)
            if layer is not None and issubclass(layer, Module):
                return dotted(layer.torch_class or f"nn.{layer.__name__}")
        return constant(value)

    def not_carried(self, reason: str, *, known: bool = False) -> None:
        """Note that a number is written whose dependence on the parameters is not known."""
        if not known:
            self.all_frozen = True
            self.reasons.append(reason)

    # ---- ops as values ----------------------------------------------------------------------------------

    def op_value(self, op: OpValue) -> ast.expr:
        """A layer or a block as a value: `nn.ReLU`, or `partial(nn.LeakyReLU, negative_slope=0.1)`."""
        if isinstance(op.definition, Block):
            plan = next((p for p in self.planner.plans if p.definition is op.definition), None)
            if plan is None:
                raise Untranslatable(op.name)
            target: ast.expr = class_ref(plan)
        else:
            if not issubclass(op.definition, Module):
                raise Untranslatable(op.name)
            target = dotted(op.definition.torch_class or f"nn.{op.definition.__name__}")
        if not op.arguments:
            return target
        keywords = {k: self.value(v) for k, v in op.arguments.items()}
        return call("partial", target, **keywords)

    # ---- classes ----------------------------------------------------------------------------------------

    def handed(self, site: Site, argument: ConstructorArgument) -> ast.expr:
        """What a site gives for an argument of its class.

        Raises:
            Untranslatable: If nothing says it.
        """
        if argument.outer is not None and argument.kind != "size":
            return argument.outer
        if argument.kind == "size":
            if argument.outer is not None:
                return argument.outer
            assert argument.place is not None
            number, axis = argument.place
            try:
                return self.sizes.of_input(site, number, axis)
            except Untranslatable:
                sizes: dict[int, object] = {}
                for use in site.present:
                    entry = site.entries[use]
                    assert isinstance(entry, Level)
                    shape = entry.inputs[number].shape
                    assert shape is not None
                    sizes[use] = shape[axis]
                return self.by_use(site.body, sizes, argument.name)
        if argument.kind == "value":
            places = {id(level): k for k, level in enumerate(argument.plan.levels)}
            values = {
                use: argument.values[places[id(site.entries[use])]]
                for use in site.present
                if id(site.entries[use]) in places
            }
            return self.by_use(site.body, values, argument.name)
        return self._parameter(site, argument)

    def _parameter(self, site: Site, argument: ConstructorArgument) -> ast.expr:
        """What a site gives for a parameter of its block."""
        name, block = argument.name, argument.plan.definition
        assert isinstance(block, Block)
        declared = block.parameters[name]
        written = next((v for k, v in site.step.arguments if k.text == name), None)
        if declared.type == "op" or "op" in declared.type:
            return self._op_parameter(site, name, written)
        try:
            if written is not None:
                if (
                    declared.type == "str"
                    and isinstance(written, Scalar)
                    and isinstance(written.value, str)
                ) and not written.value.startswith("="):
                    return constant(written.value)
                return translate(written, site.scope, self.size_of(site))
            if declared.default is not None and _plain(declared.default):
                return self.by_use(site.body, self._bound(site, name), name, known=True)
        except Untranslatable:
            pass
        return self.by_use(site.body, self._bound(site, name), name)

    def _op_parameter(self, site: Site, name: str, written: TextNode | None) -> ast.expr:
        if isinstance(written, Scalar) and isinstance(written.value, str):
            text = written.value.removeprefix("=")
            if text.isidentifier():
                try:
                    return site.scope.name(text)
                except Untranslatable:
                    named = find(text) is not None or site.scope.block(text) is not None
                    return self.by_use(site.body, self._bound(site, name), name, known=named)
            elif written.value.startswith("="):
                try:
                    return self._op_in_list(translate(written, site.scope, self.size_of(site)))
                except Untranslatable:
                    pass
        return self.by_use(site.body, self._bound(site, name), name, known=written is None)

    def _op_in_list(self, tree: ast.expr) -> ast.expr:
        """An op that a list gives by its name: the list holds the classes themselves in Python."""
        holders = list(self._holders(tree))
        if not holders or any(not argument.plan.root for argument in holders):
            raise Untranslatable("an op from a list")
        for argument in holders:
            argument.holds_ops = True
        named = _NamedOps().visit(tree)
        assert isinstance(named, ast.expr)
        return named

    def _holders(self, tree: ast.expr) -> Iterator[ConstructorArgument]:
        """The arguments whose items an expression looks up."""
        for node in walk_tree(tree):
            if isinstance(node, ArgumentRef):
                yield node.argument
            elif isinstance(node, LoopRef) and node.word == "value" and node.loop.step.each:
                place = {k.text: v for k, v in node.loop.step.each}[node.variable]
                yield from self._holders(translate_static(place, node.loop.scope))

    def _bound(self, site: Site, name: str) -> dict[int, object]:
        return {
            use: level.env.get(name)
            for use in site.present
            if isinstance(level := site.entries[use], Level)
        }


class _NamedOps(TreeTransformer):
    """Replaces the names of layers by the layers."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A text that names a layer, or another value."""
        layer = find(node.value) if isinstance(node.value, str) else None
        if layer is None or not issubclass(layer, Module):
            return node
        return dotted(layer.torch_class or f"nn.{layer.__name__}")


def _undecided(
    conditions: tuple[Condition, ...], tests: list[ast.expr], body: Body
) -> list[ast.expr]:
    """The tests that leave a step out of all uses.

    The conditions around it hold where a neighbor is there, so the others do not: where these mean the same
    in every use, only they omit it.
    """
    holding = [{id(c.when) for c in site.conditions} for site in body.sites]
    for count in range(len(conditions) - 1, 0, -1):
        around = {id(c.when) for c in conditions[:count]}
        if any(around <= each for each in holding) and all(map(_uniform, tests[count:])):
            return tests[count:]
    return tests


def _is_range(values: ast.expr) -> bool:
    match values:
        case ast.Call(ast.Name("list"), [inner], []):
            return _is_range(inner)
        case ast.Call(ast.Name("range")):
            return True
    return False


class _WithoutLengths(TreeTransformer):
    """Omits `len(widths)`: another list of that length keeps the count."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call, or 0 for the length of a list."""
        if isinstance(node.func, ast.Name) and node.func.id == "len":
            return constant(0)
        self.generic_visit(node)
        return node


def _uniform(tree: ast.expr) -> bool:
    """Whether an expression has one value in all uses of its class."""
    for node in walk_tree(tree):
        if isinstance(node, LoopRef | CarriedRef):
            return False
        if isinstance(node, ArgumentRef):
            argument = node.argument
            if argument.kind == "free" and argument.outer is not None:
                if not _uniform(argument.outer):
                    return False
                continue
            values = [level.env.get(argument.name) for level in argument.plan.levels]
            if argument.kind != "parameter" or any(v != values[0] for v in values):
                return False
    return True


def _plain(place: TextNode) -> bool:
    """Whether a value is written as numbers and booleans, without an expression."""
    if isinstance(place, PlaceList):
        return all(map(_plain, place.items))
    return isinstance(place, Scalar) and not isinstance(place.value, str)


def _difference(values: list[object], hint: str) -> str:
    """What no argument of the network says."""
    if any(isinstance(value, bool) for value in values):
        return "a step is there in some of them only"
    return f"`{hint}` is a number that differs, and no parameter says it"


def _keyword_value(site: Site, name: str) -> bool:
    """Whether the input decides an argument."""
    node = site.node
    return bool(
        node.layer is not None
        and node.inputs
        and name in node.layer.inferred_arguments(*node.shapes)
    )


def _input_names(level: Level) -> list[str]:
    """The names of a level's inputs: those of a block, or of the network."""
    if level.block is not None:
        return [n.text for n in level.block.inputs]
    return [value.node.name for value in level.inputs] if level.parent is None else []
