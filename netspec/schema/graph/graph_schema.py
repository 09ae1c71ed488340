"""The JSON Schema of the graph model."""

from __future__ import annotations

import json
from typing import Any

from netspec.schema.descriptions import WithoutExamples
from netspec.schema.graph.graph_model import SCHEMA_VERSION, GraphModel


def graph_schema() -> dict[str, Any]:
    """The JSON Schema of what `netspec summary --format graph-json` prints."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:netspec:graph:{SCHEMA_VERSION.partition('.')[0]}",
        **GraphModel.model_json_schema(schema_generator=WithoutExamples),
        "title": "the elaborated network as a graph",
    }


def graph_schema_text() -> str:
    """The schema as a file."""
    return json.dumps(graph_schema(), indent=1, ensure_ascii=False) + "\n"
