"""Groups equal iterations of a loop, so that the picture of one of them, ×N, represents all.

A folded picture must say what the unfolded one says: two networks that differ must not have one picture. So an
iteration joins a run only if it repeats the one before. Its nodes call the same layers and give the same shapes,
but for sizes that grow by the same amount each time. It reads the same things: nodes of its own, what the
iteration before gave, or tensors from outside that every iteration reads. And no later node reads from an
iteration in the middle, unless it reads the same from every one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

from netspec.dims import Shape
from netspec.graph import Entry, Graph, Loop, Node
from netspec.graph.nodes import Value
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer

_FEWEST_GROWING = 3
"""So many iterations show that a size grows evenly; two of different sizes are drawn one by one."""

Reader = Hashable
"""Who reads a node: another one, or an output of the network, by its number."""
Read = tuple[str, int | Value, int]
"""The source of an input: `own` or `before` with the index of a node in its iteration, or `outside` with a
value; and the index of the result.
"""


class AlikeIterations(NamedTuple):
    """Equal iterations of a loop."""

    loop: Loop
    first: int
    length: int

    @property
    def iterations(self) -> list[list[Entry]]:
        """Their contents."""
        return self.loop.iterations[self.first : self.first + self.length]


class Link(NamedTuple):
    """The values that a node reads in every iteration of a run, and their readers."""

    node: Node
    """That of the first iteration."""
    reads: tuple[tuple[str, Node, int], ...]
    """The reads from outside of its iteration, in order: `outside`, the same in all, or `before`, as a node
    of the first one; with the index of the result.
    """
    readers: tuple[Reader, ...]
    """Who reads it from outside, in all iterations."""


class FlatIteration(NamedTuple):
    """One iteration, flat: its key for comparison, its nodes, and its results."""

    structure: tuple[Hashable, ...]
    nodes: list[Node]
    shapes: tuple[Shape | None, ...]


class Folding:
    """Finds the runs of each loop of a graph, once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers = _readers(graph)
        self._searches: dict[Loop, _RunSearch] = {}
        self._runs: dict[Loop, list[AlikeIterations]] = {}
        self._calls: dict[Layer, str] = {}
        self._iterations: dict[Node, tuple[int, ...]] | None = None

    def runs(self, loop: Loop) -> list[AlikeIterations]:
        """The iterations of a loop in order, equal ones grouped."""
        runs = self._runs.get(loop)
        if runs is None:
            search = self._searches[loop] = _RunSearch(loop, self)
            runs = self._runs[loop] = search.runs()
        return runs

    def links(self, run: AlikeIterations) -> list[Link]:
        """How the iterations of a run are connected, node by node of the first one."""
        return self._searches[run.loop].links(run)

    def structure(
        self, entry: Entry, into: list[Hashable], nodes: list[Node], *, top: bool
    ) -> None:
        """Write the key of equal entries; the names of `top` ones differ."""
        if isinstance(entry, Node):
            nodes.append(entry)
            into += (
                "" if top else entry.name,
                entry.op,
                self._arguments(entry),
                entry.step,
                len(entry.inputs),
                *self._weights(entry),
            )
            return
        if isinstance(entry, Loop):
            counts = [run.length for run in self.runs(entry)]
            into += ("loop", entry.step, *counts)
            before = len(nodes)
            for iteration in entry.iterations:
                for inner in iteration:
                    self.structure(inner, into, nodes, top=True)
            if (
                max(counts, default=1) > 1
            ):  # a size may grow through one of two nested loops, not both
                into += [value.shape for node in nodes[before:] for value in node.outputs]
            return
        into += ("(", "" if top else entry.name, entry.step, entry.title)
        for inner in entry.entries:
            self.structure(inner, into, nodes, top=False)
        into.append(")")

    def _arguments(self, node: Node) -> str:
        """All arguments that are not torch's defaults; many nodes have one layer."""
        layer = node.layer
        if layer is None:
            return ""
        text = self._calls.get(layer)
        if text is None:
            changed = ", ".join(
                f"{name} {show(value)}" for name, value in layer.canonical_arguments().items()
            )
            text = self._calls[layer] = f"{layer.taken} {changed}"
        return text

    def _weights(self, node: Node) -> Iterator[Hashable]:
        """Whose weights a node uses: one node's, or in each iteration those of the iteration of another loop."""
        if node.owner is not None:
            yield self._whose(node, node.owner)
        for mine, owner, its in node.ties:
            yield mine, self._whose(node, owner), its

    def _whose(self, node: Node, owner: Node) -> Hashable:
        own, others = self._iteration_of(node), self._iteration_of(owner)
        alike = others and own[-len(others) :] == others
        return ("alike", owner.step, owner.name) if alike else owner

    def _iteration_of(self, node: Node) -> tuple[int, ...]:
        """In which iterations of the loops around it a node is, from the outermost loop on."""
        if self._iterations is None:
            self._iterations = {}
            _number(self.graph.root.entries, (), self._iterations)
        return self._iterations[node]


def _number(
    entries: Sequence[Entry], around: tuple[int, ...], into: dict[Node, tuple[int, ...]]
) -> None:
    """Note of every node in which iterations of the loops around it it is."""
    for entry in entries:
        if isinstance(entry, Node):
            into[entry] = around
        elif isinstance(entry, Loop):
            for k, iteration in enumerate(entry.iterations):
                _number(iteration, (*around, k), into)
        else:
            _number(entry.entries, around, into)


def _readers(graph: Graph) -> dict[Node, list[Reader]]:
    """Who reads each node, by its `id`."""
    readers: dict[Node, list[Reader]] = {}
    for node in graph.nodes:
        for source in dict.fromkeys(v.node for v in node.inputs):
            readers.setdefault(source, []).append(node)
    for number, value in enumerate(graph.outputs.values):
        readers.setdefault(value.node, []).append(("output", number))
    return readers


class _RunSearch:
    """The runs of one loop."""

    def __init__(self, loop: Loop, folding: Folding) -> None:
        self.loop = loop
        self.iterations = [_flat(entries, folding) for entries in loop.iterations]
        self.place = {
            node: (k, position)
            for k, iteration in enumerate(self.iterations)
            for position, node in enumerate(iteration.nodes)
        }
        self.reads = [self._reads(k) for k in range(len(self.iterations))]
        self.outputs_read = [
            self._readers_of_iteration(k, folding.readers) for k in range(len(self.iterations))
        ]

    def runs(self) -> list[AlikeIterations]:
        """From the first iteration on, each run as long as it can be."""
        runs: list[AlikeIterations] = []
        first = 0
        while first < len(self.iterations):
            count = self._length(first, _equal)
            if count < _FEWEST_GROWING:
                growing = self._length(first, _grows)
                count = growing if growing >= max(_FEWEST_GROWING, count + 1) else count
            runs.append(AlikeIterations(self.loop, first, count))
            first += count
        return runs

    def links(self, run: AlikeIterations) -> list[Link]:
        """How the iterations of a run are connected."""
        nodes = self.iterations[run.first].nodes
        reads = iter(self.reads[run.first + 1])
        readers_by_position: dict[int, list[Reader]] = {}
        for position, reader in self.outputs_read[run.first]:
            readers_by_position.setdefault(position, []).append(reader)
        links = []
        for position, node in enumerate(nodes):
            inputs = [(next(reads), value.node) for value in node.inputs]
            sources = tuple(
                (
                    kind,
                    nodes[before] if kind == "before" and type(before) is int else source,
                    result,
                )
                for (kind, before, result), source in inputs
                if kind != "own"
            )
            links.append(Link(node, sources, tuple(readers_by_position.get(position, ()))))
        return links

    def _length(self, first: int, goes_on: Callable[[Sequence[Shape | None]], bool]) -> int:
        """The number of equal iterations from this one on, whose shapes continue evenly."""
        common = self.outputs_read[first]
        end = first + 1
        while end < len(self.iterations) and self._joins(first, end, common):
            shapes = zip(
                *(self.iterations[k].shapes for k in range(max(first, end - 2), end + 1)),
                strict=True,
            )
            if not all(map(goes_on, shapes)):
                break
            end += 1
        return end - first

    def _joins(self, first: int, k: int, common: frozenset[tuple[int, Reader]]) -> bool:
        """Whether an iteration repeats the previous one, in everything except its shapes."""
        if self.iterations[k].structure != self.iterations[first].structure:
            return False
        if self.outputs_read[k - 1] != common or not self.outputs_read[k] >= common:
            return False
        if k > first + 1:
            return self.reads[k] == self.reads[k - 1]
        return all(map(_follows, self.reads[first], self.reads[k], self._outer(first)))

    def _outer(self, k: int) -> list[tuple[Hashable, int]]:
        """Each value that an iteration reads from around it, and 0 for those of its own."""
        nodes = self.iterations[k].nodes
        return [
            (0 if self.place.get(v.node, (-1, 0))[0] == k else v, v.index)
            for node in nodes
            for v in node.inputs
        ]

    def _reads(self, k: int) -> list[Read]:
        return [
            self._read(k, position, value)
            for position, node in enumerate(self.iterations[k].nodes)
            for value in node.inputs
        ]

    def _read(self, k: int, position: int, value: Value) -> Read:
        iteration, source = self.place.get(value.node, (-1, 0))
        if iteration == k:
            return "own", source, value.index
        if iteration == k - 1 >= 0 and source >= position:
            return "before", source, value.index
        return "outside", value, value.index

    def _readers_of_iteration(
        self, k: int, readers: dict[Node, list[Reader]]
    ) -> frozenset[tuple[int, Reader]]:
        """The nodes, by place, that are read from outside of an iteration and the next one, and by whom."""
        return frozenset(
            (position, reader)
            for position, node in enumerate(self.iterations[k].nodes)
            for reader in readers.get(node, ())
            if self.place.get(reader, (-1, 0))[0] not in (k, k + 1)  # type: ignore[call-overload]
        )


def _flat(entries: list[Entry], folding: Folding) -> FlatIteration:
    structure: list[Hashable] = []
    nodes: list[Node] = []
    for entry in entries:
        folding.structure(entry, structure, nodes, top=True)
    shapes = tuple(value.shape for node in nodes for value in node.outputs)
    return FlatIteration((len(shapes), *structure), nodes, shapes)


def _follows(first: Read, second: Read, outer: tuple[Hashable, int]) -> bool:
    """Whether the second iteration reads the same as the first one, or the result of the first in its place."""
    if first[0] == "own" or second[0] == "own":
        return first == second
    if second[0] == "before":
        return True
    return second[1] == outer[0]


def _equal(shapes: Sequence[Shape | None]) -> bool:
    return shapes[-2] == shapes[-1]


def _grows(shapes: Sequence[Shape | None]) -> bool:
    """Whether each size stays, or grows by the same as before."""
    *earlier, b, c = shapes
    if b is None or c is None or len(b) != len(c):
        return b is c
    if not earlier:
        return all(x == y or (type(x) is int and type(y) is int) for x, y in zip(b, c, strict=True))
    [a] = earlier
    if a is None or len(a) != len(b):
        return False
    return all(
        x == y == z or (type(x) is int and type(y) is int and type(z) is int and y - x == z - y)
        for x, y, z in zip(a, b, c, strict=True)
    )
