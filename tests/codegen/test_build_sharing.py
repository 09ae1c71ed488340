"""Shared steps: one set of weights, and each input bound by its position whatever the owner was given."""

from __future__ import annotations

import torch
from torch import nn

import netspec

ONE_TENSOR_TWICE = """
netspec: 1
inputs: {a: [N, 4], b: [N, 4]}
blocks:
  Residual:
    inputs: [p, q]
    body:
      - fc: {op: Linear, out_features: 4}
      - d: {op: Sub, from: [fc, q]}
body:
  - one: {op: Residual, from: [a, a]}
  - two: {share: one, from: [a, b]}
  - three: {share: one, from: [b, a]}
outputs: [one, two, three]
"""

READS_ITS_INPUT_BY_NAME = """
netspec: 1
inputs: {a: [N, 4], b: [N, 4]}
body:
  - g:
      from: a
      body:
        - fc: {op: Linear, out_features: 4}
        - d: {op: Sub, from: [fc, a]}
  - h: {share: g, from: b}
outputs: [g, h]
"""

HANDED_OUT = """
netspec: 1
inputs: {a: [N, 4], b: [N, 4]}
blocks:
  Both: {inputs: [p, q], body: [fc: {op: Linear, out_features: 4}], outputs: {made: fc, kept: q}}
body:
  - one: {op: Both, from: [a, a]}
  - two: {share: one, from: [a, b]}
outputs: [one.kept, two.made, two.kept]
"""


def _inputs() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 3, 4, generator=generator)
    return a, b


def _only_linear(module: nn.Module) -> nn.Linear:
    (linear,) = (m for m in module.modules() if isinstance(m, nn.Linear))
    return linear


def test_each_input_of_a_shared_block_is_bound_by_its_position() -> None:
    module, (a, b) = netspec.compile(ONE_TENSOR_TWICE), _inputs()
    fc = _only_linear(module)
    for result, expected in zip(module(a, b), (fc(a) - a, fc(a) - b, fc(b) - a), strict=True):
        assert torch.equal(result, expected)


def test_a_shared_group_reads_the_same_step_around_it_in_every_use() -> None:
    module, (a, b) = netspec.compile(READS_ITS_INPUT_BY_NAME), _inputs()
    fc = _only_linear(module)
    for result, expected in zip(module(a, b), (fc(a) - a, fc(b) - a), strict=True):
        assert torch.equal(result, expected)


def test_an_input_that_a_shared_block_hands_out_is_the_one_it_was_given() -> None:
    module, (a, b) = netspec.compile(HANDED_OUT), _inputs()
    fc = _only_linear(module)
    for result, expected in zip(module(a, b), (a, fc(a), b), strict=True):
        assert torch.equal(result, expected)


def test_a_block_used_with_one_tensor_twice_and_with_two_is_one_class() -> None:
    text = ONE_TENSOR_TWICE.replace("share: one", "op: Residual")
    module = netspec.compile(text)
    assert type(module.one) is type(module.two)
