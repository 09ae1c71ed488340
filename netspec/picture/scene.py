"""What is drawn: a box for each node or folded level, repeats once, and the edges between them."""

from __future__ import annotations

import re
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from math import prod

from netspec.dims import Shape
from netspec.elaborate import Entry, Graph, Level, Loop, Node, Value
from netspec.elaborate.along import Way
from netspec.elaborate.around import levels
from netspec.elaborate.explain import explain
from netspec.elaborate.graph import axes, node_macs, nodes_of
from netspec.layers.checks import axis_name
from netspec.picture.call import call
from netspec.picture.kinds import kind_of
from netspec.record import record

_TALLIES = ("nodes", "macs", "parameters", "activations")


class Box:
    """A node, an input or output, a folded level, or an open level with boxes in it."""

    __slots__ = (
        "activations", "arguments", "children", "doc", "errors", "kind", "macs", "mark", "members", "name",
        "nodes", "op", "origin", "parameters", "parent", "path", "shape", "span", "times", "way",
    )  # fmt: skip

    def __init__(self, name: str, path: str, op: str, kind: str, parent: Box | None) -> None:
        self.name, self.path, self.op, self.kind, self.parent = name, path, op, kind, parent
        self.arguments = ""
        """What matters of the call: `64, 7×7 /2`."""
        self.shape: Shape | None = None
        self.parameters = self.macs = self.activations = self.nodes = 0
        """Of all nodes in it; of a repeat of all iterations together."""
        self.times = 1
        """How many iterations of a loop it stands for."""
        self.way = ""
        """How the channels change through iterations, or add up: `64 → 256, +32 each`, `88 = 24×3 + 16`."""
        self.doc = ""
        self.errors: list[str] = []
        self.span: tuple[str, int] | None = None
        """The file and line that it comes from."""
        self.members: list[str] = []
        """The paths of the nodes that it stands for."""
        self.mark = ""
        """`added`, `removed`, `changed` or `follows`, in the picture of a difference."""
        self.children: list[Box] = []
        self.origin: Node | Level | None = None
        """The node or level that it shows; of a repeat that of the first iteration."""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """How the sizes of a node's result came about, axis by axis, from the input on."""
        node = self.origin
        if not isinstance(node, Node) or node.layer is None or not (node.known and node.outputs):
            return ()
        return tuple(_ways(node))

    @property
    def around(self) -> list[Box]:
        """The boxes around it, outermost first, and itself at the end."""
        found: list[Box] = []
        at: Box | None = self
        while at is not None:
            found.insert(0, at)
            at = at.parent
        return found

    @property
    def call(self) -> str:
        """What it calls: the op, its arguments, and the way of the channels."""
        return " ".join([part for part in (self.op, self.arguments, self.way) if part])

    @property
    def is_open(self) -> bool:
        """Whether what is in it is drawn."""
        return bool(self.children)

    def leaves(self) -> Iterator[Box]:
        """The boxes in it that have none in them, in order; itself where it has none."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


class Scene:
    """All boxes of a picture, and the edges between those that are not open."""

    def __init__(
        self, name: str, boxes: list[Box], edges: list[tuple[Box, Box]], facts: str
    ) -> None:
        self.name, self.boxes, self.edges, self.facts = name, boxes, edges, facts

    @property
    def leaves(self) -> list[Box]:
        """The boxes that edges join, in the order of the text."""
        return [leaf for box in self.boxes for leaf in box.leaves()]


def scene(
    graph: Graph,
    *,
    depth: int | None = None,
    focus: str = "",
    expand: Container[str] = (),
    fold: Container[str] = (),
    apart: Container[str] = (),
    errors: Mapping[str, Sequence[str]] | None = None,
    repeats: bool = True,
) -> Scene:
    """The picture of a graph.

    `depth` levels are open, those that `expand` names besides, and none that `fold` names; `focus` draws
    one level alone, with what enters and leaves it. `errors` are messages by the path of their node.
    Without `repeats` every iteration of a loop is drawn, and so are those of the loops whose first
    iteration `apart` names.
    """
    opened = Opened(depth, expand, fold, apart, repeats)
    builder = _Builder(graph, opened, errors or {})
    return builder.focused(focus) if focus else builder.whole()


@record(frozen=True, slots=True)
class Opened:
    """What is drawn open, by path, and which iterations one by one."""

    depth: int | None
    expand: Container[str]
    fold: Container[str]
    apart: Container[str]
    repeats: bool

    def level(self, path: str, depth: int) -> bool:
        """Whether what is in a level is drawn."""
        shallow = self.depth is None or depth < self.depth
        return (shallow or path in self.expand) and path not in self.fold

    def loop(self, loop: Loop) -> bool:
        """Whether all iterations of a loop are drawn."""
        if not self.repeats or any(len(iteration) != 1 for iteration in loop.iterations):
            return True
        first = loop.iterations[0][0] if loop.iterations else None
        return not isinstance(first, Loop) and first is not None and first.path in self.apart


_PAGE = 60
"""How many boxes fit on a page."""


def fitting_depth(graph: Graph) -> int | None:
    """The number of open levels with which a picture has no more than a page of boxes."""
    for depth in (None, 4, 3, 2, 1):
        if len(scene(graph, depth=depth).leaves) <= _PAGE:
            return depth
    return 0


class _Builder:
    """Makes the boxes, and knows of every node the box that shows it."""

    def __init__(
        self,
        graph: Graph,
        opened: Opened,
        errors: Mapping[str, Sequence[str]],
    ) -> None:
        self.graph, self.opened, self.errors = graph, opened, errors
        self.box_of: dict[int, Box] = {}
        self._counted: dict[int, int] = {}

    def whole(self) -> Scene:
        """Everything."""
        boxes = self._inputs([v.node for v in self.graph.inputs])
        boxes += self._entries(self.graph.root.entries, None, 0)
        edges = self._edges(self.graph.nodes)
        names = self.graph.outputs.names or ("",) * len(self.graph.outputs.values)
        for k, (name, value) in enumerate(zip(names, self.graph.outputs.values, strict=True)):
            out = Box(name or "output", f"output {k}", "", "output", None)
            out.shape = value.shape
            boxes.append(out)
            if (made := self.box_of.get(id(value.node))) is not None:  # else an error has lost it
                edges.append((made, out))
        return Scene(self.graph.name, boxes, edges, "")

    def focused(self, path: str) -> Scene:
        """One level, with the nodes that feed it and those that it feeds as single boxes."""
        level = next((n for n in levels(self.graph.root.entries) if n.path == path), None)
        if level is None:
            raise KeyError(path)
        inner = list(nodes_of(level.entries))
        inside = {id(n) for n in inner}
        before = dict.fromkeys(v.node for n in inner for v in n.inputs if id(v.node) not in inside)
        after = [
            n
            for n in self.graph.nodes
            if id(n) not in inside and any(id(v.node) in inside for v in n.inputs)
        ]
        boxes = [self._outside(n, "input") for n in before]
        boxes += self._entries(level.entries, None, 0)
        boxes += [self._outside(n, "output") for n in after if id(n) not in self.box_of]
        edges = self._edges([*inner, *after])
        return Scene(f"{self.graph.name}: {path}", boxes, edges, "")

    # ---- boxes ------------------------------------------------------------------------------------

    def _inputs(self, nodes: Iterable[Node]) -> list[Box]:
        return [self._outside(node, "input") for node in nodes]

    def _outside(self, node: Node, kind: str) -> Box:
        box = self.box_of.get(id(node))
        if box is None:
            box = self.box_of[id(node)] = Box(
                node.path or node.name, node.path, node.op if node.layer else "", kind, None
            )
            box.shape, box.origin = node.outputs[0].shape, node
        return box

    def _entries(self, entries: list[Entry], parent: Box | None, depth: int) -> list[Box]:
        found: list[Box] = []
        for entry in entries:
            if isinstance(entry, Node):
                found.append(self._leaf(entry, parent))
            elif isinstance(entry, Level):
                found.append(self._level(entry, parent, depth))
            else:
                found += self._loop(entry, parent, depth)
        return found

    def _leaf(self, node: Node, parent: Box | None) -> Box:
        kind = kind_of(node.layer)
        box = Box(node.name or node.op, node.path, node.op, kind, parent)
        box.origin = node
        box.arguments = call(node)
        box.shape = node.outputs[0].shape if node.outputs else None
        box.doc = node.step.doc if node.step is not None else ""
        if node.place is not None:
            box.span = (node.place.source.name, node.place.span.line)
        if node.known and node.outputs:
            box.way = _sum(node)
        self._count(box, node)
        return box

    def _count(self, box: Box, node: Node) -> None:
        """Let a box stand for a node."""
        self.box_of[id(node)] = box
        box.members.append(node.path)
        box.nodes += 1
        box.macs += node_macs(node, self.graph.examples)
        for value in node.outputs:
            if value.shape is not None:
                box.activations += self._elements(value.shape)
        box.parameters += sum(map(prod, node.parameters.values()))
        for message in self.errors.get(node.path, ()):
            if message not in box.errors:
                box.errors.append(message)

    def _elements(self, shape: Shape) -> int:
        """How many elements a tensor of this shape has; many tensors are of one."""
        found = self._counted.get(id(shape))
        if found is None:
            found = self._counted[id(shape)] = prod(axes(shape, self.graph.examples))
        return found

    def _level(self, level: Level, parent: Box | None, depth: int) -> Box:
        box = Box(level.name, level.path, level.block.name if level.block else "", "level", parent)
        box.origin = level
        box.shape = level.outputs[0].shape if level.outputs else None
        box.doc = level.step.doc if level.step is not None else ""
        if level.step is not None:
            box.span = (level.step.place.source.name, level.step.place.span.line)
        opened = self.opened.level(level.path, depth)
        if opened:
            box.children = self._entries(level.entries, box, depth + 1)
        for node in nodes_of(level.entries):
            if opened:
                for tally in _TALLIES:
                    setattr(box, tally, sum(getattr(c, tally) for c in box.children))
                break
            self._count(box, node)
        if not opened:
            self._as_repeat(box, level)
        return box

    def _as_repeat(self, box: Box, level: Level) -> None:
        """Let a folded level that is nothing but iterations of one block say so."""
        loop = level.entries[0] if len(level.entries) == 1 else None
        if not isinstance(loop, Loop) or not self.opened.repeats:
            return
        uses = [i[0] for i in loop.iterations if len(i) == 1 and isinstance(i[0], Level)]
        blocks = {id(use.block): use.block for use in uses}
        if len(uses) == len(loop.iterations) > 1 and len(blocks) == 1 and uses[0].block is not None:
            box.op, box.times = uses[0].block.name, len(uses)
            self._through(box, [[use] for use in uses])

    def _loop(self, loop: Loop, parent: Box | None, depth: int) -> list[Box]:
        """The iterations; those that are one step each, and alike, once."""
        if self.opened.loop(loop):
            return [
                b for iteration in loop.iterations for b in self._entries(iteration, parent, depth)
            ]
        found: list[Box] = []
        for _, run in groupby(loop.iterations, key=_steps_of):
            found += self._run(list(run), parent, depth)
        return found

    def _run(self, run: list[list[Entry]], parent: Box | None, depth: int) -> list[Box]:
        boxes = self._entries(run[0], parent, depth)
        for iteration in run[1:]:
            self._follow(run[0], iteration)
        if len(run) > 1:
            for box in boxes:
                last = run[-1][0]
                _repeat(box, len(run), "" if isinstance(last, Loop) else last.name)
            if isinstance(run[0][0], Level):
                self._through(boxes[0], run)
        return boxes

    def _follow(self, first: list[Entry], other: list[Entry]) -> None:
        """Let the boxes of an iteration stand for another one that is alike."""
        for mine, its in zip(nodes_of(first), nodes_of(other), strict=True):
            self._count(self.box_of[id(mine)], its)

    def _through(self, box: Box, run: list[list[Entry]]) -> None:
        """The way of the channels through the iterations, and what comes out of the last."""
        levels = [iteration[0] for iteration in run if isinstance(iteration[0], Level)]
        sizes = [_channels(levels[0].inputs), *(_channels(level.outputs) for level in levels)]
        box.shape = levels[-1].outputs[0].shape if levels[-1].outputs else box.shape
        known = [s for s in sizes if isinstance(s, int)]
        if len(known) < len(sizes) or len(set(known)) == 1:
            return
        steps = {b - a for a, b in pairwise(known)}
        each = f", {next(iter(steps)):+d} each" if len(steps) == 1 else ""
        box.way = f"{known[0]} → {known[-1]}{each}"

    # ---- edges ------------------------------------------------------------------------------------

    def _edges(self, nodes: Iterable[Node]) -> list[tuple[Box, Box]]:
        found: dict[tuple[int, int], tuple[Box, Box]] = {}
        for node in nodes:
            target = self.box_of.get(id(node))
            for value in node.inputs:
                source = self.box_of.get(id(value.node))
                if source is not None and target is not None and source is not target:
                    found.setdefault((id(source), id(target)), (source, target))
        return list(found.values())


def _repeat(box: Box, times: int, last: str) -> None:
    """Let a box stand for several iterations, of which the last has that name."""
    box.times = times
    digits = re.search(r"\d+$", last)
    if digits is not None and box.name != last:
        box.name = f"{box.name}…{digits[0]}"
    _tally(box)


def _tally(box: Box) -> None:
    """Sum up an open box again: its boxes stand for more nodes than before, and for other sums."""
    for child in box.children:
        _tally(child)
        if not child.children:
            child.way = "" if child.kind == "join" else child.way
    if box.children:
        for tally in _TALLIES:
            setattr(box, tally, sum(getattr(c, tally) for c in box.children))


def _channels(values: Sequence[Value]) -> object:
    shape = values[0].shape if values else None
    return shape[1] if shape is not None and len(shape) > 1 else None


def _steps_of(entries: list[Entry]) -> Hashable:
    """What two iterations have in common that are drawn as one: the same steps of the text."""
    return tuple(id(node.step) for node in nodes_of(entries))


def _sum(node: Node) -> str:
    """`88 = 24×3 + 16`: how the channels of a join add up."""
    if len(node.inputs) < 2:
        return ""
    value = node.outputs[0]
    explained = (explain(value, axis) for axis in range(1, len(value.shape or ())))
    return next((e.arithmetic() for e in explained if e.kind == "sum"), "")


def _ways(node: Node) -> Iterator[tuple[str, str]]:
    """How the sizes of the result came about, from the input on."""
    value = node.outputs[0]
    rank = len(value.shape or ())
    for axis in range(1, rank):
        way = Way(value, axis)
        if len(way.stops) > 1:
            yield axis_name(rank, axis), str(way)
