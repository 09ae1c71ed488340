"""Which of netspec's own layers a node applies."""

from __future__ import annotations

from netspec.graph import Node


def layer_name(node: Node) -> str:
    """The name of the class of netspec's own layer; empty for custom layers and inputs."""
    layer = type(node.layer)
    return layer.__name__ if layer.__module__.startswith("netspec.layers.") else ""
