"""A training step of a network as operations, at given sizes."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from netspec.graph import Graph, Node, Value
from netspec.graph.costs import node_macs
from netspec.graph.memory_layout import Layouts
from netspec.graph.nodes import axes
from netspec.layer.base import Layer
from netspec.optimize.layer_names import layer_name
from netspec.optimize.memory.saved_bytes import saved_bytes
from netspec.optimize.memory.training_operations import Flow, Input, Operation, Storage, Tape
from netspec.weights.saved_tensors import BYTES_BY_DTYPE

_STORED = {"Parameter", "Buffer"}
"""Layers whose result is a tensor of the module."""
_DIFFERENTIABLE = ("float", "bfloat", "complex")


class TapeWriter:
    """Writes the operations of a graph as the plain program calls them.

    Args:
        graph: The network.
        sizes: The sizes of all symbols.
    """

    def __init__(self, graph: Graph, sizes: Mapping[str, int]) -> None:
        self.graph, self.sizes = graph, sizes
        self.layouts = Layouts(sizes)
        self.operations: list[Operation] = []
        self.numbers: dict[Node, int] = {}
        """The number of the operation that computes a node."""
        self._storages: dict[Value, Storage] = {}
        self._own: dict[Value, Storage] = {}
        self._aliases: dict[Value, Value] = {}
        self.inputs = {self.storage(value) for value in graph.inputs}
        """What exists before the step."""
        self._trained: set[Value] = set()
        self._parameters: set[tuple[Node, str]] = set()

    def tape(self) -> Tape:
        """Return the training step."""
        for node in self.graph.nodes:
            if node.layer is not None:
                self.node(node)
        outputs = tuple(value.source for value in self.graph.outputs.values)
        return Tape(
            self.operations,
            self._last_reads(),
            tuple(map(self.storage, outputs)),
            outputs,
            tuple(map(self.bytes_of, outputs)),
        )

    def node(self, node: Node) -> None:
        """Write the operation of a node."""
        assert node.layer is not None
        layer, name = node.layer, layer_name(node)
        inputs = [value.source for value in node.inputs]
        if self.returns_input(node):
            self._aliases[node.outputs[0]] = inputs[0]
        operation = self.operation([node])
        parameters = node.parameters
        trained = [v for v in inputs if v in self._trained]
        if trained or parameters or node.owner is not None:
            self._trained.update(v for v in node.outputs if v.dtype.startswith(_DIFFERENTIABLE))
            reads_input = [
                v for k, v in enumerate(inputs) if layer.saves_input(k) and not saves_copy(layer)
            ]
            read_results = [v for k, v in enumerate(node.outputs) if layer.saves_result(k)]
            operation.saves = tuple(dict.fromkeys(map(self.storage, [*reads_input, *read_results])))
            shapes = [self.shape(v) for v in inputs], [self.shape(v) for v in node.outputs]
            operation.saved_bytes = saved_bytes(name, layer, *shapes)
            flows = (Input(v, self.bytes_of(v), self.flow(node, v)) for v in inputs)
            operation.inputs = tuple(each for each in flows if each.value in self._trained)
            operation.backward_workspace = self.backward_workspace(node, operation)

    def operation(self, nodes: list[Node]) -> Operation:
        """Add an operation that applies nodes in a row, without what it saves."""
        first, last = nodes[0], nodes[-1]
        reads = [self.storage(value.source) for value in first.inputs]
        results = [self.storage(v) for v in last.outputs]
        writes = dict.fromkeys(s for s in results if s not in reads)
        operation = Operation(reads, tuple(writes))
        operation.outputs = last.outputs
        for node in nodes:
            self.numbers[node] = len(self.operations)
            self._count(node, operation)
        self.operations.append(operation)
        return operation

    def _count(self, node: Node, operation: Operation) -> None:
        """Add the gradients of the parameters of a node, and its floating-point operations."""
        owner = node.owner or node
        tied = {mine: (other, theirs) for mine, other, theirs in owner.ties}
        for name, shape in owner.parameters.items():
            key = tied.get(name, (owner, name))
            size = 4 * prod(shape)
            if key in self._parameters:
                operation.repeated_bytes += size
            else:
                self._parameters.add(key)
                operation.parameter_bytes += size
        operation.flops += 2 * self.macs(node) or self.bytes_of(node.outputs[0]) // 4

    def macs(self, node: Node) -> int:
        """The multiply-accumulate operations of a node, for the whole batch."""
        return node_macs(node, self.sizes)

    def place(self, value: Value) -> None:
        """Let a value have memory of its own."""
        self._aliases.pop(value, None)
        self._own[value] = Storage(self.bytes_of(value))

    def train(self, value: Value) -> None:
        """Let gradients flow to a value."""
        self._trained.add(value)

    def returns_input(self, node: Node) -> bool:
        """Whether a module returns its input as it is."""
        return (
            is_merged_attention(node)
            or layer_name(node) == "Identity"
            or (
                layer_name(node).endswith(
                    ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "StochasticDepth")
                )
                and getattr(node.layer, "p", None) == 0
            )
        )

    def backward_workspace(self, node: Node, operation: Operation) -> int:
        """What the backward pass of a layer allocates and frees."""
        name = layer_name(node)
        if name.startswith(
            "Conv"
        ):  # a gradient in the layout of the kernel, then in that of PyTorch
            inputs = sum(each.size for each in operation.inputs)
            weights = operation.parameter_bytes + operation.repeated_bytes
            return max(self.weight_copies(node) * weights, inputs - weights)
        if name.startswith("BatchNorm"):
            return self.bytes_of(node.outputs[0])
        if name == "MultiheadAttention":  # the gradients of its projections
            return 4 * self.bytes_of(node.outputs[0])
        return 0

    def weight_copies(self, node: Node) -> int:  # noqa: ARG002 - for subclasses
        """How many copies of its weights a convolution makes in the backward pass."""
        return 1

    def flow(self, node: Node, value: Value) -> Flow:
        """How the gradient of an input is made."""
        assert node.layer is not None
        output = node.outputs[0]
        name = layer_name(node)
        if name == "Concat":
            return Flow.PART
        is_same_size = self.shape(value) == self.shape(output)
        if name in {"Add", "Sub"} or self.returns_input(node):
            return Flow.SAME if is_same_size else Flow.NEW
        is_view = self.storage(output) is self.storage(value) and not node.layer.overwrites()
        if is_view and prod(self.shape(value)) == prod(self.shape(output)):
            return Flow.SAME
        return Flow.NEW

    def shape(self, value: Value) -> tuple[int, ...]:
        """The shape of a value."""
        assert value.shape is not None
        return axes(value.shape, self.sizes)

    def bytes_of(self, value: Value) -> int:
        """The bytes of a value."""
        return prod(self.shape(value)) * BYTES_BY_DTYPE.get(value.dtype, 4)

    def storage(self, value: Value) -> Storage:
        """The memory of a value."""
        if value in self._own:
            return self._own[value]
        layout = self.layouts.of(value)
        root = layout.root if layout is not None else value
        while root in self._aliases:
            below = self.layouts.of(self._aliases[root])
            root = below.root if below is not None else self._aliases[root]
        if root not in self._storages:
            self._storages[root] = Storage(self.bytes_of(root))
        return self._storages[root]

    def _last_reads(self) -> dict[Storage, int]:
        """The last operation while a variable has each tensor that the step allocates."""
        outside = {self.storage(n.outputs[0]) for n in self.graph.nodes if layer_name(n) in _STORED}
        end = len(self.operations)
        last: dict[Storage, int] = {}
        for number, operation in enumerate(self.operations):
            for storage in (*operation.reads, *operation.writes):
                last[storage] = number
        for level in self.graph.root.levels():
            numbers = [self.numbers[n] for n in level.nodes() if n in self.numbers]
            for value in level.inputs:
                storage = self.storage(value.source)
                if numbers and storage in last:
                    last[storage] = max(last[storage], numbers[-1])
        for value in self.graph.outputs.values:
            last[self.storage(value.source)] = end
        return {
            storage: number
            for storage, number in last.items()
            if storage not in outside | self.inputs
        }


def saves_copy(layer: Layer) -> bool:
    """Whether a layer saves a copy of its inputs, which `saved_bytes` counts."""
    return type(layer).__name__ == "MultiheadAttention" and bool(
        getattr(layer, "batch_first", False)
    )


def is_merged_attention(node: Node) -> bool:
    """Whether a node flattens heads that attention has left in the order of the result: it is a view."""
    if layer_name(node) not in {"Flatten", "Reshape"} or not node.inputs:
        return False
    swap = node.inputs[0].source.node
    if layer_name(swap) != "Transpose":
        return False
    attention = swap.inputs[0].source.node
    is_fused = not getattr(attention.layer, "dropout_p", 1)
    return layer_name(attention) == "ScaledDotProductAttention" and is_fused
