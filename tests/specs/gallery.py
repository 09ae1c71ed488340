"""The specs of the gallery, each loaded and compiled once, and sizes to run them at."""

from __future__ import annotations

import functools
import itertools
import pathlib
import sys
from collections.abc import Iterator, Mapping

import torch
from torch import nn

import netspec
from netspec.dims import evaluate
from netspec.graph import Graph, Level, Loop, Node, Value

torch.set_num_threads(1)

FOLDER = pathlib.Path(__file__).parents[2] / "specs"
NAMES = sorted(
    path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml")
)
"""`resnet`, `textbook/lenet`, …"""

Sizes = dict[str, int]


@functools.cache
def network(name: str) -> netspec.Network:
    """The spec of that name."""
    return netspec.load(FOLDER / f"{name}.yaml")


@functools.cache
def member(name: str, preset: str) -> netspec.Network:
    """The spec of that name with a preset chosen."""
    return netspec.load(FOLDER / f"{name}.yaml", preset=preset)


def presets(name: str) -> list[str]:
    """The presets of the spec of that name."""
    spec = network(name).report.spec
    assert spec is not None
    return list(spec.presets)


@functools.cache
def graph(name: str) -> Graph:
    """What the spec of that name unfolds into."""
    return network(name).elaborate()


@functools.cache
def compiled(name: str) -> nn.Module:
    """The spec of that name as a module in eval mode; it is everybody's, so leave it as it is.

    Its weights are uninitialized memory: to get numbers and not only shapes, compile another module.
    """
    with torch.device("meta"):
        module = network(name).compile().eval()
    return module.to_empty(device="cpu")


def inputs(of: Graph, sizes: Mapping[str, int]) -> list[torch.Tensor]:
    """Random inputs at these sizes."""
    generator = torch.Generator().manual_seed(0)
    return [_input(value, sizes, generator) for value in of.inputs]


def _input(value: Value, sizes: Mapping[str, int], generator: torch.Generator) -> torch.Tensor:
    if value.dtype == "int64":
        return torch.randint(0, 10, shape(value, sizes), generator=generator)
    return torch.randn(shape(value, sizes), generator=generator)


def tensors(output: object) -> list[torch.Tensor]:
    """The tensors that a module gave: one, or a tuple or dict of them, within which there may be more."""
    if output is None:
        return []
    if isinstance(output, torch.Tensor):
        return [output]
    assert isinstance(output, tuple | dict)
    parts = output.values() if isinstance(output, dict) else output
    return [tensor for part in parts for tensor in tensors(part)]


def own_modules(module: nn.Module) -> dict[str, nn.Module]:
    """The modules by path that are there by the spec's word, and not as a part of a layer of torch."""
    own = dict(module.named_modules())
    parts = {p for p in own if isinstance(own.get(p.rpartition(".")[0]), nn.MultiheadAttention)}
    return {path: own[path] for path in own if path and path not in parts}


def shape(value: Value, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """What is inferred for a value, in numbers."""
    assert value.shape is not None
    return tuple(evaluate(size, sizes) for size in value.shape)


def smallest(of: Graph) -> Sizes:
    """The smallest size of each symbol that the network is valid for."""
    return {symbol: domain.smallest() for symbol, domain in of.domains.items()}


def several(of: Graph, most: int = 4) -> list[Sizes]:
    """Small valid sizes: the smallest, and mixed ones, odd where the network allows it."""
    size_choices: list[Sizes] = []
    for k in range(most):
        sizes = {}
        for place, (symbol, domain) in enumerate(sorted(of.domains.items())):
            members = list(itertools.islice((v for v in itertools.count(1) if v in domain), 5))
            sizes[symbol] = members[k * (place + 1) % 5]
        if any(size > 1 for size in sizes.values()) or not size_choices:
            size_choices.append(sizes)
    return size_choices


def modules(of: Graph) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Everything that has a path: single layers and the groups around them, with their outputs."""

    def below(entries: list[Node | Level | Loop]) -> Iterator[tuple[str, tuple[Value, ...]]]:
        for entry in entries:
            if isinstance(entry, Loop):
                for iteration in entry.iterations:
                    yield from below(iteration)
                continue
            yield entry.path, entry.outputs
            if isinstance(entry, Level):
                yield from below(entry.entries)

    return below(of.root.entries)


def unchecked(module: nn.Module) -> dict[str, object]:
    """The globals of the program that defines `module`, where its check of the inputs lives."""
    return vars(sys.modules[type(module).__module__])
