"""The layers of dense blocks in a graph: each reads the features of all layers before it."""

from __future__ import annotations

from typing import NamedTuple

from netspec.graph import Graph, Level, Node, Value
from netspec.graph.nodes import unrolled
from netspec.optimize.layer_names import layer_name

_STAGE = ("BatchNorm2d", "ReLU", "Conv2d")


class DenseRun(NamedTuple):
    """The layers of a dense block in a row.

    Attributes:
        layers: The modules of each layer: norm, ReLU and convolution, once or more.
        nodes: All nodes, with those that join features.
        x: What the first layer reads.
        output: The joined features.
    """

    layers: list[list[Node]]
    nodes: list[Node]
    x: Value
    output: Value


def dense_stages(level: Level) -> list[Node]:
    """Return the modules of a layer of a dense block in order; none for other levels.

    Args:
        level: A use of a block.
    """
    if not level.inputs or len(level.outputs) != 1:
        return []
    nodes = unrolled(level.entries)
    modules: list[Node] = []
    flow = level.inputs[0]
    for position, node in enumerate(nodes):
        if not isinstance(node, Node) or node.owner is not None or node.checkpoint:
            return []
        if layer_name(node) == "Concat" and position in {0, len(nodes) - 1}:
            if getattr(node.layer, "dim", None) != 1:
                return []
            if position and list(node.inputs) != [level.inputs[0], flow]:
                return []
        elif list(node.inputs) == [flow]:
            modules.append(node)
        else:
            return []
        flow = node.outputs[0]
    joins = [layer_name(node) == "Concat" for node in (nodes[0], nodes[-1])] if nodes else []  # type: ignore[arg-type]
    kinds = [*_STAGE] * (len(modules) // len(_STAGE))
    is_layer = (
        bool(modules)
        and list(map(layer_name, modules)) == kinds
        and joins in ([True, False], [False, True])
        and list(level.outputs) == [flow]
    )
    return modules if is_layer else []


def dense_runs(graph: Graph) -> list[DenseRun]:
    """Return the dense blocks of a graph."""
    return [run for level in (graph.root, *graph.root.levels()) for run in _runs_in(level)]


def _runs_in(parent: Level) -> list[DenseRun]:
    runs: list[DenseRun] = []
    entries = unrolled(parent.entries)
    position = 0
    while position < len(entries):
        levels: list[Level] = []
        layers: list[list[Node]] = []
        while position + len(levels) < len(entries):
            entry = entries[position + len(levels)]
            stages = dense_stages(entry) if isinstance(entry, Level) else []
            if not stages or not isinstance(entry, Level):
                break
            levels.append(entry)
            layers.append(stages)
        position += len(levels) or 1
        if not levels:
            continue
        nodes = [node for level in levels for node in level.nodes()]
        last, x = levels[-1].outputs[0], layers[0][0].inputs[0].source
        if (
            layer_name(nodes[0]) == "Concat"
        ):  # the features are joined first, and after the last layer
            join = entries[position] if position < len(entries) else None
            if not isinstance(join, Node) or layer_name(join) != "Concat":
                continue
            nodes.append(join)
            x, last = nodes[0].inputs[0].source, join.outputs[0]
        runs.append(DenseRun(layers, nodes, x, last.source))
    return runs
