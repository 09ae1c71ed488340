"""What becomes a class of the program: a block, a group that is no plain sequence, and the whole network."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from netspec.codegen.identifiers import fresh, variable
from netspec.codegen.sites import Body
from netspec.codegen.tree_equality import same
from netspec.graph import Graph, Level, Node
from netspec.layer.base import Module
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from netspec.codegen.sites import Site
    from netspec.codegen.special_nodes import Construct


class ConstructorArgument:
    """An argument of a class's constructor.

    Attributes:
        plan: The class.
        name: Its name in the spec.
        label: Its name in the program.
        key: What tells it from the others of its class.
        kind: `parameter` of the spec, a `size` of an input, a `free` name of the place around a group, or a
            `value` that differs between uses without an expression for it.
        default: What the spec gives where a use says nothing.
        outer: For a free name: its value where the class is constructed.
        values: For a value: by use.
        constant: Its value, where it is the same wherever the class is used.
        in_forward: Whether `forward` reads it.
        mentioned: Whether the class's code mentions it.
        holds_ops: Whether texts in it name layers.
        is_iterated: Whether a loop over it is written out, so that the program holds its length.
    """

    def __init__(self, plan: ClassPlan, name: str, kind: str) -> None:
        self.plan, self.name, self.kind = plan, name, kind
        self.key = f"{kind} {name}"
        self.label: str = fresh(variable(name), {a.label for a in plan.arguments.values()})
        self.default: ast.expr | None = None
        self.outer: ast.expr | None = None
        self.values: list[object] = []
        self.sample: object = None
        self.place: tuple[int, int] | None = None
        self.constant: ast.expr | None = None
        self.in_forward = False
        self.mentioned = False
        self.holds_ops = False
        self.is_iterated = False


class ClassPlan:
    """One class of the program.

    Attributes:
        definition: The block or the group's step; None for the network.
        base_name: What it is called before names are made unique.
        levels: The uses, one level each.
        body: Its sites.
        arguments: Its constructor arguments by name.
        constructs: The calls of its constructor.
        site: For a group, the site that it is.
        expansion: How many times its width its result has, where other classes may be in its place.
        is_function: Whether it is a function: nothing in it has a module.
    """

    def __init__(self, graph: Graph, definition: Block | Step | None, base_name: str) -> None:
        self.graph = graph
        self.definition = definition
        self.base_name = base_name
        self.name = base_name
        self.levels: list[Level] = []
        self.body: Body = Body(self, [])
        self.arguments: dict[str, ConstructorArgument] = {}
        self.constructs: list[Construct] = []
        self.site: Site | None = None
        self.expansion: int | None = None
        self.is_function = False
        self.order = 0

    @property
    def written_arguments(self) -> list[ConstructorArgument]:
        """The arguments that its constructor takes."""
        return [a for a in self.arguments.values() if a.mentioned and a.constant is None]

    @property
    def signature(self) -> list[ConstructorArgument]:
        """The arguments in the order of its constructor: sizes first, then as the spec declares them."""
        order = {name: place for place, name in enumerate(self._declared_names)}
        return sorted(
            self.written_arguments,
            key=lambda a: (a.default is not None, a.kind != "size", order.get(a.name, len(order))),
        )

    @cached_property
    def _declared_names(self) -> list[str]:
        """The parameters of the block, or of what is around a group."""
        plan = self
        while plan.site is not None:
            plan = plan.site.body.plan
        if isinstance(plan.definition, Block):
            return list(plan.definition.parameters)
        return list(plan.graph.root.env)

    @cached_property
    def is_numbered(self) -> bool:
        """Whether all of its layers and levels are unnamed steps that are always there, without a gap."""
        sites = self.body.sites
        if any(site.loop or site.optional for site in sites):
            return False
        modules = [
            site
            for site in sites
            if isinstance(site.first, Level) or isinstance(site.node.layer, Module)
        ]
        keys = [{e.name for e in site.entries if isinstance(e, Node | Level)} for site in modules]
        return len(keys) > 1 and keys == [{str(k)} for k in range(len(keys))]

    @property
    def root(self) -> bool:
        """Whether it is the whole network."""
        return self.definition is None

    def parameter(self, name: str) -> ConstructorArgument:
        """The argument for a parameter of the spec."""
        return self._argument(name, "parameter")

    def free_name(self, name: str, word: str, outer: ast.expr) -> ConstructorArgument:
        """The argument for a name that a group reads from around it."""
        argument = self._argument(name if word == "value" else f"{name}_{word}", "free")
        argument.outer = outer
        return argument

    def size(self, name: str, number: int, axis: int) -> ConstructorArgument:
        """The argument for a size of an input, in all uses the same dimension."""
        for argument in self.arguments.values():
            if argument.place == (number, axis):
                return argument
        argument = self._argument(self.fresh(name), "size")
        argument.place = (number, axis)
        return argument

    def captured_size(self, name: str, outer: ast.expr) -> ConstructorArgument:
        """The argument for a size of a tensor that a group reads from around it."""
        for argument in self.arguments.values():
            if (
                argument.kind == "size"
                and argument.outer is not None
                and same(argument.outer, outer)
            ):
                return argument
        argument = self._argument(self.fresh(name), "size")
        argument.outer = outer
        return argument

    def value(self, name: str, values: list[object]) -> ConstructorArgument:
        """The argument for a value that differs from use to use."""
        for argument in self.arguments.values():
            if argument.kind == "value" and argument.values == values:
                return argument
        argument = self._argument(self.fresh(name), "value")
        argument.values = values
        return argument

    def fresh(self, name: str) -> str:
        """A name that no argument has."""
        taken = {a.name for a in self.arguments.values()}
        if isinstance(self.definition, Block):
            taken |= self.definition.parameters.keys()
        candidate, k = name, 2
        while candidate in taken:
            candidate, k = f"{name}_{k}", k + 1
        return candidate

    def _argument(self, name: str, kind: str) -> ConstructorArgument:
        argument = self.arguments.get(f"{kind} {name}")
        if argument is None:
            argument = ConstructorArgument(self, name, kind)
            self.arguments[argument.key] = argument
        return argument
