"""The names of classes and functions: their own, those of their roles, or those of their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.codegen.forward import RUNNING
from netspec.codegen.function_blocks import function_name
from netspec.codegen.identifiers import (
    BUILTINS,
    RESERVED,
    camel,
    class_name,
    fresh,
    input_names,
    local,
)
from netspec.codegen.plans import ClassPlan
from netspec.codegen.tensor_names import result_names
from netspec.codegen.torch_names import OF_TORCH_NN
from netspec.graph import Node
from netspec.graph.captures import unrolled
from netspec.layer.base import Module
from netspec.syntax import Block

if TYPE_CHECKING:
    from netspec.codegen.program import Program


OTHER_NAMES = frozenset(
    {"OrderedDict", "Tensor", "Callable", "Self", "partial", "contextmanager", "nullcontext"}
)
"""Other names that a program imports; no class may have one of them."""


def name_classes(program: Program) -> None:
    """Give every class its name: blocks first, which have a claim to theirs."""
    root = program.planner.root
    taken = {*RESERVED, *BUILTINS, *program.own_imports, *OTHER_NAMES, *OF_TORCH_NN}
    blocks = {
        class_name(p.base_name) for p in program.planner.plans if isinstance(p.definition, Block)
    }
    own = camel(program.graph.name)
    root.name = own if own not in taken | blocks else fresh(f"{own}Network", taken | blocks)
    taken.add(root.name)
    functions = [plan for plan in program.planner.plans if plan.is_function]
    if functions:
        variables = taken | _variables(program)
        for plan in functions:
            plan.name = function_name(plan, variables)
            variables.add(plan.name)
            taken.add(plan.name)
    for plan in sorted(program.planner.plans, key=lambda p: not isinstance(p.definition, Block)):
        if not plan.root and not plan.is_function:
            plan.name = _distinct(program, plan, taken)
            taken.add(plan.name)


def _variables(program: Program) -> set[str]:
    """The names that variables of a method may have."""
    names = {*RUNNING, "total", "module", "name", *input_names(program.graph)}
    titles = {*program.graph.outputs.names}
    for plan in program.planner.plans:
        names |= {a.label for a in plan.arguments.values()}
        if isinstance(plan.definition, Block):
            titles |= {place.text for place in plan.definition.inputs or ()}
        for level in plan.levels:
            for entry in unrolled(level.entries):
                titles |= {entry.name, *result_names(entry)}
    return names | set(map(local, titles))


def _distinct(program: Program, plan: ClassPlan, taken: set[str]) -> str:
    """A name that says what the class is: its own, that of its role, or with what it is part of."""
    own = class_name(plan.base_name)
    if plan.site is not None and plan.site.unnamed:
        own = _role(plan)
    if own not in taken:
        return own
    outer = plan.site.body.plan.name if plan.site is not None else program.planner.root.name
    place = camel("_".join(plan.levels[0].path.split(".")))
    for label in (f"{outer}{own}", f"{own}Of{place}", place):
        if label not in taken:
            return label
    return fresh(own, taken)


def _role(plan: ClassPlan) -> str:
    """What a group without a name does, by the layers in it: `Downsample`, `LayerNormLinear`."""
    nodes = [site.node for site in plan.body.walk() if isinstance(site.first, Node)]
    strides = [getattr(n.layer, "stride", 1) for n in nodes if n.op.startswith("Conv")]
    first = (
        plan.levels[0].path.split(".")[-1] == "0"
        and plan.levels[0].outer_inputs[:1] == plan.graph.inputs[:1]
    )
    if first:
        return "Stem"
    if any(n.op.startswith(("ConvTranspose", "Upsampl", "Interpolate")) for n in nodes):
        return "Upscale"
    if any(s not in (1, (1,), (1, 1), (1, 1, 1)) for s in strides):
        return "Downsample"
    own_inputs = set(map(id, plan.levels[0].inputs))
    if any(n.op == "Add" and own_inputs & set(map(id, n.inputs)) for n in nodes):
        return "Residual"
    kinds = list(dict.fromkeys(n.op for n in nodes if isinstance(n.layer, Module)))[:3]
    if len(kinds) == 1:
        return f"{kinds[0]}Block"
    return "".join(kinds) or class_name(plan.site.body.plan.base_name if plan.site else "") + "Part"
