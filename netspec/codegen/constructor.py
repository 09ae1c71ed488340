"""`__init__`: what a class builds, in the order of the spec."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netspec.codegen.argument_expressions import Arguments
from netspec.codegen.expressions import no_size, translate_text
from netspec.codegen.functional import as_call
from netspec.codegen.identifiers import fresh, identifier, is_plain
from netspec.codegen.plan_failures import Unalignable, UnrollLoop
from netspec.codegen.plans import ClassPlan
from netspec.codegen.scopes import Scope, Untranslatable
from netspec.codegen.sites import Body, Site, loop_around
from netspec.codegen.special_nodes import (
    comprehension,
    construct,
    defaulted_keyword,
    in_forward,
    loop_statement,
)
from netspec.codegen.syntax import (
    Placed,
    assign,
    attribute,
    call,
    constant,
    dotted,
    empty_list,
    expression,
    index,
    name,
    parse,
)
from netspec.codegen.tree_equality import same
from netspec.elaborate.paths import RESERVED_BY_TORCH
from netspec.expr.template import Template
from netspec.expr.traversal import walk_tree
from netspec.graph import Level, Loop, Node
from netspec.graph.captures import unrolled
from netspec.layer.base import Function, Module
from netspec.layers.constant import Constant, Parameter

_FILLED = {"zeros_": "torch.zeros", "ones_": "torch.ones"}
"""The function that makes a tensor which an initializer without arguments would fill."""


class Buffer(NamedTuple):
    """A buffer of a class, from a `Constant`."""

    tensor: ast.expr
    """The attribute that holds it."""
    value: ast.expr
    """The expression of what it holds, in a method."""
    method: str
    """The method that returns it; empty if the expression is short enough to stand twice."""
    keeps: bool
    """Whether it keeps its element type when the module is converted."""


class Constructor:
    """Writes the statements of one `__init__`.

    Attributes:
        plan: The class.
        base: What the class derives from: `nn.Module`, `nn.Sequential`, `nn.ModuleList` or `nn.ModuleDict`.
        flags: Conditions that `forward` asks, by the attribute that keeps them.
    """

    def __init__(
        self, plan: ClassPlan, arguments: Arguments, grown: set[int], *, chain: bool
    ) -> None:
        self.plan, self.arguments, self.chain = plan, arguments, chain
        self.grown = grown
        """The steps of loops that no comprehension says."""
        self.base = base_class(plan, chain=chain)
        self.flags: dict[str, ast.expr] = {}
        self.locals: set[str] = set()
        self.owners: dict[int, tuple[ast.expr, bool]] = {}
        """For each level in place what its children are registered on, and whether that is a sequence."""

    def statements(self) -> list[ast.stmt]:
        """The children, in order."""
        return list(self._children(self.plan.body, name("self"), sequential=self.chain))

    # ---- children -----------------------------------------------------------------------------------

    def _children(self, body: Body, owner: ast.expr, *, sequential: bool) -> Iterator[ast.stmt]:
        numbered = is_numbered(body)
        self.owners[id(body)] = owner, sequential
        for site in body.sites:
            yield from self._written(site, owner, sequential=sequential, numbered=numbered)

    def _written(
        self, site: Site, owner: ast.expr, *, sequential: bool, numbered: bool
    ) -> list[ast.stmt]:
        """The statements of a site.

        Raises:
            UnrollLoop: If iterations of a loop cannot be written as one.
        """
        try:
            return list(self._child(site, owner, sequential=sequential, numbered=numbered))
        except (Unalignable, Untranslatable):
            if (loop := loop_around(site.body)) is None:
                raise
            raise UnrollLoop(loop) from None

    def _child(
        self, site: Site, owner: ast.expr, *, sequential: bool, numbered: bool
    ) -> Iterator[ast.stmt]:
        if site.loop:
            yield from self._loop(site, owner, sequential=sequential, numbered=numbered)
            return
        if not is_child(site, self.chain or sequential):
            return
        value = self.value(site)
        if isinstance(value, list):
            yield from value
            return
        statements = self._registered(site, owner, value, sequential=sequential, numbered=numbered)
        if not site.optional:
            yield from statements
            return
        test = self.test(site)
        if sequential:
            yield ast.If(test, statements, [])
            return
        absent = self._absent(site)
        for each in statements:
            assert isinstance(each, ast.Assign)
            each.value = ast.IfExp(test, each.value, absent)
            yield each

    def _registered(
        self, site: Site, owner: ast.expr, value: ast.expr, *, sequential: bool, numbered: bool
    ) -> list[ast.stmt]:
        """The statement that makes a module a child of its owner."""
        at_top = isinstance(owner, ast.Name) and owner.id == "self"
        if numbered and (sequential or (at_top and self.base == "nn.ModuleList")):
            return [expression(call(attribute(owner, "append"), value))]
        key = self.key(site)
        if isinstance(key, ast.Constant) and is_plain(str(key.value)):
            return [assign(attribute(owner, str(key.value)), value)]
        if at_top and self.base == "nn.ModuleDict":
            return [assign(index(owner, key), value)]
        return [expression(call(attribute(owner, "add_module"), key, value))]

    def _absent(self, site: Site) -> ast.expr:
        """What stands for a module that is omitted: it needs an attribute."""
        key = self.key(site)
        if not isinstance(key, ast.Constant) or not is_plain(str(key.value)):
            loop = loop_around(site.body)
            raise (
                UnrollLoop(loop) if loop else Unalignable("an optional child without an attribute")
            )
        return constant(None)

    def key(self, site: Site) -> ast.expr:
        """The name of a child: a text, or an expression for one in a loop."""
        names = {e.name for e in site.entries if isinstance(e, Node | Level)}
        template = site.step.name
        fixed = template is None or template.constant is not None
        if len(names) == 1 and (fixed or site.body.loop is None):
            return constant(names.pop())
        if template is None:
            loop = loop_around(site.body)
            raise UnrollLoop(loop) if loop else Unalignable("numbers that differ")
        return joined(template, site.scope)

    def test(self, site: Site) -> ast.expr:
        """The condition under which a site is there: the spec's, or a flag that its users give."""
        try:
            return self.arguments.condition(site)
        except Untranslatable:
            present: dict[int, object] = {
                use: site.entries[use] is not None for use in site.body.uses
            }
            return self.arguments.by_use(site.body, present, f"use_{identifier(site.step.title)}")

    def flag(self, site: Site) -> ast.expr:
        """The condition of a site as `forward` asks it: an attribute, or a boolean argument."""
        test = self.test(site)
        for attribute_name, known in self.flags.items():
            if same(known, test):
                return attribute(name("self"), attribute_name)
        taken = {e.name for level in self.plan.levels for e in unrolled(level.entries)}
        label = f"use_{_role(site)}"
        while label in taken or label in self.flags:
            label += "_"
        self.flags[label] = test
        return attribute(name("self"), label)

    # ---- values -------------------------------------------------------------------------------------

    def value(self, site: Site) -> ast.expr | list[ast.stmt]:
        """The module that a site builds; the statements that build it, where one expression cannot."""
        first = site.first
        if isinstance(first, Level):
            if site.plan is not None:
                return self._class(site)
            return self._sequence(site)
        assert isinstance(first, Node)
        if isinstance(first.layer, Parameter):
            return self._parameter(site)
        if isinstance(first.layer, Constant):
            return self._buffer(site)
        return self._layer(site)

    def _class(self, site: Site) -> ast.expr:
        plan = site.plan
        assert plan is not None
        callee: ast.expr | None = None
        if len(site.plans) > 1:
            if site.step.op is None:
                raise Unalignable("classes that differ")
            try:
                callee = site.scope.name(site.step.op.text)
            except Untranslatable:
                raise Unalignable("classes that differ") from None
        made = construct(plan, site, callee)
        for each in site.plans:
            each.constructs.append(made)
        return made

    def _layer(self, site: Site) -> ast.expr:
        nodes = site.nodes
        kinds = {type(node.layer) for node in nodes}
        layer = nodes[0].layer
        assert isinstance(layer, Module)
        callee: ast.expr | None = None
        skipped: set[str] = set()
        if len(kinds) > 1 or self._by_parameter(site):
            assert site.step.op is not None
            try:
                callee = site.scope.name(site.step.op.text)
            except Untranslatable:
                if len(kinds) > 1:
                    raise Unalignable("layers that differ") from None
            else:
                skipped = {n for n in layer.arguments if not _written(site, n)}
                if len(kinds) > 1 and any(_inferred(node) for node in nodes):
                    raise Unalignable("layers that take different arguments")
        positional, named = self._arguments(site, layer, skipped)
        built = layer.build(
            *(f"_{k}" for k in range(len(positional))), **{k: f"_{k}" for k in named}
        )
        return _filled(built, callee, positional, named, layer)

    def _by_parameter(self, site: Site) -> bool:
        """Whether a parameter of type `op` decides the layer."""
        op = site.step.op
        return op is not None and op.text not in {type(n.layer).__name__ for n in site.nodes}

    def _arguments(
        self, site: Site, layer: Module, skipped: set[str]
    ) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The arguments by position, and those by name that are not torch's defaults."""
        positional: list[ast.expr] = []
        named: dict[str, ast.expr] = {}
        by_position = True
        rest = (n for n in layer.arguments if n not in (*layer.positional, *layer.call_arguments))
        passed = _passed(site, skipped)
        for argument in (*layer.positional, *rest):
            if argument not in passed:
                by_position = by_position and argument not in layer.positional
                continue
            value = self.arguments.argument(site, argument)
            if by_position and argument in layer.positional:
                positional.append(value)
            else:
                named[argument] = value
        return positional, named

    def _parameter(self, site: Site) -> list[ast.stmt]:
        layer = site.node.layer
        assert isinstance(layer, Parameter)
        shape = self.arguments.argument(site, "shape")
        key = self.key(site)
        if not isinstance(key, ast.Constant):
            raise Unalignable("a parameter in a loop")
        filled = _FILLED.get(layer.init) if isinstance(layer.init, str) else None
        frozen = {} if layer.requires_grad else {"requires_grad": constant(False)}
        made = call("nn.Parameter", call(filled or "torch.empty", shape), **frozen)
        text = str(key.value)
        plain = is_plain(text)
        tensor = attribute(name("self"), text) if plain else call("self.get_parameter", key)
        stored = (
            assign(tensor, made)
            if plain
            else expression(call("self.register_parameter", key, made))
        )
        return [stored] if filled else [stored, expression(self._initializer(site, tensor))]

    def _initializer(self, site: Site, tensor: ast.expr) -> ast.expr:
        """The call that fills a parameter: `nn.init.normal_(tensor, std=std)`.

        Raises:
            Unalignable: If different functions fill it in the uses of the class.
        """
        rules = [n.layer.init for n in site.nodes if isinstance(n.layer, Parameter)]
        functions = {rule["fn"] if isinstance(rule, dict) else rule for rule in rules}
        keys = {tuple(rule) if isinstance(rule, dict) else () for rule in rules}
        if len(functions) > 1 or len(keys) > 1:
            raise Unalignable("parameters that are filled by different functions")
        named = {key: self.arguments.initial_value(site, key) for key in keys.pop() if key != "fn"}
        return call(f"nn.init.{functions.pop()}", tensor, **named)

    def _buffer(self, site: Site) -> list[ast.stmt]:
        layer = site.node.layer
        assert isinstance(layer, Constant)
        made = self._tensor(site)  # in any case, so that the class has the arguments for it
        if label := self._table(site):
            made = call(f"self.{label}")
        saved = {} if layer.persistent else {"persistent": constant(False)}
        return [expression(call("self.register_buffer", self.key(site), made, **saved))]

    def _tensor(self, site: Site) -> ast.expr:
        """The tensor of a buffer: `torch.tensor([0.5, 0.4])`."""
        layer = site.node.layer
        assert isinstance(layer, Constant)
        dtype = {} if layer.dtype is None else {"dtype": dotted(f"torch.{layer.dtype}")}
        return call("torch.tensor", self._constant(site), **dtype)

    def _table(self, site: Site) -> str:
        """The method that makes the tensor of a buffer; empty for a single number, which needs none."""
        layer = site.node.layer
        if not isinstance(layer, Constant) or not isinstance(layer.value, list | tuple):
            return ""
        if site.body is not self.plan.body:
            return ""
        taken = {e.name for level in self.plan.levels for e in unrolled(level.entries)}
        return fresh(f"_{identifier(site.node.name)}", taken | RESERVED_BY_TORCH)

    def constants(self) -> list[Buffer]:
        """The buffers of the class."""
        return [
            Buffer(
                own_tensor(site),
                in_forward(self._tensor(site)),
                self._table(site),
                keeps=site.first.layer.dtype is not None and "float" in site.first.layer.dtype,
            )
            for site in self.plan.body.sites
            if isinstance(site.first, Node) and isinstance(site.first.layer, Constant)
        ]

    def _constant(self, site: Site) -> ast.expr:
        """What a buffer holds, lists in brackets."""
        tree = self.arguments.argument(site, "value")
        is_list = isinstance(site.node.layer, Constant) and isinstance(
            site.node.layer.value, list | tuple
        )
        if is_list and not isinstance(tree, ast.Tuple | ast.List):
            # A list of another length would be a tensor of another shape.
            if isinstance(tree, ast.ListComp):
                self.arguments.frozen += _lengths(tree)
            else:
                tree = self.arguments.literal(site, "value")
        return _listed(tree)

    # ---- sequences ----------------------------------------------------------------------------------

    def _sequence(self, site: Site) -> ast.expr | list[ast.stmt]:
        """`nn.Sequential(…)`: at once where its children can be listed, else one by one."""
        inner = site.inner
        assert inner is not None
        self.owners.setdefault(id(inner), (name("_"), True))
        plain = [s for s in inner.sites if not s.loop and not s.optional]
        if len(plain) == len(inner.sites):
            values = [self.value(s) for s in plain]
            keys = [self.key(s) for s in plain]
            listed = [v for v in values if not isinstance(v, list)]
            texts = [str(k.value) for k in keys if isinstance(k, ast.Constant)]
            if len(listed) == len(values) == len(texts):
                if texts == [str(k) for k in range(len(texts))]:
                    return call("nn.Sequential", *listed)
                return call("nn.Sequential", _ordered(texts, listed))
        single = self._comprehension(site, inner)
        if single is not None:
            return single
        return self._grown(site, inner)

    def _comprehension(self, site: Site, inner: Body) -> ast.expr | None:
        """`nn.Sequential(*(Block(width) for _ in range(depth)))`, where that is all there is."""
        if len(inner.sites) != 1 or not inner.sites[0].loop or not is_numbered(inner):
            return None
        loop = inner.sites[0]
        if id(loop.step) in self.grown:
            return None
        assert loop.inner is not None
        sites = loop.inner.sites
        if len(sites) != 1 or sites[0].loop or sites[0].optional:
            return None
        value = self.value(sites[0])
        if isinstance(value, list):
            return None
        self._announce(loop)
        return comprehension(site, loop_statement(loop, [expression(value)]))

    def _grown(self, site: Site, inner: Body) -> list[ast.stmt]:
        """A sequence whose children are added one by one."""
        if is_numbered(inner):
            label = self.local_name(site)
            target = name(label)
            made: list[ast.stmt] = [empty_list(label)]
            made += self._children(inner, target, sequential=True)
            whole: ast.expr = call("nn.Sequential", ast.Starred(target, ast.Load()))
            done = self._placed(site, whole)
            return [*made, *done]
        names = {e.name for e in site.levels}
        text = names.pop() if len(names) == 1 else ""
        if not is_plain(text) or site.body is not self.plan.body or site.optional:
            target = name(self.local_name(site))
            made = [assign(target, call("nn.Sequential"))]
            made += self._children(inner, target, sequential=True)
            return [*made, *self._placed(site, target)]
        owner = attribute(name("self"), text)
        made = [assign(owner, call("nn.Sequential"))]
        return [*made, *self._children(inner, owner, sequential=True)]

    def _placed(self, site: Site, whole: ast.expr) -> list[ast.stmt]:
        """The statement that registers a sequence that was grown in a variable."""
        level_body = _level_body(site)
        owner, sequential = self.owners[id(level_body)]
        return self._registered(
            site, owner, whole, sequential=sequential, numbered=is_numbered(level_body)
        )

    def local_name(self, site: Site) -> str:
        """A variable for the list that a sequence is grown in."""
        key = None if site.unnamed else self.key(site)
        text = str(key.value) if isinstance(key, ast.Constant) else ""
        label = identifier(text) if is_plain(text) else identifier(_role(site))
        if label in self._parameters():
            label = f"{label.removesuffix('s')}_modules"  # an argument may have the name
        k, base = 2, label
        while label in self.locals:
            label, k = f"{base}_{k}", k + 1
        self.locals.add(label)
        return label

    def _parameters(self) -> set[str]:
        """The names that may become arguments: the parameters of the block, and of what is around a group."""
        names = {a.label for a in self.plan.arguments.values()}
        scope: Scope | None = self.arguments.planner.scopes[id(self.plan)]
        while scope is not None:
            names |= getattr(scope, "names", frozenset()) | getattr(scope, "variables", frozenset())
            scope = getattr(scope, "outer", None)
        return names

    # ---- loops --------------------------------------------------------------------------------------

    def _loop(
        self, site: Site, owner: ast.expr, *, sequential: bool, numbered: bool
    ) -> Iterator[ast.stmt]:
        inner = site.inner
        assert inner is not None
        body: list[ast.stmt] = []
        for each in inner.sites:
            body += self._written(each, owner, sequential=sequential, numbered=numbered)
        if not body:
            return
        self._announce(site)
        yield loop_statement(site, body)

    def _announce(self, loop: Site) -> None:
        """Ask for what a loop runs over, so that the class has the arguments for it.

        Raises:
            UnrollLoop: If no expression says it.
        """
        try:
            self.arguments.iterated(loop)
        except Untranslatable:
            raise UnrollLoop(loop) from None


def _level_body(site: Site) -> Body:
    body = site.body
    while body.loop is not None and body.parent is not None:
        body = body.parent
    return body


def _ordered(texts: list[str], values: list[ast.expr]) -> ast.expr:
    """`OrderedDict(conv=…)`, or with a dict where the names are no variables."""
    if all(is_plain(text) for text in texts):
        return call("OrderedDict", **dict(zip(texts, values, strict=True)))
    pairs = ast.Dict([constant(text) for text in texts], list(values))
    return call("OrderedDict", pairs)


def _role(site: Site) -> str:
    """A word for what an unnamed step does."""
    first = site.first
    if isinstance(first, Node):
        if first.op == "Add" and any(
            v in level.inputs for level in site.body.levels for v in first.inputs
        ):
            return "residual"
        return identifier(first.op.lower())
    return "layers"


def joined(template: Template, scope: Scope) -> ast.expr:
    """A name with parts that are computed: `f"layer{i + 1}"`."""
    values: list[ast.expr] = []
    for part in template.parts:
        if isinstance(part, str):
            values.append(ast.Constant(part))
        else:
            inner = translate_text(part.expression.text, scope, no_size)
            values.append(ast.FormattedValue(inner, -1, None))
    if len(values) == 1 and isinstance(values[0], ast.FormattedValue):
        return call("str", values[0].value)
    return ast.JoinedStr(values)


def own_tensor(site: Site) -> ast.expr:
    """A parameter or a buffer of the class, by its name."""
    label = site.node.name
    if is_plain(label):
        return attribute(name("self"), label)
    getter = "self.get_parameter" if isinstance(site.node.layer, Parameter) else "self.get_buffer"
    return call(getter, constant(label))


def _lengths(tree: ast.ListComp) -> list[ast.expr]:
    """The expressions in a comprehension that decide on its length, and on those of the lists in it."""
    return [
        part
        for each in walk_tree(tree)
        if isinstance(each, ast.comprehension)
        for part in (each.iter, *each.ifs)
    ]


def _listed(tree: ast.expr) -> ast.expr:
    """Nested lists of numbers in brackets, as people give them to `torch.tensor`."""
    if isinstance(tree, ast.Tuple | ast.List):
        return ast.List(list(map(_listed, tree.elts)), ast.Load())
    return tree


def _filled(
    built: str,
    callee: ast.expr | None,
    positional: list[ast.expr],
    named: dict[str, ast.expr],
    layer: Module,
) -> ast.expr:
    """The call that a layer writes, with trees for its arguments."""
    places = {f"_{k}": value for k, value in enumerate(positional)}
    places.update({f"_{k}": value for k, value in named.items()})
    tree = _Filled(places, named, layer).visit(parse(built))
    assert isinstance(tree, ast.Call)
    if callee is not None:
        tree.func = callee
    return tree


class _Filled(Placed):
    """Puts the arguments of a layer into the call that it writes."""

    def __init__(
        self, places: dict[str, ast.expr], named: dict[str, ast.expr], layer: Module
    ) -> None:
        super().__init__(places)
        self.named, self.layer = named, layer

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """An argument by its name."""
        if isinstance(node.value, ast.Name) and node.value.id in self.values:
            return _keyword(node, self.named, self.values, self.layer)
        return self.generic_visit(node)


def _keyword(
    keyword: ast.keyword, named: dict[str, ast.expr], places: Mapping[str, ast.expr], layer: Module
) -> ast.keyword:
    """A keyword argument of the call, with its value put in."""
    if not isinstance(keyword.value, ast.Name):
        return keyword
    value = places.get(keyword.value.id, keyword.value)
    argument = layer.arguments.get(keyword.value.id[1:])
    if keyword.value.id[1:] not in named or argument is None or argument.required:
        return ast.keyword(keyword.arg, value)
    return defaulted_keyword(keyword.arg, value, argument.default)


def _passed(site: Site, skipped: set[str]) -> set[str]:
    """The arguments that a step passes to its layer: written, inferred, or other than torch's defaults."""
    inferred: set[str] = set()
    changed: set[str] = set()
    layers = set()
    for node in site.nodes:
        assert node.layer is not None
        if node.inputs:
            inferred |= node.layer.inferred_arguments(*node.shapes).keys()
        if id(node.layer) not in layers:
            layers.add(id(node.layer))
            changed |= node.layer.changed().keys()
    changed.update(key.text for key, _ in site.step.arguments)
    return inferred | (changed - skipped)


def _written(site: Site, argument: str) -> bool:
    return any(k.text == argument for k, _ in site.step.arguments)


def _inferred(node: Node) -> bool:
    assert node.layer is not None
    return bool(node.inputs and node.layer.inferred_arguments(*node.shapes))


def is_child(site: Site, chain: bool) -> bool:
    """Whether a site builds something: a module, a parameter or a buffer of its own."""
    first = site.first
    if isinstance(first, Loop):
        return True
    if first.owner is not None:
        return False
    if isinstance(first, Level):
        return site.plan is None or not site.plan.is_function
    if isinstance(first.layer, Function):
        return False
    return chain or as_call(site) is None


def is_numbered(body: Body) -> bool:
    """Whether the children of a level are numbered from 0 without a gap, in every use."""
    level_body = body
    while level_body.loop is not None and level_body.parent is not None:
        level_body = level_body.parent
    for level in level_body.levels:
        names = [
            e.name
            for e in unrolled(level.entries)
            if e.owner is None and not (isinstance(e, Node) and isinstance(e.layer, Function))
        ]
        if names != [str(k) for k in range(len(names))]:
            return False
    return True


def base_class(plan: ClassPlan, *, chain: bool) -> str:
    """What a class derives from, so that each child has its key."""
    if chain:
        return "nn.Sequential"
    names = [
        site
        for site in plan.body.walk()
        if not site.loop
        and site.body.loop is None
        and site.body is plan.body
        and is_child(site, False)
    ]
    loops = [s for s in plan.body.sites if s.loop]
    odd = [
        s
        for s in names
        if any(not is_plain(e.name) for e in s.entries if isinstance(e, Node | Level))
    ]
    if not odd and not loops:
        return "nn.Module"
    labels = [s.first.name for s in names if isinstance(s.first, Node | Level)]
    numbered = labels == [str(k) for k in range(len(names))]
    if loops and not names:
        return "nn.ModuleList" if is_numbered(plan.body) else "nn.ModuleDict"
    if not loops and numbered:
        return "nn.ModuleList"
    return "nn.ModuleDict"
