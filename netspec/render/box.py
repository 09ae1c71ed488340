"""The parts of a picture: boxes, some with boxes inside, and the edges between closed boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netspec.dims import Shape
from netspec.graph import Level, Node
from netspec.layer.checks import axis_name
from netspec.report.numbers import partly_known, scaled

if TYPE_CHECKING:
    from netspec.graph.size_history import Histories


class Box:
    """A node, an input or output, a folded level, or an open level with boxes in it."""

    __slots__ = (
        "activations",
        "arguments",
        "children",
        "doc",
        "errors",
        "first_shape",
        "histories",
        "kind",
        "macs",
        "mark",
        "members",
        "name",
        "nodes",
        "op",
        "origin",
        "parameters",
        "parent",
        "path",
        "reads",
        "rounds",
        "shape",
        "span",
        "times",
        "uncounted",
        "way",
    )  # fmt: skip

    def __init__(self, name: str, path: str, op: str, kind: str, parent: Box | None) -> None:
        self.name, self.path, self.op, self.kind, self.parent = name, path, op, kind, parent
        self.arguments = ""
        """The relevant arguments of the call: `64, 7×7 /2`."""
        self.shape: Shape | None = None
        self.first_shape: Shape | None = None
        """The shape after the first iteration, if it differs from the last one."""
        self.parameters = self.macs = self.activations = self.nodes = 0
        """Of all nodes in it; of a repeat of all iterations together."""
        self.uncounted = 0
        """How many of the nodes have MACs that are unknown."""
        self.times = 1
        """The number of iterations that it represents."""
        self.way = ""
        """How the channels change through iterations, or add up: `64 → 256, +32 each`, `88 = 24×3 + 16`."""
        self.reads: list[str] = []
        """What its edges do not show: `from split.1`, `from b, a`, `weights of conv1`."""
        self.rounds: list[str] = []
        """Values that the iterations read and return in addition to the previous result: `each reads stem`."""
        self.doc = ""
        self.errors: list[str] = []
        self.span: tuple[str, int] | None = None
        """Its file and line."""
        self.members: list[str] = []
        """The paths of the nodes that it represents."""
        self.mark = ""
        """`added`, `removed`, `changed` or `follows`, in the picture of a difference."""
        self.children: list[Box] = []
        self.origin: Node | Level | None = None
        """The node or level that it shows; of a repeat that of the first iteration."""
        self.histories: Histories | None = None
        """The key of its derivations in the scene."""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """The derivations of the sizes of a node's result, by dimension."""
        node = self.origin
        if not isinstance(node, Node) or node.layer is None or not (node.known and node.outputs):
            return ()
        value = node.outputs[0]
        rank = len(value.shape or ())
        if self.histories is None:
            return ()
        histories = [self.histories.of(value, axis) for axis in range(1, rank)]
        return tuple(
            (axis_name(rank, axis), str(history))
            for axis, history in enumerate(histories, 1)
            if history.stops > 1
        )

    @property
    def around(self) -> list[Box]:
        """The boxes around it, outermost first, and itself at the end."""
        enclosing: list[Box] = []
        ancestor: Box | None = self
        while ancestor is not None:
            enclosing.append(ancestor)
            ancestor = ancestor.parent
        enclosing.reverse()
        return enclosing

    @property
    def full_name(self) -> str:
        """Its name behind those of the boxes around it: `layer1…3.conv`."""
        return ".".join(b.name for b in self.around if b.name)

    @property
    def notes(self) -> list[str]:
        """Its reads, and those of its iterations, that edges and ×N do not show."""
        return [*self.reads, *self.rounds]

    @property
    def call(self) -> str:
        """Its call: the op, the arguments, and the change of the channels."""
        return " ".join([part for part in (self.op, self.arguments, self.way) if part])

    @property
    def macs_text(self) -> str:
        """Its MACs: `1.6 M`, or `1.6 M + ?`; empty without any."""
        return partly_known(scaled(self.macs) if self.macs else "", unknown=self.uncounted > 0)

    @property
    def sizes(self) -> tuple[str, ...] | None:
        """The shape as texts, an axis that changes from the first iteration to the last as both: `64 → 224`."""
        if self.shape is None:
            return None
        if self.first_shape is None:
            return tuple(map(str, self.shape))
        return ranges(self.first_shape, self.shape)

    @property
    def is_open(self) -> bool:
        """Whether its contents are drawn."""
        return bool(self.children)

    def leaves(self) -> Iterator[Box]:
        """The innermost boxes inside, in order; itself if it has none."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def ranges(first: Shape | tuple[int, ...], last: Shape | tuple[int, ...]) -> tuple[str, ...]:
    """Two shapes of one rank as one: an axis in which they differ has both sizes.

    >>> ranges((1, 64, 8), (1, 224, 8))
    ('1', '64 → 224', '8')
    """
    return tuple(str(b) if a == b else f"{a} → {b}" for a, b in zip(first, last, strict=True))


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
