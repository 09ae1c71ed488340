"""Specs for the benchmarks: flat files of any size, and one with blocks and repeats that unfolds to any size."""

from __future__ import annotations

import random

_OPS = (
    "{op: Conv2d, out_channels: 64, kernel_size: 3, padding: 1, bias: false}",
    "BatchNorm2d",
    "ReLU",
    "{op: Conv2d, out_channels: 64, kernel_size: 1}",
    "{op: MaxPool2d, kernel_size: 3, stride: 1, padding: 1}",
)


def flat(nodes: int) -> str:
    """A file with one line for each node: layers in a row, some adding or concatenating earlier ones."""
    chance = random.Random(0)
    lines = ["netspec: 1", "name: flat", "inputs: {image: [N, 64, H, W]}", "body:"]
    lines.append("  - n0: {op: Conv2d, out_channels: 64, kernel_size: 3, padding: 1}")
    for k in range(1, nodes):
        earlier = chance.randrange(max(0, k - 20), k)
        if k > 1 and chance.random() < 0.15:
            lines.append(f"  - n{k}: {{op: Add, from: [n{k - 1}, n{earlier}]}}")
        else:
            lines.append(f"  - n{k}: {chance.choice(_OPS)}")
    return "\n".join(lines) + "\n"


def unfolded(nodes: int) -> str:
    """A short file that unfolds to about this many nodes: a block of five layers, repeated."""
    return f"""netspec: 1
name: unfolded
inputs: {{image: [N, 64, H, W]}}
blocks:
  Layer:
    params: {{width: int}}
    body:
      - conv: {{op: Conv2d, out_channels: width, kernel_size: 3, padding: 1, bias: false}}
      - norm: BatchNorm2d
      - relu: ReLU
      - add: {{op: Add, from: [input, relu]}}
      - act: ReLU
body:
  - layers: {{op: Layer, repeat: {nodes // 5}, width: x.channels}}
"""
