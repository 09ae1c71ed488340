"""The typed graph of a spec. Values flow along edges, nodes apply layers, levels contain nodes.

`Graph.nodes` is the flat graph in execution order. `Graph.root` has the same nodes as the tree of modules that the
paths describe, with the loops of the spec, for code generation and pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netspec.dims import Shape, evaluate
from netspec.document import TextNode
from netspec.layer.base import ConcreteShape, Layer
from netspec.syntax import Block, Step

BATCH = ("N", "B")
"""The symbols of a batch: costs are counted for one item."""

Environment = Mapping[str, object]
"""Parameters and loop variables by name."""


class Value:
    r"""A tensor that flows from one node to others.

    Attributes:
        node: The node that computes it, or the input of the network.
        index: The index among the results of that node.
        shape: The sizes, which may be symbolic; None after an error.
        dtype: The element type, as PyTorch spells it without `torch.`.
        outer: Inside a level, the value outside that it is an input for; otherwise None.

    Example:
        >>> import netspec
        >>> graph = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{act: ReLU}]").elaborate()
        >>> value = graph.outputs.values[0]
        >>> value.node.path, value.shape, value.dtype
        ('act', (N, 4), 'float32')
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
        op: str,
        level: Level,
        layer: Layer | None = None,
        inputs: tuple[Value, ...] = (),
        step: Step | None = None,
    ) -> None:
        self.name, self.op, self.level, self.layer = name, op, level, layer
        self.inputs, self.step = inputs, step
        self.path = level.child(name)
        self.env = level.env
        """The names that its arguments can use."""
        self.outputs: tuple[Value, ...] = ()
        self.place: TextNode | None = step.place if step else None
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
        from netspec.graph.named_weights import named_weights

        return named_weights(self.layer, self)

    @property
    def weight_count(self) -> int:
        """The number of elements of its parameters; 0 if another node owns them."""
        if self.layer is None or self.owner is not None or not self.known:
            return 0
        return self.layer.weight_count(*self.shapes)

    @property
    def known(self) -> bool:
        """Whether all shapes are known, which means that no error precedes it."""
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
        """The inputs of the enclosing level."""
        self.inputs: tuple[Value, ...] = ()
        """The same as it is read inside: a value for each input, though one tensor be given for two."""
        self.input_names: tuple[str, ...] = ()
        """The names of its inputs for `from`, by position; empty if they have no names."""
        self.outputs: tuple[Value, ...] = ()
        self.output_names: tuple[str, ...] = ()
        self.owner: Level | None = None
        self.checkpoint = False

    def child(self, name: str) -> str:
        """The path of a child of that name; the join of unnamed branches, without one, has the level's."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    @property
    def title(self) -> str:
        """The name of its block, or of its step."""
        if self.block is not None:
            return self.block.name
        return self.step.title if self.step is not None else self.name

    def walk(self) -> Iterator[Node | Level]:
        """All nodes and levels below, in execution order, each level before its contents."""
        return walk(self.entries)

    def nodes(self) -> Iterator[Node]:
        """All nodes below, in execution order."""
        return nodes_of(self.entries)

    def levels(self) -> Iterator[Level]:
        """All levels below, outer ones first."""
        return (entry for entry in walk(self.entries) if isinstance(entry, Level))

    def __repr__(self) -> str:
        return f"<{self.path or 'root'}: {self.title}>"


def unknown(level: Level | None) -> Value:
    """A value that is unknown because of an error; nothing is reported about it."""
    node = Node("", "", level or Level("", "", None, None))
    node.path = ""
    return Value(node, 0, None, "float32")


def lost(value: Value) -> bool:
    """Whether a value replaces an unresolved reference: even the number of values may be wrong."""
    return value.node.op == ""


class Loop:
    """The result of unfolding a `repeat` or an `each`: the entries of every iteration."""

    __slots__ = ("iterations", "step")

    def __init__(self, step: Step, iterations: list[list[Entry]]) -> None:
        self.step = step
        self.iterations = iterations


Entry = Node | Level | Loop


def unrolled(entries: list[Entry]) -> list[Node | Level]:
    """These entries, with those of the iterations in place of each loop; not to be changed."""
    if Loop not in map(type, entries):  # as in most levels
        return entries  # type: ignore[return-value]
    steps: list[Node | Level] = []
    for entry in entries:
        if not isinstance(entry, Loop):
            steps.append(entry)
            continue
        for iteration in entry.iterations:
            if len(iteration) == 1 and not isinstance(iteration[0], Loop):  # as most have
                steps.append(iteration[0])
            else:
                steps += unrolled(iteration)
    return steps


def walk(entries: list[Entry]) -> Iterator[Node | Level]:
    """All nodes and levels below these entries, in execution order, each level before its contents."""
    waiting = unrolled(entries)[::-1]
    while waiting:
        entry = waiting.pop()
        yield entry
        if isinstance(entry, Level):
            waiting += unrolled(entry.entries)[::-1]


def nodes_of(entries: list[Entry]) -> Iterator[Node]:
    """All nodes under these entries, in execution order."""
    return (entry for entry in walk(entries) if isinstance(entry, Node))


def axes(shape: Shape, sizes: Mapping[str, int]) -> ConcreteShape:
    """A shape as integers."""
    return tuple(s if type(s) is int else evaluate(s, sizes) for s in shape)
