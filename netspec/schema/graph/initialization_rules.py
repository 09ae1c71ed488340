"""The `init` of a spec from the initialization of the nodes: by layer if all agree, otherwise by path."""

from __future__ import annotations

import json

from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphModel, GraphNode
from netspec.schema.graph.layer_lookup import layer_class
from netspec.schema.graph.marked_text import Marked


def initialization_rules(model: GraphModel, catalog: Catalog) -> dict[str, dict[str, object]]:
    """Target to parameter to function."""
    rules: dict[str, dict[str, object]] = {}
    nodes = [(k, node) for k, node in enumerate(model.nodes) if node.shares is None]
    functions: dict[tuple[str, str], set[str]] = {}
    for _, node in nodes:
        for parameter in {*(node.parameters or {}), *node.initialization}:
            text = json.dumps(node.initialization.get(parameter), sort_keys=True)
            functions.setdefault((_op(node, catalog), parameter), set()).add(text)
    for position, node in nodes:
        for parameter, function in node.initialization.items():
            op = _op(node, catalog)
            has_one = node.parameters is not None and len(functions[op, parameter]) == 1
            target = op if has_one else node.path
            location = ("nodes", position, "initialization", parameter)
            rules.setdefault(target, {}).setdefault(parameter, Marked(function, location))
    return rules


def _op(node: GraphNode, catalog: Catalog) -> str:
    layer = layer_class(node, catalog)
    return layer.op if layer is not None else node.op
