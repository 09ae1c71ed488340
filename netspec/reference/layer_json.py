"""Layers for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from netspec.reference.layer_guide import Guide
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import LayerListReportJson, LayerReportJson, ListedLayerJson


def listed_json(categories: Iterable[tuple[str, list[Guide]]]) -> str:
    """Every layer with its summary and its category."""
    layers: list[ListedLayerJson] = [
        {"name": guide.op, "category": guide.layer.category, "summary": guide.summary}
        for _, guides in categories
        for guide in guides
    ]
    report: LayerListReportJson = {"format_version": FORMAT_VERSION, "layers": layers}
    return json_text(report)


def explained_json(guide: Guide, example: str) -> str:
    """One layer with everything about it."""
    report: LayerReportJson = {
        "format_version": FORMAT_VERSION,
        "name": guide.op,
        "summary": guide.summary,
        "shape": guide.shape,
        "note": guide.note or None,
        "source": guide.source,
        "inputs": [{"name": n, "optional": optional} for n, optional in guide.inputs],
        "arguments": [
            {
                "name": argument.name,
                "doc": argument.doc,
                "type": argument.kind.expected,
                "default": argument.default,
                "required": argument.required,
                "inferred": argument.inferred,
            }
            for argument in guide.arguments
        ],
        "example": example or None,
    }
    return json_text(report)
