"""The elaborated network as data: exported, validated, and turned back into a spec."""

from netspec.schema.graph.from_elaborated import graph_model
from netspec.schema.graph.graph_file import graph_report
from netspec.schema.graph.graph_model import GraphModel
from netspec.schema.graph.graph_schema import graph_schema, graph_schema_text
from netspec.schema.graph.validation import model_report

__all__ = [
    "GraphModel",
    "graph_model",
    "graph_report",
    "graph_schema",
    "graph_schema_text",
    "model_report",
]
