"""Normalizations followed by activations in a graph, and the readers of the results."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.codegen.sites import Site
from netspec.graph import Graph, Node, Value
from netspec.optimize.helper_text import classes_in
from netspec.optimize.layer_names import layer_name

NORMS = frozenset({"BatchNorm2d"})
ACTIVATIONS = classes_in("_ELEMENTWISE")
"""The activations that `_norm_act` computes again."""
SAVING = frozenset({"Conv2d", "ConvTranspose2d", "AvgPool2d", "MaxPool2d", "AdaptiveAvgPool2d"})
"""Layers whose backward pass reads their input."""


class Pairs:
    """The normalizations of a graph of which an activation alone reads the result.

    Attributes:
        activations: The activation of each such normalization.
        results: Those activations.
    """

    def __init__(self, graphs: Iterable[Graph]) -> None:
        self._readers: dict[Value, list[Node]] = {}
        outputs: set[Value] = set()
        nodes: list[Node] = []
        for graph in graphs:
            nodes += graph.nodes
            outputs.update(value.source for value in graph.outputs.values)
            for node in graph.nodes:
                for value in dict.fromkeys(value.source for value in node.inputs):
                    self._readers.setdefault(value, []).append(node)
        self._outputs = outputs
        self.activations: dict[Node, Node] = {}
        for node in nodes:
            reader = self.only_reader(node)
            if (
                layer_name(node) in NORMS
                and reader is not None
                and layer_name(reader) in ACTIVATIONS
                and node.level is reader.level
            ):
                self.activations[node] = reader
        self.results = frozenset(self.activations.values())

    def only_reader(self, node: Node) -> Node | None:
        """The node that alone reads the result of another one."""
        if len(node.outputs) != 1 or node.outputs[0] in self._outputs:
            return None
        readers = self._readers.get(node.outputs[0], [])
        return readers[0] if len(readers) == 1 else None

    def is_pair(self, norm: Site, activation: Site) -> bool:
        """Whether the steps are a normalization and its activation in all uses."""
        return len(norm.entries) == len(activation.entries) and all(
            isinstance(first, Node) and second is not None and self.activations.get(first) is second
            for first, second in zip(norm.entries, activation.entries, strict=True)
        )

    def is_norm(self, site: Site) -> bool:
        """Whether a step normalizes in all uses."""
        return bool(site.entries) and all(
            isinstance(entry, Node) and layer_name(entry) in NORMS for entry in site.entries
        )

    def saves_activation(self, site: Site) -> bool:
        """Whether a step saves an activation after a normalization, in some use."""
        return any(
            layer_name(node) in SAVING
            and len(node.inputs) == 1
            and node.inputs[0].source.node in self.results
            for node in site.nodes
        )

    def is_pooled(self, conv: Site, pool: Site) -> bool:
        """Whether a pool alone reads the result of a convolution of 1 x 1, and averages."""
        return len(conv.entries) == len(pool.entries) and all(
            isinstance(first, Node)
            and isinstance(second, Node)
            and layer_name(first) == "Conv2d"
            and layer_name(second) == "AvgPool2d"
            and getattr(first.layer, "kernel_size", None) in (1, (1, 1), [1, 1])
            and self.only_reader(first) is second
            for first, second in zip(conv.entries, pool.entries, strict=True)
        )
