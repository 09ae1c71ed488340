"""The facts of a network: everything that a change of its text can change in its meaning, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from netspec.dims import EVERY
from netspec.explain.receptive_field import receptive_fields
from netspec.explain.receptive_field_text import extents, named
from netspec.graph import Graph, Node, Value
from netspec.graph.costs import is_counted, node_macs
from netspec.layer.argument_kinds import show
from netspec.record import record

Pairs = tuple[tuple[str, str], ...]
"""Names with their values, in order."""


@record(frozen=True, slots=True)
class NodeFacts:
    """One node: its op, its arguments and inputs, and its output."""

    path: str
    op: str
    arguments: Pairs
    """The arguments that differ from PyTorch's defaults, and the owner of its weights."""
    inputs: tuple[str, ...]
    """The nodes and inputs that it reads."""
    shapes: tuple[str, ...]
    parameters: int
    macs: int
    uncounted: bool = False
    """Whether its MACs are unknown; `macs` is 0 then."""

    @property
    def macs_text(self) -> str:
        """Its MACs, for a reader."""
        return "unknown" if self.uncounted else f"{self.macs:,}"

    @property
    def structure(self) -> tuple[str, Pairs]:
        """The node without its name and location."""
        return self.op, self.arguments


@record(frozen=True, slots=True)
class Facts:
    """One network."""

    name: str
    settings: Pairs
    """The parameters of the file, as they are set."""
    inputs: Pairs
    outputs: Pairs
    """By name, or by number where they have none."""
    valid: str
    """For which sizes it is valid; empty for all."""
    sizes: str
    """The sizes that MACs and the receptive field are counted at."""
    parameters: int
    macs: int
    field: Pairs
    """The receptive field of the first output in each dimension of the inputs, and the offset."""
    nodes: tuple[NodeFacts, ...]
    uncounted: tuple[str, ...] = ()
    """The ops whose MACs are unknown, which `macs` excludes."""
    returns: str = ""
    """The form of the output: `one` tensor, a `tuple` or a `dict`; empty in an older lock file."""
    made_by: Pairs = ()
    """Which node makes each output."""

    @property
    def macs_text(self) -> str:
        """The MACs of the whole, and whether there are more that are unknown."""
        return f"{self.macs:,}{' + ?' if self.uncounted else ''}"


def facts(graph: Graph, sizes: Mapping[str, int] | None = None) -> Facts:
    """The facts of a network, counted at these sizes (by default its examples)."""
    counted_sizes = {**graph.examples, **(sizes or {})}
    nodes = tuple(_nodes(graph, counted_sizes))
    named_outputs = list(_named_outputs(graph))
    names = _distinct([name or str(k) for k, (name, _) in enumerate(named_outputs)])
    outputs = [(name, _shape(value)) for name, (_, value) in zip(names, named_outputs, strict=True)]
    return Facts(
        name=graph.name,
        settings=tuple((name, show(value)) for name, value in graph.root.env.items()),
        inputs=tuple((v.node.name, _shape(v)) for v in graph.inputs),
        outputs=tuple(outputs),
        valid=_valid(graph),
        sizes=", ".join(f"{name}={size}" for name, size in counted_sizes.items()),
        parameters=graph.parameter_count,
        macs=sum(n.macs for n in nodes),
        field=tuple(_field(graph, counted_sizes)),
        nodes=nodes,
        uncounted=graph.uncounted,
        returns=graph.outputs.kind,
        made_by=tuple(
            (name, _named(value)) for name, (_, value) in zip(names, named_outputs, strict=True)
        ),
    )


def fitting(sizes: Mapping[str, int], graph: Graph) -> dict[str, int]:
    """The sizes of another network that this one accepts, so that both are counted at the same sizes."""
    return {name: size for name, size in sizes.items() if size in graph.domains.get(name, ())}


def _nodes(graph: Graph, counted_sizes: Mapping[str, int]) -> Iterator[NodeFacts]:
    costs: dict[tuple[object, ...], tuple[int, int]] = {}
    seen: dict[str, int] = {}
    for node in graph.nodes:
        key = (node.layer, *[v.shape for v in node.inputs])
        cost = costs.get(key)
        if cost is None:
            cost = costs[key] = (_weights(node), node_macs(node, counted_sizes))
        weights, macs = cost
        if node.owner is not None:
            weights = 0
        elif node.ties:
            weights = sum(n for name, n in _counts(node) if name not in {t[0] for t in node.ties})
        seen[node.path] = times = seen.get(node.path, 0) + 1
        yield NodeFacts(
            node.path if times == 1 else f"{node.path}#{times}",
            node.op if node.layer is None else node.layer.canonical_op(node.op),
            (*_arguments(node), *_rules(graph, node)),
            tuple(map(_named, node.inputs)),
            tuple(map(_shape, node.outputs)),
            weights,
            macs,
            not is_counted(node),
        )


def _arguments(node: Node) -> Iterator[tuple[str, str]]:
    if node.layer is not None:
        for name, value in node.layer.canonical_arguments().items():
            yield name, show(value)
        if node.layer.taken:  # not the first ones of those that it can have
            yield "inputs", show(node.layer.taken)
    if node.owner is not None:
        yield "share", node.owner.path
    for mine, owner, its in node.ties:
        yield f"share.{mine}", f"{owner.path}.{its}"
    if node.checkpoint:
        yield "checkpoint", "true"


def _rules(graph: Graph, node: Node) -> Iterator[tuple[str, str]]:
    """The initialization of its weights, if the file declares it."""
    if not graph.init:
        return
    for name, _ in _counts(node):
        rule = graph.init.get((node.path, name))
        if rule is not None:
            arguments = ", ".join(f"{k}={show(v)}" for k, v in rule.arguments.items())
            yield f"init.{name}", f"{rule.written.function}({arguments})"


def _counts(node: Node) -> Iterator[tuple[str, int]]:
    if node.layer is None or not node.known:
        return
    for name, shape in node.layer.parameters(*node.shapes).items():
        yield name, prod(shape)


def _weights(node: Node) -> int:
    return node.layer.weight_count(*node.shapes) if node.layer is not None and node.known else 0


def _named(value: Value) -> str:
    """The path of the node of a value, with the name of the result if there are several."""
    node = value.node
    several = node.layer is not None and len(node.layer.results) > 1
    return f"{node.path}.{node.layer.results[value.index]}" if several and node.layer else node.path


def _shape(value: Value) -> str:
    if value.shape is None:
        return "?"
    shape = f"[{', '.join(map(str, value.shape))}]"
    return shape if value.dtype == "float32" else f"{value.dtype} {shape}"


def _named_outputs(graph: Graph) -> Iterator[tuple[str, Value]]:
    names = graph.outputs.names or ("",) * len(graph.outputs.values)
    yield from zip(names, graph.outputs.values, strict=True)


def _distinct(names: list[str]) -> list[str]:
    """The names; repeated ones are numbered, such as an output that is returned twice.

    >>> _distinct(["a", "b", "a"])
    ['a', 'b', 'a#2']
    """
    counts: dict[str, None] = {}
    for name in names:
        times, distinct = 1, name
        while distinct in counts:
            times += 1
            distinct = f"{name}#{times}"
        counts[distinct] = None
    return list(counts)


def _valid(graph: Graph) -> str:
    conditions = [d.describe(n) for n, d in graph.domains.items() if not d.contains_all(EVERY)]
    return " and ".join([*conditions, *map(str, graph.unproved)])


def _field(graph: Graph, counted_sizes: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The receptive field of one element of the first output, by dimension."""
    for source in graph.inputs:
        shape = source.shape or ()
        for axis in extents(shape):
            view = receptive_fields(graph, source, axis, counted_sizes)
            seen = view.of(graph.outputs.values[0])
            extent: str = "nothing" if seen is None else seen.kind
            reach = max((s.field.size for s in view.everything() if s.field is not None), default=0)
            if extent == "stretch" and seen is not None and seen.field is not None:
                extent = str(seen.field.size)
            elif reach > 1:
                extent = f"{reach}, then {extent}"
            name, alike = named(shape, axis), [named(shape, a) for a in extents(shape)]
            if alike.count(name) > 1:
                name = f"{name} (axis {axis})"
            yield f"{name} of {source.node.name}", extent
