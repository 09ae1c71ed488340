"""Conditions for training: normalizations must see several values per channel."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, Severity
from netspec.dims import EVERY, Domain, Shape, at_least
from netspec.graph.nodes import Node
from netspec.graph.source_spans import around, step_span
from netspec.graph.typed_graph import Graph
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer


def check_training(graph: Graph, diagnostics: Diagnostics) -> dict[str, Domain]:
    """Report layers that torch cannot train; gives the sizes of the batch that the others need."""
    needed: dict[str, Domain] = {}
    for node in graph.nodes:
        layer = node.layer
        if layer is None or type(layer).normalized_sizes is Layer.normalized_sizes:
            continue
        shape = node.inputs[0].shape
        if shape is None or node.outputs[0].shape is None:
            continue
        values = layer.normalized_sizes(shape)
        if not values:
            diagnostics.add(_diagnostic(node))
        elif len(values) == 1:
            verdict = at_least(values[0], 2, graph.domains)
            for symbol, domain in verdict.domains.items():
                needed[symbol] = needed.get(symbol, EVERY).intersect(domain)
    return needed


def _diagnostic(node: Node) -> Diagnostic:
    from netspec.graph.derivation import derive

    assert node.inputs[0].shape is not None
    batch = derive(node.inputs[0], 0)
    fixed = [t for t in batch.terms if t.value.node.layer is None]
    helps = [
        Help(
            f"make the batch size symbolic, `{_opened(t.value.shape, t.axis)}`, and train "
            "with at least 2 items"
        )
        for t in fixed
        if t.value.shape is not None
    ]
    return Diagnostic(
        Code.SINGLE_VALUE_NORM,
        f"`{node.path}` cannot be trained: `{node.op}` receives one value per channel",
        step_span(node),
        f"the input is {show(node.inputs[0].shape)}",
        notes=("PyTorch raises ValueError for a single value per channel in training mode",),
        helps=(*helps, Help("or normalize a larger feature map, or remove this layer")),
        severity=Severity.WARNING,
        path=node.path,
        frames=around(node.level),
    )


def _opened(shape: Shape, axis: int) -> str:
    """The input's shape with a letter for its batch."""
    letter = "N" if "N" not in map(str, shape) else "B"
    return show([*shape[:axis], letter, *shape[axis + 1 :]])
