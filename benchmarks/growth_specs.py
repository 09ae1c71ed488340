"""Networks that are large in one way each, with any number of nodes, as a file of at most 4 MiB can have them."""

from __future__ import annotations

_HEAD = "netspec: 1\nname: large\ninputs: {image: [N, 8, H, W]}\n"
_CONV = "{op: Conv2d, out_channels: 8, kernel_size: 1}"


def plain(nodes: int) -> str:
    """A chain of layers, each written out."""
    steps = (f"  - {_CONV}\n  - n{k}: BatchNorm2d\n  - a{k}: ReLU\n" for k in range(nodes // 3))
    return f"{_HEAD}body:\n{''.join(steps)}"


def deep(nodes: int) -> str:
    """Blocks of blocks, each with four of the next smaller kind."""
    size, blocks = 2, ["  Level0: {body: [ReLU, Tanh]}\n"]
    while size * 64 < nodes:
        inner = ", ".join(f"{{part{k}: Level{len(blocks) - 1}}}" for k in range(4))
        blocks.append(f"  Level{len(blocks)}: {{body: [{inner}]}}\n")
        size = 4 * size + 4
    outer = "".join(f"  - top{k}: Level{len(blocks) - 1}\n" for k in range(nodes // (size + 1)))
    return f"{_HEAD}blocks:\n{''.join(blocks)}body:\n{outer}"


def wide(nodes: int) -> str:
    """Branches that all read the input, and one join of all of them."""
    branches = "".join(f"  - b{k}: {{op: ReLU, from: image}}\n" for k in range(nodes - 1))
    return f"{_HEAD}body:\n{branches}  - {{op: Concat, from: ['b*']}}\n"


def residual(nodes: int) -> str:
    """A chain of residual blocks, written out: each sum reads the sum before."""
    steps = (
        f"  - c{k}: ReLU\n  - s{k}: {{op: Add, from: [c{k}, s{k - 1}]}}\n"
        for k in range(1, nodes // 2)
    )
    return f"{_HEAD}body:\n  - s0: {_CONV}\n{''.join(steps)}"


def repeated(nodes: int) -> str:
    """A residual block that a short file repeats."""
    body = f"[{{conv: {_CONV}}}, {{act: ReLU}}, {{op: Add, from: [input, act]}}]"
    return f"{_HEAD}blocks: {{Residual: {{body: {body}}}}}\nbody:\n  - {{op: Residual, repeat: {nodes // 4}}}\n"


def dense(nodes: int) -> str:
    """Dense blocks of twelve layers, each of which reads all before it, with transitions."""
    layer = "{op: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}"
    layers, earlier = "", "input"
    for k in range(12):
        earlier += f", conv{k}"
        layers += f"{{conv{k}: {layer}}}, {{cat{k}: {{op: Concat, from: [{earlier}]}}}}, "
    steps = "".join(f"  - dense{k}: Dense\n  - to{k}: {_CONV}\n" for k in range(nodes // 26))
    return f"{_HEAD}blocks:\n  Dense: {{body: [{layers[:-2]}]}}\nbody:\n{steps}"


def growing(nodes: int) -> str:
    """One dense block as a chain of concatenations: the channels grow from node to node."""
    steps = "".join(
        f"  - c{k}: {{op: ReLU, from: image}}\n  - g{k}: {{op: Concat, from: [c{k}, g{k - 1}]}}\n"
        for k in range(1, min(nodes, 90_000) // 2)
    )
    return f"{_HEAD}body:\n  - g0: {_CONV}\n{steps}"


NETWORKS = (plain, deep, wide, residual, repeated, dense, growing)
