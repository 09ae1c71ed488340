"""Rules of `init` reach the layers that they name, whatever loops are printed for them: the last one, a path over an op."""

from __future__ import annotations

import re

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples
from torch import nn

import netspec

BODY = """
body:
  - a: {op: Linear, out_features: 8}
  - deep:
      - b: {op: Linear, out_features: 8}
      - c: {op: Linear, out_features: 8, repeat: 3}
      - {op: LayerNorm}
      - inner: [{op: Linear, out_features: 8, bias: false}, ReLU, {op: Linear, out_features: 8}]
  - attn: {op: MultiheadAttention, num_heads: 2, batch_first: true, need_weights: false}
  - side:
      - norm: LayerNorm
      - d{i}: {op: Linear, out_features: 8, repeat: 2}
  - out: {op: Linear, out_features: 8}
"""
OPS = ("Linear", "LayerNorm")
PATHS = (
    "a", "out", "deep.b", "deep.c.1", "deep.*", "deep.**", "**.norm", "side.*", "**", "**.0", "deep.inner.*",
    "side.d1", "*.d0", "deep.c.*",
)  # fmt: skip


def _layers() -> dict[str, str]:
    """The op of every layer by path."""
    graph = netspec.load(f"netspec: 1\ninputs: {{t: [N, L, 8]}}{BODY}").elaborate()
    return {node.path: node.op for node in graph.nodes if node.op in OPS}


LAYERS = _layers()


def _matches(pattern: str, path: str) -> bool:
    pattern_text = re.escape(pattern).replace(r"\*\*\.", "(.*\\.)?").replace(r"\*\*", ".*")
    return re.fullmatch(pattern_text.replace(r"\*", "[^.]*"), path) is not None


def _expected(rules: list[tuple[str, str, int]], path: str, parameter: str) -> int | None:
    """The value that a parameter starts with, or None where torch starts it."""
    by_op = [v for key, p, v in rules if p == parameter and key == LAYERS[path]]
    by_path = [
        v for key, p, v in rules if p == parameter and key not in OPS and _matches(key, path)
    ]
    expected_value = by_path or by_op
    return expected_value[-1] if expected_value else None


RULES = st.dictionaries(
    st.sampled_from(OPS + PATHS),
    st.lists(st.sampled_from(["weight", "bias"]), min_size=1, unique=True),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(150), deadline=None)
@given(RULES)
def test_every_weight_starts_as_the_rules_say(chosen: dict[str, list[str]]) -> None:
    rules = [
        (key, p, 100 + k) for k, (key, p) in enumerate((k, p) for k in chosen for p in chosen[k])
    ]
    text = "netspec: 1\ninputs: {t: [N, L, 8]}\ninit:\n" + "".join(
        f'  "{key}": {{{", ".join(f"{p}: {{fn: constant_, val: {v}}}" for k, p, v in rules if k == key)}}}\n'
        for key in chosen
    )
    network = netspec.load(text + BODY)
    if network.report.errors:  # a rule that matches nothing, as bias does where no layer has one
        assert {d.code for d in network.report.errors} == {"NS502"}
        return
    torch.manual_seed(0)
    module = network.compile()
    for path in LAYERS:
        for parameter, weight in module.get_submodule(path).named_parameters():
            expected = _expected(rules, path, parameter)
            if expected is None:
                assert weight.abs().max() < 50, (path, parameter)
            else:
                assert (weight == expected).all(), (path, parameter)


def test_what_is_inside_a_layer_of_torch_is_not_meant() -> None:
    text = "netspec: 1\ninputs: {t: [N, L, 8]}\ninit: {Linear: {weight: zeros_, bias: ones_}}"
    module = netspec.compile(text + BODY)
    assert module.attn.out_proj.weight.abs().max() > 0
    assert not module.attn.out_proj.bias.any()
    assert not module.out.weight.any()


def test_a_rule_for_one_path_comes_before_the_rule_for_its_op() -> None:
    text = """
netspec: 1
inputs: {image: [N, 3, H, W]}
init:
  Conv2d: {weight: zeros_}
  "last": {weight: ones_}
body:
  - conv: {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 3}
  - last: {op: Conv2d, out_channels: 3, kernel_size: 1}
"""
    source = netspec.source(text)
    assert 'if name == "last":\n                nn.init.ones_(module.weight)' in source
    assert "elif isinstance(module, nn.Conv2d):" in source
    module = netspec.compile(text)
    assert isinstance(module.last, nn.Conv2d)
    assert (module.last.weight == 1).all()
    assert not any(conv.weight.any() for conv in module.conv)


FILLED = """
netspec: 1
params: {std: 0.5}
inputs: {features: [N, 64]}
blocks:
  Scale:
    params: {std: float}
    body:
      - scale: {op: Parameter, shape: [input.features, 1], init: {fn: normal_, std: std}}
      - {op: Add, from: [input, scale]}
body:
  - a: {op: Scale, std: std}
  - b: {op: Scale, std: 2 * std}
  - c: {op: Scale, std: 0.25}
  - own: {op: Parameter, shape: [64], init: {fn: uniform_, a: -std, b: 3 * std}}
  - {op: Add, from: [c, own]}
"""


def _filled(std: float) -> dict[str, torch.Tensor]:
    """What the functions of `torch.nn.init` make of the parameters of `FILLED`."""
    tensors = {path: torch.empty(64, 1) for path in ("a.scale", "b.scale", "c.scale")}
    for tensor, scale in zip(tensors.values(), (std, 2 * std, 0.25), strict=True):
        nn.init.normal_(tensor, std=scale)
    tensors["own"] = nn.init.uniform_(torch.empty(64), a=-std, b=3 * std)
    return tensors


def test_each_use_of_a_block_fills_its_parameter_with_its_own_numbers() -> None:
    torch.manual_seed(0)
    module = netspec.compile(FILLED)
    torch.manual_seed(0)
    expected = _filled(0.5)
    for path, weight in module.named_parameters():
        assert torch.equal(weight, expected[path]), path


def test_the_numbers_of_an_initializer_are_arguments_of_the_network() -> None:
    module = type(netspec.compile(FILLED))
    torch.manual_seed(0)
    other = module(std=2.0)
    torch.manual_seed(0)
    expected = _filled(2.0)
    for path, weight in other.named_parameters():
        assert torch.equal(weight, expected[path]), path


SHIFTED = """
netspec: 1
params: {shift: 0.5}
inputs: {features: [N, 3]}
blocks:
  Shift:
    params: {by: float}
    body:
      - offset: {op: Constant, value: [0.0, by, 1.0]}
      - {op: Add, from: [input, offset]}
body:
  - a: {op: Shift, by: shift}
  - b: {op: Shift, by: 0.25}
"""


def test_each_use_of_a_block_has_its_own_constant() -> None:
    features = torch.zeros(2, 3)  # sums of it are exact
    module = netspec.compile(SHIFTED)
    assert torch.equal(module(features), features + torch.tensor([0.0, 0.75, 2.0]))
    other = type(module)(shift=4.0)
    assert torch.equal(other(features), features + torch.tensor([0.0, 4.25, 2.0]))
    filled_again = other.to("meta").to_empty(device="cpu")
    assert torch.equal(filled_again.a.offset, torch.tensor([0.0, 4.0, 1.0]))


def test_a_constant_that_is_a_parameter_of_the_network_is_written_as_a_list() -> None:
    text = """
netspec: 1
params: {mean: [0.5, 0.4, 0.3]}
inputs: {features: [N, 3]}
body:
  - mean: {op: Constant, value: mean}
  - {op: Sub, from: [input, mean]}
"""
    assert "torch.tensor([0.5, 0.4, 0.3])" in netspec.source(text)


def test_a_vector_is_made_from_its_one_size() -> None:
    source = netspec.source(FILLED)
    assert "torch.empty(64)" in source
    assert "torch.empty(in_features, 1)" in source
