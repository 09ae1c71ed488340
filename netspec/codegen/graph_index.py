"""What is asked of the graphs of a program as a whole, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from netspec.codegen.ties import common_level
from netspec.diagnostics import Code, Diagnostic, SpecError
from netspec.graph import Graph, Level, Node, Value
from netspec.graph.captures import captures, unrolled
from netspec.layer.base import Module


class GraphIndex(NamedTuple):
    """Facts about the graphs of a program.

    Attributes:
        readers: The levels that something in them reads a value from, by the identity of the value.
        shared_uses: The levels that are another one again, by the identity of that one.
        own_imports: The classes that are not of `torch.nn`: name to the module that has it.
        captured: What each level reads of the levels around it, by the identity of the level.
        sharing_levels: The levels that apply modules of levels around them, by their identity.
        tied_levels: The innermost levels around the two modules of each tie.
    """

    readers: dict[int, list[Level]]
    shared_uses: dict[int, list[Level]]
    own_imports: dict[str, str]
    captured: dict[Level, tuple[Value, ...]]
    sharing_levels: set[int]
    tied_levels: set[Level]


def index_graphs(graphs: Sequence[Graph]) -> GraphIndex:
    """The facts about the network and the members of its family.

    Raises:
        SpecError: If two classes of one name come from different modules.
    """
    index = GraphIndex({}, {}, _own_imports(graphs), {}, set(), set())
    for graph in graphs:
        index.readers.update(_readers(graph))
        index.shared_uses.update(_shared_uses(graph))
        captures(graph.root, index.captured)
        index.sharing_levels.update(_sharing_levels(graph.root))
        index.tied_levels.update(
            common_level(node.level, owner.level)
            for node in graph.nodes
            for _, owner, _ in node.ties
        )
    return index


def _readers(graph: Graph) -> dict[int, list[Level]]:
    """For each value the levels that something in them reads it from."""
    readers: dict[int, list[Level]] = {}

    def add_level(level: Level) -> None:
        for entry in unrolled(level.entries):
            if isinstance(entry, Level):
                for value in entry.outer_inputs:
                    readers.setdefault(id(value), []).append(level)
                add_level(entry)
                continue
            for value in (*entry.inputs, *(v for values in entry.reads.values() for v in values)):
                readers.setdefault(id(value), []).append(level)

    add_level(graph.root)
    outside = Level("", "", None, None)
    for value in graph.outputs.values:
        readers.setdefault(id(value), []).append(outside)
    return readers


def _shared_uses(graph: Graph) -> dict[int, list[Level]]:
    """The levels that are another one again, by the identity of that one."""
    uses: dict[int, list[Level]] = {}
    waiting = [graph.root]
    while waiting:
        level = waiting.pop()
        if level.owner is not None:
            uses.setdefault(id(level.owner), []).append(level)
        waiting += [e for e in unrolled(level.entries) if isinstance(e, Level)]
    return uses


def _sharing_levels(root: Level) -> set[int]:
    """The levels that apply modules of levels around them."""
    levels: set[int] = set()
    waiting = [root]
    while waiting:
        level = waiting.pop()
        for entry in unrolled(level.entries):
            owner = entry.owner
            if owner is not None:
                home = owner.level if isinstance(owner, Node) else owner.parent
                ancestor: Level | None = level
                while ancestor is not None and ancestor is not home:
                    levels.add(id(ancestor))
                    ancestor = ancestor.parent
            if isinstance(entry, Level) and entry.owner is None:
                waiting.append(entry)
    return levels


def _own_imports(graphs: Sequence[Graph]) -> dict[str, str]:
    """The classes that are not of `torch.nn`: name to the module that has it."""
    imports: dict[str, str] = {}
    for node in (node for graph in graphs for node in graph.nodes):
        place = node.layer.torch_class if isinstance(node.layer, Module) else ""
        if place:
            module, _, label = place.rpartition(".")
            if imports.setdefault(label, module) != module:
                raise SpecError(
                    Diagnostic(
                        Code.COMPILE,
                        f"`{label}` is a class of {imports[label]} and of {module}: a program can import one",
                        node.place.span if node.place else None,
                        "the second one",
                        path=node.path,
                    )
                )
    return imports
