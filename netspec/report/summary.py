"""A network as a table of rows: a tree of levels, with repeated steps in one row."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import groupby
from math import prod
from typing import NamedTuple

from netspec.dims import Shape, substitute
from netspec.graph import Entry, Graph, Level, Loop, Node
from netspec.graph.costs import is_counted, node_macs
from netspec.layer.base import Layer

Structure = tuple[Hashable, ...]
"""The key of rows that are shown as one."""


class SummaryRow:
    """One row of the table: a layer, a level with its contents, or several equal ones."""

    __slots__ = ("children", "doc", "macs", "names", "nodes", "op", "parameters", "path", "shape",
                 "shared", "structure", "times", "uncounted")  # fmt: skip

    def __init__(self, name: str, path: str, op: str, shape: Shape | None) -> None:
        self.names = [name]
        self.path, self.op, self.shape = path, op, shape
        self.parameters = self.macs = self.nodes = 0
        self.uncounted: tuple[str, ...] = ()
        """The ops in it whose MACs are unknown."""
        self.times = 1
        """The number of rows that it represents; its numbers are their totals."""
        self.shared = ""
        """Whose weights it uses."""
        self.doc = ""
        self.children: list[SummaryRow] = []
        self.structure: Structure = ()

    @property
    def name(self) -> str:
        """The name, or the first and last of several: `denselayer1…6`."""
        first, last = self.names[0], self.names[-1]
        if first == last:
            return first
        common = 0
        while common < min(len(first), len(last)) and first[common] == last[common]:
            common += 1
        while common and last[common - 1].isdigit():
            common -= 1
        return f"{first}…{last[common:]}"

    def absorb(self, other: SummaryRow) -> None:
        """Represent one more equal row that comes after."""
        self.names += other.names
        self.times += other.times
        self.parameters += other.parameters
        self.macs += other.macs
        self.nodes += other.nodes
        self.shape = other.shape
        for mine, its in zip(self.children, other.children, strict=True):
            mine.absorb(its)


class _Weights(NamedTuple):
    """How many numbers the weights of a node hold, and those of a part of it by name: one layer of a stack."""

    total: int
    part: dict[str, int]


class Summary:
    """All rows of a network, and the sizes that they are counted at."""

    def __init__(self, graph: Graph, sizes: Mapping[str, int] | None = None) -> None:
        self.graph = graph
        self.requested_sizes = dict(sizes or {})
        """The sizes that replace symbols."""
        self.counted_sizes = {**graph.examples, **self.requested_sizes}
        self._costs: dict[tuple[Layer, tuple[Shape, ...]], tuple[_Weights, int]] = {}
        self.rows = self._rows(graph.root.entries)

    @property
    def parameters(self) -> int:
        """The number of weights; shared ones count once."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """All MACs."""
        return sum(row.macs for row in self.rows)

    def sized(self, shape: Shape | None) -> Shape | None:
        """A shape with the given sizes inserted."""
        if shape is None or not self.requested_sizes:
            return shape
        return tuple(
            s if isinstance(s, int) else substitute(s, self.requested_sizes) for s in shape
        )

    def _rows(self, entries: list[Entry]) -> list[SummaryRow]:
        return [row for entry in entries for row in self._of(entry)]

    def _of(self, entry: Entry) -> Iterator[SummaryRow]:
        if isinstance(entry, Node):
            yield self._leaf(entry)
        elif isinstance(entry, Level):
            yield self.row(entry)
        else:
            yield from self._loop(entry)

    def _leaf(self, node: Node) -> SummaryRow:
        row = SummaryRow(node.name, node.path, node.op, self.sized(node.outputs[0].shape))
        weights, row.macs = self._cost(node)
        tied = {mine for mine, _, _ in node.ties}
        if node.owner is not None:
            row.shared = node.owner.path
        else:
            row.parameters = weights.total - sum(weights.part[name] for name in tied)
            row.shared = ", ".join(f"{owner.path}.{its}".rstrip(".") for _, owner, its in node.ties)
        row.nodes = 1
        row.uncounted = () if is_counted(node) else (node.op,)
        row.doc = node.step.doc if node.step is not None else ""
        row.structure = (node.op, *weights.part, row.shared, _besides_channels(row.shape))
        return row

    def _cost(self, node: Node) -> tuple[_Weights, int]:
        """The weights of a node, and its MACs; equal nodes are counted once."""
        if node.layer is None:
            return _Weights(0, {}), 0
        key = node.layer, node.shapes
        cached = self._costs.get(key)
        if cached is None:
            groups = node.layer.weight_groups(*node.shapes)
            part = {n: prod(s) for times, part in groups if times for n, s in part.items()}
            weights = _Weights(node.layer.weight_count(*node.shapes), part)
            cached = self._costs[key] = weights, node_macs(node, self.counted_sizes)
        return cached

    def row(self, level: Level) -> SummaryRow:
        """The row of a level, with those of its contents."""
        shape = level.outputs[0].shape if level.outputs else None
        row = SummaryRow(level.name, level.path, _kind(level), self.sized(shape))
        row.children = self._rows(level.entries)
        for child in row.children:
            row.parameters += child.parameters
            row.macs += child.macs
            row.nodes += child.nodes
        row.uncounted = tuple(dict.fromkeys(op for c in row.children for op in c.uncounted))
        row.shared = level.owner.path if level.owner is not None else ""
        row.doc = level.step.doc if level.step is not None else ""
        inside = ((c.times, c.structure) for c in row.children)
        row.structure = (row.op, row.shared, _besides_channels(row.shape), *inside)
        return row

    def _loop(self, loop: Loop) -> Iterator[SummaryRow]:
        """The rows of all iterations; if each is a single row, equal ones as one."""
        iterations = [self._rows(entries) for entries in loop.iterations]
        if any(len(rows) != 1 for rows in iterations):
            for rows in iterations:
                yield from rows
            return
        for _, alike in groupby((rows[0] for rows in iterations), key=lambda row: row.structure):
            first, *others = alike
            for other in others:
                first.absorb(other)
            yield first


def _besides_channels(shape: Shape | None) -> Hashable:
    """The key of equal rows: a loop that changes channels is one row, one that reduces the image is not."""
    return None if shape is None else (shape[:1], shape[2:])


def _kind(level: Level) -> str:
    """The block that a level is a use of; empty for a group."""
    return level.block.name if level.block is not None else ""
