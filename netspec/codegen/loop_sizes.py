"""Sizes that a loop changes: as a formula where they grow evenly, else as a variable."""

from __future__ import annotations

import ast

from netspec.codegen.sites import Site
from netspec.codegen.special_nodes import (
    ArgumentRef,
    CarriedRef,
    LoopRef,
    loop_ref,
)
from netspec.codegen.syntax import constant
from netspec.codegen.tree_arithmetic import (
    add,
    multiply,
)
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import walk_tree


class Carried:
    """A size that a loop changes: what it is before, and after an iteration.

    Attributes:
        start: Before the first iteration, in the terms around the loop.
        next: After an iteration, in the terms of the loop.
    """

    def __init__(self, loop: Site, name: str) -> None:
        self.loop, self.name = loop, name
        self.start: ast.expr = constant(None)
        self.next: ast.expr = constant(None)
        self.read_after = False
        self.count: ast.expr | None = None
        self.counter = "i"

    def depends_on(self, loop: Site, seen: frozenset[int]) -> bool:
        """Whether what it is behind its own loop differs between the iterations of another."""
        parts = [self.start, self.next, *([self.count] if self.count is not None else [])]
        return any(varies(part, loop, seen) for part in parts) if loop is not self.loop else False


def growth(carried: Carried) -> ast.expr | None:
    """What every iteration adds to a size, where that is the same each time; None where it is not."""
    following = carried.next
    if isinstance(following, CarriedRef) and following.carried is carried:
        return constant(0)
    if same(following, carried.start) and not varies(following, carried.loop):
        return constant(0)
    if not isinstance(following, ast.BinOp) or not isinstance(following.op, ast.Add):
        return None
    left = following.left
    if not isinstance(left, CarriedRef) or left.carried is not carried:
        return None
    return None if varies(following.right, carried.loop) else following.right


def with_formula(size: ast.expr) -> ast.expr:
    """A size, by its formula if a loop changes it evenly."""
    formula = closed_form(size) if isinstance(size, CarriedRef) else None
    return size if formula is None else formula


def closed_form(node: CarriedRef) -> ast.expr | None:
    """A size that grows evenly as a formula; None for one that needs a variable."""
    carried = node.carried
    step = growth(carried)
    if step is None:
        return None
    if same(step, constant(0)):
        return carried.start
    times = carried.count if node.after else loop_ref(carried.loop, carried.counter, "index")
    return add(carried.start, multiply(times, step)) if times is not None else None


def varies(node: ast.expr, loop: Site, seen: frozenset[int] = frozenset()) -> bool:
    """Whether an expression differs between the iterations of a loop."""
    for part in walk_tree(node):
        if isinstance(part, LoopRef) and part.loop is loop:
            return True
        if isinstance(part, CarriedRef):
            carried = part.carried
            if carried.loop is loop and not part.after:
                return True
            if id(carried) not in seen and carried.depends_on(loop, seen | {id(carried)}):
                return True
        if isinstance(part, ArgumentRef):
            outer = part.argument.outer
            if outer is not None and varies(outer, loop, seen):
                return True
    return False
