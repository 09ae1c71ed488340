"""DenseNets with checkpoints: the same training, and memory that grows linearly with depth."""

from __future__ import annotations

import itertools

import gallery
import pytest
import torch
from saved_tensors import saved_tensor_bytes
from torch import nn

import netspec

SPEC = gallery.FOLDER / "densenet_cifar.yaml"
LAYERS = r"layer[1-9]\d*$"
BOTH_KINDS = pytest.mark.parametrize(
    "kind", [{}, {"bottleneck": False, "compression": 1}], ids=["DenseNet-BC", "DenseNet"]
)


def _growth(kind: dict[str, object], *, checkpoint: bool) -> list[int]:
    """How many more bytes are kept as depth grows in even steps."""
    picture = torch.randn(2, 3, 32, 32)
    saved_bytes = []
    for depth in (16, 28, 40, 52):
        module = netspec.compile(SPEC, depth=depth, checkpoint=checkpoint, growth=6, **kind).train()
        saved_bytes.append(saved_tensor_bytes(module, picture, LAYERS if checkpoint else ""))
    return [b - a for a, b in itertools.pairwise(saved_bytes)]


@BOTH_KINDS
def test_memory_grows_linearly_with_depth(kind: dict[str, object]) -> None:
    growth = _growth(kind, checkpoint=True)
    assert max(growth) < 1.01 * min(growth)


@BOTH_KINDS
def test_without_checkpoints_it_grows_faster_and_faster(kind: dict[str, object]) -> None:
    first, second, third = _growth(kind, checkpoint=False)
    assert second > 1.2 * first
    assert third - second == pytest.approx(second - first, rel=0.05)
    assert min(first, second, third) > 4 * max(_growth(kind, checkpoint=True))


@BOTH_KINDS
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_training_is_the_same_with_checkpoints(kind: dict[str, object], dropout: float) -> None:
    plain, thrifty = (
        _trained(netspec.compile(SPEC, depth=22, checkpoint=checkpoint, dropout=dropout, **kind))
        for checkpoint in (False, True)
    )
    assert plain.keys() == thrifty.keys()
    for name, tensor in plain.items():
        assert torch.equal(thrifty[name], tensor), name


def _trained(module: nn.Module) -> dict[str, torch.Tensor]:
    """Weights, statistics and gradients after two steps."""
    filled = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module.parameters():
            weight.normal_(0, 0.1, generator=filled)
    optimizer = torch.optim.SGD(module.train().parameters(), lr=0.1)
    for step in range(2):
        torch.manual_seed(step)
        images, labels = torch.randn(4, 3, 16, 12), torch.randint(10, (4,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(images), labels).backward()
        optimizer.step()
    gradients = {f"{n}.grad": p.grad for n, p in module.named_parameters() if p.grad is not None}
    assert len(gradients) == len(list(module.parameters()))
    return {**module.state_dict(), **gradients}
