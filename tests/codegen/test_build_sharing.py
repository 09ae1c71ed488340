"""Shared steps: one set of weights, and each input bound by its position whatever the owner was given."""

from __future__ import annotations

import random

import pytest
import torch
import yaml
from random_shares import Interpreter, Shares
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


BY_NAME = """
netspec: 1
inputs: {a: [N, 4], b: [N, 4]}
blocks:
  Residual: {inputs: [p, q], body: [fc: {op: Linear, out_features: 4}, d: {op: Sub, from: [fc, q]}]}
body:
  - one: {op: Residual, from: {q: a, p: b}REPEAT}
  - two: {share: one, from: {q: b, p: a}}
  - three: {share: one, from: [a, b]}
  - four: {share: two, from: {p: a, q: b}}
outputs: [one, two, three, four]
"""


@pytest.mark.parametrize("repeat", [None, 1, 2])
def test_a_shared_block_takes_its_inputs_by_name(repeat: int | None) -> None:
    text = BY_NAME.replace("REPEAT", f", repeat: {repeat}" if repeat else "")
    module, (a, b) = netspec.compile(text), _inputs()
    layers = [m for m in module.modules() if isinstance(m, nn.Linear)]

    def block(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        for layer in layers:
            p = layer(p) - q
        return p

    expected = (block(b, a), block(a, b), block(a, b), block(a, b))
    for result, value in zip(module(a, b), expected, strict=True):
        assert torch.equal(result, value)


def test_a_name_that_a_shared_block_does_not_have_is_reported() -> None:
    text = BY_NAME.replace("REPEAT", "").replace(
        "four: {share: two, from: {p", "four: {share: two, from: {r"
    )
    (error,) = netspec.load(text).report.errors
    assert error.message == "`two` has no input `r`"
    assert error.helps[0].text == "its inputs are: p, q"


@pytest.mark.parametrize("names", ["{input: a, other: b}", "{other: b, input: a}", "[a, b]"])
def test_a_repeat_replaces_the_first_input_of_the_op_whatever_the_order_of_the_text(
    names: str,
) -> None:
    text = (
        "netspec: 1\ninputs: {a: [N, 4], b: [N, 4]}\nbody:\n"
        f"  - s: {{op: Sub, from: {names}, repeat: 3}}\n  - t: {{share: s, from: {{other: a, input: b}}}}\n"
        "outputs: [s, t]"
    )
    module, (a, b) = netspec.compile(text), _inputs()
    for result, expected in zip(module(a, b), (a - b - b - b, b - a - a - a), strict=True):
        assert torch.equal(result, expected)


def test_a_step_that_is_omitted_lets_the_first_input_of_its_op_pass() -> None:
    text = (
        "netspec: 1\ninputs: {a: [N, 4], b: [N, 4]}\nbody:\n"
        "  - s: {op: Sub, from: {other: a, input: b}, when: false}\n  - t: {op: Neg, from: s}\n"
        "  - u: {op: Add, from: [a, t]}"
    )
    module, (a, b) = netspec.compile(text), _inputs()
    assert torch.equal(module(a, b), a - b)


READS_ITS_FIRST_INPUT_IN_EVERY_ROUND = """
netspec: 1
inputs: {a: [N, 4], b: [N, 4]}
body:
  - g: {from: b, repeat: 3, body: [{op: Sub, from: [b, input]}]}
"""


@pytest.mark.parametrize("nested", [False, True])
def test_a_repeated_group_reads_the_same_step_around_it_in_every_round(nested: bool) -> None:
    text = READS_ITS_FIRST_INPUT_IN_EVERY_ROUND
    if nested:
        text = text.replace("- g: ", "- s: [g: ").replace("}]}", "}]}]")
    module, (a, b) = netspec.compile(text), _inputs()
    assert torch.equal(module(a, b), b - (b - (b - b)))


def test_a_repeated_join_reads_the_same_step_around_it_in_every_round() -> None:
    text = (
        "netspec: 1\ninputs: {a: [N, 4], b: [N, 4]}\nbody:\n"
        "  - g: {from: b, repeat: 3, op: Sub, branches: [[Tanh], {op: Tanh, from: b}]}\n"
    )
    module, (a, b) = netspec.compile(text), _inputs()
    x = b
    for _ in range(3):
        x = x.tanh() - b.tanh()
    assert torch.equal(module(a, b), x)


def test_a_repeat_that_nothing_reads_returns_what_it_makes() -> None:
    text = (
        "netspec: 1\ninputs: {a: [N, 4], c: [N, 4]}\n"
        "blocks: {Both: {inputs: [p, q], body: [s: Abs], outputs: {made: s, kept: q}}}\nbody:\n"
        "  - s1: {from: c, body: [s3: {op: Both, from: [c, input], repeat: 1}, s7: {op: Add, from: [c, c]}]}\n"
        "  - s11: {share: s1, from: a}\noutputs: [s1, s11]\n"
    )
    module, (a, b) = netspec.compile(text), _inputs()
    for result in module(a, b):
        assert torch.equal(result, b + b)


def _check_random_shares(seeds: range) -> None:
    """Hold compiled modules against an interpreter of the text."""
    inputs = dict(
        zip("abc", torch.rand(3, 3, 4, generator=torch.Generator().manual_seed(0)), strict=True)
    )
    for seed in seeds:
        spec = Shares(random.Random(seed)).spec()
        text = yaml.safe_dump(spec, sort_keys=False)
        module = netspec.compile(text).eval()
        expected = Interpreter(spec, module.state_dict()).run(inputs)
        results = module(**inputs)
        for result, value in zip(results, expected, strict=True):
            assert torch.allclose(result, value, atol=1e-5), f"seed {seed}:\n{text}"


def test_random_shares_compute_what_the_text_says() -> None:
    _check_random_shares(range(60))


@pytest.mark.sweep
def test_many_random_shares_compute_what_the_text_says() -> None:
    _check_random_shares(range(60, 1500))
