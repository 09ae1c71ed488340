"""Networks compiled plainly and for training, with equal weights."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

import netspec

SPECS = Path(__file__).resolve().parents[2] / "specs"

torch.set_num_threads(1)

RESIDUAL = """
netspec: 1
name: residual
inputs: {image: [N, 3, H, W]}
blocks:
  Activated:
    params: {channels: int, kernel: 3, stride: 1, groups: 1}
    body:
      - op: Conv2d
        out_channels: channels
        kernel_size: kernel
        stride: stride
        padding: kernel // 2
        groups: groups
        bias: false
      - BatchNorm2d
      - Hardswish
  Inverted:
    params: {expand: 2}
    body:
      - conv:
          - {op: Activated, channels: expand * x.channels, kernel: 1}
          - {op: Activated, channels: x.channels, groups: x.channels}
          - {op: Conv2d, out_channels: input.channels, kernel_size: 1, bias: false}
          - BatchNorm2d
      - {op: Add, from: [conv, input]}
  Bottleneck:
    params: {stride: 1}
    body:
      - conv1: {op: Conv2d, out_channels: 6, kernel_size: 1, bias: false}
      - bn1: BatchNorm2d
      - relu1: ReLU
      - conv2: {op: Conv2d, out_channels: 6, kernel_size: 3, stride: stride, padding: 1}
      - bn2: BatchNorm2d
      - relu2: {op: ReLU, inplace: true}
      - conv3: {op: Conv2d, out_channels: 12, kernel_size: 1, bias: false}
      - bn3: BatchNorm2d
      - shortcut: {op: Conv2d, from: input, out_channels: 12, kernel_size: 1, stride: stride}
      - add: {op: Add, from: [bn3, shortcut]}
      - relu3: ReLU
body:
  - stem: {op: Activated, channels: 8, stride: 2}
  - inverted: {op: Inverted, repeat: 2}
  - pool: {op: MaxPool2d, kernel_size: 2}
  - bottleneck: {op: Bottleneck, repeat: 2}
  - mean: {op: AdaptiveAvgPool2d, output_size: 1}
  - flatten: Flatten
  - classifier: {op: Linear, out_features: 5}
"""

NETWORKS = {
    "densenet121": ({"stages": [3, 2], "growth": 8, "num_classes": 9}, (3, 3, 40, 36)),
    "densenet_cifar": ({"depth": 16, "growth": 6}, (3, 3, 16, 20)),
    "densenet_cifar_plain": ({"depth": 13, "growth": 6, "bottleneck": False}, (3, 3, 16, 20)),
    "textbook/densenet": ({"stages": [2, 2], "growth": 8}, (3, 1, 32, 32)),
    "textbook/densenet_bc": ({"depth": 2, "drop": 0.0}, (3, 3, 16, 16)),
    "residual": ({}, (3, 3, 40, 40)),
}

LARGE = {
    "resnet": ({"depths": [1, 1, 1, 1], "block": "BasicBlock"}, (2, 3, 64, 64)),
    "mobilenet_v2": ({"dropout": 0.0}, (2, 3, 64, 64)),
    "mobilenet_v3": ({"dropout": 0.0}, (2, 3, 64, 64)),
    "unet": ({}, (1, 1, 64, 64)),
    "shufflenet_v2": ({}, (2, 3, 64, 64)),
    "squeezenet": ({"dropout": 0.0}, (2, 3, 64, 64)),
    "googlenet": ({}, (2, 3, 64, 64)),
    "efficientnet": ({}, (2, 3, 64, 64)),
}


def pair(network: netspec.Network, seed: int = 0) -> tuple[nn.Module, nn.Module]:
    """The plain and the optimized module; weights of normalizations are random."""
    torch.manual_seed(seed)
    plain = network.compile()
    torch.manual_seed(seed)
    optimized = network.compile(optimize="training")
    assert list(plain.state_dict()) == list(optimized.state_dict())
    for a, b in zip(plain.state_dict().values(), optimized.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    for module in plain.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0.0, 0.3)
    optimized.load_state_dict(plain.state_dict())
    return plain, optimized


def named(label: str, **more: object) -> netspec.Network:
    """A network of the gallery, made small."""
    if label == "residual":
        return netspec.load(RESIDUAL)
    params, _ = {**NETWORKS, **LARGE}[label]
    return netspec.load(SPECS / f"{label.removesuffix('_plain')}.yaml", **{**params, **more})


def tensors(result: object) -> Iterator[Tensor]:
    """The tensors of what a network returns."""
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, dict):
        yield from result.values()
    elif isinstance(result, tuple | list):
        for each in result:
            yield from tensors(each)


def loss_of(module: nn.Module, *inputs: Tensor) -> Tensor:
    """A loss whose gradient differs from value to value."""
    losses = [(t * t.detach().cos()).mean() + t.square().mean() for t in tensors(module(*inputs))]
    return torch.stack(losses).sum()


def train(module: nn.Module, *inputs: Tensor) -> dict[str, Tensor]:
    """The gradients of a step by the names of parameters."""
    module.zero_grad(set_to_none=True)
    loss_of(module, *inputs).backward()
    return {k: p.grad for k, p in module.named_parameters() if p.grad is not None}


def assert_equal_training(plain: nn.Module, other: nn.Module, *inputs: Tensor) -> None:
    """Assert that two modules of 64-bit floats have equal gradients and buffers after a step."""
    expected, actual = train(plain, *inputs), train(other, *inputs)
    assert expected.keys() == actual.keys()
    scale = max(float(g.norm()) for g in expected.values())
    for key, gradient in expected.items():
        torch.testing.assert_close(actual[key], gradient, rtol=1e-6, atol=1e-10 * scale)
    for (key, a), b in zip(plain.named_buffers(), other.buffers(), strict=True):
        torch.testing.assert_close(b, a, rtol=1e-9, atol=1e-12, msg=key)


def in_64_bits(module: nn.Module) -> nn.Module:
    """A copy in 64-bit floats, whose rounding hides no error."""
    return copy.deepcopy(module).double()
