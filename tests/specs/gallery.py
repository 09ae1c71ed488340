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
from netspec.elaborate import Graph, Level, Loop, Node, Value

torch.set_num_threads(1)

FOLDER = pathlib.Path(__file__).parents[2] / "specs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))

Sizes = dict[str, int]


@functools.cache
def network(name: str) -> netspec.Network:
    """The spec of that name."""
    return netspec.load(FOLDER / f"{name}.yaml")


@functools.cache
def graph(name: str) -> Graph:
    """What the spec of that name unfolds into."""
    return network(name).elaborate()


@functools.cache
def compiled(name: str) -> nn.Module:
    """The spec of that name as a module in eval mode; it is everybody's, so leave it as it is."""
    return network(name).compile().eval()


def inputs(of: Graph, sizes: Mapping[str, int]) -> list[torch.Tensor]:
    """Random inputs at these sizes."""
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape(value, sizes), generator=generator) for value in of.inputs]


def shape(value: Value, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """What is inferred for a value, in numbers."""
    assert value.shape is not None
    return tuple(evaluate(size, sizes) for size in value.shape)


def smallest(of: Graph) -> Sizes:
    """The smallest size of each symbol that the network is valid for."""
    return {symbol: domain.smallest() for symbol, domain in of.domains.items()}


def several(of: Graph) -> list[Sizes]:
    """Small valid sizes: the smallest, and mixed ones, odd where the network allows it."""
    found = []
    for k in range(4):
        sizes = {}
        for place, (symbol, domain) in enumerate(sorted(of.domains.items())):
            members = list(itertools.islice((v for v in itertools.count(1) if v in domain), 5))
            sizes[symbol] = members[k * (place + 1) % 5]
        found.append(sizes)
    return found


def modules(of: Graph) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Everything that has a path: single layers and the groups around them, with what comes out."""

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
