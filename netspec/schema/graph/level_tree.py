"""A graph model by its paths: the level of each node, the contents of the levels, and shared levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.schema.graph.graph_model import GraphEdge, GraphModel, GraphNode

ROOT = ""


class Output(NamedTuple):
    """A result of a node, or an input of the network."""

    path: str
    result: int


class LevelInput(NamedTuple):
    """An input of a shared level, as the nodes inside read it."""

    level: str
    position: int


Source = Output | LevelInput


def parent_path(path: str) -> str:
    """The path of the level around a node or level."""
    return path.rpartition(".")[0]


class LevelTree:
    """The nodes and levels of a model that is known to be well-formed."""

    def __init__(self, model: GraphModel) -> None:
        self.model = model
        self.levels = {level.path: level for level in model.levels}
        self.position = {node.path: k for k, node in enumerate(model.nodes)}
        self.entries: dict[str, list[str]] = {ROOT: [], **{path: [] for path in self.levels}}
        """The paths of nodes and levels in each level, by the first node; a join has its level's path."""
        self.below: dict[str, list[GraphNode]] = {path: [] for path in self.levels}
        """The nodes in a level and in those below, in execution order."""
        for node in model.nodes:
            self._enter(node)
        self._places: dict[str, dict[str, int]] = {}
        """For each requested level, the index of each node among its nodes."""
        self._instances: dict[str, list[str]] = {}
        self.sharers: dict[str, list[str]] = {}
        """The levels that share a level, by the path of that one."""
        for level in model.levels:
            if level.shares is not None:
                self.sharers.setdefault(level.shares, []).append(level.path)

    def _enter(self, node: GraphNode) -> None:
        level = self.level_of(node.path)
        self.entries[level].append(node.path)
        for path in self.around(level):
            self.below[path].append(node)
            siblings = self.entries[parent_path(path)]
            if path not in siblings:
                siblings.append(path)

    def level_of(self, path: str) -> str:
        """The path of the level that a node is in; the join of unnamed branches has the path of its own."""
        return path if path in self.levels else parent_path(path)

    def around(self, level: str) -> Iterator[str]:
        """A level and those around it, innermost first, without the root."""
        while level != ROOT:
            yield level
            level = parent_path(level)

    def is_inside(self, path: str, level: str) -> bool:
        """Whether a node is in a level, or in one below it."""
        return level in self.around(self.level_of(path))

    def outermost_sharer(self, path: str) -> str | None:
        """The outermost level around a node that is another level again."""
        sharers = [p for p in self.around(self.level_of(path)) if self.levels[p].shares is not None]
        return sharers[-1] if sharers else None

    def counterpart(self, output: Output, sharer: str) -> Output:
        """The result in the shared level that a result in a sharer corresponds to."""
        owner = self.levels[sharer].shares
        assert owner is not None
        return Output(self.at_same_place(output.path, sharer, owner).path, output.result)

    def at_same_place(self, path: str, level: str, other: str) -> GraphNode:
        """The node in one use of a level that is at the place of a node in another use."""
        places = self._places.get(level)
        if places is None:
            places = {node.path: place for place, node in enumerate(self.below[level])}
            self._places[level] = places
        return self.below[other][places[path]]

    def instances(self, level: str) -> list[str]:
        """The levels that share the weights of a level: it, its sharers, and their corresponding levels."""
        if level in self._instances:
            return self._instances[level]
        levels = {level: None}
        for around in list(self.around(level))[1:]:
            inner = level.removeprefix(around)
            others = [other + inner for other in self.instances(around)]
            levels.update(dict.fromkeys(other for other in others if other in self.levels))
        waiting = list(levels)
        while waiting:
            sharers = [s for s in self.sharers.get(waiting.pop(), ()) if s not in levels]
            levels.update(dict.fromkeys(sharers))
            waiting += sharers
        self._instances[level] = list(levels)
        return self._instances[level]

    def uses(self, node: GraphNode) -> list[GraphNode]:
        """The other nodes that use the layer of a node, through a share of the node or of a level around it."""
        nodes = [other for other in self.model.nodes if other.shares == node.path]
        for level in self.around(self.level_of(node.path)):
            others = self.instances(level)[1:]
            nodes += [self.at_same_place(node.path, level, other) for other in others]
        return nodes

    def source(self, edge: GraphEdge) -> Output:
        """The source of an edge."""
        return Output(edge.node, edge.result)

    def read_by(self, node: GraphNode, position: int) -> Source:
        """The source of an input of a node: an input of an enclosing shared level, or a result."""
        output = self.source(node.inputs[position])
        for level in self.around(self.level_of(node.path)):
            if level in self.sharers and not self.is_inside(output.path, level):
                uses = [
                    self.source(self.at_same_place(node.path, level, other).inputs[position])
                    for other in self.instances(level)
                ]
                level_input = self._level_input(level, output, uses)
                if level_input is not None:
                    return level_input
        return output

    def read_by_level(self, path: str, position: int) -> Source:
        """The source of an input of a level."""
        output = self.source(self.levels[path].inputs[position])
        for level in self.around(parent_path(path)):
            if level in self.sharers and not self.is_inside(output.path, level):
                inner = path.removeprefix(level)
                uses = [
                    self.source(self.levels[other + inner].inputs[position])
                    for other in self.instances(level)
                    if other + inner in self.levels
                ]
                level_input = self._level_input(level, output, uses)
                if level_input is not None:
                    return level_input
        return output

    def _level_input(self, level: str, output: Output, uses: list[Output]) -> LevelInput | None:
        """The input of a shared level that is this result here, and those in the other uses."""
        instances = [self.levels[other].inputs for other in self.instances(level)]
        for position, edge in enumerate(self.levels[level].inputs):
            if self.source(edge) != output:
                continue
            if all(self.source(i[position]) == u for i, u in zip(instances, uses, strict=False)):
                return LevelInput(level, position)
        return None
