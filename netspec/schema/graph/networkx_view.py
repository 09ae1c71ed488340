"""A graph model as a `networkx.DiGraph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.schema.graph.graph_model import GraphModel

if TYPE_CHECKING:
    from networkx import DiGraph


def to_networkx(model: GraphModel) -> DiGraph[str]:
    """Inputs and nodes by path, an edge for each pair of a node and a reader."""
    from networkx import DiGraph

    graph: DiGraph[str] = DiGraph(name=model.name)
    for tensor in model.inputs:
        graph.add_node(tensor.name, op="input", shape=tensor.shape, dtype=tensor.dtype)
    for node in model.nodes:
        first = node.outputs[0] if node.outputs else None
        graph.add_node(
            node.path,
            op=node.op,
            arguments=node.arguments,
            shape=first.shape if first else None,
            dtype=first.dtype if first else None,
            parameters=node.parameters or {},
            macs=node.macs,
        )
    for node in model.nodes:
        for position, edge in enumerate(node.inputs):
            connection = (edge.result, position)
            if graph.has_edge(edge.node, node.path):
                graph.edges[edge.node, node.path]["connections"].append(connection)
                continue
            graph.add_edge(
                edge.node,
                node.path,
                result=edge.result,
                shape=edge.shape,
                connections=[connection],
            )
    return graph
