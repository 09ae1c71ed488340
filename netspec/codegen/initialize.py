"""The lines that start the weights as `init` says; none where torch's own start is kept."""

from __future__ import annotations

from netspec.elaborate import Graph


def initialize(graph: Graph) -> list[str]:
    """Statements at the end of the outermost `__init__`."""
    return []
