"""The typed graph: what a spec unfolds into. Values flow along edges; nodes apply layers; levels nest.

`Graph.nodes` is the flat graph in execution order; `Graph.root` is the same nodes as the tree of
modules that the paths spell, with the loops of the text kept, for whoever writes code or draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.dims import Condition, Domain, Shape, evaluate
from netspec.document import Node as Place
from netspec.layers.base import Axes, Layer
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
    """A tensor on its way from one node to others. `shape` is None where an error was reported."""

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
        """The value around a level that this one stands for inside; None for what a node makes."""

    @property
    def source(self) -> Value:
        """The value that its node makes, whatever levels it has entered since."""
        value = self
        while value.outer is not None:
            value = value.outer
        return value

    def entering(self) -> Value:
        """The same tensor as an input of a level, distinguished from all that the level reads in addition."""
        return Value(self.node, self.index, self.shape, self.dtype, self)


class Node:
    """One application of a layer, or an input of the network (where `step` is None)."""

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
        """The node whose weights this one uses, by `share`."""
        self.ties: tuple[tuple[str, Node, str], ...] = ()
        """Single parameters that are another node's: (mine, whose, its)."""
        self.reads: Mapping[str, tuple[Value, ...]] = {}
        """The tensors whose sizes its arguments mention, by the name that the text gives them."""
        self.checkpoint = False

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of its inputs; only where all are known."""
        return tuple([v.shape for v in self.inputs if v.shape is not None])

    @property
    def result_names(self) -> tuple[str, ...]:
        """The names of its outputs; numbers where their count varies."""
        names = self.layer.results if self.layer is not None else ()
        if len(names) != len(self.outputs):
            return tuple(map(str, range(len(self.outputs))))
        return tuple(names)

    @property
    def parameters(self) -> dict[str, Axes]:
        """Its own weights; none where another node owns them."""
        if self.layer is None or self.owner is not None or not self.known:
            return {}
        return named_weights(self.layer, self)

    @property
    def weight_count(self) -> int:
        """How many numbers its own weights are, equal layers counted as a product."""
        if self.layer is None or self.owner is not None or not self.known:
            return 0
        return self.layer.weight_count(*self.shapes)

    @property
    def known(self) -> bool:
        """Whether no error is behind its shapes."""
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
    """A value that an error left unknown; everything that depends on it is silent."""
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
    """What the network returns: one tensor, a tuple, or a dict by these names."""

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
    """Relations between symbols that must also hold."""
    restrictions: tuple[Restriction, ...] = ()
    """The conditions that `domains` and `unproved` come from."""
    training: dict[str, Domain] = field(default_factory=dict)
    """Additional conditions on symbols for training."""
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
        """MACs of one forward pass at these sizes (by default `examples`)."""
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
        """The ops whose MACs are unknown, so that `macs` leaves them out."""
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


def is_counted(node: Node) -> bool:
    """Whether the MACs of a node are known: a user's layer without `macs` may cost anything."""
    layer = type(node.layer)
    if not issubclass(layer, Layer) or layer.macs is not Layer.macs:
        return True
    return layer.__module__.startswith("netspec.layers.")


def named_weights(layer: Layer, node: Node) -> dict[str, Axes]:
    """The weights of a layer at a node, each by name; raises `SpecError` for more than a run may list."""
    stacks = type(layer).weight_groups is not Layer.weight_groups
    if stacks and layer.tensor_count(*node.shapes) > MOST_TENSORS:
        raise too_many_weights(node)
    return layer.parameters(*node.shapes)


def too_many_weights(node: Node) -> SpecError:
    """The end of what would list every weight."""
    message = f"`{node.path}` exceeds the limit on individually named weights, {MOST_TENSORS:,}"
    span = node.place.span if node.place is not None else None
    return SpecError(Diagnostic(Code.BOUNDS, message, span, "limit exceeded here", path=node.path))


def node_macs(node: Node, sizes: Mapping[str, int]) -> int:
    """MACs of one node at these sizes; 0 where a shape is not known."""
    if node.layer is None or type(node.layer).macs is Layer.macs or not node.known:
        return 0
    inputs = [axes(v.shape, sizes) for v in node.inputs if v.shape is not None]
    outputs = [axes(v.shape, sizes) for v in node.outputs if v.shape is not None]
    return node.layer.macs(inputs, outputs)


def axes(shape: Shape, sizes: Mapping[str, int]) -> Axes:
    """A shape in plain numbers."""
    return tuple(s if type(s) is int else evaluate(s, sizes) for s in shape)


def _count(shape: Axes) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
