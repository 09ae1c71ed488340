"""A training step of a program for training: what its functions allocate and save."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.graph import Graph, Node, Value
from netspec.optimize.dense_layers import DenseRun, dense_runs
from netspec.optimize.layer_names import layer_name
from netspec.optimize.memory.saved_bytes import FLOAT
from netspec.optimize.memory.tape import TapeWriter
from netspec.optimize.memory.training_operations import (
    Activation,
    Flow,
    Input,
    Operation,
    Storage,
    Tape,
)
from netspec.optimize.pairs import SAVING, Pairs


class TrainingTapeWriter(TapeWriter):
    """Writes the operations of a graph as a program for training calls them."""

    def __init__(self, graph: Graph, sizes: Mapping[str, int]) -> None:
        super().__init__(graph, sizes)
        self.pairs = Pairs([graph])
        self.norms = {act: norm for norm, act in self.pairs.activations.items()}
        self.runs = {run.nodes[-1]: run for run in dense_runs(graph)}
        self.in_runs = {node for run in self.runs.values() for node in run.nodes}
        self.is_channels_last = False
        self.activations: dict[Value, Activation] = {}

    def tape(self) -> Tape:
        """Return the training step."""
        if any(layer_name(node) == "Conv2d" for node in self.graph.nodes):
            for value in self.graph.inputs:
                if len(value.shape or ()) == 4 and self.shape(value)[1] > 1:
                    self.copy_to_channels_last(value)
        return super().tape()

    def copy_to_channels_last(self, image: Value) -> None:
        """Write the copy of an image that the program makes first."""
        self.is_channels_last = True
        storage = self.storage(image)
        self.inputs.discard(storage)
        self.operations.append(Operation((), (storage,)))

    def node(self, node: Node) -> None:
        """Write the operation of a node, or of the last of several that are one function."""
        if node in self.runs:
            self.dense_block(self.runs[node])
        elif node in self.norms and node not in self.in_runs:
            self.norm_act(self.norms[node], node)
        elif node not in self.pairs.activations and node not in self.in_runs:
            super().node(node)
            self.recompute_input(node, self.operations[-1])

    def weight_copies(self, node: Node) -> int:
        """How many copies of its weights a convolution of images with channels last makes."""
        if not self.is_channels_last:
            return super().weight_copies(node)
        kernel = getattr(node.layer, "kernel_size", None)
        return 2 if kernel in (1, (1, 1), [1, 1]) else 3

    def recompute_input(self, node: Node, operation: Operation) -> None:
        """Let an operation save how to compute its input again instead of the input."""
        activation = self.activations.get(node.inputs[0].source) if node.inputs else None
        if activation is not None and layer_name(node) in SAVING and len(node.inputs) == 1:
            operation.saves = tuple(s for s in operation.saves if s is not activation.storage)
            operation.activation = activation

    def norm_act(self, norm: Node, act: Node) -> None:
        """Write `_norm_act`."""
        x, out = norm.inputs[0].source, act.outputs[0]
        size, channels = self.bytes_of(out), self.shape(x)[1]
        self.place(out)
        operation = self.operation([norm, act])
        operation.reads, operation.writes = (self.storage(x),), (self.storage(out),)
        is_relu = layer_name(act) == "ReLU"
        operation.workspace = 0 if is_relu else size
        operation.saves = (self.storage(x),)
        operation.saved_bytes = 2 * FLOAT * channels
        operation.drops = Activation(self.storage(out), Storage(size), self.numbers[act])
        self.activations[out] = operation.drops
        operation.backward_workspace = size
        operation.recomputed_flops = operation.flops
        operation.inputs = (Input(x, size, Flow.NEW),)
        self.train(out)

    def dense_block(self, run: DenseRun) -> None:
        """Write `_dense_block`."""
        self.place(run.output)
        operation = self.operation(run.nodes)
        operation.reads, operation.writes = (self.storage(run.x),), (self.storage(run.output),)
        features = self.bytes_of(run.output)
        later = [
            node for layer in run.layers for node in layer[2:-1:3]
        ]  # convolutions before the last
        bottlenecks = [self.bytes_of(node.outputs[0]) for node in later]
        grown = max(self.bytes_of(layer[-1].outputs[0]) for layer in run.layers)
        largest = features - self.bytes_of(run.layers[-1][-1].outputs[0])
        bottleneck = max(bottlenecks, default=0)
        operation.saves = (self.storage(run.output),)
        operation.saved_bytes = sum(bottlenecks)
        operation.workspace = largest + bottleneck + grown
        operation.backward_workspace = features + 2 * largest + bottleneck
        operation.inputs = (Input(run.x, self.bytes_of(run.x), Flow.NEW),)
        operation.recomputed_flops = operation.flops - 2 * sum(
            self.macs(node) for layer in run.layers for node in layer
        )
        self.train(run.output)
