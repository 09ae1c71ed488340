"""Whether a document is a graph as data, in JSON or YAML, and not a spec."""

from __future__ import annotations

from netspec.document.tree import Document, Mapping


def is_graph(document: Document) -> bool:
    """Whether the keys at the top are those of a graph: `nodes`, and `inputs` or `schema_version`."""
    root = document.root
    if not isinstance(root, Mapping) or root.get("netspec") is not None:
        return False
    has_version = root.get("schema_version") is not None
    return root.get("nodes") is not None and (has_version or root.get("inputs") is not None)
