"""The account of a node or level for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from netspec.explain.node import Account, Flow
from netspec.explain.receptive_field_text import Receptive
from netspec.graph.location import Surrounding
from netspec.report.json_text import FORMAT_VERSION, json_text
from netspec.report.summary import SummaryRow

if TYPE_CHECKING:
    from netspec.report.json_types import (
        ExplainedChildJson,
        ExplainedParameterJson,
        ExplainReportJson,
        IterationJson,
        ModuleReportJson,
        NodeReportJson,
        ReceptiveFieldJson,
        ReportedTensorJson,
        SurroundingJson,
    )


def node_json(account: Account, sentence: str, sizes: Mapping[str, int]) -> str:
    """A node with the arithmetic of its numbers."""
    report: NodeReportJson = {
        **_common(account, sizes),
        "summary": sentence,
        "arguments": [
            {"name": s.name, "value": s.value, "by": s.by, "written": s.written or None}
            for s in account.settings
        ],
        "sizes_worked": [
            [{"axis": axis.rstrip("'"), "text": text} for axis, text in sums]
            for sums in account.sums
        ],
        "ways": [{"axis": axis, "text": way} for axis, way in account.ways],
        "parameters": _parameters(account),
        "macs": account.macs,
        "macs_worked": account.macs_text,
    }
    return json_text(report)


def level_json(account: Account, row: SummaryRow, sizes: Mapping[str, int]) -> str:
    """A level with its totals and its contents."""
    report: ModuleReportJson = {
        **_common(account, sizes),
        "nodes": row.nodes,
        "parameters": row.parameters,
        "macs": row.macs,
        "macs_unknown": list(row.uncounted),
        "children": [_child(child) for child in row.children],
    }
    return json_text(report)


def _common(account: Account, sizes: Mapping[str, int]) -> ExplainReportJson:
    return {
        "format_version": FORMAT_VERSION,
        "path": account.path,
        "op": account.op or None,
        "doc": account.doc or None,
        "sizes": dict(sizes),
        "where": [_surrounding(place) for place in account.around],
        "inputs": _flows(account.inputs),
        "results": _flows(account.results),
        "shares": account.owner or None,
        "receptive_field": [_field(fact) for fact in account.fields],
    }


def _parameters(account: Account) -> list[ExplainedParameterJson]:
    return [
        {
            "name": weight.name,
            "shape": list(weight.shape),
            "count": prod(weight.shape),
            "text": weight.text,
            "tied": weight.owner or None,
        }
        for weight in account.weights
    ]


def _child(row: SummaryRow) -> ExplainedChildJson:
    return {
        "name": row.name,
        "path": row.path,
        "op": row.op or None,
        "times": row.times,
        "parameters": row.parameters,
        "macs": row.macs,
        "nodes": row.nodes,
    }


def _surrounding(place: Surrounding) -> SurroundingJson:
    line, column = place.span.source.line_column(place.span.start)
    iterations: list[IterationJson] = [
        {"loop": turn.kind, "number": turn.number, "count": turn.count} for turn in place.turns
    ]
    return {
        "path": place.path,
        "block": place.block or None,
        "file": place.span.source.name,
        "line": line,
        "column": column,
        "iterations": iterations,
    }


def _flows(flows: Sequence[Flow]) -> list[ReportedTensorJson]:
    return [
        {"name": f.name or None, "shape": list(f.shape), "dtype": f.dtype, "from": f.source}
        for f in flows
    ]


def _field(fact: Receptive) -> ReceptiveFieldJson:
    field: ReceptiveFieldJson = {
        "input": fact.source,
        "axes": list(fact.axes),
        "length": fact.length,
        "kind": fact.kind,
    }
    if fact.kind == "stretch":
        field["size"], field["jump"], field["start"] = fact.size, float(fact.jump), fact.start
        field["way"] = [{"size": size, "path": path} for size, path in fact.way]
    if fact.since:
        field["since"] = fact.since
    return field
