"""From the typed graph to the graph model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isinf
from typing import TYPE_CHECKING, Any

from netspec.diagnostics import Code, Diagnostic, Help, SpecError
from netspec.dims import Condition, Domain, Relation, Shape, is_symbolic, symbols
from netspec.graph.costs import is_counted, node_macs
from netspec.graph.nodes import Entry, Level, Loop, Node, Value, axes
from netspec.graph.typed_graph import Graph
from netspec.layer.base import Layer
from netspec.layers.formula import Formula
from netspec.schema.graph import graph_model as models
from netspec.syntax import Spec

if TYPE_CHECKING:
    from netspec.elaborate.initialization import Rule


def graph_model(
    graph: Graph, spec: Spec | None, sizes: Mapping[str, int] | None = None
) -> models.GraphModel:
    """The model of an elaborated network, which is valid by construction.

    Args:
        graph: The network.
        spec: The spec, for its `doc`.
        sizes: Sizes for some symbols instead of the examples.

    Raises:
        SpecError: If an input and a node have one name, so that an edge could mean both.
    """
    _check_names(graph)
    examples = {**graph.examples, **(sizes or {})}
    iterations = dict(_iterations(graph.root))
    return models.GraphModel.model_construct(
        schema_version=models.SCHEMA_VERSION,
        name=graph.name,
        doc=spec.doc if spec is not None else "",
        inputs=[
            models.GraphInput(
                name=value.node.name,
                shape=shape_data(value.shape),
                sizes=list(axes(value.shape or (), examples)),
                dtype=value.dtype,
            )
            for value in graph.inputs
        ],
        sizes={name: _size(name, graph, spec, examples) for name in graph.domains},
        conditions=list(map(str, graph.unproved)),
        levels=[_level(level, iterations[level]) for level in levels(graph.root)],
        nodes=[_node(node, graph, examples, iterations[node]) for node in graph.nodes],
        outputs=models.GraphOutputs(
            kind=graph.outputs.kind,  # type: ignore[arg-type]
            names=list(graph.outputs.names) if graph.outputs.kind == "dict" else [],
            values=[_edge(value) for value in graph.outputs.values],
        ),
        parameters=graph.parameter_count,
        macs=graph.macs(examples),
    )


def _check_names(graph: Graph) -> None:
    names = {value.node.path for value in graph.inputs}
    for node in graph.nodes:
        if node.path in names:
            message = f"an input and a step are both named `{node.path}`"
            span = node.place.span if node.place is not None else None
            helps = (Help("rename the input or the step"),)
            raise SpecError(Diagnostic(Code.SAME_PATH, message, span, helps=helps, path=node.path))


def levels(level: Level) -> Iterator[Level]:
    """All levels below one that have nodes, outer ones first."""
    return (inner for inner in level.levels() if any(True for _ in inner.nodes()))


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


def _size(
    name: str, graph: Graph, spec: Spec | None, examples: Mapping[str, int]
) -> models.GraphSize:
    domain, trainable = graph.domains[name], graph.training.get(name)
    least, most, multiple_of = _promise(name, graph, spec)
    return models.GraphSize(
        minimum=least,
        maximum=most,
        multiple_of=multiple_of,
        example=examples.get(name),
        valid=domain.describe(name),
        trainable=trainable.describe(name) if trainable is not None else None,
    )


def _promise(name: str, graph: Graph, spec: Spec | None) -> tuple[int, int | None, int]:
    """The minimum, maximum and divisor that are declared of a symbol.

    A graph has no `expect`. Where a spec has some, what they require of a size becomes a part of this.
    """
    domain = graph.domains[name]
    bounds = domain.lo, domain.hi, domain.divisor if domain.only() is None else 1
    related = {symbol for condition in graph.unproved for symbol in _symbols(condition)}
    is_exact = domain == Domain.between(*bounds[:2]).intersect(Domain.multiple_of(bounds[2]))
    if is_exact and name not in related and _has_expectations(graph):
        return bounds
    declared = spec.dims.get(name) if spec is not None else None
    return (declared.least, declared.most, declared.multiple_of) if declared else (1, None, 1)


def _symbols(condition: Condition) -> frozenset[str]:
    if isinstance(condition, Relation):
        return symbols(condition.left) | symbols(condition.right)
    return frozenset({condition.symbol})


def _has_expectations(graph: Graph) -> bool:
    entries: list[Node | Level] = [*graph.nodes, *levels(graph.root)]
    return any(entry.step is not None and entry.step.expect is not None for entry in entries)


def _edge(value: Value, input_name: str | None = None) -> models.GraphEdge:
    return models.GraphEdge(
        node=value.node.path, result=value.index, input=input_name, shape=shape_data(value.shape)
    )


def _level(level: Level, iteration: list[int]) -> models.GraphLevel:
    step = level.step
    return models.GraphLevel(
        path=level.path,
        block=level.block.name if level.block is not None else None,
        inputs=[_edge(value) for value in level.outer_inputs],
        shares=level.owner.path if level.owner is not None else None,
        checkpoint=level.checkpoint,
        doc=step.doc if step is not None else "",
        provenance=_provenance(level, level.parent, iteration),
    )


def _node(
    node: Node, graph: Graph, examples: Mapping[str, int], iteration: list[int]
) -> models.GraphNode:
    layer = node.layer
    assert layer is not None
    names: tuple[str | None, ...] = layer.taken or (None,) * len(node.inputs)
    op = node.op
    if isinstance(layer, Formula):
        names, op = layer.canonical_inputs(), layer.named_op()
    return models.GraphNode(
        path=node.path,
        op=op,
        arguments=_arguments(layer),
        inferred={
            name: argument_data(v) for name, v in layer.inferred_arguments(*node.shapes).items()
        },
        inputs=[_edge(value, name) for value, name in zip(node.inputs, names, strict=True)],
        outputs=_tensors(node, examples),
        parameters={name: list(shape) for name, shape in node.parameters.items()},
        buffers={}
        if node.owner is not None
        else {name: list(shape) for name, shape in layer.buffers(*node.shapes).items()},
        macs=node_macs(node, examples) if is_counted(node) else None,
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
        provenance=_provenance(node, node.level, iteration),
    )


def _arguments(layer: Layer) -> dict[str, Any]:
    """The arguments that are not the default, and those that a spec states although the input decides them."""
    stated = {
        name: getattr(layer, name)
        for name, argument in layer.arguments.items()
        if argument.inferred and getattr(layer, name) is not None
    }
    return {name: argument_data(value) for name, value in {**stated, **layer.changed()}.items()}


def _tensors(node: Node, examples: Mapping[str, int]) -> list[models.GraphTensor]:
    return [
        models.GraphTensor(
            name=name,
            shape=shape_data(value.shape),
            sizes=list(axes(value.shape or (), examples)),
            dtype=value.dtype,
        )
        for name, value in zip(node.result_names, node.outputs, strict=True)
    ]


def _initializer(rule: Rule) -> Any:
    arguments = {name: argument_data(value) for name, value in rule.arguments.items()}
    function = rule.written.function
    return {"fn": function, **arguments} if arguments else function


def _iterations(
    level: Level, around: tuple[int, ...] = ()
) -> Iterator[tuple[Node | Level, list[int]]]:
    """Nodes and levels with the numbers of the iterations that they are in, outermost loop first."""
    waiting: list[tuple[Entry, tuple[int, ...]]] = [(entry, around) for entry in level.entries]
    while waiting:
        entry, iteration = waiting.pop()
        if isinstance(entry, Loop):
            for number, entries in enumerate(entry.iterations):
                waiting += [(inner, (*iteration, number)) for inner in entries]
            continue
        yield entry, list(iteration)
        if isinstance(entry, Level):
            waiting += [(inner, iteration) for inner in entry.entries]


def _provenance(
    entry: Node | Level, around: Level | None, iteration: list[int]
) -> models.Provenance | None:
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
        iteration=iteration,
    )
