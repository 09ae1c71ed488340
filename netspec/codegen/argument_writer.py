"""What `Sizes` asks of the arguments of steps."""

from __future__ import annotations

import ast

from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import (
    LoopRef,
)
from netspec.codegen.value_references import (
    Ref,
)


class ArgumentWriter:
    """What `Sizes` asks of the arguments of steps. `Arguments` in `argument_expressions.py` is it."""

    def argument(self, site: Site, name: str) -> ast.expr:
        """The expression of an argument of a layer."""
        raise NotImplementedError

    def written(self, site: Site, name: str, place: int | None = None) -> ast.expr:
        """The expression that the spec writes for an argument, or for one item of it."""
        raise NotImplementedError

    def handed(self, site: Site, argument: ConstructorArgument) -> ast.expr:
        """What a site gives for an argument of its class."""
        raise NotImplementedError

    def condition(self, site: Site) -> ast.expr:
        """The condition under which a site is there."""
        raise NotImplementedError

    def input_ref(self, site: Site, number: int) -> Ref:
        """The tensor that flows into a site."""
        raise NotImplementedError

    def input_refs(self, site: Site) -> list[Ref]:
        """All tensors that flow into a site."""
        raise NotImplementedError

    def iterations(self, loop: Site) -> ast.expr:
        """How many iterations a loop has."""
        raise NotImplementedError

    def iterated(self, loop: Site, only: LoopRef | None = None) -> list[ast.expr]:
        """What a loop runs over, or the list of one variable of it."""
        raise NotImplementedError

    def counter(self, loop: Site) -> str:
        """The variable whose index counts the iterations."""
        raise NotImplementedError

    def in_scope(self, place: object, plan: ClassPlan) -> ast.expr:
        """A value written at the top of the file."""
        raise NotImplementedError
