"""How long it takes to draw networks of 1,000 and 10,000 nodes, and how that grows: n to which power."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable

import netspec
from netspec.render import EngineError, Scene, scene
from netspec.render.boxes import boxes
from netspec.render.dot import dot
from netspec.render.mermaid import mermaid
from netspec.render.rail import rail

SIZES = 1_000, 10_000
_CONV = "{op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}"
_HEAD = "netspec: 1\ninputs: {image: [N, 16, 32, 32]}\nbody:\n"


def chain(nodes: int) -> str:
    """Convolutions and activations in turn."""
    return _HEAD + "".join(f"  - c{k}: {_CONV}\n  - r{k}: ReLU\n" for k in range(nodes // 2))


def residual(nodes: int) -> str:
    """Groups, each with a way around its convolution."""
    return _HEAD + "".join(
        f"  - g{k}:\n      - conv: {_CONV}\n      - add: {{op: Add, from: [input, conv]}}\n"
        for k in range(nodes // 2)
    )


def wide(nodes: int) -> str:
    """Branches that all read the input, and one join."""
    branches = "".join(
        f"  - b{k}: {{op: Conv2d, from: image, out_channels: 16, kernel_size: 1}}\n"
        for k in range(nodes - 1)
    )
    names = ", ".join(f"b{k}" for k in range(nodes - 1))
    return f"{_HEAD}{branches}  - join: {{op: Concat, from: [{names}]}}\n"


DRAWINGS: dict[str, Callable[[Scene], object]] = {
    "rail": rail, "boxes": boxes, "dot": dot, "mermaid": mermaid,
}  # fmt: skip


def main() -> None:
    """Print seconds and exponents; what is rejected for its size says so."""
    print(
        "drawing, seconds for 1,000 and 10,000 nodes, and the exponent (Graphviz's layout not counted)"
    )
    for network in (chain, residual, wide):
        graphs = [netspec.load(network(nodes)).elaborate() for nodes in SIZES]
        _row(network.__name__, "scene", [lambda g=g: scene(g, repeats=False) for g in graphs])  # type: ignore[misc]
        scenes = [scene(graph, repeats=False) for graph in graphs]
        for name, draw in DRAWINGS.items():
            _row(network.__name__, name, [lambda s=s, d=draw: d(s) for s in scenes])  # type: ignore[misc]


def _row(network: str, what: str, works: list[Callable[[], object]]) -> None:
    try:
        small, large = (_seconds(work) for work in works)
    except EngineError as error:
        print(f"  {network:<10}{what:<10}rejected: {error.message}")
        return
    power = math.log(large / small) / math.log(SIZES[1] / SIZES[0])
    print(f"  {network:<10}{what:<10}{small:8.3f}{large:8.3f}{power:8.2f}")


def _seconds(work: Callable[[], object]) -> float:
    """The better of two runs, without the collector."""
    durations = []
    for _ in range(2):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
        gc.enable()
    return min(durations)


if __name__ == "__main__":
    main()
