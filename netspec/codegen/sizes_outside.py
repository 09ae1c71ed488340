"""Sizes of a class in the terms of the site that constructs it."""

from __future__ import annotations

import ast

from netspec.codegen.argument_writer import ArgumentWriter
from netspec.codegen.loop_sizes import Carried, closed_form, varies
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import (
    ArgumentRef,
    CarriedRef,
    LoopRef,
)
from netspec.codegen.syntax import constant
from netspec.expr.traversal import CopyingTransformer
from netspec.graph import Loop


class HandedIn(CopyingTransformer):
    """Replaces the arguments of a class by what one site gives for them."""

    def __init__(self, writer: ArgumentWriter, site: Site) -> None:
        self.writer, self.site = writer, site

    def visit_ArgumentRef(self, node: ArgumentRef) -> ast.expr:
        """What the site gives for an argument."""
        return self.writer.handed(self.site, node.argument)

    def visit_CarriedRef(self, node: CarriedRef) -> ast.expr:
        """The size after a loop, by its formula."""
        formula = closed_form(node)
        carried = node.carried
        if formula is None and node.after and not varies(carried.next, carried.loop):
            formula = carried.next  # what every iteration gives
        if formula is None and node.after:
            formula = self._of_last_iteration(carried)
        if formula is None or not node.after:
            raise Untranslatable("a size that a loop inside changes")
        return self.visit(formula)  # type: ignore[no-any-return]

    def _of_last_iteration(self, carried: Carried) -> ast.expr | None:
        """What the last item of the list that a loop runs over makes a size; None if more decides it."""
        loop = carried.loop
        counts = [len(entry.iterations) for entry in loop.entries if isinstance(entry, Loop)]
        if loop.step.each is None or not all(counts):
            return None
        made: ast.expr = _LastItem(self.writer, loop).visit(carried.next)
        return None if varies(made, loop) else made


class _LastItem(CopyingTransformer):
    """Replaces the variables of a loop over lists by the last items of these."""

    def __init__(self, writer: ArgumentWriter, loop: Site) -> None:
        self.writer, self.loop = writer, loop

    def visit_LoopRef(self, node: LoopRef) -> ast.expr:
        """The last item, or a variable of another loop."""
        if node.loop is not self.loop or node.word != "value":
            return node
        (values,) = self.writer.iterated(self.loop, node)
        match values:
            case ast.Name() | ast.Attribute():
                return ast.Subscript(values, constant(-1), ast.Load())
            case ast.Tuple(items) | ast.List(items) if items:
                return items[-1]
        return node
