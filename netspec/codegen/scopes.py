"""What the names in a spec's expressions mean in the class that is written for them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from netspec.codegen.list_items import item_of
from netspec.codegen.special_nodes import argument_ref, loop_ref
from netspec.codegen.syntax import constant, index
from netspec.document import Scalar, Sequence, TextNode
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from netspec.codegen.plans import ClassPlan
    from netspec.codegen.sites import Site
    from netspec.syntax import Spec


class Untranslatable(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """An expression that cannot be written in terms of the class's arguments."""


class Scope:
    """The names of one place: `name` gives the expression for one."""

    file: Spec | None = None

    def name(self, name: str, word: str = "value") -> ast.expr:
        """The expression for a bare name, or for a loop variable's `index`, `first` or `last`.

        Raises:
            Untranslatable: If the class cannot know it.
        """
        raise Untranslatable(f"{name} ({word})")

    def block(self, text: str) -> Block | None:
        """The block of that name, as this place sees it."""
        spec = self.file
        *files, last = text.split(".")
        for part in files:
            spec = spec.uses.get(part) if spec is not None else None
        return spec.blocks.get(last) if spec is not None else None


class PlanScope(Scope):
    """The parameters of a block, or of the whole file: constructor arguments of the class."""

    def __init__(self, plan: ClassPlan, names: frozenset[str], file: Spec | None) -> None:
        self.plan, self.names, self.file = plan, names, file

    def name(self, name: str, word: str = "value") -> ast.expr:
        """The argument of a parameter."""
        if name not in self.names or word != "value":
            raise Untranslatable(name)
        return argument_ref(self.plan.parameter(name))


class GroupScope(Scope):
    """A group that becomes a class: what the names mean around it, as constructor arguments."""

    def __init__(self, plan: ClassPlan, outer: Scope) -> None:
        self.plan, self.outer, self.file = plan, outer, outer.file

    def name(self, name: str, word: str = "value") -> ast.expr:
        """The argument that hands a name in."""
        expression = self.outer.name(name, word)
        if isinstance(expression, ast.Constant):
            return expression
        return argument_ref(self.plan.free_name(name, word, expression))


class LoopScope(Scope):
    """The body of a loop; with `iteration`, of one iteration that is written out."""

    def __init__(self, outer: Scope, loop: Site, iteration: int | None = None) -> None:
        self.outer, self.loop, self.iteration, self.file = outer, loop, iteration, outer.file
        step = loop.step
        self.lists = {key.text: node for key, node in step.each or ()}
        self.variables = frozenset(self.lists) if step.each is not None else frozenset({"i"})

    @property
    def count(self) -> int | None:
        """The number of iterations; None where the uses differ in it."""
        counts = {len(e.iterations) for e in self.loop.entries if e is not None}  # type: ignore[union-attr]
        return counts.pop() if len(counts) == 1 else None

    def name(self, name: str, word: str = "value") -> ast.expr:
        """A variable of the loop, or a name around it."""
        if name not in self.variables:
            return self.outer.name(name, word)
        if self.iteration is None:
            return loop_ref(self.loop, name, word)
        if word == "last":
            if self.count is None:
                raise Untranslatable(name)
            return constant(self.iteration == self.count - 1)
        if word != "value":
            return constant(self.iteration if word == "index" else self.iteration == 0)
        if name == "i" and self.loop.step.each is None:
            return constant(self.iteration)
        return self._item(name)

    def _item(self, name: str) -> ast.expr:
        """The item of the iteration that is written out."""
        assert self.iteration is not None
        place = self.lists[name]
        if isinstance(place, Sequence):
            item = place.items[self.iteration]
            return _plain(item, self.outer)
        from netspec.codegen.expressions import translate_static

        values = translate_static(place, self.outer)
        item_expression = item_of(values, self.iteration, self.count)
        return (
            index(values, constant(self.iteration)) if item_expression is None else item_expression
        )


class BranchScope(LoopScope):
    """A branch that a loop in a list of branches makes for one item."""

    def __init__(self, outer: Scope, branch: Step, iteration: int, count: int) -> None:
        self.outer, self.iteration, self.file = outer, iteration, outer.file
        self.branches = count
        self.lists = {key.text: node for key, node in branch.each or ()}
        self.variables = frozenset(self.lists)

    @property
    def count(self) -> int:
        """The number of branches."""
        return self.branches

    def name(self, name: str, word: str = "value") -> ast.expr:
        """A variable of the loop, or a name around it."""
        if name not in self.variables:
            return self.outer.name(name, word)
        if word == "value":
            return self._item(name)
        last = self.iteration == self.count - 1
        return constant({"index": self.iteration, "first": not self.iteration, "last": last}[word])


class InlineBlockScope(Scope):
    """A block that is written where it is used: its parameters are what the use gives for them."""

    def __init__(self, outer: Scope, block: Block, use: Step) -> None:
        self.outer, self.of, self.use, self.file = outer, block, use, block.file

    def name(self, name: str, word: str = "value") -> ast.expr:
        """What the use gives for a parameter, or its default."""
        if word != "value" or name not in self.of.parameters:
            raise Untranslatable(name)
        for key, value in self.use.arguments:
            if key.text == name:
                return _plain(value, self.outer, self.of.parameters[name].type)
        default = self.of.parameters[name].default
        if default is None:
            raise Untranslatable(name)
        return _plain(default, self, self.of.parameters[name].type)


class OpaqueScope(Scope):
    """A place whose loop variables differ in ways that no expression says."""

    def __init__(self, outer: Scope, hidden: set[str] | None = None) -> None:
        self.outer, self.hidden, self.file = outer, hidden, outer.file

    def name(self, name: str, word: str = "value") -> ast.expr:
        """A name that no loop variable hides."""
        if self.hidden is None or name in self.hidden:
            raise Untranslatable(name)
        return self.outer.name(name, word)


def _plain(place: TextNode, scope: Scope, kind: str = "") -> ast.expr:
    """A value that is written as a literal or an expression."""
    from netspec.codegen.expressions import translate_static

    if kind == "op" and isinstance(place, Scalar) and place.text.isidentifier():
        return scope.name(place.text)
    if kind == "str" and isinstance(place, Scalar) and isinstance(place.value, str):
        text = place.value
        if not text.startswith("="):
            return constant(text)
    return translate_static(place, scope)
