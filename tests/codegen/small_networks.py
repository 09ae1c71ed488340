"""Small networks to be treated as ordinary modules, with an input for each."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import netspec

torch.set_num_threads(1)

ROOT = pathlib.Path(__file__).parents[2]
SPECS = ROOT / "specs"

# Parameters and constants of its own, an input used twice, sizes read at run time, recomputation.
MIXED = """
netspec: 1
name: mixed
inputs: {image: [N, 3, H, W]}
body:
  - mean: {op: Constant, value: [[[0.5]], [[0.4]], [[0.3]]]}
  - scale: {op: Parameter, shape: [3, 1, 1], init: {fn: normal_, std: 0.5}}
  - centered: {op: Sub, from: [image, mean]}
  - scaled: {op: Mul, from: [centered, scale]}
  - stage:
      checkpoint: true
      body:
        - conv: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
        - bn: BatchNorm2d
        - ReLU
  - halves: {op: Chunk, chunks: 2, dim: 1}
  - gated: {op: Mul, from: [halves.0, halves.1]}
  - again: {op: Conv2d, out_channels: 4, kernel_size: 1}
  - once_more: {share: again}
  - up: {op: Interpolate, size: [2 * x.height, 2 * x.width]}
outputs: {large: up, small: once_more}
"""

# Attention by hand: a parameter as a token, shapes computed from the input.
TRANSFORMER = """
netspec: 1
name: tiny_vit
params: {width: 16, depth: 2, heads: 4}
inputs: {image: [N, 3, H, W]}
dims: {H: {multiple_of: 8, example: 32}, W: {multiple_of: 8, example: 32}}
blocks:
  Attention:
    params: {heads: int}
    body:
      - qkv: {op: Linear, out_features: 3 * x.features}
      - {op: Reshape, shape: [x.batch, -1, 3, heads, input.features // heads]}
      - {op: Permute, dims: [2, 0, 3, 1, 4]}
      - split: {op: Split, split_size: 1, dim: 0}
      - q: {op: Select, from: split.0, dim: 0, index: 0}
      - k: {op: Select, from: split.1, dim: 0, index: 0}
      - v: {op: Select, from: split.2, dim: 0, index: 0}
      - {op: ScaledDotProductAttention, from: [q, k, v]}
      - {op: Transpose, dim0: 1, dim1: 2}
      - {op: Reshape, shape: [input.batch, -1, input.features]}
      - proj: {op: Linear, out_features: x.features}
  Layer:
    params: {heads: int}
    body:
      - norm1: {op: LayerNorm, normalized_shape: x.features}
      - attn: {op: Attention, heads: heads}
      - add1: {op: Add, from: [input, attn]}
      - norm2: {op: LayerNorm, normalized_shape: x.features}
      - mlp:
          - {op: Linear, out_features: 4 * x.features}
          - GELU
          - {op: Linear, out_features: x.features // 4}
      - {op: Add, from: [add1, mlp]}
body:
  - patch: {op: Conv2d, out_channels: width, kernel_size: 8, stride: 8}
  - {op: Flatten, start_dim: 2}
  - tokens: {op: Transpose, dim0: 1, dim1: 2}
  - cls: {op: Parameter, shape: [1, 1, width], init: {fn: normal_, std: 0.02}}
  - batch: {op: Expand, from: cls, size: [image.batch, -1, -1]}
  - cat: {op: Concat, from: [batch, tokens], dim: 1}
  - layers: {op: Layer, repeat: depth, heads: heads}
  - norm: {op: LayerNorm, normalized_shape: width}
  - first: {op: Select, dim: 1, index: 0}
  - head: {op: Linear, out_features: 10}
"""


def dense() -> nn.Module:
    """A DenseNet of four layers."""
    return netspec.compile(SPECS / "densenet121.yaml", growth=4, stages=[2, 2], num_classes=5)


def unet() -> nn.Module:
    """A U-Net of few channels."""
    return netspec.compile(SPECS / "unet.yaml", widths=[2, 4, 6, 8])


def lenet() -> nn.Module:
    """The LeNet of the gallery."""
    return netspec.compile(SPECS / "textbook/lenet.yaml")


def mixed() -> nn.Module:
    """What the gallery has not."""
    return netspec.compile(MIXED)


def transformer() -> nn.Module:
    """A vision transformer of two layers."""
    return netspec.compile(TRANSFORMER)


INPUTS = {
    dense: (2, 3, 40, 45),
    unet: (2, 1, 32, 48),
    lenet: (2, 1, 28, 28),
    mixed: (2, 3, 8, 9),
    transformer: (2, 3, 32, 40),
}
EVERY_NETWORK = pytest.mark.parametrize("make", INPUTS, ids=lambda make: make.__name__)
Make = Callable[[], nn.Module]


def image_for(make: Make) -> Tensor:
    return torch.randn(INPUTS[make], generator=torch.Generator().manual_seed(0))


def results(module: nn.Module, image: Tensor) -> list[Tensor]:
    """All output tensors."""
    with torch.no_grad():
        result = module(image)
    return list(result.values()) if isinstance(result, dict) else [result]


def assert_equal(one: nn.Module, other: nn.Module, image: Tensor) -> None:
    for mine, its in zip(results(one, image), results(other, image), strict=True):
        assert torch.equal(mine, its)


def run_python(program: str, *arguments: object, isolated: bool = False) -> str:
    """What a program prints in a new process; isolated, it finds installed packages only."""
    command = [sys.executable, *(["-I"] if isolated else []), "-W", "error", "-c", program]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, cwd="/" if isolated else ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
