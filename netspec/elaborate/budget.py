"""The limits that a file sets itself: parameters, MACs, activations, depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Help, Severity, Span
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN
from netspec.graph.nodes import Node, axes
from netspec.graph.typed_graph import Graph
from netspec.syntax import Spec

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter


def check_budget(graph: Graph, spec: Spec, interpreter: Interpreter, reader: Reader) -> None:
    """Report every limit that the network is above."""
    for name, (key, node) in spec.budget.items():
        limit = interpreter.values.value(node, reader)
        if limit is UNKNOWN:
            continue
        if isinstance(limit, bool) or not isinstance(limit, int | float):
            interpreter.values.error(
                Code.BAD_VALUE, f"the budget `{name}` must be a number", node, "not a number"
            )
            continue
        used = _MEASURES[name](graph)
        if name == "macs" and graph.uncounted and used <= limit:
            interpreter.diagnostics.add(_cannot_tell(graph, key.span, used))
        if used > limit:
            interpreter.diagnostics.add(
                Diagnostic(
                    Code.BUDGET,
                    f"the network has {used:,} {_UNITS[name]}, over its budget of {limit:,}",
                    key.span,
                    _excess(used, limit),
                    notes=_size_notes(name, graph),
                )
            )


_LEAST_SHARE = 0.0005
"""A share that would be printed as 0.0%."""
_LARGE = 100


def _excess(used: int, limit: float) -> str:
    """How far a measure is over its limit.

    >>> _excess(1100, 1000), _excess(44800, 1000), _excess(3, 0)
    ('10.0% over the budget', '44.8 times the budget', 'over the budget')
    """
    if limit <= 0:
        return "over the budget"
    share = used / limit - 1
    if share < _LEAST_SHARE:
        return f"{used - limit:,} over the budget"
    if share < 1:
        return f"{share:.1%} over the budget"
    return f"{used / limit:,.{1 if share < _LARGE else 0}f} times the budget"


def _cannot_tell(graph: Graph, span: Span, used: int) -> Diagnostic:
    """The warning that the MACs may exceed their budget, because some are unknown."""
    ops = " and ".join(f"`{op}`" for op in graph.uncounted)
    return Diagnostic(
        Code.BUDGET,
        f"the network has at least {used:,} MACs: those of {ops} are unknown",
        span,
        "unknown cost",
        helps=(Help(f"define `macs` in the declaration of {ops}"),),
        severity=Severity.WARNING,
    )


def activations(graph: Graph) -> int:
    """The elements of all results together, at the example sizes."""
    total = 0
    for node in graph.nodes:
        for value in node.outputs:
            if value.shape is not None:
                size = 1
                for s in axes(value.shape, graph.examples):
                    size *= s
                total += size
    return total


def depth(graph: Graph) -> int:
    """The largest number of layers with a weight matrix or kernel on any path: 121 for DenseNet-121."""
    deepest: dict[Node, int] = {}
    for node in graph.nodes:
        before = max((deepest.get(v.node, 0) for v in node.inputs), default=0)
        deepest[node] = before + _is_weighted(node)
    return max((deepest.get(v.node, 0) for v in graph.outputs.values), default=0)


def _is_weighted(node: Node) -> bool:
    if node.layer is None or any(v.shape is None for v in node.inputs):
        return False
    groups = node.layer.weight_groups(*node.shapes)
    return any(times and len(shape) > 1 for times, part in groups for shape in part.values())


def _size_notes(name: str, graph: Graph) -> tuple[str, ...]:
    if name not in ("macs", "activations") or not graph.examples:
        return ()
    sizes = ", ".join(f"{k} = {v}" for k, v in graph.examples.items())
    return (f"counted at {sizes}",)


_MEASURES: dict[str, Callable[[Graph], int]] = {
    "params": lambda graph: graph.parameter_count,
    "macs": lambda graph: graph.macs(),
    "activations": activations,
    "depth": depth,
}
_UNITS = {
    "params": "parameters",
    "macs": "MACs",
    "activations": "activations",
    "depth": "layers with weights in sequence",
}
