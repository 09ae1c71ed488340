"""What tells two modules apart: their weights, the layers of torch in them, and the shapes they give."""

from __future__ import annotations

from collections.abc import Iterator

import gallery
import torch
from torch import nn

from netspec.graph import Graph


def weights(module: nn.Module) -> list[tuple[str, torch.Size, torch.dtype]]:
    """The keys of a module in order, with what they are for."""
    return [(key, tensor.shape, tensor.dtype) for key, tensor in module.state_dict().items()]


def layers(module: nn.Module) -> Iterator[tuple[str, str]]:
    """Torch's own layers by path, with their arguments."""
    for path, each in module.named_modules():
        if type(each).__module__.startswith("torch.") and not isinstance(each, nn.Sequential):
            yield path, f"{type(each).__name__}({each.extra_repr()})"


def sizes(graph: Graph) -> gallery.Sizes:
    """The smallest valid sizes, with a batch that batch norm can train on."""
    smallest = gallery.smallest(graph)
    return smallest | {"N": max(smallest.get("N", 1), 2)}


def output_shapes(module: nn.Module, graph: Graph) -> list[torch.Size]:
    """The shapes of what a module without numbers gives."""
    inputs = [each.to("meta") for each in gallery.inputs(graph, sizes(graph))]
    return [each.shape for each in gallery.tensors(module.eval()(*inputs))]
