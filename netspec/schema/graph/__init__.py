"""The elaborated network as data: exported, validated, and turned back into a spec."""

from netspec.schema.graph.from_elaborated import graph_model
from netspec.schema.graph.graph_model import GraphModel

__all__ = ["GraphModel", "graph_model"]
