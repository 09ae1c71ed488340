"""Arguments that split a size unevenly: the constructor of the program rejects what the spec does."""

from __future__ import annotations

from typing import Any

import pytest
from small_networks import ROOT  # noqa: F401 - one thread for PyTorch
from test_build_other_values import program_class

import netspec

SPLIT_IN_PLACE = """
params: {width: 12, heads: 4}
inputs: {tokens: [N, T, 5]}
body:
  - embedding: {op: Linear, out_features: width}
  - split: {op: Reshape, shape: [x.batch, x.size(1), heads, x.features // heads]}
  - {op: Flatten, start_dim: 2}
  - {op: Linear, out_features: 3}
"""
SPLIT_IN_A_BLOCK = """
params: {width: 12, heads: 4, depth: 2}
inputs: {tokens: [N, T, 5]}
blocks:
  Heads:
    params: {heads: int}
    body:
      - {op: Reshape, shape: [x.batch, x.size(1), heads, x.features // heads]}
      - {op: Transpose, dim0: 1, dim1: 2}
  Attention:
    params: {heads: int}
    body:
      - q: {op: Linear, out_features: x.features}
      - by_head: {op: Heads, heads: heads}
      - seen: {op: ScaledDotProductAttention, from: [by_head, by_head, by_head]}
      - {op: Transpose, dim0: 1, dim1: 2}
      - {op: Flatten, start_dim: 2}
      - out: {op: Linear, out_features: input.features}
body:
  - embedding: {op: Linear, out_features: width}
  - layers: {op: Attention, repeat: depth, heads: heads}
"""
UNFLATTENED = """
params: {width: 12, groups: 3}
inputs: {image: [N, 2, 4, 4]}
body:
  - conv: {op: Conv2d, out_channels: width, kernel_size: 1}
  - {op: Unflatten, dim: 1, unflattened_size: [groups, x.channels // groups]}
  - {op: Flatten, start_dim: 1, end_dim: 2}
  - last: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
WORKED_OUT = """
params: {width: 12, heads: 4}
inputs: {tokens: [N, T, 5]}
body:
  - embedding: {op: Linear, out_features: width}
  - split: {op: Reshape, shape: [x.batch, x.size(1), heads, -1]}
  - {op: Linear, out_features: 3}
"""
ROUNDED_BEFORE = """
params: {width: 12, heads: 4}
inputs: {tokens: [N, T, 5]}
body:
  - embedding: {op: Linear, out_features: width}
  - q: {op: Linear, out_features: heads * (x.features // heads)}
  - split: {op: Reshape, shape: [x.batch, x.size(1), heads, embedding.features // heads]}
  - {op: Flatten, start_dim: 2}
  - {op: Linear, out_features: 3}
"""
HEADS_OF_EACH_STAGE = """
params: {widths: [4, 8], heads: [2, 4]}
inputs: {tokens: [N, T, 5]}
blocks:
  Parted:
    params: {heads: int}
    body:
      - q: {op: Linear, out_features: x.features}
      - {op: Reshape, shape: [x.batch, x.size(1), heads, x.features // heads]}
      - {op: Flatten, start_dim: 2}
      - out: {op: Linear, out_features: input.features}
body:
  - each: {width: widths, h: heads}
    body:
      - to{width.index}: {op: Linear, out_features: width}
      - split{width.index}: {op: Parted, heads: h}
"""
CASES: list[tuple[str, dict[str, Any]]] = [
    *((SPLIT_IN_PLACE, {"width": width, "heads": heads}) for width in (6, 8) for heads in (3, 4)),
    *((SPLIT_IN_A_BLOCK, {"width": width, "heads": heads}) for width in (6, 8) for heads in (3, 4)),
    *((UNFLATTENED, {"width": width, "groups": groups}) for width in (6, 8) for groups in (3, 4)),
    *((WORKED_OUT, {"width": width, "heads": heads}) for width in (6, 8) for heads in (3, 4)),
    *((ROUNDED_BEFORE, {"width": width, "heads": heads}) for width in (6, 8) for heads in (3, 4)),
    (HEADS_OF_EACH_STAGE, {"widths": (6, 8), "heads": (3, 4)}),
    (HEADS_OF_EACH_STAGE, {"widths": (6, 8), "heads": (3, 3)}),
]


@pytest.mark.parametrize(("text", "values"), CASES)
def test_the_constructor_rejects_what_the_spec_does(text: str, values: dict[str, Any]) -> None:
    text = "netspec: 1\n" + text
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    exists = not netspec.load(text, **lists).report.errors
    network = program_class(text)
    if exists:
        network(**values)
    else:
        with pytest.raises(ValueError, match=r"\(\d+\) must be divisible by \w+ \(\d+\)$"):
            network(**values)


def test_the_message_names_the_arguments_of_the_class() -> None:
    with pytest.raises(ValueError, match=r"^in_features \(10\) must be divisible by heads \(4\)$"):
        program_class("netspec: 1\n" + SPLIT_IN_A_BLOCK)(width=10)
