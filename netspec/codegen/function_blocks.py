"""Blocks without modules: functions of the program, as `split_heads(query, heads)`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Set

from netspec.codegen.functional import TRAINED, as_call
from netspec.codegen.identifiers import fresh, is_plain, local
from netspec.codegen.plans import ClassPlan
from netspec.codegen.sites import Site, loop_around
from netspec.graph import Level, Node
from netspec.layer.base import Function
from netspec.syntax import Block


class NotAFunction(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """A block without modules that no function says: which one."""

    def __init__(self, plan: ClassPlan) -> None:
        super().__init__(plan.base_name)
        self.plan = plan


def mark_functions(
    plans: Collection[ClassPlan],
    chains: Set[ClassPlan],
    shared_uses: Mapping[int, list[Level]],
    as_classes: Set[int],
) -> None:
    """Decide which blocks are functions: all that they apply are functions, and all uses call them by name.

    Args:
        plans: The classes of the program, each before those of the groups in it.
        chains: The classes that are an `nn.Sequential`.
        shared_uses: The levels that are another one again, by the identity of that one.
        as_classes: The blocks that no function says, by their identity.
    """
    candidates = [
        plan
        for plan in plans
        if isinstance(plan.definition, Block)
        and id(plan.definition) not in as_classes
        and plan not in chains
        and not any(id(level) in shared_uses or level.owner is not None for level in plan.levels)
    ]
    if not candidates:
        return
    rejected = {plan for plan in candidates if not plan.body.sites}
    for plan in plans:
        for site in plan.body.walk():
            is_call = site.body is plan.body and plan not in chains and _is_called_by_name(site)
            if site.plans and not is_call:
                rejected.update(site.plans)
    changed = True
    while changed:
        remaining = [plan for plan in candidates if plan not in rejected]
        failing = {p for p in remaining if not all(_is_call(s, remaining) for s in p.body.sites)}
        rejected |= failing
        changed = bool(failing)
    for plan in remaining:
        plan.is_function = True


def _is_called_by_name(site: Site) -> bool:
    """Whether the use of a block is one step, which is always there."""
    if len(site.plans) != 1 or site.optional or site.unnamed or loop_around(site.body) is not None:
        return False
    levels = [entry for entry in site.entries if isinstance(entry, Level)]
    return all(is_plain(v.name) and v.owner is None and not v.checkpoint for v in levels)


def _is_call(site: Site, functions: Collection[ClassPlan]) -> bool:
    """Whether a step of a function needs no module."""
    if site.loop or site.optional:
        return False
    if isinstance(site.first, Level):
        return site.plan in functions
    if any(node.owner is not None or node.checkpoint for node in site.nodes):
        return False
    if all(isinstance(node.layer, Function) for node in site.nodes):
        return True
    trained = any(type(node.layer).__name__ in TRAINED for node in site.nodes)
    return isinstance(site.first, Node) and not trained and as_call(site) is not None


def function_name(plan: ClassPlan, taken: Collection[str]) -> str:
    """`split_heads` for a block `SplitHeads`; no variable of a method has the name."""
    label = local(plan.base_name.rpartition(".")[2])
    return label if label not in taken else fresh(f"apply_{label}", taken)


def check_variables(plan: ClassPlan, function: ast.FunctionDef) -> None:
    """Hold that the arguments of a function and its variables are different ones.

    Raises:
        NotAFunction: If one name stands for both.
    """
    labels = [argument.arg for argument in function.args.args]
    if len({*labels}) != len(labels) or any(a.kind == "size" for a in plan.written_arguments):
        raise NotAFunction(plan)
    numbers = {a.label for a in plan.written_arguments}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in numbers:
            raise NotAFunction(plan)
