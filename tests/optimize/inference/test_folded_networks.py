"""A module for inference computes what the plain one computes, up to rounding."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from networks import errors, pair, random_network, tensors
from torch import nn

import netspec

SPECS = Path(__file__).parents[3] / "specs"
SIZES = {
    "autoencoder": [(2, 1, 28, 28)],
    "convnext": [(1, 3, 64, 64)],
    "densenet_cifar": [(2, 3, 32, 32), (1, 3, 40, 32)],
    "densenet121": [(1, 3, 64, 64), (2, 3, 96, 64)],
    "efficientnet": [(1, 3, 64, 64)],
    "googlenet": [(1, 3, 64, 64)],
    "mobilenet_v2": [(1, 3, 64, 64)],
    "mobilenet_v3": [(1, 3, 64, 64), (3, 3, 32, 64)],
    "regnet": [(1, 3, 64, 64)],
    "resnet": [(1, 3, 64, 64), (2, 3, 96, 64)],
    "resnet_fpn": [(1, 3, 64, 64), (2, 3, 75, 90)],
    "shufflenet_v2": [(1, 3, 64, 64)],
    "siamese": [(2, 1, 28, 28)],
    "squeezenet": [(1, 3, 64, 64)],
    "unet": [(1, 1, 64, 64), (2, 1, 32, 64)],
    "textbook/densenet": [(2, 1, 96, 96)],
    "textbook/residual_mnist": [(2, 1, 28, 28)],
}
FLOOR = 2e-7
"""A few units in the last place of float32, which no order of operations avoids."""


@pytest.mark.parametrize("name", SIZES)
def test_the_error_is_near_that_of_the_plain_module(name: str) -> None:
    network = netspec.load(SPECS / f"{name}.yaml")
    plain, folded = pair(network, shape=SIZES[name][0])
    for shape in SIZES[name]:
        inputs = [torch.randn(shape) for _ in network.elaborate().inputs]
        for _ in range(2):  # a second call of new sizes packs the weights
            eager, fused = errors(plain, folded, *inputs)
            assert fused <= 2 * eager + FLOOR


@pytest.mark.parametrize("name", ["densenet_cifar", "resnet", "mobilenet_v3", "googlenet"])
def test_in_float64_the_result_is_the_same_to_the_last_digits(name: str) -> None:
    plain, folded = pair(netspec.load(SPECS / f"{name}.yaml"))
    plain.double()
    folded.double()
    image = torch.randn(1, 3, 64, 64).double()
    assert folded._folded.calls_for(image) is not None  # type: ignore[operator, union-attr]
    with torch.no_grad():
        for a, b in zip(tensors(folded(image)), tensors(plain(image)), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_folded_exactly(seed: int) -> None:
    plain, folded = pair(random_network(seed), seed)
    image = torch.randn(2, 4, 9, 7)
    eager, fused = errors(plain, folded, image)
    assert fused <= 2 * eager + 5e-7
    before = image.clone()
    folded(image)
    assert torch.equal(image, before)


def test_constant_and_extreme_normalizations() -> None:
    """Scales of zero, of both signs, and so small that the threshold of the ReLU overflows."""
    network = netspec.load(
        "netspec: 1\nname: net\ninputs: {image: [N, 6, H, W]}\nbody:\n"
        "  - BatchNorm2d\n  - ReLU\n  - {op: Conv2d, out_channels: 4, kernel_size: 1}"
    )
    plain, folded = network.compile().eval(), network.compile(optimize="inference")
    norm = plain.get_submodule("0")
    assert isinstance(norm, nn.BatchNorm2d)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.0, 0.0, 1e-38, -1e-38, -2.0, 3.0]))
        norm.bias.copy_(torch.tensor([1.0, -1.0, 1.0, -1.0, 0.5, -0.5]))
    folded.load_state_dict(plain.state_dict())
    eager, fused = errors(plain, folded, torch.randn(2, 6, 5, 5))
    assert fused <= 2 * eager + FLOOR


@pytest.mark.parametrize(
    "step",
    [
        "{op: Reshape, shape: [image.size(0), 8, image.size(2) * image.size(3)]}",
        "{op: Interpolate, size: [image.size(2) + 2, image.size(3) - 1]}",
        "{op: Interpolate, size: [2 * image.size(2), image.size(3) // 3]}",
    ],
)
def test_sizes_are_those_of_the_inputs(step: str) -> None:
    network = netspec.load(
        "netspec: 1\nname: net\ninputs: {image: [N, 3, H, W]}\nbody:\n"
        f"  - {{op: Conv2d, out_channels: 8, kernel_size: 1}}\n  - {step}"
    )
    plain, folded = pair(network)
    for shape in [(1, 3, 8, 9), (2, 3, 5, 7)]:
        eager, fused = errors(plain, folded, torch.randn(shape))
        assert fused <= 2 * eager + FLOOR


def test_large_clamps_are_computed_for_some_positions_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether PyTorch has the processor for it or not: with and without a last part that is shorter."""
    network = netspec.load(
        "netspec: 1\nname: net\ninputs: {image: [N, 6, H, W]}\nbody:\n  - BatchNorm2d\n  - ReLU\n"
        "  - {op: Conv2d, out_channels: 4, kernel_size: 1}\n  - BatchNorm2d\n  - SiLU"
    )
    plain, folded = pair(network)
    program = sys.modules[type(folded).__module__]
    monkeypatch.setattr(program, "_MULTIPLIES_FAST", True)
    for shape in [(1, 6, 60, 50), (2, 6, 56, 56)]:
        eager, fused = errors(plain, folded, torch.randn(shape))
        assert fused <= 2 * eager + FLOOR
        (calls,) = folded._folded.calls.values()  # type: ignore[union-attr, operator]
        assert any(isinstance(call, program._ClampedProduct) for call in calls.ready.values())
        folded.refold()  # type: ignore[operator]


def test_a_result_is_not_overwritten_by_the_next_call() -> None:
    _, folded = pair(netspec.load(SPECS / "densenet_cifar.yaml"))
    first = folded(torch.ones(1, 3, 32, 32))
    copy = first.clone()
    folded(torch.zeros(1, 3, 32, 32))
    assert torch.equal(first, copy)


def test_without_the_calls_of_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch may be built without them: the public functions compute the same."""
    plain, folded = pair(netspec.load(SPECS / "resnet.yaml"))
    monkeypatch.setattr(sys.modules[type(folded).__module__], "_HAS_ONEDNN", False)
    eager, fused = errors(plain, folded, torch.randn(1, 3, 64, 64))
    assert fused <= 2 * eager + FLOOR
