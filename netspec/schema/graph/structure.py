"""The structure of a graph model: paths, edges, cycles. Shapes and arguments are checked later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.diagnostics import did_you_mean
from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphEdge, GraphModel
from netspec.schema.graph.layer_lookup import result_names
from netspec.schema.graph.level_tree import parent_path
from netspec.schema.graph.marked_text import Location
from netspec.similar_words import closest


class Violation(NamedTuple):
    """An error of a graph model: the field, a word for its type, and a sentence."""

    location: Location
    kind: str
    message: str


def structure_violations(model: GraphModel, catalog: Catalog) -> list[Violation]:
    """Everything that is wrong with the paths and edges of a model."""
    return list(_Structure(model, catalog).violations())


class _Structure:
    def __init__(self, model: GraphModel, catalog: Catalog) -> None:
        self.model, self.catalog = model, catalog
        self.inputs = {tensor.name for tensor in model.inputs}
        self.levels = {level.path: k for k, level in enumerate(model.levels)}
        self.nodes: dict[str, int] = {}
        for k, node in enumerate(model.nodes):
            self.nodes.setdefault(node.path, k)

    def violations(self) -> Iterator[Violation]:
        yield from self._paths()
        for k, node in enumerate(self.model.nodes):
            location: Location = ("nodes", k)
            for position, edge in enumerate(node.inputs):
                yield from self._edge(edge, (*location, "inputs", position), reader=k)
            yield from self._input_names([e.input for e in node.inputs], location)
            yield from self._node_references(k, location)
        for k, level in enumerate(self.model.levels):
            for position, edge in enumerate(level.inputs):
                yield from self._edge(edge, ("levels", k, "inputs", position))
            yield from self._shared_level(k)
        yield from self._outputs()

    # ---- paths ------------------------------------------------------------------------------------

    def _paths(self) -> Iterator[Violation]:
        yield from self._twice([t.name for t in self.model.inputs], "inputs", "name", "input")
        yield from self._twice(
            [level.path for level in self.model.levels], "levels", "path", "level"
        )
        yield from self._twice([node.path for node in self.model.nodes], "nodes", "path", "node")
        for k, level in enumerate(self.model.levels):
            yield from self._parent(level.path, ("levels", k, "path"))
        for k, node in enumerate(self.model.nodes):
            location: Location = ("nodes", k, "path")
            yield from self._parent(node.path, location)
            if node.path in self.inputs:
                yield Violation(location, "duplicate_path", f"an input is also named `{node.path}`")

    def _twice(self, names: list[str], field: str, key: str, kind: str) -> Iterator[Violation]:
        first: dict[str, int] = {}
        for k, name in enumerate(names):
            if first.setdefault(name, k) != k:
                message = f"two {kind}s are named `{name}`: the first is `{field}.{first[name]}`"
                yield Violation((field, k, key), "duplicate_path", message)

    def _parent(self, path: str, location: Location) -> Iterator[Violation]:
        if not all(path.split(".")):
            yield Violation(
                location, "bad_path", f"a path must be names joined by dots, not `{path}`"
            )
            return
        parent = parent_path(path)
        if parent and parent not in self.levels:
            suggestion = closest(parent, self.levels)
            help_ = did_you_mean(suggestion) if suggestion else "declare it in `levels`"
            yield Violation(location, "unknown_level", f"no level `{parent}`; {help_}")

    # ---- edges ------------------------------------------------------------------------------------

    def _edge(
        self, edge: GraphEdge, location: Location, reader: int | None = None
    ) -> Iterator[Violation]:
        if edge.node in self.inputs:
            if edge.result:
                message = f"the input `{edge.node}` has one result, numbered 0"
                yield Violation((*location, "result"), "result_out_of_range", message)
            return
        source = self.nodes.get(edge.node)
        if source is None:
            suggestion = closest(edge.node, [*self.inputs, *self.nodes])
            help_ = f"; {did_you_mean(suggestion)}" if suggestion else ""
            message = f"no node or input `{edge.node}`{help_}"
            yield Violation((*location, "node"), "unknown_node", message)
            return
        if reader is not None and source >= reader:
            yield self._later(reader, source, (*location, "node"))
        yield from self._result(source, edge, location)

    def _later(self, reader: int, source: int, location: Location) -> Violation:
        mine, its = self.model.nodes[reader].path, self.model.nodes[source].path
        way = self._way(reader, source)
        if way is not None:
            return Violation(
                location, "cycle", f"the graph has a cycle: {' → '.join([*way, way[0]])}"
            )
        message = f"`{mine}` reads `{its}`, which is listed later: list nodes in execution order"
        return Violation(location, "later_node", message)

    def _way(self, start: int, end: int) -> list[str] | None:
        """The paths from one node along the edges to another, or None."""
        from networkx import DiGraph, NetworkXNoPath, shortest_path

        graph: DiGraph[str] = DiGraph()
        for node in self.model.nodes:
            graph.add_node(node.path)
            graph.add_edges_from((edge.node, node.path) for edge in node.inputs)
        nodes = self.model.nodes
        try:
            return list(shortest_path(graph, nodes[start].path, nodes[end].path))
        except NetworkXNoPath:
            return None

    def _result(self, source: int, edge: GraphEdge, location: Location) -> Iterator[Violation]:
        node = self.model.nodes[source]
        count = len(node.outputs) if node.outputs is not None else None
        if count is None and edge.result:
            names = result_names(node, self.catalog)
            count = len(names) if names is not None else None
        if count is not None and edge.result >= count:
            has = "1 result" if count == 1 else f"{count} results"
            message = f"`{node.path}` ({node.op}) has {has}, but no result {edge.result}"
            yield Violation((*location, "result"), "result_out_of_range", message)

    def _input_names(self, names: list[str | None], location: Location) -> Iterator[Violation]:
        if any(names) and not all(names):
            k = names.index(None)
            message = "name all inputs of a node, or none"
            yield Violation((*location, "inputs", k, "input"), "input_names", message)
        for k, name in enumerate(names):
            if name is not None and name in names[:k]:
                message = f"the input `{name}` is passed twice"
                yield Violation((*location, "inputs", k, "input"), "input_names", message)

    # ---- sharing ----------------------------------------------------------------------------------

    def _node_references(self, k: int, location: Location) -> Iterator[Violation]:
        node = self.model.nodes[k]
        owners = [(node.shares, (*location, "shares"))] if node.shares is not None else []
        owners += [(t.node, (*location, "ties", p, "node")) for p, t in enumerate(node.ties)]
        for owner, place in owners:
            position = self.nodes.get(owner)
            if position is None:
                yield Violation(place, "unknown_node", f"no node `{owner}`")
            elif position >= k:
                yield Violation(place, "later_node", f"`{owner}` is not before `{node.path}`")
        owner_position = self.nodes.get(node.shares) if node.shares is not None else None
        if owner_position is not None and self.model.nodes[owner_position].op != node.op:
            message = f"`{node.shares}` is a {self.model.nodes[owner_position].op}"
            yield Violation((*location, "op"), "shared_op", message)

    def _shared_level(self, k: int) -> Iterator[Violation]:
        level = self.model.levels[k]
        if level.shares is None:
            return
        location: Location = ("levels", k, "shares")
        owner = self.levels.get(level.shares)
        if owner is None:
            yield Violation(location, "unknown_level", f"no level `{level.shares}`")
            return
        if self.model.levels[owner].shares is not None:
            yield Violation(location, "shared_level", "name the level that owns the weights")
        mine = [n.op for n in self.model.nodes if self._below(n.path, level.path)]
        its = [n.op for n in self.model.nodes if self._below(n.path, level.shares)]
        if mine != its:
            message = f"`{level.path}` does not have the nodes of `{level.shares}`"
            yield Violation(location, "shared_level", message)
        if len(level.inputs) != len(self.model.levels[owner].inputs):
            message = f"`{level.shares}` has {len(self.model.levels[owner].inputs)} inputs"
            yield Violation(("levels", k, "inputs"), "shared_level", message)

    def _below(self, path: str, level: str) -> bool:
        return path == level or path.startswith(f"{level}.")

    def _outputs(self) -> Iterator[Violation]:
        outputs = self.model.outputs
        for k, edge in enumerate(outputs.values):
            yield from self._edge(edge, ("outputs", "values", k))
        count = len(outputs.values)
        if not count or (outputs.kind == "one" and count > 1):
            message = f"`{outputs.kind}` does not match {count} values"
            yield Violation(("outputs", "values"), "output_count", message)
        elif len(outputs.names) != (count if outputs.kind == "dict" else 0):
            message = f"a {outputs.kind} of {count} values has {len(outputs.names)} names"
            yield Violation(("outputs", "names"), "output_count", message)
