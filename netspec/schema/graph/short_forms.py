"""The short forms of a graph in JSON, and their full forms.

An edge may be the name of what is read; inputs may be shapes by name; outputs may be an edge, a list of edges, or
edges by name. Levels that are not stated are the prefixes of the paths of the nodes; the output is the last node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def full_edge(edge: Any) -> Any:
    """An edge: `"conv1"` is `{"node": "conv1"}`."""
    return {"node": edge} if isinstance(edge, str) else edge


def full_inputs(inputs: Any) -> Any:
    """The inputs as a list: `{"image": ["N", 3, 32, 32]}` is `[{"name": "image", "shape": …}]`."""
    if not isinstance(inputs, Mapping):
        return inputs
    return [
        {"name": name, **entry} if isinstance(entry, Mapping) else {"name": name, "shape": entry}
        for name, entry in inputs.items()
    ]


def full_outputs(outputs: Any) -> Any:
    """The outputs with their kind: a name is one tensor, a list a tuple, other names than the keys a dict."""
    if isinstance(outputs, str):
        return {"values": [outputs]}
    if isinstance(outputs, list | tuple):
        return {"kind": "tuple", "values": list(outputs)}
    if not isinstance(outputs, Mapping) or "values" in outputs:
        return outputs
    if "node" in outputs:
        return {"values": [outputs]}
    return {"kind": "dict", "names": list(outputs), "values": list(outputs.values())}


def last_node(nodes: Sequence[Any]) -> dict[str, Any]:
    """The outputs of a graph that states none."""
    return {"values": [{"node": path} for path in _paths(nodes)[-1:]]}


def with_levels(graph: Any) -> Any:
    """The graph with its levels, if it states none."""
    if not isinstance(graph, Mapping) or graph.get("levels") is not None:
        return graph
    prefixes: dict[str, None] = {}
    for path in _paths(graph.get("nodes")):
        parts = path.split(".")
        if all(parts):
            prefixes |= {".".join(parts[:k]): None for k in range(1, len(parts))}
    return {**graph, "levels": [{"path": prefix} for prefix in prefixes]}


def _paths(nodes: Any) -> list[str]:
    if not isinstance(nodes, list | tuple):
        return []
    paths = [n.get("path") if isinstance(n, Mapping) else getattr(n, "path", None) for n in nodes]
    return [path for path in paths if isinstance(path, str)]
