"""The results of the nodes that are read, and their names in references."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphEdge, GraphNode
from netspec.schema.graph.layer_lookup import result_names
from netspec.schema.graph.level_tree import LevelTree, Output, Source


class ResultsRead:
    """The numbers of the results that something reads, by the path of the node."""

    def __init__(self, tree: LevelTree, catalog: Catalog) -> None:
        self._tree, self._catalog = tree, catalog
        self._numbers: dict[str, set[int]] = {}
        for edge in self._edges():
            for path in self._paths(edge.node):
                self._numbers.setdefault(path, set()).add(edge.result)

    def of(self, node: GraphNode, owner: GraphNode) -> dict[Source, str]:
        """The results of a node by their names after a dot; the first has the name of the step.

        `owner` is the node whose layer it uses: itself, or the one that it shares.
        """
        numbers = sorted(self._numbers.get(node.path, set()) - {0})
        names = result_names(owner, self._catalog) if numbers else None
        results: dict[Source, str] = {Output(node.path, 0): ""}
        for number in numbers:
            is_named = names is not None and number < len(names)
            results[Output(node.path, number)] = (
                names[number] if names and is_named else str(number)
            )
        return results

    def _edges(self) -> Iterator[GraphEdge]:
        model = self._tree.model
        for node in model.nodes:
            yield from node.inputs
        for level in model.levels:
            yield from level.inputs
        yield from model.outputs.values

    def _paths(self, path: str) -> Iterator[str]:
        """A node, and the one in the shared level that it corresponds to."""
        yield path
        if path in self._tree.position:
            sharer = self._tree.outermost_sharer(path)
            if sharer is not None:
                yield self._tree.counterpart(Output(path, 0), sharer).path
