"""The summary of a network for programs: the same tree as the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.dims import Shape
from netspec.report.json_text import FORMAT_VERSION, json_text
from netspec.report.summary import Summary, SummaryRow

if TYPE_CHECKING:
    from netspec.report.json_types import SummaryReportJson, SummaryRowJson


def summary_json(summary: Summary, depth: int | None) -> str:
    """The rows down to `depth` levels, and the sums."""
    graph = summary.graph
    outputs = [_sizes(summary.sized(v.shape)) for v in graph.outputs.values]
    report: SummaryReportJson = {
        "format_version": FORMAT_VERSION,
        "name": graph.name,
        "inputs": {v.node.name: _sizes(summary.sized(v.shape)) for v in graph.inputs},
        "outputs": dict(zip(graph.outputs.names, outputs, strict=False)) or outputs,
        "sizes": summary.counted_sizes,
        "valid_for": {name: d.describe(name) for name, d in graph.domains.items()},
        "unproved": list(map(str, graph.unproved)),
        "nodes": len(graph.nodes),
        "parameters": summary.parameters,
        "macs": summary.macs,
        "macs_unknown": list(graph.uncounted),
        "rows": [_row(row, depth, 1) for row in summary.rows],
    }
    return json_text(report)


def _row(row: SummaryRow, depth: int | None, level: int) -> SummaryRowJson:
    row_object: SummaryRowJson = {
        "name": row.name,
        "path": row.path,
        "op": row.op or None,
        "output": _sizes(row.shape),
        "parameters": row.parameters,
        "macs": row.macs,
        "nodes": row.nodes,
        "times": row.times,
    }
    if row.shared:
        row_object["shares"] = row.shared
    if row.doc:
        row_object["doc"] = row.doc
    if row.children and (depth is None or level < depth):
        row_object["children"] = [_row(child, depth, level + 1) for child in row.children]
    return row_object


def _sizes(shape: Shape | None) -> list[int | str] | None:
    """Numbers as numbers, symbolic sizes as text."""
    return None if shape is None else [s if isinstance(s, int) else str(s) for s in shape]
