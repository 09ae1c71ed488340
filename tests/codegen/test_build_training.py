"""What training must find: recomputation that changes nothing, ties that hold, weights as asked."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import torch
from small_networks import dense
from torch import Tensor, nn

import netspec

RECOMPUTED = """
netspec: 1
inputs: {image: [N, 3, H, W]}
blocks:
  Unit:
    body:
      - conv: {op: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}
      - norm: {op: BatchNorm2d, momentum: null}
      - relu: {op: ReLU, inplace: true}
      - drop: {op: Dropout, p: 0.3}
      - norm2: BatchNorm2d
body:
  - one: {op: Unit, checkpoint: true}
  - group: {checkpoint: true, repeat: 2, body: [{op: Unit, checkpoint: true}, ReLU]}
  - layer: {op: Conv2d, out_channels: 4, kernel_size: 1, checkpoint: true}
  - last: Unit
"""

TIED = """
netspec: 1
inputs: {features: [N, 8]}
body:
  - a: {op: Linear, out_features: 8}
  - b: {op: Linear, out_features: 8, share: {weight: a.weight}}
  - again: {share: a}
  - group: [{op: Linear, out_features: 8}, ReLU]
  - group_again: {share: group}
"""

STARTED = """
netspec: 1
inputs: {image: [N, 3, 8, 8]}
body:
  - p: {op: Parameter, shape: [3, 8, 8], init: {fn: constant_, val: 2.0}}
  - s: {op: Add, from: [image, p]}
  - stage: [{conv: {op: Conv2d, out_channels: 4, kernel_size: 3}}, BatchNorm2d]
  - Flatten
  - fc: {op: Linear, out_features: 3}
init:
  Conv2d: {weight: {fn: kaiming_normal_, nonlinearity: relu}, bias: zeros_}
  BatchNorm2d: {weight: {fn: constant_, val: 0.5}}
  "**.conv": {weight: {fn: constant_, val: 0.25}}
  fc: {bias: {fn: constant_, val: 1.0}}
"""


def _trained(module: nn.Module, *, twice: bool) -> list[Tensor]:
    """The gradients and the statistics after a backward pass."""
    torch.manual_seed(3)
    image = torch.randn(2, 3, 8, 8)
    result = module(image) + (module(2 * image) if twice else 0)
    result.square().sum().backward()
    gradients = [weight.grad for weight in module.parameters() if weight.grad is not None]
    return [*gradients, *module.buffers()]


@pytest.mark.parametrize("twice", [False, True], ids=["one pass", "two passes"])
def test_recomputing_changes_neither_gradients_nor_statistics(twice: bool) -> None:
    recomputing = netspec.compile(RECOMPUTED)
    plain = netspec.compile(RECOMPUTED.replace("checkpoint: true", "checkpoint: false"))
    plain.load_state_dict(recomputing.state_dict())
    for mine, its in zip(
        _trained(recomputing, twice=twice), _trained(plain, twice=twice), strict=True
    ):
        torch.testing.assert_close(mine, its)
    assert {m.momentum for m in recomputing.modules() if isinstance(m, nn.BatchNorm2d)} == {
        None, 0.1,
    }  # fmt: skip


def test_recomputing_keeps_less() -> None:
    def saved_bytes_of(module: nn.Module) -> int:
        sizes = []
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t: sizes.append(t.numel()), lambda t: t
        ):
            module(torch.randn(2, 3, 32, 32))
        return sum(sizes)

    recomputing = netspec.compile(RECOMPUTED)
    plain = netspec.compile(RECOMPUTED.replace("checkpoint: true", "checkpoint: false"))
    assert saved_bytes_of(recomputing) < saved_bytes_of(plain) / 2


def test_a_shared_step_is_in_the_state_dict_once_and_a_tied_weight_under_both_names() -> None:
    module = netspec.compile(TIED)
    assert list(module.state_dict()) == [
        "a.weight", "a.bias", "b.weight", "b.bias", "group.0.weight", "group.0.bias",
    ]  # fmt: skip
    assert module.a.weight is module.b.weight
    assert sum(weight.numel() for weight in module.parameters()) == 2 * 64 + 3 * 8


def test_tied_weights_stay_tied_whatever_becomes_of_the_module() -> None:
    module = netspec.compile(TIED)
    with torch.device("meta"):
        empty = netspec.compile(TIED)
    changed = {
        "copied": copy.deepcopy(module),
        "pickled": pickle.loads(pickle.dumps(module)),
        "double": netspec.compile(TIED).double(),
        "allocated": empty.to_empty(device="cpu"),
    }
    assert [name for name, m in changed.items() if m.a.weight is not m.b.weight] == []


@pytest.mark.parametrize("inside", [False, True], ids=["by itself", "in another module"])
@pytest.mark.parametrize(
    "change", [lambda m: m, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_tied_weights_stay_tied_when_weights_are_assigned(
    change: Callable[[nn.Module], nn.Module], inside: bool
) -> None:
    module = netspec.compile(TIED)
    with torch.device("meta"):
        empty = change(netspec.compile(TIED))
    weights = {name: weight.clone() for name, weight in module.state_dict().items()}
    whole = nn.Sequential(empty) if inside else empty
    keys = whole.load_state_dict(
        {f"0.{k}" if inside else k: v for k, v in weights.items()}, assign=True
    )
    assert not keys.missing_keys
    assert empty.a.weight is empty.b.weight
    assert torch.equal(empty.a.weight, module.a.weight)
    assert {weight.device.type for weight in empty.parameters()} == {"cpu"}


def test_weights_start_as_the_rules_say_the_last_one_winning() -> None:
    module = netspec.compile(STARTED)
    assert torch.equal(module.p, torch.full((3, 8, 8), 2.0))
    assert torch.equal(module.stage.conv.weight, torch.full((4, 3, 3, 3), 0.25))
    assert torch.equal(module.stage.conv.bias, torch.zeros(4))
    assert torch.equal(module.stage.get_submodule("1").weight, torch.full((4,), 0.5))
    assert torch.equal(module.fc.bias, torch.ones(3))


def test_a_constant_is_there_again_after_to_empty() -> None:
    text = """
netspec: 1
inputs: {x0: [N, 3]}
body:
  - mean: {op: Constant, value: [1.0, 2.0, 3.0]}
  - add: {op: Add, from: [x0, mean]}
"""
    with torch.device("meta"):
        empty = netspec.compile(text)
    filled = empty.to_empty(device="cpu")
    assert torch.equal(filled(torch.zeros(1, 3)), torch.tensor([[1.0, 2.0, 3.0]]))


def test_it_trains_under_autocast() -> None:
    module = dense().train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = module(torch.randn(2, 3, 40, 40)).float().square().mean()
    loss.backward()
    assert all(weight.grad is not None for weight in module.parameters())
    assert {weight.grad.dtype for weight in module.parameters()} == {torch.float32}
