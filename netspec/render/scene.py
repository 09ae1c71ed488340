"""Builds the scene: a box for each node or folded level, repeats once, and the edges between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import prod

from netspec.dims import Shape
from netspec.graph import Entry, Graph, Level, Loop, Node, Value
from netspec.graph.costs import is_counted, node_macs
from netspec.graph.derivation import sum_text
from netspec.graph.nodes import axes, nodes_of
from netspec.graph.size_history import Histories
from netspec.graph.size_origin import origin_of
from netspec.render.box import Box, Scene
from netspec.render.call import call_label
from netspec.render.folding import AlikeIterations, Folding, Reader
from netspec.render.kinds import kind_of
from netspec.render.opened_boxes import NO_FOLDS, LevelFolds, OpenedBoxes
from netspec.render.reads import Reads
from netspec.render.rounds import note_rounds
from netspec.syntax import UnknownName

_TALLIES = ("nodes", "macs", "uncounted", "parameters", "activations")


def scene(
    graph: Graph,
    *,
    depth: int | None = None,
    focus: str = "",
    folds: LevelFolds = NO_FOLDS,
    errors: Mapping[str, Sequence[str]] | None = None,
    repeats: bool = True,
) -> Scene:
    """The picture of a graph.

    `depth` levels are open, except as `folds` says. `focus` draws one level alone, with what enters and leaves
    it. `errors` are messages by the path of their node. Without `repeats`, every iteration of a loop is drawn.
    """
    builder = _SceneBuilder(graph, OpenedBoxes(depth, repeats, folds), errors or {})
    return builder.focused(focus) if focus else builder.whole()


_PAGE = 60
"""How many boxes fit on a page."""


def fitting_depth(graph: Graph) -> int | None:
    """The number of open levels with which a picture has no more than a page of boxes."""
    for depth in (None, 4, 3, 2, 1):
        if len(scene(graph, depth=depth).leaves) <= _PAGE:
            return depth
    return 0


class _SceneBuilder:
    """Builds the boxes, and records the box of every node."""

    def __init__(
        self,
        graph: Graph,
        opened: OpenedBoxes,
        errors: Mapping[str, Sequence[str]],
    ) -> None:
        self.graph, self.opened, self.errors = graph, opened, errors
        self.folding = Folding(graph)
        self.histories = Histories()
        self.box_of: dict[Reader, Box] = {}
        """The box that shows a node, by its `id`, or an output of the network."""
        self._repeats: list[tuple[AlikeIterations, Box]] = []
        """The runs of iterations that are drawn as one."""
        self._counted: dict[Shape, int] = {}
        self._last_of: dict[Box, Level] = {}
        """The level of the last iteration that a box represents, by the `id` of the box."""

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
            self.box_of["output", k] = out
            if (made := self.box_of.get(value.node)) is not None:  # else an error has lost it
                edges.append((made, out))
        self._note(boxes, edges).note_outputs(self.graph.outputs)
        return Scene(self.graph.name, boxes, edges, "")

    def focused(self, path: str) -> Scene:
        """One level, with the nodes that feed it and those that it feeds as single boxes."""
        level = next((n for n in self.graph.root.levels() if n.path == path), None)
        if level is None:
            raise KeyError(path)
        inner = list(level.nodes())
        inside = set(inner)
        before = dict.fromkeys(v.node for n in inner for v in n.inputs if v.node not in inside)
        after = [
            n
            for n in self.graph.nodes
            if n not in inside and any(v.node in inside for v in n.inputs)
        ]
        boxes = [self._outside(n, "input") for n in before]
        boxes += self._entries(level.entries, None, 0)
        boxes += [self._outside(n, "output") for n in after if n not in self.box_of]
        edges = self._edges([*inner, *after])
        self._note(boxes, edges)
        return Scene(f"{self.graph.name}: {path}", boxes, edges, "")

    # ---- boxes ------------------------------------------------------------------------------------

    def _inputs(self, nodes: Iterable[Node]) -> list[Box]:
        return [self._outside(node, "input") for node in nodes]

    def _outside(self, node: Node, kind: str) -> Box:
        box = self.box_of.get(node)
        if box is None:
            box = self.box_of[node] = Box(
                node.path or node.name, node.path, node.op if node.layer else "", kind, None
            )
            box.shape = node.outputs[0].shape if node.outputs else None
            box.origin, box.histories = node, self.histories
            if node.layer is None and node.outputs and node.outputs[0].dtype != "float32":
                box.arguments = node.outputs[0].dtype
        return box

    def _entries(self, entries: list[Entry], parent: Box | None, depth: int) -> list[Box]:
        boxes: list[Box] = []
        for entry in entries:
            if isinstance(entry, Node):
                boxes.append(self._leaf(entry, parent))
            elif isinstance(entry, Level):
                boxes.append(self._level(entry, parent, depth))
            else:
                boxes += self._loop(entry, parent, depth)
        return boxes

    def _leaf(self, node: Node, parent: Box | None) -> Box:
        kind = kind_of(node.layer)
        box = Box(_name(node) or node.op, node.path, node.op, kind, parent)
        box.origin, box.histories = node, self.histories
        box.arguments = call_label(node)
        box.shape = node.outputs[0].shape if node.outputs else None
        box.doc = node.step.doc if node.step is not None else ""
        if node.place is not None:
            box.span = (node.place.source.name, node.place.span.line)
        if node.known and node.outputs:
            box.way = _sum(node)
        self._count(box, node)
        return box

    def _count(self, box: Box, node: Node) -> None:
        """Let a box represent a node."""
        self.box_of[node] = box
        box.members.append(node.path)
        box.nodes += 1
        box.macs += node_macs(node, self.graph.examples)
        box.uncounted += not is_counted(node)
        for value in node.outputs:
            if value.shape is not None:
                box.activations += self._elements(value.shape)
        box.parameters += node.weight_count
        for message in self.errors.get(node.path, ()):
            if message not in box.errors:
                box.errors.append(message)

    def _elements(self, shape: Shape) -> int:
        """How many elements a tensor of this shape has; many tensors are of one."""
        cached = self._counted.get(shape)
        if cached is None:
            cached = self._counted[shape] = prod(axes(shape, self.graph.examples))
        return cached

    def _level(self, level: Level, parent: Box | None, depth: int) -> Box:
        box = Box(
            _name(level), level.path, level.block.name if level.block else "", "level", parent
        )
        box.origin = level
        box.shape = level.outputs[0].shape if level.outputs else None
        box.doc = level.step.doc if level.step is not None else ""
        if level.step is not None:
            box.span = (level.step.place.source.name, level.step.place.span.line)
        opened = self.opened.level(level.path, depth)
        if opened:
            box.children = self._entries(level.entries, box, depth + 1)
        for node in level.nodes():
            if opened:
                for tally in _TALLIES:
                    setattr(box, tally, sum(getattr(c, tally) for c in box.children))
                break
            self._count(box, node)
        if not opened:
            self._as_repeat(box, level)
        return box

    def _as_repeat(self, box: Box, level: Level) -> None:
        """Mark a folded level that consists only of equal iterations of a block or group."""
        loop = level.entries[0] if len(level.entries) == 1 else None
        if not isinstance(loop, Loop) or not self.opened.repeats or len(loop.iterations) < 2:
            return
        first = loop.iterations[0][0] if len(loop.iterations[0]) == 1 else None
        if not isinstance(first, Level):
            return
        runs = self.folding.runs(loop)
        if len(runs) == 1 and all(len(iteration) == 1 for iteration in loop.iterations):
            box.op = first.block.name if first.block is not None else box.op
            box.times = len(loop.iterations)
            self._through(box, loop.iterations)
            self._repeats.append((runs[0], box))

    def _loop(self, loop: Loop, parent: Box | None, depth: int) -> list[Box]:
        """The iterations; equal ones of a single step are drawn once."""
        if self.opened.loop(loop):
            return [
                b for iteration in loop.iterations for b in self._entries(iteration, parent, depth)
            ]
        return [b for run in self.folding.runs(loop) for b in self._run(run, parent, depth)]

    def _run(self, run: AlikeIterations, parent: Box | None, depth: int) -> list[Box]:
        first, *others = run.iterations
        boxes = self._entries(first, parent, depth)
        if not others:
            return boxes
        for iteration in others:
            self._follow(first, iteration)
        [box], last = boxes, others[-1]
        assert not isinstance(last[0], Loop)
        _repeat(box, run.length, last[0].name)
        pairs = zip(nodes_of(first), nodes_of(last), strict=True)
        _grow(box, dict(pairs))
        if isinstance(first[0], Level) and isinstance(last[0], Level):
            self._through(box, run.iterations)
            self._last_of[box] = last[0]
        self._repeats.append((run, box))
        return boxes

    def _follow(self, first: list[Entry], other: list[Entry]) -> None:
        """Let the boxes of an iteration represent another, equal one."""
        for mine, its in zip(nodes_of(first), nodes_of(other), strict=True):
            self._count(self.box_of[mine], its)

    def _through(self, box: Box, iterations: Sequence[list[Entry]]) -> None:
        """The change of the channels through the iterations, and the output of the last."""
        levels = [iteration[0] for iteration in iterations if isinstance(iteration[0], Level)]
        if not levels[-1].outputs:
            return
        box.first_shape = None
        box.shape, first = levels[-1].outputs[0].shape, levels[0].outputs[0].shape
        sizes = [_channels(levels[0].inputs), *(_channels(level.outputs) for level in levels)]
        known = [s for s in sizes if isinstance(s, int)]
        grows = len(known) == len(sizes) and len(set(known)) > 1
        steps = {b - a for a, b in pairwise(known)} if grows else set()
        if len(steps) == 1:
            box.way = f"{known[0]} → {known[-1]}, {next(iter(steps)):+d} each"
        elif box.shape != first:
            box.first_shape = first
        elif grows:
            box.way = f"{known[0]} → {known[-1]}"

    def _note(self, boxes: Sequence[Box], edges: Sequence[tuple[Box, Box]]) -> Reads:
        """Note what edges and ×N do not show: the order of inputs, the reads of all iterations."""
        for run, box in self._repeats:
            note_rounds(box, self.folding.links(run), self.box_of)
        leaves = [leaf for box in boxes for leaf in box.leaves()]
        reads = Reads(leaves, edges, self.box_of, self._last_of)
        reads.note()
        return reads

    # ---- edges ------------------------------------------------------------------------------------

    def _edges(self, nodes: Iterable[Node]) -> list[tuple[Box, Box]]:
        edges: dict[tuple[Box, Box], None] = {}
        for node in nodes:
            target = self.box_of.get(node)
            for value in node.inputs:
                source = self.box_of.get(value.node)
                if source is not None and target is not None and source is not target:
                    edges[source, target] = None
        return list(edges)


def _name(entry: Node | Level) -> str:
    """The name of a step; one that could not be worked out as it is written."""
    written = entry.step.name if entry.step is not None else None
    if not isinstance(entry.name, UnknownName):
        return entry.name
    return written.text if written is not None else ""


def _repeat(box: Box, times: int, last: str) -> None:
    """Let a box represent several iterations, the last of which has that name."""
    box.times = times
    digits = re.search(r"\d+$", last)
    if box.name != last:
        box.name = f"{box.name}…{digits[0] if digits is not None else last}"
    _tally(box)


def _tally(box: Box) -> None:
    """Update the totals of an open box, whose boxes now represent more nodes."""
    for child in box.children:
        _tally(child)
    if box.children:
        for tally in _TALLIES:
            setattr(box, tally, sum(getattr(c, tally) for c in box.children))


def _grow(box: Box, last: Mapping[Node, Node]) -> None:
    """Set the shapes of the boxes of a repeat to those of its last iteration, and the first ones if they differ.

    `last` has the nodes of the last iteration, by the `id` of those of the first one.
    """
    for child in box.children:
        _grow(child, last)
    if box.kind == "join":  # the sums of the first iteration are not those of the others
        box.way = ""
    value = box.origin.outputs[0] if box.origin is not None and box.origin.outputs else None
    if value is None or box.children or value.node not in last:
        return
    shape = last[value.node].outputs[value.index].shape
    if shape != value.shape:
        box.shape, box.first_shape = shape, value.shape


def _channels(values: Sequence[Value]) -> object:
    shape = values[0].shape if values else None
    return shape[1] if shape is not None and len(shape) > 1 else None


def _sum(node: Node) -> str:
    """`88 = 24×3 + 16`: how the channels of a join add up."""
    if len(node.inputs) < 2:
        return ""
    value = node.outputs[0]
    for axis in range(1, len(value.shape or ())):
        origin = origin_of(value, axis)
        if origin is not None and origin.kind == "sum":
            assert value.shape is not None
            inputs = [(node.inputs[k].shape, input_axis) for k, input_axis in origin.parts]
            return sum_text(
                value.shape[axis], [shape[input_axis] for shape, input_axis in inputs if shape]
            )
    return ""
