"""Sizes that are fixed in a network, as expressions over the arguments of the class that needs them.

`in_channels` of a convolution is not written in a spec: it is what flows in. Every layer says where a size of
its result comes from (`Layer.origin`), so the size is followed back to an argument of the class.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from functools import reduce
from typing import NamedTuple

from netspec.codegen.argument_writer import ArgumentWriter
from netspec.codegen.loop_evidence import with_flow
from netspec.codegen.loop_sizes import Carried, varies, with_formula
from netspec.codegen.plans import ClassPlan
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Body, Site
from netspec.codegen.sizes_outside import HandedIn
from netspec.codegen.special_nodes import (
    CarriedRef,
    argument_ref,
    carried_ref,
    loop_ref,
)
from netspec.codegen.syntax import constant
from netspec.codegen.tensor_axes import (
    feature_axis,
    home,
    origin_of,
    require_integers,
    shape_of,
    size_name,
    size_word,
)
from netspec.codegen.tree_arithmetic import (
    Fold,
    add,
    conditional,
    exact_quotient,
    multiply,
    parts_of_size,
    subtract,
    whole,
)
from netspec.codegen.tree_equality import same
from netspec.codegen.value_references import (
    AfterRef,
    FlowRef,
    InputRef,
    ListRef,
    Ref,
    ResultRef,
    parts_of,
    resolve,
)
from netspec.graph import Level, Node, Value
from netspec.graph.captures import unrolled

_WINDOWS = ("Conv", "MaxPool", "AvgPool", "LPPool")
"""The layers, without the number of their axes, whose sizes are those of a sliding window."""


class Axis(NamedTuple):
    """Stands for a size while a layer is asked which one an argument is."""

    number: int
    axis: int


class Quotient(NamedTuple):
    """A division without a remainder in every network that exists, and the step that asks for it."""

    site: Site
    dividend: ast.expr
    divisor: ast.expr


class Sizes:
    """Finds the expressions of sizes; asked again, it answers the same.

    Attributes:
        writer: Translates the arguments of steps.
        carried: The sizes that loops change.
        quotients: The divisions that leave no remainder.
    """

    def __init__(self, writer: ArgumentWriter) -> None:
        self.writer = writer
        self.known: dict[tuple[Ref, int], ast.expr] = {}
        self.carried: list[Carried] = []
        self.quotients: list[Quotient] = []
        self.active: set[tuple[Ref, int]] = set()
        self.flows: dict[int, list[FlowRef]] = {}

    def of(self, ref: Ref, axis: int) -> ast.expr:
        """The size of a dimension of a tensor.

        Raises:
            Untranslatable: If no expression says it.
        """
        axis = axis % len(shape_of(ref)) if axis < 0 else axis
        key = (ref, axis)
        if key in self.known:
            return self.known[key]
        if key in self.active:
            raise Untranslatable("a size that depends on itself")
        self.active.add(key)
        try:
            expression = self._of(ref, axis)
        finally:
            self.active.discard(key)
        self.known[key] = expression
        return expression

    def _of(self, ref: Ref, axis: int) -> ast.expr:
        match ref:
            case InputRef(body, number):
                return self._input(body, number, axis)
            case ResultRef(site, result):
                return self._past(site, result, axis, self._result(site, result, axis))
            case FlowRef():
                return self._flow(ref, axis)
            case AfterRef():
                return self._after(ref, axis)
        raise Untranslatable("the size of a list")

    def seen_from(self, plan: ClassPlan, ref: Ref, axis: int) -> ast.expr:
        """The size in the terms of a class: one of a tensor of a class around it is handed in."""
        return self._handed_in(plan, home(ref), self.of(ref, axis), size_word(ref, axis))

    def _handed_in(self, plan: ClassPlan, origin: ClassPlan, size: ast.expr, word: str) -> ast.expr:
        if plan is origin or plan.site is None or isinstance(size, ast.Constant):
            return size
        outer = self._handed_in(plan.site.body.plan, origin, size, word)
        if isinstance(outer, ast.Constant):
            return outer
        return argument_ref(plan.captured_size(word, outer))

    # ---- inputs -----------------------------------------------------------------------------------

    def _input(self, body: Body, number: int, axis: int) -> ast.expr:
        require_integers([level.inputs[number] for level in body.levels], axis)
        plan, value = body.plan, body.levels[0].inputs[number]
        if plan.root and plan.body is body:
            return self._of_network(plan, value, axis)
        if plan.body is not body:
            return self.seen_from(plan, self._around(body, number), axis)
        if plan.site is None:
            return argument_ref(plan.size(size_name(plan, number, axis, value), number, axis))
        outer = self.seen_from(plan.site.body.plan, self._around(body, number), axis)
        if isinstance(outer, ast.Constant):
            return outer
        argument = plan.size(size_name(plan, number, axis, value), number, axis)
        argument.outer = outer
        return argument_ref(argument)

    def _around(self, body: Body, number: int) -> Ref:
        """What is given to levels, as the body around them has it."""
        assert body.parent is not None
        ref = resolve(
            [level.outer_inputs[number] for level in body.levels], body.parent, body.outer_use
        )
        in_place = next((site for site in body.parent.sites if site.inner is body), None)
        site = body.plan.site if body is body.plan.body else in_place
        return with_flow(site, [ref])[0] if site is not None and not number else ref

    def _of_network(self, plan: ClassPlan, value: Value, axis: int) -> ast.expr:
        declared = value.node.place
        items = getattr(declared, "items", [])
        if axis < len(items):
            try:
                return self.writer.in_scope(items[axis], plan)
            except Untranslatable:
                pass
        assert value.shape is not None
        return constant(value.shape[axis])

    # ---- results ----------------------------------------------------------------------------------

    def _past(self, site: Site, result: int, axis: int, size: ast.expr) -> ast.expr:
        """The size, or that of what flows past a step that may be omitted."""
        fallback = site.fallback.get(result)
        if fallback is None:
            return size
        other = self.seen_from(site.body.plan, fallback, axis)
        if same(size, other):
            return size
        test = self.writer.condition(site)
        while isinstance(other, ast.IfExp) and same(other.test, test):
            other = other.orelse  # where the step is omitted, the same condition does not hold
        if same(size, other):
            return size
        either = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
        for part in test.values if either else [test]:  # type: ignore[attr-defined]
            if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.NotEq):
                sides = (part.left, part.comparators[0])
                if any(same(size, s) for s in sides) and any(same(other, s) for s in sides):
                    return size  # `a if c or a != b else b` is `a`
        return conditional(test, size, other)

    def _result(self, site: Site, result: int, axis: int) -> ast.expr:
        values = [e.outputs[result] for e in site.entries if isinstance(e, Node | Level)]
        require_integers(values, axis)
        if isinstance(site.first, Node):
            return self._of_layer(site, result, axis)
        if site.plans:
            return self._of_class(site, result, axis)
        inner = site.inner
        if inner is None:
            return self._of_shared(site, result, axis)
        outputs = [level.outputs[result] for level in inner.levels]
        return self.seen_from(site.body.plan, resolve(outputs, inner, inner.uses), axis)

    def _of_shared(self, site: Site, result: int, axis: int) -> ast.expr:
        """The size that another use of the same level has, where the same features flow into both."""
        levels = [e for e in site.entries if isinstance(e, Level)]
        owners = [level.owner for level in levels]
        rank = len(shape_of(ResultRef(site, result)))
        if axis != (1 if rank > 2 and axis == 1 else rank - 1) or len(owners) != len(site.present):
            raise Untranslatable("a size that the input decides")
        first = resolve([o.outputs[result] for o in owners if o], site.body, site.present)
        for number, input_ in enumerate(levels[0].outer_inputs):
            features = feature_axis(input_)
            if type((input_.shape or [""])[features]) is not int:
                continue
            own = self.of_input(site, number, features)
            theirs = [o.outer_inputs[number] for o in owners if isinstance(o, Level)]
            other = resolve(theirs, site.body, site.present)
            if not same(
                with_formula(own), with_formula(self.seen_from(site.body.plan, other, features))
            ):
                raise Untranslatable("other features")
        return self.seen_from(site.body.plan, first, axis)

    def _of_class(self, site: Site, result: int, axis: int) -> ast.expr:
        inside: list[ast.expr] = []
        for plan in site.plans:
            body = plan.body
            outputs = [level.outputs[result] for level in body.levels]
            inside.append(self.seen_from(plan, resolve(outputs, body, body.uses), axis))
        outside = [self._outside(site, size) for size in inside]
        if all(same(size, outside[0]) for size in outside):
            return outside[0]
        return self._expanded(site, inside)

    def _outside(self, site: Site, size: ast.expr) -> ast.expr:
        """A size in the terms of a class in those of the site that constructs it."""
        made = HandedIn(self.writer, site).visit(size)
        assert isinstance(made, ast.expr)
        return made

    def _expanded(self, site: Site, sizes: list[ast.expr]) -> ast.expr:
        """A size that classes which a parameter chooses from multiply differently: `planes * block.expansion`.

        Raises:
            Untranslatable: If the classes differ in more than a factor.
        """
        factors = [_factored(size) for size in sizes]
        widths = [self._outside(site, width) for _, width in factors]
        differing = any(not same(width, widths[0]) for width in widths)
        if differing or site.step.op is None:
            raise Untranslatable("classes of different sizes")
        for plan, (factor, _) in zip(site.plans, factors, strict=True):
            children = {entry.name for level in plan.levels for entry in unrolled(level.entries)}
            if plan.expansion not in (None, factor) or "expansion" in children:
                raise Untranslatable("classes of different sizes")
            plan.expansion = factor
        chosen = site.scope.name(site.step.op.text)
        return multiply(widths[0], ast.Attribute(chosen, "expansion", ast.Load()))

    def _of_layer(self, site: Site, result: int, axis: int) -> ast.expr:
        origins = [origin_of(node, result, axis) for node in site.nodes]
        kinds = {(o.kind, o.argument, o.parts[:1]) for o in origins}
        if len(kinds) != 1:
            raise Untranslatable("layers of different origins")
        origin = origins[0]
        if origin.kind == "argument":
            return self._of_argument(site, origin.argument, axis, result)
        parts = origin.parts
        if origin.kind == "same":
            number, part_axis = parts[0]
            return self.of_input(site, number, part_axis)
        if origin.kind == "sum":
            return self._sum(site, parts)
        if origin.kind == "product" and type(site.node.layer).__name__ == "Reshape":
            return self._of_rest(site, result, axis)
        if origin.kind == "product":
            total: ast.expr = constant(1)
            for number, part_axis in parts:
                size = self.of_input(site, number, part_axis)
                squared = same(total, size) and isinstance(size, ast.BinOp)
                total = (
                    ast.BinOp(size, ast.Pow(), constant(2)) if squared else multiply(total, size)
                )
            return total
        return self._of_window(site, result, axis)

    def of_input(self, site: Site, number: int, axis: int) -> ast.expr:
        """The size of a dimension of what flows into a site, in the terms of its class."""
        return self.seen_from(site.body.plan, self.writer.input_ref(site, number), axis)

    def _of_rest(self, site: Site, result: int, axis: int) -> ast.expr:
        """The size that a reshape works out, as `-1` asks: the sizes before, without the others after."""
        pairs = [(n.inputs[0].shape or (), n.outputs[result].shape or ()) for n in site.nodes]
        before, after = pairs[0]
        for pair in pairs:
            kinds = [[type(size) is int for size in shape] for shape in pair]
            rest = [[size for size in shape if type(size) is not int] for shape in pair]
            if rest[0] != rest[1] or kinds != [[type(s) is int for s in p] for p in pairs[0]]:
                raise Untranslatable("a size that is open")
        factors = [
            factor
            for other_axis, size in enumerate(before)
            if type(size) is int
            for factor in _factors(self.of_input(site, 0, other_axis))
        ]
        others = [
            self.of(ResultRef(site, result), other_axis)
            for other_axis, size in enumerate(after)
            if type(size) is int and other_axis != axis
        ]
        divisors = []
        for divisor in (factor for other in others for factor in _factors(other)):
            place = next((k for k, factor in enumerate(factors) if same(factor, divisor)), None)
            if place is None:
                divisors.append(divisor)
            else:
                del factors[place]
        size = reduce(multiply, factors, constant(1))
        if divisors:
            self.quotients.append(Quotient(site, size, reduce(multiply, divisors)))
        for divisor in divisors:
            size = Fold().visit(ast.BinOp(size, ast.FloorDiv(), divisor))
        return size

    def _sum(self, site: Site, parts: tuple[tuple[int, int], ...]) -> ast.expr:
        plan, axis = site.body.plan, parts[0][1]
        refs = self.writer.input_refs(site)
        homes = {id(home(ref)): home(ref) for ref in refs}
        if len(homes) == 1 and (one := next(iter(homes.values()))) is not plan:
            total = self._total(refs, axis, one)
            return self._handed_in(plan, one, total, size_word(refs[0], axis))
        return self._total(refs, axis, plan)

    def _total(self, refs: list[Ref], axis: int, plan: ClassPlan) -> ast.expr:
        total: ast.expr = constant(0)
        terms = [ref for ref in refs if not isinstance(ref, ListRef)]
        if len(terms) == len(refs):
            return _sum_of([self.seen_from(plan, ref, axis) for ref in refs])
        for ref in refs:
            if isinstance(ref, ListRef):
                for start in ref.start:
                    total = add(total, self.seen_from(plan, start, axis))
                size = multiply(self._count(ref), self._invariant(ref, axis))
                total = add(total, self._handed_in(plan, home(ref), size, size_word(ref, axis)))
            else:
                total = add(total, self.seen_from(plan, ref, axis))
        return total

    def _count(self, ref: ListRef) -> ast.expr:
        """How many values a list has: one for each iteration so far."""
        if not ref.inside:
            return self.writer.iterations(ref.loop)
        return loop_ref(ref.loop, self.writer.counter(ref.loop), "index")

    def _invariant(self, ref: ListRef, axis: int) -> ast.expr:
        """The size of each item of a list, which must be one for all."""
        size = self.of(ref.item, axis)
        if varies(size, ref.loop):
            raise Untranslatable("items of different sizes")
        return size

    def _of_argument(self, site: Site, name: str, axis: int, result: int) -> ast.expr:
        """A size that an argument sets: the argument, or the item of it that is for this dimension."""
        layer, shape = site.node.layer, site.node.outputs[result].shape
        assert layer is not None
        assert shape is not None
        value = getattr(layer, name, None)
        if not name and all(n.outputs[result].shape[axis] == 1 for n in site.nodes):  # type: ignore[index]
            return constant(1)  # a new dimension
        if name not in layer.arguments:
            raise Untranslatable(name)
        if type(value) is int and result and value == shape[axis]:
            return self.writer.written(site, name)  # a state, of each direction
        if type(value) is int and value * getattr(layer, "directions", 1) == shape[axis]:
            directions, size = self._directions(site), self.writer.written(site, name)
            chosen = isinstance(directions, ast.IfExp)
            return multiply(size, directions) if chosen else multiply(directions, size)
        if not isinstance(value, tuple):
            raise Untranslatable(name)
        first = getattr(layer, "dim", 0) if name == "unflattened_size" else -len(value)
        place = axis - first % len(shape)
        if not 0 <= place < len(value) or value[place] != shape[axis]:
            raise Untranslatable(name)
        size = self.writer.written(site, name, place)
        match size:
            case ast.BinOp(whole_size, ast.FloorDiv(), part) if self._is_split(site, name, part):
                if self._is_whole_size(site, whole_size):
                    self.quotients.append(Quotient(site, whole_size, part))
                return exact_quotient(whole_size, part)
        return size

    def _directions(self, site: Site) -> ast.expr:
        """How many directions a recurrent layer has, 1 for other layers: `2 if bidirectional else 1`."""
        if not any(key.text == "bidirectional" for key, _ in site.step.arguments):
            return constant(1)
        flag = self.writer.written(site, "bidirectional")
        return Fold().visit(ast.IfExp(flag, constant(2), constant(1)))  # type: ignore[no-any-return]

    def _is_split(self, site: Site, name: str, part: ast.expr) -> bool:
        """Whether a shape has a dimension next to one that is a size divided by it: `[heads, C // heads]`."""
        for place in range(len(getattr(site.node.layer, name))):
            with suppress(Untranslatable):
                if same(self.writer.written(site, name, place), part):
                    return True
        return False

    def _is_whole_size(self, site: Site, size: ast.expr) -> bool:
        """Whether the tensor that is split has a dimension of just that size."""
        for axis, length in enumerate(site.node.inputs[0].shape or ()):
            if type(length) is int:
                with suppress(Untranslatable):
                    if same(self.of_input(site, 0, axis), size):
                        return True
        return False

    def _of_window(self, site: Site, result: int, axis: int) -> ast.expr:
        """A size by the arithmetic of a sliding window, or of equal parts.

        Source: the formulas of `torch.nn.Conv2d` and `torch.chunk`.
        """
        node = site.node
        layer = node.layer
        assert layer is not None
        if type(layer).__name__ in ("Chunk", "GLU"):
            size = self.of_input(site, 0, axis)
            halved = type(layer).__name__ == "GLU"
            chunks = constant(2) if halved else self.writer.written(site, "chunks")
            shapes = {v.shape[axis] for n in site.nodes for v in n.outputs if v.shape}
            if len(site.nodes) == 1 and len(shapes) > 1:
                raise Untranslatable("parts of different sizes")
            return parts_of_size(size, chunks)
        names = ("kernel_size", "stride", "padding", "dilation")
        if (
            type(layer).__name__[:-2] not in _WINDOWS
            or getattr(layer, "ceil_mode", False)
            or isinstance(getattr(layer, "padding", 0), str)
        ):
            raise Untranslatable("window")
        place = axis - (len(node.outputs[result].shape or ()) - layer.axes)
        size = self.of_input(site, 0, axis)
        kernel, stride, padding, dilation = (self._per_axis(site, n, place) for n in names)
        span = (
            multiply(dilation, subtract(kernel, constant(1)))
            if not same(dilation, constant(1))
            else None
        )
        if span is None and same(kernel, stride) and same(padding, constant(0)):
            return Fold().visit(ast.BinOp(size, ast.FloorDiv(), kernel))  # type: ignore[no-any-return]
        reach = subtract(kernel, constant(1)) if span is None else span
        padded = add(size, multiply(constant(2), padding))
        moved = (
            subtract(padded, kernel)
            if span is None
            else subtract(subtract(padded, reach), constant(1))
        )
        steps = moved if same(stride, constant(1)) else ast.BinOp(moved, ast.FloorDiv(), stride)
        return Fold().visit(add(steps, constant(1)))  # type: ignore[no-any-return]

    def _per_axis(self, site: Site, name: str, place: int) -> ast.expr:
        layer = site.node.layer
        assert layer is not None
        if name not in layer.arguments:
            return constant(0 if name == "padding" else 1)
        value = getattr(layer, name)
        if value is None and name == "stride":
            return self._per_axis(site, "kernel_size", place)
        if not any(k.text == name for k, _ in site.step.arguments):
            values = {getattr(n.layer, name) for n in site.nodes}
            if len(values) != 1 or type(value) is not int:
                raise Untranslatable(name)
            return constant(value)
        return self.writer.written(site, name, place if isinstance(value, tuple) else None)

    # ---- loops ------------------------------------------------------------------------------------

    def _flow(self, ref: FlowRef, axis: int) -> ast.expr:
        loop = ref.loop
        carried = Carried(loop, self._carried_name(ref, axis))
        carried.counter = self.writer.counter(loop)
        with suppress(Untranslatable):
            carried.count = self.writer.iterations(loop)
        placeholder = carried_ref(carried, axis, after=False)
        self.known[ref, axis] = placeholder
        # The placeholder ends the recursion: what asked for this size may be asked again.
        waiting, self.active = self.active, set()
        try:
            carried.start = self.seen_from(loop.body.plan, ref.start, axis)
            carried.next = self.seen_from(loop.body.plan, ref.next, axis)
        except Untranslatable:
            del self.known[ref, axis]
            raise
        finally:
            self.active = waiting
        self.carried.append(carried)
        return placeholder

    def _carried_name(self, ref: FlowRef, axis: int) -> str:
        """`in_channels`, `in_height` or `in_features`: the variable for a size that a loop changes."""
        rank = len(shape_of(ref))
        if axis == 1 and rank > 2:
            return "in_channels"
        if rank == 4 and (axis == 2 or (ref, 1) in self.known):
            return "in_height" if axis == 2 else "in_width"
        return "in_features"

    def _after(self, ref: AfterRef, axis: int) -> ast.expr:
        for flow in self._flows(ref.loop):
            if flow.next == ref.last:
                placeholder = self.of(flow, axis)
                if isinstance(placeholder, CarriedRef) and placeholder.loop is ref.loop:
                    return self._behind(placeholder)
        last = self.of(ref.last, axis)
        if varies(last, ref.loop):
            raise Untranslatable("a size that a loop changes")
        if ref.start is not None and not same(self.of(ref.start, axis), last):
            raise Untranslatable("a loop that may have no iteration")
        return last

    def _flows(self, loop: Site) -> list[FlowRef]:
        """What flows from one iteration of a loop to the next."""
        if id(loop) not in self.flows:
            flows: dict[FlowRef, None] = {}
            assert loop.inner is not None
            for site in loop.inner.walk():
                if site.loop:
                    continue
                for ref in self.writer.input_refs(site):
                    for part in parts_of(ref):
                        if isinstance(part, FlowRef) and part.loop is loop:
                            flows[part] = None
            self.flows[id(loop)] = list(flows)
        return self.flows[id(loop)]

    def _behind(self, placeholder: CarriedRef) -> ast.expr:
        """A carried size behind its loop."""
        placeholder.carried.read_after = True
        return carried_ref(placeholder.carried, placeholder.axis, after=True)


def _factors(size: ast.expr) -> list[ast.expr]:
    if isinstance(size, ast.BinOp) and isinstance(size.op, ast.Mult):
        return [*_factors(size.left), *_factors(size.right)]
    return [size]


def _sum_of(terms: list[ast.expr]) -> ast.expr:
    """The sum of sizes, equal ones counted: `4 * width`."""
    total: ast.expr = constant(0)
    counted: list[tuple[ast.expr, int]] = []
    for term in terms:
        place = next((k for k, (known, _) in enumerate(counted) if same(known, term)), None)
        if place is None:
            counted.append((term, 1))
        else:
            counted[place] = (term, counted[place][1] + 1)
    for term, count in counted:
        factor, rest = _factored(term) if count > 1 else (1, term)
        total = add(total, multiply(constant(count * factor), rest))
    return total


def _factored(size: ast.expr) -> tuple[int, ast.expr]:
    """A size as a number times the rest: 4 and `planes` of `4 * planes`."""
    if isinstance(size, ast.BinOp) and isinstance(size.op, ast.Mult):
        for number, rest in ((size.left, size.right), (size.right, size.left)):
            factor = whole(number)
            if factor is not None:
                return factor, rest
    return 1, size
