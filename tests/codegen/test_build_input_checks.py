"""The input check of a program with other arguments: it rejects no size that the spec with these values takes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from small_networks import ROOT  # noqa: F401 - one thread for PyTorch
from test_build_other_values import program_class

import netspec

LARGEST = 24
POOLS_IN_A_LOOP = """
params: {pools: 2, width: 4, depth: 2}
inputs: {image: [N, 3, H]}
body:
  - each: {stage: range(pools)}
    body:
      - repeat: depth
        body: [{op: Conv1d, out_channels: width, kernel_size: 3, padding: 1}, ReLU]
      - {op: MaxPool1d, kernel_size: 2}
"""
CARRIED_SIZES_AFTER_A_CUT = """
params: {depth: 2, width: 4, kernel: 5}
inputs: {image: [N, 3, H]}
body:
  - {op: Conv1d, out_channels: width, kernel_size: kernel}
  - repeat: depth
    body: [{op: Conv1d, out_channels: width, kernel_size: 3, padding: 1}, ReLU]
  - {op: MaxPool1d, kernel_size: 3}
"""
POSITIONS = """
params: {context: 8, width: 4, depth: 2, heads: 2}
inputs: {tokens: [N, T, 6]}
body:
  - embedding: {op: Linear, out_features: width}
  - positions: {op: Parameter, shape: [context, width], init: {fn: normal_, std: 0.02}}
  - here: {op: Slice, from: positions, dim: 0, end: tokens.size(1)}
  - {op: Add, from: [embedding, here]}
  - layers:
      repeat: depth
      body: [{op: Linear, out_features: x.features}, ReLU]
"""
POSITIONS_OF_TWICE_THE_LENGTH = POSITIONS.replace("[context, width]", "[2 * context, width]")
MERGED_FEATURES = """
params: {width: 2, out: 3}
inputs: {image: [N, 3, H]}
body:
  - {op: Conv1d, out_channels: width, kernel_size: 1}
  - {op: Flatten, start_dim: 1}
  - {op: Unsqueeze, dim: 1}
  - {op: Conv1d, out_channels: out, kernel_size: 9}
"""
JOINED_ALONG_THE_LENGTH = """
params: {copies: 3, width: 4}
inputs: {image: [N, 3, H]}
body:
  - each: {k: range(copies)}
    body:
      - side{k}: {op: Conv1d, from: image, out_channels: width, kernel_size: 1}
  - all: {op: Concat, from: "side*", dim: 2}
  - {op: MaxPool1d, kernel_size: 9}
"""
OPTIONAL_POOL = """
params: {pooled: [true, false], width: 4}
inputs: {image: [N, 3, H]}
body:
  - each: {p: pooled}
    body:
      - {op: Conv1d, out_channels: width, kernel_size: 3, padding: 1}
      - {op: MaxPool1d, kernel_size: 4, when: p}
"""
PADDED_BY_AN_ITEM = """
params: {stem: [4, 1], width: 4}
inputs: {image: [N, 3, H]}
body:
  - {op: Conv1d, out_channels: "stem[0]", kernel_size: 7, padding: "stem[1]"}
  - {op: Conv1d, out_channels: width, kernel_size: 3, padding: 1}
"""
IN_A_BLOCK = """
params: {reach: 3, depth: 2, width: 4}
inputs: {image: [N, 3, H]}
blocks:
  Reduce:
    params: {reach: int, width: int}
    body:
      - conv: {op: Conv1d, out_channels: width, kernel_size: reach, stride: 2}
      - {op: Conv1d, out_channels: width, kernel_size: 1}
body:
  - first: {op: Reduce, reach: reach, width: width}
  - rest: {op: Reduce, reach: 3, width: width, repeat: depth}
"""
CASES: list[tuple[str, dict[str, Any]]] = [
    (POOLS_IN_A_LOOP, {"pools": 1, "depth": 1}),
    (POOLS_IN_A_LOOP, {"pools": 3}),
    (CARRIED_SIZES_AFTER_A_CUT, {"kernel": 3, "depth": 0}),
    (CARRIED_SIZES_AFTER_A_CUT, {"depth": 4, "width": 3}),
    (POSITIONS, {"context": 12, "width": 6}),
    (POSITIONS, {"context": 4, "depth": 0}),
    (POSITIONS_OF_TWICE_THE_LENGTH, {"context": 10}),
    (MERGED_FEATURES, {"width": 5}),
    (JOINED_ALONG_THE_LENGTH, {"copies": 5}),
    (OPTIONAL_POOL, {"pooled": (False, False)}),
    (PADDED_BY_AN_ITEM, {"stem": (4, 3)}),
    (IN_A_BLOCK, {"reach": 1, "depth": 1}),
]


@pytest.mark.parametrize(("text", "values"), CASES)
def test_valid_sizes_are_taken_with_other_arguments(text: str, values: dict[str, Any]) -> None:
    module = program_class("netspec: 1\n" + text)(**values).eval()
    for size in range(1, LARGEST):
        if is_valid(text, size, values):
            module(example(text, size))


@pytest.mark.parametrize("text", list(dict.fromkeys(text for text, _ in CASES)))
def test_other_sizes_are_rejected_with_the_default_arguments(text: str) -> None:
    module = program_class("netspec: 1\n" + text)().eval()
    for size in range(1, LARGEST):
        if is_valid(text, size, {}):
            module(example(text, size))
        else:
            with pytest.raises(ValueError, match=r" must be |valid only "):
                module(example(text, size))


@pytest.mark.parametrize(
    ("text", "test"),
    [
        (POOLS_IN_A_LOOP, "self.checks_inputs = pools == 2\n"),
        (CARRIED_SIZES_AFTER_A_CUT, "self.checks_inputs = kernel == 5\n"),
        (PADDED_BY_AN_ITEM, "self.checks_inputs = stem[1] == 1\n"),
        (OPTIONAL_POOL, "self.checks_inputs = pooled == (True, False)\n"),
        (POSITIONS, "tokens.size(1) <= context"),
    ],
)
def test_only_what_decides_a_size_is_asked(text: str, test: str) -> None:
    source = netspec.load("netspec: 1\n" + text).source()
    assert test in source
    assert source.count("self.checks_inputs = ") == ("self.checks_inputs" in test)


def test_the_bound_is_the_argument() -> None:
    module = program_class("netspec: 1\n" + POSITIONS)(context=5).eval()
    module(torch.zeros(1, 5, 6))
    with pytest.raises(ValueError, match=r"\[N, T, 6\] with T <= 5, not \[1, 6, 6\]"):
        module(torch.zeros(1, 6, 6))


def is_valid(text: str, size: int, values: dict[str, Any]) -> bool:
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    graph = netspec.load("netspec: 1\n" + text, **lists).elaborate()
    symbol = next(s for s in graph.domains if s != "N")
    assert not graph.unproved
    return size in graph.domains[symbol]


def example(text: str, size: int) -> torch.Tensor:
    return torch.zeros(2, size, 6) if "tokens" in text else torch.zeros(2, 3, size)
