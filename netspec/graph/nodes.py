"""The typed graph of a spec. Values flow along edges, nodes apply layers, levels contain nodes.

`Graph.nodes` is the flat graph in execution order. `Graph.root` has the same nodes as the tree of modules that the
paths describe, with the loops of the spec, for code generation and pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.dims import Condition, Domain, Shape, evaluate
from netspec.document import Node as Place
from netspec.layers.base import ConcreteShape, Layer
from netspec.limits import MOST_TENSORS
from netspec.record import field, record
from netspec.syntax import Block, Step

if TYPE_CHECKING:
    from networkx import DiGraph

    from netspec.elaborate.initialization import Rule

BATCH = ("N", "B")
"""The symbols that stand for a batch: costs are counted for one item of it."""

Environment = Mapping[str, object]
"""Parameters and loop variables by name."""


class Value:
    """A tensor that flows from one node to others.

    Attributes:
        node: The node that computes it, or the input of the network.
        index: The index among the results of that node.
        shape: The sizes, which may be symbolic; None after an error.
        dtype: The element type, as PyTorch spells it without `torch.`.
        outer: Inside a level, the value outside that it is an input for; otherwise None.
    """

    __slots__ = ("dtype", "index", "node", "outer", "shape")

    def __init__(
        self,
        node: Node,
        index: int,
        shape: Shape | None,
        dtype: str,
        outer: Value | None = None,
    ) -> None:
        self.node = node
        self.index = index
        self.shape = shape
        self.dtype = dtype
        self.outer = outer

    @property
    def source(self) -> Value:
        """The value that the node computes, outside of all levels."""
        value = self
        while value.outer is not None:
            value = value.outer
        return value

    def entering(self) -> Value:
        """Return the same tensor as an input of a level.

        Returns:
            A value whose `outer` is this one.
        """
        return Value(self.node, self.index, self.shape, self.dtype, self)


class Node:
    r"""One application of a layer, or an input of the network.

    Attributes:
        name: The name of the step in its level.
        path: The names from the root to the node, joined by dots: its prefix in the `state_dict`.
        op: The op of the step; empty for an unknown value.
        layer: The layer with its arguments; None for an input of the network.
        inputs: The values that it reads, in the order of the inputs of the layer.
        outputs: The values that it computes.
        step: The step of the spec; None for an input of the network.
        level: The level that contains it.
        env: The parameters and loop variables at the step.
        place: The node of the document.
        owner: The node whose weights it uses, by `share`; otherwise None.
        ties: Single parameters that belong to other nodes: (parameter, node, parameter of that node).
        reads: The tensors whose sizes its arguments mention, by the name in the spec.
        checkpoint: Whether the backward pass recomputes its activations.

    Example:
        >>> import netspec
        >>> network = netspec.load(
        ...     "netspec: 1\ninputs: {t: [N, 4]}\nbody: [{fc: {op: Linear, out_features: 2}}]"
        ... )
        >>> (node,) = network.elaborate().nodes
        >>> node.path, node.op, node.outputs[0].shape, node.parameters
        ('fc', 'Linear', (N, 2), {'weight': (2, 4), 'bias': (2,)})
    """

    __slots__ = (
        "checkpoint",
        "env",
        "inputs",
        "layer",
        "level",
        "name",
        "op",
        "outputs",
        "owner",
        "path",
        "place",
        "reads",
        "step",
        "ties",
    )

    def __init__(
        self,
        name: str,
        path: str,
        op: str,
        layer: Layer | None,
        inputs: tuple[Value, ...],
        step: Step | None,
        level: Level,
        env: Environment,
    ) -> None:
        self.name, self.path, self.op, self.layer = name, path, op, layer
        self.inputs, self.step, self.level, self.env = inputs, step, level, env
        self.outputs: tuple[Value, ...] = ()
        self.place: Place | None = step.place if step else None
        self.owner: Node | None = None
        self.ties: tuple[tuple[str, Node, str], ...] = ()
        self.reads: Mapping[str, tuple[Value, ...]] = {}
        self.checkpoint = False

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the inputs, if all are known."""
        return tuple([v.shape for v in self.inputs if v.shape is not None])

    @property
    def result_names(self) -> tuple[str, ...]:
        """The names of the outputs; numbers if their count varies."""
        names = self.layer.results if self.layer is not None else ()
        if len(names) != len(self.outputs):
            return tuple(map(str, range(len(self.outputs))))
        return tuple(names)

    @property
    def parameters(self) -> dict[str, ConcreteShape]:
        """The shapes of its parameters by name; empty if another node owns them."""
        if self.layer is None or self.owner is not None or not self.known:
            return {}
        return named_weights(self.layer, self)

    @property
    def weight_count(self) -> int:
        """The number of elements of its parameters; 0 if another node owns them."""
        if self.layer is None or self.owner is not None or not self.known:
            return 0
        return self.layer.weight_count(*self.shapes)

    @property
    def known(self) -> bool:
        """Whether all shapes are known, so that there was no error before it."""
        return all(v.shape is not None for v in (*self.inputs, *self.outputs))

    def __repr__(self) -> str:
        return f"<{self.path}: {self.op}>"


class Level:
    """A module that holds others: a group, a use of a block, the iterations of a repeat, the whole."""

    __slots__ = (
        "block",
        "checkpoint",
        "entries",
        "env",
        "input_names",
        "inputs",
        "name",
        "outer_inputs",
        "output_names",
        "outputs",
        "owner",
        "parent",
        "path",
        "step",
    )

    def __init__(
        self,
        name: str,
        path: str,
        parent: Level | None,
        step: Step | None,
        block: Block | None = None,
        env: Environment | None = None,
    ) -> None:
        self.name, self.path, self.parent, self.step, self.block = name, path, parent, step, block
        self.env: Environment = env or {}
        self.entries: list[Entry] = []
        self.outer_inputs: tuple[Value, ...] = ()
        """What the level around it lets flow in."""
        self.inputs: tuple[Value, ...] = ()
        """The same as it is read inside: a value for each input, though one tensor be given for two."""
        self.input_names: tuple[str, ...] = ()
        """What `from` may call its inputs, by position; empty where they have no names."""
        self.outputs: tuple[Value, ...] = ()
        self.output_names: tuple[str, ...] = ()
        self.owner: Level | None = None
        self.checkpoint = False

    def child(self, name: str) -> str:
        """The path of a child of that name; the join of unnamed branches, without one, has the level's."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    @property
    def title(self) -> str:
        """What it is an instance of: a block's name, or the step's."""
        if self.block is not None:
            return self.block.name
        return self.step.title if self.step is not None else self.name

    def nodes(self) -> Iterator[Node]:
        """All nodes below, in execution order."""
        return nodes_of(self.entries)

    def __repr__(self) -> str:
        return f"<{self.path or 'root'}: {self.title}>"


def unknown(level: Level | None) -> Value:
    """A value that an error left unknown; everything that hangs on it is silent."""
    node = Node("", "", "", None, (), None, level or Level("", "", None, None), {})
    return Value(node, 0, None, "float32")


def lost(value: Value) -> bool:
    """Whether a value stands for something that could not be found: even how many it is may be wrong."""
    return value.node.op == ""


class Loop:
    """What a `repeat` or an `each` unfolded into: the entries of every iteration."""

    __slots__ = ("iterations", "step")

    def __init__(self, step: Step, iterations: list[list[Entry]]) -> None:
        self.step = step
        self.iterations = iterations


Entry = Node | Level | Loop


def nodes_of(entries: list[Entry]) -> Iterator[Node]:
    """All nodes under these entries, in execution order."""
    for entry in entries:
        if isinstance(entry, Node):
            yield entry
        elif isinstance(entry, Level):
            yield from nodes_of(entry.entries)
        else:
            for iteration in entry.iterations:
                yield from nodes_of(iteration)


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
    """The outputs of a network.

    Attributes:
        values: The values, in order.
        kind: `one`, `tuple` or `dict`.
        names: The keys of a dict.
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
        """The number of elements of all parameters, shared ones once."""
        total = 0
        sizes: dict[tuple[int, ...], int] = {}
        for node in self.nodes:
            layer = node.layer
            if layer is None or type(layer).parameters is Layer.parameters:
                continue
            if node.owner is not None or node.outputs[0].shape is None:
                continue
            key = (id(layer), *[id(v.shape) for v in node.inputs])
            count = sizes.get(key)
            if count is None:
                count = sizes[key] = layer.weight_count(*node.shapes)
            total += count
            if node.ties:
                shapes = layer.parameters(*node.shapes)
                total -= sum(_count(shapes[mine]) for mine, _, _ in node.ties)
        return total

    def macs(self, sizes: Mapping[str, int] | None = None) -> int:
        """Count the MACs of one forward pass.

        Args:
            sizes: The sizes of symbols; `examples` for the others.

        Returns:
            The multiply-accumulate operations, without those of the ops in `uncounted`.
        """
        counted_sizes = {**self.examples, **(sizes or {})}
        costs: dict[tuple[int, tuple[Shape, ...]], int] = {}
        total = 0
        for node in self.nodes:
            if node.layer is None or type(node.layer).macs is Layer.macs:
                continue
            key = (id(node.layer), node.shapes)
            if key not in costs:
                costs[key] = node_macs(node, counted_sizes)
            total += costs[key]
        return total

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The custom layers without `macs`, whose cost is unknown."""
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


def is_counted(node: Node) -> bool:
    """Whether the multiply-adds of a node are known: a user's layer without `macs` may cost anything."""
    layer = type(node.layer)
    if not issubclass(layer, Layer) or layer.macs is not Layer.macs:
        return True
    return layer.__module__.startswith("netspec.layers.")


def named_weights(layer: Layer, node: Node) -> dict[str, ConcreteShape]:
    """The weights of a layer at a node, each by name; raises `SpecError` for more than a run may list."""
    stacks = type(layer).weight_groups is not Layer.weight_groups
    if stacks and layer.tensor_count(*node.shapes) > MOST_TENSORS:
        raise too_many_weights(node)
    return layer.parameters(*node.shapes)


def too_many_weights(node: Node) -> SpecError:
    """The end of what would list every weight."""
    message = f"`{node.path}` brings the weights that are named one by one above {MOST_TENSORS:,}"
    span = node.place.span if node.place is not None else None
    return SpecError(
        Diagnostic(Code.BOUNDS, message, span, "the limit is passed here", path=node.path)
    )


def node_macs(node: Node, sizes: Mapping[str, int]) -> int:
    """Multiply-adds of one node at these sizes; 0 where a shape is not known."""
    if node.layer is None or type(node.layer).macs is Layer.macs or not node.known:
        return 0
    inputs = [axes(v.shape, sizes) for v in node.inputs if v.shape is not None]
    outputs = [axes(v.shape, sizes) for v in node.outputs if v.shape is not None]
    return node.layer.macs(inputs, outputs)


def axes(shape: Shape, sizes: Mapping[str, int]) -> ConcreteShape:
    """A shape in plain numbers."""
    return tuple(s if type(s) is int else evaluate(s, sizes) for s in shape)


def _count(shape: ConcreteShape) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
