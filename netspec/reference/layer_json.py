"""Layers for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from netspec.reference.layer_guide import Guide
from netspec.report.report_json import FORMAT_VERSION


def listed_json(categories: Iterable[tuple[str, list[Guide]]]) -> str:
    """Every layer with its summary and its category."""
    layers = [
        {"name": guide.op, "category": guide.layer.category, "summary": guide.summary}
        for _, guides in categories
        for guide in guides
    ]
    return _text({"format_version": FORMAT_VERSION, "layers": layers})


def explained_json(guide: Guide, example: str) -> str:
    """One layer with everything about it."""
    return _text(
        {
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
    )


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
