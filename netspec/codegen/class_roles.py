"""Names of groups that the spec leaves unnamed: what the layers in them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.codegen.identifiers import (
    class_name,
)
from netspec.codegen.plans import ClassPlan
from netspec.graph import Node
from netspec.layers.base import Module

if TYPE_CHECKING:
    pass


def role(plan: ClassPlan) -> str:
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
