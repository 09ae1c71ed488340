"""The one-line status of a valid file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.check import Report
from netspec.diagnostics import Severity
from netspec.dims import EVERY, Domain, Shape, symbols
from netspec.graph import Graph
from netspec.graph.nodes import BATCH, axes
from netspec.report.numbers import counted, scaled


def verdict(report: Report) -> str:
    """`ok: 427 nodes, …`: the totals of the network, and the sizes for which it is valid."""
    warnings = sum(1 for d in report.diagnostics if d.severity == Severity.WARNING)
    ok = f"ok, {counted(warnings, 'warning')}" if warnings else "ok"
    if report.graph is None:
        blocks = len(report.spec.blocks) if report.spec else 0
        return f"{ok}: library of {counted(blocks, 'block')}"
    return f"{ok}: {', '.join(_facts(report.graph))}"


def _facts(graph: Graph) -> list[str]:
    counted_at = example_sizes(graph)
    facts = [
        counted(len(graph.nodes), "node"),
        counted(graph.parameter_count, "parameter"),
        f"{scaled(graph.macs())} MACs{f' at {counted_at}' if counted_at else ''}",
    ]
    facts += leaving_out(graph.uncounted)
    if valid := validity(graph.domains):
        facts.append(f"valid for {valid}")
    if training := validity(graph.training):
        facts.append(f"trainable for {training}")
    facts.extend(f"if {relation}" for relation in graph.unproved)
    return facts


def leaving_out(ops: Sequence[str]) -> list[str]:
    """`without those of `Gate`, which are unknown`: what a sum of MACs excludes; empty for nothing."""
    names = " and ".join(f"`{op}`" for op in ops)
    return [f"excluding {names}, whose cost is unknown"] if ops else []


def validity(domains: Mapping[str, Domain]) -> str:
    """`H, W >= 29`: the conditions on sizes; symbols with the same condition together."""
    together: dict[Domain, list[str]] = {}
    for name, domain in domains.items():
        if not domain.contains_all(EVERY):
            together.setdefault(domain, []).append(name)
    return " and ".join(d.describe(", ".join(names)) for d, names in together.items())


def example_sizes(graph: Graph, sizes: Mapping[str, int] | None = None) -> str:
    """`3×224×224`: the sizes of the costs, without a batch of one."""
    counted_sizes = {**graph.examples, **(sizes or {})}
    inputs = [v for v in graph.inputs if v.shape is not None]
    shapes = [_item(v.shape, counted_sizes) for v in inputs if v.shape is not None]
    if not all(len(shape) > 1 for shape in shapes):
        named = [
            f"{name} = {size}"
            for name, size in counted_sizes.items()
            if size > 1 or name not in BATCH
        ]
        return ", ".join(named)
    texts = ["×".join(map(str, shape)) for shape in shapes]
    if len(texts) == 1:
        return texts[0]
    return " and ".join(f"{v.node.name} {text}" for v, text in zip(inputs, texts, strict=True))


def _item(shape: Shape, counted_sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape in numbers, without the axis of a batch that is one."""
    numbers = axes(shape, counted_sizes)
    is_batch = bool(shape) and numbers[0] == 1 and str(shape[0]) in symbols(shape[0])
    return numbers[1:] if is_batch else numbers
