"""The account of a node or level for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from netspec.explain.node import Account, Flow
from netspec.explain.receptive_field_text import Receptive
from netspec.graph.location import Surrounding
from netspec.report.report_json import FORMAT_VERSION
from netspec.report.summary import Row


def node_json(account: Account, sentence: str, sizes: Mapping[str, int]) -> str:
    """A node with the arithmetic of its numbers."""
    return _text(
        _common(account, sizes)
        | {
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
            "parameters": [
                {"name": w.name, "shape": list(w.shape), "count": prod(w.shape), "text": w.text,
                 "tied": w.owner or None}
                for w in account.weights
            ],
            "macs": account.macs,
            "macs_worked": account.macs_text,
        }
    )  # fmt: skip


def level_json(account: Account, row: Row, sizes: Mapping[str, int]) -> str:
    """A level with its sums and what is in it."""
    return _text(
        _common(account, sizes)
        | {
            "nodes": row.nodes,
            "parameters": row.parameters,
            "macs": row.macs,
            "macs_unknown": list(row.uncounted),
            "children": [
                {"name": c.name, "path": c.path, "op": c.op or None, "times": c.times,
                 "parameters": c.parameters, "macs": c.macs, "nodes": c.nodes}
                for c in row.children
            ],
        }
    )  # fmt: skip


def _common(account: Account, sizes: Mapping[str, int]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "path": account.path,
        "op": account.op or None,
        "doc": account.doc or None,
        "sizes": dict(sizes),
        "where": [_place(place) for place in account.around],
        "inputs": _flows(account.inputs),
        "results": _flows(account.results),
        "shares": account.owner or None,
        "receptive_field": [_field(fact) for fact in account.fields],
    }


def _place(place: Surrounding) -> dict[str, Any]:
    line, column = place.span.source.line_column(place.span.start)
    turns = [{"loop": t.kind, "number": t.number, "count": t.count} for t in place.turns]
    return {
        "path": place.path, "block": place.block or None, "file": place.span.source.name,
        "line": line, "column": column, "iterations": turns,
    }  # fmt: skip


def _flows(flows: Sequence[Flow]) -> list[dict[str, Any]]:
    return [
        {"name": f.name or None, "shape": list(f.shape), "dtype": f.dtype, "from": f.source}
        for f in flows
    ]


def _field(fact: Receptive) -> dict[str, Any]:
    field_object: dict[str, Any] = {
        "input": fact.source, "axes": list(fact.axes), "length": fact.length, "kind": fact.kind,
    }  # fmt: skip
    if fact.kind == "stretch":
        field_object |= {"size": fact.size, "jump": float(fact.jump), "start": fact.start}
        field_object["way"] = [{"size": size, "path": path} for size, path in fact.way]
    if fact.since:
        field_object["since"] = fact.since
    return field_object


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
