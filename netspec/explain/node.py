"""The explanation of one node or level of a network, at given sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from netspec.diagnosis.size_trace import SizeTrace
from netspec.explain.arithmetic_text import macs_sum, size_sum, weight_sum
from netspec.explain.receptive_field_text import Receptive, receptive
from netspec.graph import Graph, Level, Node, Value
from netspec.graph.concrete import numbers
from netspec.graph.costs import is_counted, node_macs
from netspec.graph.location import Surrounding, surroundings
from netspec.graph.nodes import axes
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layer.base import ConcreteShape
from netspec.layer.checks import axis_name, numbered
from netspec.record import record

_MOST_WEIGHTS = 1_000
"""Of a stack with more weights, one layer is listed."""
Decider = Literal["given", "inferred", "default"]
"""Who decides an argument: the spec, the input, or the layer."""
_LETTERS = {
    "batch": "N", "channels": "C", "depth": "D", "height": "H", "width": "W", "length": "L",
    "features": "F",
}  # fmt: skip


@record(frozen=True, slots=True)
class Flow:
    """A tensor that flows in or out: its name at the node, its shape, and the node that made it."""

    name: str
    shape: ConcreteShape
    source: str
    dtype: str


@record(frozen=True, slots=True)
class Setting:
    """An argument, its value, and who decided it."""

    name: str
    value: str
    by: Decider
    written: str = ""
    """The expression in the spec, if it differs from the value."""


@record(frozen=True, slots=True)
class WeightShape:
    """A parameter of a node, and the arithmetic of its count."""

    name: str
    shape: ConcreteShape
    text: str
    owner: str = ""
    """The parameter that it is, if it belongs to another node."""


@record(frozen=True, slots=True)
class Account:
    """The explanation of a node; a level has inputs, outputs, a location, a receptive field and rows."""

    path: str
    op: str
    doc: str
    around: tuple[Surrounding, ...]
    inputs: tuple[Flow, ...]
    results: tuple[Flow, ...]
    fields: tuple[Receptive, ...]
    settings: tuple[Setting, ...] = ()
    sums: tuple[tuple[tuple[str, str], ...], ...] = ()
    """For each result, each dimension with the arithmetic of its size."""
    ways: tuple[tuple[str, str], ...] = ()
    """A dimension of the first result, and the trace of its size from the input."""
    weights: tuple[WeightShape, ...] = ()
    owner: str = ""
    """The node whose weights it uses."""
    macs: int | None = 0
    """None if it is unknown."""
    macs_text: str = ""


def node_account(graph: Graph, node: Node, sizes: Mapping[str, int]) -> Account:
    """The account of a node."""
    layer = node.layer
    names = list(layer.by_name(node.inputs)) if layer is not None and not layer.variadic else []
    return Account(
        node.path,
        node.op,
        node.step.doc if node.step is not None else "",
        surroundings(node),
        tuple(_flows(node.inputs, names, sizes)),
        tuple(_flows(node.outputs, list(layer.results) if layer is not None else [], sizes)),
        tuple(receptive(graph, node.outputs[0], sizes)),
        tuple(_settings(node, sizes)),
        tuple(tuple(_sums(graph, value, sizes)) for value in node.outputs),
        tuple(_ways(graph, node.outputs[0], sizes)),
        tuple(_weights(node)),
        node.owner.path if node.owner is not None else "",
        node_macs(node, sizes) if is_counted(node) else None,
        macs_sum(node, sizes),
    )


def level_account(graph: Graph, level: Level, sizes: Mapping[str, int]) -> Account:
    """The account of a level."""
    return Account(
        level.path,
        level.block.name if level.block is not None else "",
        level.step.doc if level.step is not None else "",
        surroundings(level),
        tuple(_flows(level.inputs, [], sizes)),
        tuple(_flows(level.outputs, list(level.output_names), sizes)),
        tuple(receptive(graph, level.outputs[0], sizes)) if level.outputs else (),
        owner=level.owner.path if level.owner is not None else "",
    )


def _flows(values: tuple[Value, ...], names: list[str], sizes: Mapping[str, int]) -> list[Flow]:
    return [
        Flow(
            names[k] if k < len(names) else "",
            axes(value.shape or (), sizes),
            value.node.path or value.node.name,
            value.dtype,
        )
        for k, value in enumerate(values)
    ]


def _settings(node: Node, sizes: Mapping[str, int]) -> list[Setting]:
    """The arguments, in torch's order; those of a shared step are its owner's."""
    layer = node.layer
    if layer is None:
        return []
    inferred = layer.inferred_arguments(*node.shapes)
    settings = []
    for name, declared in layer.arguments.items():
        value = getattr(layer, name)
        written = argument_value(node.owner or node, name)
        if declared.inferred and value is None:
            settings.append(Setting(name, show(numbers(inferred.get(name), sizes)), "inferred"))
            continue
        text = show(numbers(value, sizes))
        by: Decider = "given" if written is not None or value != declared.default else "default"
        source_text = " ".join(written.span.text.split()) if written is not None else ""
        settings.append(Setting(name, text, by, "" if source_text == text else source_text))
    return settings


def _sums(graph: Graph, value: Value, sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    rank = len(value.shape or ())
    return [
        (f"{_letter(graph, value, axis)}'", size_sum(value, axis, sizes)) for axis in range(rank)
    ]


def _letter(graph: Graph, value: Value, axis: int) -> str:
    """`H` for the height of an image, `T` for a symbol of the input; otherwise `axis 1`."""
    shape, layer = value.shape or (), value.node.layer
    rank, size = len(shape), str(shape[axis])
    if size.isidentifier():
        return size
    spatial = layer.axes if layer is not None else 0
    if spatial and rank == spatial + 1:
        return _LETTERS[axis_name(rank + 1, axis + 1)]
    image = rank > 3 and any(len(v.shape or ()) == rank for v in graph.inputs)
    known = rank == 2 or rank == spatial + 2 or image
    return _LETTERS.get(axis_name(rank, axis), numbered(axis)) if known else numbered(axis)


def _ways(graph: Graph, value: Value, sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """The trace of each size that comes from an input and changes."""
    size_traces = []
    for axis in range(len(value.shape or ())):
        way = SizeTrace(value, axis)
        if way.start.value.node.layer is not None or len(way.stops) < 2:
            continue
        stops = [(axes((term.size,), sizes)[0], term.title) for term in way.stops]
        changed = [s for k, s in enumerate(stops) if not k or s[0] != stops[k - 1][0]]
        if len(changed) > 1:
            size_traces.append(
                (
                    _letter(graph, value, axis),
                    " → ".join(f"{size} ({title})" for size, title in changed),
                )
            )
    return size_traces


def _weights(node: Node) -> list[WeightShape]:
    if node.layer is None:
        return []
    tied = {mine: f"{owner.path}.{its}" for mine, owner, its in node.ties}
    if node.layer.tensor_count(*node.shapes) > _MOST_WEIGHTS:
        return [
            WeightShape(f"{times:,} × {name}", shape, weight_sum(shape), "")
            for times, part in node.layer.weight_groups(*node.shapes)
            for name, shape in part.items()
        ]
    return [
        WeightShape(name, shape, weight_sum(shape), tied.get(name, ""))
        for name, shape in node.layer.parameters(*node.shapes).items()
    ]
