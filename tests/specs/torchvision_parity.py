"""A preset of the gallery next to the function of torchvision that has its name: what agrees, as a row of a table.

Both modules are laid out without memory and then given one set of weights, so that the largest of them can be
compared, too.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import gallery
import torch
import torchvision_oracle
from torch import Tensor, nn

from netspec.dims import Domain
from netspec.graph import Graph
from netspec.report.status_line import validity

FAMILIES = (
    "alexnet", "vgg", "googlenet", "inception_v3", "resnet", "densenet121", "squeezenet", "mobilenet_v2",
    "mobilenet_v3", "shufflenet_v2", "efficientnet", "mnasnet", "regnet", "convnext", "vit",
)  # fmt: skip
"""The files of specs/ whose presets are called as torchvision's functions."""


class Row(NamedTuple):
    """What the comparison found."""

    family: str
    preset: str
    keys: int
    parameters: int
    difference: float
    valid: str


def pairs() -> list[tuple[str, str]]:
    """Every family with each of its presets."""
    return [(family, preset) for family in FAMILIES for preset in gallery.presets(family)]


def modules(family: str, preset: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, without weights."""
    network = gallery.member(family, preset)
    assert network.diagnostics == ()
    # RegNet's constructor computes its widths with tensors, so it has to have some.
    with torch.device("meta"):
        ours = network.compile()
    with torch.device("cpu" if family == "regnet" else "meta"):
        return ours, torchvision_oracle.model(preset)


def give_weights(ours: nn.Module, theirs: nn.Module, *, shared: bool = True) -> None:
    """Random weights and statistics for both, none at its default; `shared` makes them the same tensors."""
    generator = torch.Generator().manual_seed(0)
    theirs.to_empty(device="cpu")
    with torch.no_grad():
        for name, tensor in theirs.state_dict().items():
            _fill(name, tensor, generator)
    if not shared:
        ours.to_empty(device="cpu")
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=shared)


def _fill(name: str, tensor: Tensor, generator: torch.Generator) -> None:
    if name.endswith("num_batches_tracked"):
        tensor.fill_(7)
    elif name.endswith("running_var") or (tensor.dim() == 1 and name.endswith("weight")):
        tensor.uniform_(0.8, 1.2, generator=generator)
    elif tensor.dim() > 1 and name.endswith("weight"):
        tensor.normal_(0, math.sqrt(2 / tensor[0].numel()), generator=generator)
    else:
        tensor.normal_(0, 0.1, generator=generator)


def compare(family: str, preset: str) -> Row:
    """Hold one preset against torchvision: keys in order, shapes, and outputs with the same weights."""
    ours, theirs = modules(family, preset)
    mine, its = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(its)
    assert [value.shape for value in mine.values()] == [value.shape for value in its.values()]
    graph = gallery.member(family, preset).elaborate()
    parameters = sum(weight.numel() for weight in ours.parameters())
    assert parameters == graph.parameter_count
    give_weights(ours, theirs)
    image = picture(graph)
    with torch.no_grad():
        a, b = logits(ours.eval()(image)), theirs.eval()(image)
    assert b.isfinite().all()
    assert b.std() > 0
    difference = (a - b).abs().max().item()
    return Row(family, preset, len(mine), parameters, difference, valid_inputs(graph))


def picture(graph: Graph) -> Tensor:
    """A random picture, small and not square where the network allows it."""
    picture_sizes = {"H": 72, "W": 45}
    sizes = {
        "N": 1,
        **{
            s: at_least(picture_sizes[s], graph.domains[s])
            for s in picture_sizes
            if s in graph.domains
        },
    }
    shape = gallery.shape(graph.inputs[0], sizes)
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def valid_inputs(graph: Graph) -> str:
    """Which pictures the network takes, as `netspec check` says it."""
    if "H" not in graph.domains:
        return "×".join(map(str, gallery.shape(graph.inputs[0], {"N": 1})[1:]))
    return validity(graph.domains) or "every size"


def logits(output: Tensor | dict[str, Tensor]) -> Tensor:
    """The main output, where there are auxiliary ones next to it."""
    return output["logits"] if isinstance(output, dict) else output


def at_least(size: int, domain: Domain) -> int:
    """The smallest size from `size` on that the network takes."""
    return next(s for s in itertools.count(size) if s in domain)
