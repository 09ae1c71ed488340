"""Which arguments are constants, and the defaults of the others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from netspec.codegen.lowering import Lowering
from netspec.codegen.plan_failures import UnrollLoop
from netspec.codegen.plans import ClassPlan, ConstructorArgument
from netspec.codegen.special_nodes import ArgumentRef, CarriedRef, LoopRef
from netspec.codegen.syntax import constant
from netspec.codegen.tree_equality import same
from netspec.expr.traversal import walk_tree
from netspec.syntax import Block

if TYPE_CHECKING:
    from netspec.codegen.program import Program


def _is_width_of_block(plan: ClassPlan, argument: ConstructorArgument, networks: int) -> bool:
    """Whether an argument is the width of a block that is used again: a number at its uses, not in the class.

    Args:
        plan: The class of the block.
        argument: An argument of its constructor.
        networks: The number of networks that the program defines: a use in each of them is one use.
    """
    is_width = argument.kind == "size" and argument.name in ("in_channels", "in_features")
    return is_width and isinstance(plan.definition, Block) and len(plan.levels) > networks


def _depth(plan: ClassPlan) -> int:
    """How many classes deep a class is at most."""
    if plan.root:
        return 0
    return 1 + max((_depth(made.site.body.plan) for made in plan.constructs), default=0)


def _is_literal(node: ast.expr) -> bool:
    return all(
        isinstance(n, ast.Constant | ast.Tuple | ast.UnaryOp | ast.USub | ast.Load | ast.Attribute)
        or (isinstance(n, ast.Name) and n.id in ("nn",))
        for n in walk_tree(node)
    )


def settle_arguments(program: Program) -> None:
    """Decide which arguments are constants, from the network inwards."""
    root = program.planner.root
    live = _live(program)
    order = list(program.graph.root.env)
    by_order = sorted(root.arguments.values(), key=lambda a: order.index(a.name))
    root.arguments = {a.key: a for a in by_order}
    for argument in root.arguments.values():
        argument.default = default = program.value_in(argument, program.graph)
        if argument.name in live:
            continue
        if any(not same(default, program.value_in(argument, m.graph)) for m in program.members):
            from netspec.codegen.preset_functions import NotCarried

            raise NotCarried(f"it changes `{argument.name}`, which the program does not follow")
        argument.constant = default
    for plan in sorted(program.planner.plans, key=_depth):
        if not plan.root:
            _settle_class(program, plan)


def _settle_class(program: Program, plan: ClassPlan) -> None:
    for argument in plan.arguments.values():
        values = []
        for made in plan.constructs:
            lowering = Lowering(made.site.body.plan, program.arguments, set())
            try:
                values.append(lowering.expression(made.values[argument.key]))
            except UnrollLoop:
                values = []
                break
        plain = values and all(_is_literal(v) and same(v, values[0]) for v in values)
        if plain and not _is_width_of_block(plan, argument, len(program.graphs)):
            argument.constant = values[0]
        elif isinstance(plan.definition, Block) and argument.name in plan.definition.parameters:
            declared = plan.definition.parameters[argument.name].default
            value = getattr(declared, "value", None)
            if declared is not None and isinstance(value, int | float | bool):
                argument.default = constant(value)


def _live(program: Program) -> set[str]:
    """The parameters of the file that the program carries."""
    if program.arguments.all_frozen:
        return set()
    frozen: set[str] = set()
    pending: list[ast.expr] = list(program.arguments.frozen)
    seen: set[int] = set()
    while pending:
        tree = pending.pop()
        for node in walk_tree(tree):
            if isinstance(node, LoopRef):
                pending += program.arguments.iterated(node.loop, only=node)
            if isinstance(node, CarriedRef) and id(node.carried) not in seen:
                seen.add(id(node.carried))
                pending += [
                    node.carried.start,
                    node.carried.next,
                    *program.arguments.iterated(node.loop),
                ]
            if isinstance(node, ArgumentRef) and id(node.argument) not in seen:
                seen.add(id(node.argument))
                if node.argument.plan.root:
                    frozen.add(node.argument.name)
                for made in node.argument.plan.constructs:
                    pending.append(made.values[node.argument.key])
                if node.argument.outer is not None:
                    pending.append(node.argument.outer)
    return {a.name for a in program.planner.root.arguments.values() if a.name not in frozen}
