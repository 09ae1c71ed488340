"""One program for a file and its presets: which of them it carries, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.codegen.generation import Generated, Rewrite, generate
from netspec.codegen.plan_failures import CannotMerge
from netspec.codegen.preset_functions import LeftOut, Member, NotCarried
from netspec.diagnostics import Diagnostics, SpecError
from netspec.elaborate import Catalog, elaborate
from netspec.graph import Graph
from netspec.syntax import Spec


class Family(NamedTuple):
    """A program with a function for each preset that it carries.

    Attributes:
        generated: The program.
        carried: The names of these presets.
        left_out: The others.
    """

    generated: Generated
    carried: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def generate_family(
    graph: Graph,
    file: str,
    spec: Spec,
    settings: Mapping[str, object] | None = None,
    catalog: Catalog | None = None,
    rewrite: Rewrite | None = None,
) -> Family:
    """The program that defines a network and the presets of its file.

    A preset is carried if its graph, laid next to those of the others, is the program with other arguments.

    Args:
        graph: The network, whose parameters are the defaults of the program.
        file: The path of the spec, which the header names.
        spec: What the spec says.
        settings: What the caller sets of the parameters, over what a preset sets.
        catalog: The layers that the spec may use.
        rewrite: A change of the finished tree.

    Raises:
        SpecError: If no program can define the network.
    """
    members: list[Member] = []
    left_out: list[LeftOut] = []
    for preset in spec.presets:
        diagnostics = Diagnostics()
        unfolded = elaborate(spec, diagnostics, dict(settings or {}), preset, None, catalog)
        if unfolded is None or diagnostics.failed:
            left_out.append(LeftOut(preset, "the network has errors with it"))
        else:
            members.append(Member(preset, unfolded))
    generated, carried, others = _carried(graph, file, spec, members, rewrite)
    order = list(spec.presets)
    left_out = sorted([*left_out, *others], key=lambda each: order.index(each.preset))
    return Family(generated, tuple(m.preset for m in carried), tuple(left_out))


def _carried(
    graph: Graph, file: str, spec: Spec, members: Sequence[Member], rewrite: Rewrite | None
) -> tuple[Generated, list[Member], list[LeftOut]]:
    """The program for as many members as it carries, these, and the others."""
    try:
        return generate(graph, file, spec, members, rewrite), list(members), []
    except (CannotMerge, NotCarried, SpecError):
        pass
    generated = generate(graph, file, spec, rewrite=rewrite)
    carried: list[Member] = []
    left_out: list[LeftOut] = []
    for member in members:
        try:
            generated = generate(graph, file, spec, [*carried, member], rewrite)
        except (CannotMerge, NotCarried, SpecError) as error:
            left_out.append(LeftOut(member.preset, _reason(error)))
        else:
            carried.append(member)
    return generated, carried, left_out


def _reason(error: Exception) -> str:
    if isinstance(error, CannotMerge):
        return f"`{error.plan.base_name}` cannot be one class with it: {error.reason}"
    return str(error)
