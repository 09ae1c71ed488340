"""The typed graph of a whole spec: its nodes, the tree of its modules, and the sizes that it is valid for."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from netspec.dims import Condition, Domain, Shape
from netspec.graph.nodes import Level, Node, Value
from netspec.layer.base import Layer
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
    r"""The outputs of a network.

    Attributes:
        values: The values, in order.
        kind: `one`, `tuple` or `dict`.
        names: The keys of a dict.

    Example:
        >>> import netspec
        >>> text = "netspec: 1\ninputs: {t: [N, 4]}\nbody: [{act: ReLU}]\noutputs: {scores: act}"
        >>> outputs = netspec.load(text).elaborate().outputs
        >>> outputs.kind, outputs.names
        ('dict', ('scores',))
    """

    values: tuple[Value, ...] = ()
    kind: str = "one"
    names: tuple[str, ...] = ()


@record(slots=True)
class Graph:
    r"""The typed graph of a network, as `Network.elaborate` returns it.

    Attributes:
        name: The name of the network.
        inputs: The inputs of the network.
        root: The tree of modules, with the loops of the spec.
        nodes: All nodes in execution order.
        outputs: The outputs of the network.
        domains: The valid values of each symbol of the inputs.
        unproved: Relations between symbols that must hold as well.
        restrictions: The conditions that `domains` and `unproved` come from, each with its node.
        training: The values of symbols with which the network can be trained.
        examples: A valid size for each symbol: the declared example, or one that netspec chooses.
        init: The rules of `init` by (path, parameter).
        derived: Results that are computed on request and cached.

    Example:
        >>> import netspec
        >>> graph = netspec.load(
        ...     "netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [{op: Conv2d, out_channels: 8, kernel_size: 3}]"
        ... ).elaborate()
        >>> [node.op for node in graph.nodes], graph.parameter_count, graph.macs({"H": 8, "W": 8})
        (['Conv2d'], 224, 7776)
    """

    name: str
    inputs: tuple[Value, ...]
    root: Level
    nodes: list[Node]
    outputs: Outputs
    domains: dict[str, Domain] = field(default_factory=dict)
    unproved: tuple[Condition, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    training: dict[str, Domain] = field(default_factory=dict)
    examples: dict[str, int] = field(default_factory=dict)
    init: dict[tuple[str, str], Rule] = field(default_factory=dict)
    derived: dict[object, object] = field(default_factory=dict)

    @property
    def parameter_count(self) -> int:
        """The number of elements of all parameters; shared ones count once."""
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
                total -= sum(prod(shapes[mine]) for mine, _, _ in node.ties)
        return total

    def macs(self, sizes: Mapping[str, int] | None = None) -> int:
        """Count the MACs of one forward pass.

        Args:
            sizes: The sizes of symbols; `examples` for the others.

        Returns:
            The multiply-accumulate operations, without those of the ops in `uncounted`.
        """
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
        """The custom layers without `macs`, whose cost is unknown."""
        from netspec.graph.costs import is_counted

        return tuple(dict.fromkeys(node.op for node in self.nodes if not is_counted(node)))

    def to_networkx(self) -> DiGraph[str]:
        """Convert the flat graph for graph algorithms. It requires networkx.

        Returns:
            A graph whose nodes are paths, with the attributes `op`, `shape` and `layer`. An edge has
            the `shape` of the value.
        """
        from networkx import DiGraph

        graph: DiGraph[str] = DiGraph(name=self.name)
        for value in self.inputs:
            graph.add_node(value.node.path, op="input", shape=value.shape)
        for node in self.nodes:
            graph.add_node(node.path, op=node.op, shape=node.outputs[0].shape, layer=node.layer)
            for value in node.inputs:
                graph.add_edge(value.node.path, node.path, shape=value.shape)
        return graph
