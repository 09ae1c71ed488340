"""The readers of each value, without layers that pass their input through in evaluation."""

from __future__ import annotations

from netspec.graph import Graph, Node, Value
from netspec.optimize.layer_names import layer_name

_PASSING = frozenset(
    {
        "AlphaDropout",
        "DropPath",
        "Dropout",
        "Dropout1d",
        "Dropout2d",
        "Dropout3d",
        "FeatureAlphaDropout",
        "Identity",
    }
)
"""Layers that return their input in evaluation."""


class Dataflow:
    """The readers of each value.

    Attributes:
        nodes: The nodes that compute something, in order.
        order: The index of each of them.
        readers: The nodes that read a value, once for each input; an output of the network counts as None.
    """

    def __init__(self, graph: Graph) -> None:
        self._sources: dict[Value, Value] = {}
        self.nodes: list[Node] = []
        self.readers: dict[Value, list[Node | None]] = {}
        for node in graph.nodes:
            if layer_name(node) in _PASSING:
                self._sources[node.outputs[0]] = self.source(node.inputs[0])
                continue
            self.nodes.append(node)
            for value in node.inputs:
                self.readers.setdefault(self.source(value), []).append(node)
        for value in graph.outputs.values:
            self.readers.setdefault(self.source(value), []).append(None)
        self.order = {node: index for index, node in enumerate(self.nodes)}

    def source(self, value: Value) -> Value:
        """The value that some node computes, for one that is passed through."""
        value = value.source
        return self._sources.get(value, value)

    def inputs(self, node: Node) -> tuple[Value, ...]:
        """The values that a node reads."""
        return tuple(map(self.source, node.inputs))

    def only_reader(self, value: Value) -> Node | None:
        """The node that reads a value if there is exactly one."""
        readers = self.readers.get(value, [])
        return readers[0] if len(readers) == 1 else None
