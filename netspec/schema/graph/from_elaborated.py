"""From the typed graph to the graph model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isinf
from typing import TYPE_CHECKING, Any

from netspec.dims import Shape, is_symbolic
from netspec.elaborate.graph import Graph, Level, Loop, Node, Value, axes, is_counted, node_macs
from netspec.expr import UNKNOWN, Item
from netspec.schema.graph import graph_model as models
from netspec.spec import Spec

if TYPE_CHECKING:
    from netspec.elaborate.initialization import Rule


def graph_model(graph: Graph, spec: Spec | None) -> models.GraphModel:
    """The model of an elaborated network; `spec` declares its sizes. It is valid by construction."""
    return models.GraphModel.model_construct(
        schema_version=models.SCHEMA_VERSION,
        name=graph.name,
        doc=spec.doc if spec is not None else "",
        inputs=[
            models.GraphInput(
                name=value.node.name,
                shape=shape_data(value.shape),
                sizes=list(axes(value.shape or (), graph.examples)),
                dtype=value.dtype,
            )
            for value in graph.inputs
        ],
        sizes={name: _size(name, graph, spec) for name in graph.domains},
        conditions=list(map(str, graph.unproved)),
        levels=[_level(level, spec) for level in levels(graph.root)],
        nodes=[_node(node, graph) for node in graph.nodes],
        outputs=models.GraphOutputs(
            kind=graph.outputs.kind,  # type: ignore[arg-type]
            names=list(graph.outputs.names) if graph.outputs.kind != "one" else [],
            values=[_edge(value) for value in graph.outputs.values],
        ),
        parameters=graph.parameter_count,
        macs=graph.macs(),
    )


def levels(level: Level) -> Iterator[Level]:
    """All levels below one that have nodes, outer ones first."""
    waiting = list(reversed(level.entries))
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, Loop):
            waiting += reversed([e for iteration in entry.iterations for e in iteration])
        elif isinstance(entry, Level) and any(True for _ in entry.nodes()):
            yield entry
            waiting += reversed(entry.entries)


def shape_data(shape: Shape | None) -> list[int | str]:
    """A shape as a list: integers, and symbolic sizes as text."""
    return [size if isinstance(size, int) else str(size) for size in shape or ()]


def argument_data(value: object) -> Any:
    """The value of an argument as JSON has it; symbolic sizes and infinity are texts of the language."""
    if is_symbolic(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: argument_data(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [argument_data(v) for v in value]
    if isinstance(value, float) and isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return value


def _size(name: str, graph: Graph, spec: Spec | None) -> models.GraphSize:
    declared = spec.dims.get(name) if spec is not None else None
    trainable = graph.training.get(name)
    return models.GraphSize(
        minimum=declared.least if declared else 1,
        maximum=declared.most if declared else None,
        multiple_of=declared.multiple_of if declared else 1,
        example=graph.examples.get(name),
        valid=graph.domains[name].describe(name),
        trainable=trainable.describe(name) if trainable is not None else None,
    )


def _edge(value: Value, input_name: str | None = None) -> models.GraphEdge:
    return models.GraphEdge(
        node=value.node.path, result=value.index, input=input_name, shape=shape_data(value.shape)
    )


def _level(level: Level, spec: Spec | None) -> models.GraphLevel:
    step = level.step
    return models.GraphLevel(
        path=level.path,
        block=level.block.name if level.block is not None else None,
        inputs=[_edge(value) for value in level.given],
        shares=level.owner.path if level.owner is not None else None,
        checkpoint=level.checkpoint,
        doc=step.doc if step is not None else "",
        provenance=_provenance(level, level.parent),
    )


def _node(node: Node, graph: Graph) -> models.GraphNode:
    layer = node.layer
    assert layer is not None
    names = layer.taken or (None,) * len(node.inputs)
    return models.GraphNode(
        path=node.path,
        op=node.op,
        arguments={name: argument_data(value) for name, value in layer.changed().items()},
        inferred={name: argument_data(v) for name, v in layer.given(*node.shapes).items()},
        inputs=[_edge(value, name) for value, name in zip(node.inputs, names, strict=True)],
        outputs=_tensors(node, graph),
        parameters={name: list(shape) for name, shape in node.parameters.items()},
        buffers={}
        if node.owner is not None
        else {name: list(shape) for name, shape in layer.buffers(*node.shapes).items()},
        macs=node_macs(node, graph.examples) if is_counted(node) else None,
        initialization={
            parameter: _initializer(rule)
            for parameter in node.parameters
            if (rule := graph.init.get((node.path, parameter))) is not None
        },
        shares=node.owner.path if node.owner is not None else None,
        ties=[
            models.GraphTie(parameter=mine, node=owner.path, of=its)
            for mine, owner, its in node.ties
        ],
        checkpoint=node.checkpoint,
        doc=node.step.doc if node.step is not None else "",
        provenance=_provenance(node, node.level),
    )


def _tensors(node: Node, graph: Graph) -> list[models.GraphTensor]:
    return [
        models.GraphTensor(
            name=name,
            shape=shape_data(value.shape),
            sizes=list(axes(value.shape or (), graph.examples)),
            dtype=value.dtype,
        )
        for name, value in zip(_result_names(node), node.outputs, strict=True)
    ]


def _result_names(node: Node) -> Sequence[str]:
    assert node.layer is not None
    names = node.layer.results
    return names if len(names) == len(node.outputs) else tuple(map(str, range(len(node.outputs))))


def _initializer(rule: Rule) -> Any:
    arguments = {name: argument_data(value) for name, value in rule.arguments.items()}
    function = rule.written.function
    return {"fn": function, **arguments} if arguments else function


def _provenance(entry: Node | Level, around: Level | None) -> models.Provenance | None:
    step = entry.step
    if step is None:
        return None
    line, column = step.place.source.line_column(step.place.start)
    while around is not None and around.block is None:
        around = around.parent
    return models.Provenance(
        file=step.place.source.name,
        line=line,
        column=column,
        step=step.title,
        block=around.block.name if around is not None and around.block is not None else None,
        iteration={
            name: argument_data(item.value)
            for name, item in entry.env.items()
            if isinstance(item, Item) and item.value is not UNKNOWN
        }
        if isinstance(entry, Node)
        else {},
    )
