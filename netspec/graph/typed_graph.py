"""The typed graph of a whole spec: its nodes, the tree of its modules, and the sizes that it is valid for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from netspec.dims import Condition, Domain, Shape
from netspec.graph.nodes import Level, Node, Value
from netspec.layers.base import Axes, Layer
from netspec.record import field, record

if TYPE_CHECKING:
    from networkx import DiGraph

    from netspec.elaborate.initialization import Rule


class Restriction(NamedTuple):
    """One condition on the sizes of the inputs.

    Attributes:
        path: The node that asks it.
        symbol: The symbol of which it excludes values; empty for a relation between several.
        domain: What it leaves of the symbol.
    """

    path: str
    symbol: str
    domain: Domain


@record(slots=True)
class Outputs:
    """The output of the network: one tensor, a tuple, or a dict by these names."""

    values: tuple[Value, ...] = ()
    kind: str = "one"
    """`one`, `tuple` or `dict`."""
    names: tuple[str, ...] = ()


@record(slots=True)
class Graph:
    """A spec, unfolded and typed."""

    name: str
    inputs: tuple[Value, ...]
    root: Level
    nodes: list[Node]
    outputs: Outputs
    domains: dict[str, Domain] = field(default_factory=dict)
    """What each symbol of the inputs may be, exactly: the network is valid there and nowhere else."""
    unproved: tuple[Condition, ...] = ()
    """Relations between symbols that must hold as well."""
    restrictions: tuple[Restriction, ...] = ()
    """The conditions that `domains` and `unproved` come from."""
    training: dict[str, Domain] = field(default_factory=dict)
    """What symbols must be, in addition, for the network to be trained."""
    examples: dict[str, int] = field(default_factory=dict)
    """One valid size of each symbol: the declared example, or one that was found."""
    init: dict[tuple[str, str], Rule] = field(default_factory=dict)
    """(path, parameter) to the rule of `init` that applies."""
    derived: dict[object, object] = field(default_factory=dict)
    """What was found out about it on request, kept for the next one."""

    @property
    def parameter_count(self) -> int:
        """All weights, shared ones once."""
        total = 0
        sizes: dict[tuple[Layer, tuple[Shape, ...]], int] = {}
        for node in self.nodes:
            layer = node.layer
            if layer is None or type(layer).parameters is Layer.parameters:
                continue
            if node.owner is not None or node.outputs[0].shape is None:
                continue
            key = (layer, node.shapes)
            count = sizes.get(key)
            if count is None:
                count = sizes[key] = layer.weight_count(*key[1])
            total += count
            if node.ties:
                shapes = layer.parameters(*node.shapes)
                total -= sum(_count(shapes[mine]) for mine, _, _ in node.ties)
        return total

    def macs(self, sizes: Mapping[str, int] | None = None) -> int:
        """MACs of one forward pass at these sizes (by default `examples`)."""
        from netspec.graph.costs import node_macs

        counted_sizes = {**self.examples, **(sizes or {})}
        costs: dict[tuple[Layer, tuple[Shape, ...]], int] = {}
        total = 0
        for node in self.nodes:
            if node.layer is None or type(node.layer).macs is Layer.macs:
                continue
            key = (node.layer, node.shapes)
            if key not in costs:
                costs[key] = node_macs(node, counted_sizes)
            total += costs[key]
        return total

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The ops with an unknown number of MACs, which `macs` leaves out."""
        from netspec.graph.costs import is_counted

        return tuple(dict.fromkeys(node.op for node in self.nodes if not is_counted(node)))

    def to_networkx(self) -> DiGraph[str]:
        """The flat graph for graph algorithms: nodes by path, edges with the shapes that flow."""
        from networkx import DiGraph

        graph: DiGraph[str] = DiGraph(name=self.name)
        for value in self.inputs:
            graph.add_node(value.node.path, op="input", shape=value.shape)
        for node in self.nodes:
            graph.add_node(node.path, op=node.op, shape=node.outputs[0].shape, layer=node.layer)
            for value in node.inputs:
                graph.add_edge(value.node.path, node.path, shape=value.shape)
        return graph


def _count(shape: Axes) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
