"""Graphs written by hand, as another tool would: only what a network is made of, nothing inferred."""

from __future__ import annotations

from typing import Any


def edge(node: str, result: int = 0) -> dict[str, Any]:
    """An edge from a node, or from an input of the network."""
    return {"node": node, "result": result}


def chain(source: str, *steps: tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Nodes that run one after the other: path, op and arguments of each."""
    nodes = []
    for path, op, arguments in steps:
        nodes.append({"path": path, "op": op, "arguments": arguments, "inputs": [edge(source)]})
        source = path
    return nodes


def graph(shape: list[int | str], nodes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A graph with one input, `image`, that returns the last node."""
    return {
        "schema_version": "1.0",
        "name": "net",
        "inputs": [{"name": "image", "shape": shape}],
        "nodes": nodes,
        "outputs": {"values": [edge(nodes[-1]["path"])]},
        **more,
    }


def lenet() -> dict[str, Any]:
    """LeNet-5 with sigmoids and average pooling."""
    return graph(
        ["N", 1, 28, 28],
        chain(
            "image",
            ("conv1", "Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
            ("sigmoid1", "Sigmoid", {}),
            ("pool1", "AvgPool2d", {"kernel_size": 2}),
            ("conv2", "Conv2d", {"out_channels": 16, "kernel_size": 5}),
            ("sigmoid2", "Sigmoid", {}),
            ("pool2", "AvgPool2d", {"kernel_size": 2}),
            ("flatten", "Flatten", {}),
            ("fc1", "Linear", {"out_features": 120}),
            ("sigmoid3", "Sigmoid", {}),
            ("fc2", "Linear", {"out_features": 84}),
            ("sigmoid4", "Sigmoid", {}),
            ("fc3", "Linear", {"out_features": 10}),
        ),
    )


def residual() -> dict[str, Any]:
    """A residual block with a projection, in a level of its own, and a head."""
    block = chain(
        "image",
        (
            "block.conv1",
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "stride": 2, "padding": 1, "bias": False},
        ),
        ("block.bn1", "BatchNorm2d", {}),
        ("block.relu1", "ReLU", {}),
        (
            "block.conv2",
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "padding": 1, "bias": False},
        ),
        ("block.bn2", "BatchNorm2d", {}),
    )
    projection = chain(
        "image",
        (
            "block.downsample.0",
            "Conv2d",
            {"out_channels": 8, "kernel_size": 1, "stride": 2, "bias": False},
        ),
        ("block.downsample.1", "BatchNorm2d", {}),
    )
    add = {
        "path": "block.add",
        "op": "Add",
        "inputs": [edge("block.bn2"), edge("block.downsample.1")],
    }
    head = chain(
        "block.add", ("relu", "ReLU", {}), ("pool", "AdaptiveAvgPool2d", {"output_size": 1})
    )
    levels = [{"path": "block"}, {"path": "block.downsample"}]
    return graph(["N", 3, "H", "W"], [*block, *projection, add, *head], levels=levels)
