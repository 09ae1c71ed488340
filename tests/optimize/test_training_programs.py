"""A program for training computes what the plain one does, and saves less."""

from __future__ import annotations

import pickle
from random import Random

import pytest
import torch
from torch import nn
from training_pairs import (
    LARGE,
    NETWORKS,
    assert_equal_training,
    in_64_bits,
    named,
    pair,
    tensors,
    train,
)

import netspec


@pytest.mark.parametrize("label", NETWORKS)
def test_gradients_and_statistics_equal_those_of_the_plain_program(label: str) -> None:
    plain, optimized = map(in_64_bits, pair(named(label)))
    _, shape = NETWORKS[label]
    for size in (shape, (shape[0] + 1, *shape[1:3], shape[3] + 32)):
        assert_equal_training(plain, optimized, torch.randn(size, dtype=torch.float64))


@pytest.mark.sweep
@pytest.mark.parametrize("label", LARGE)
def test_networks_of_the_gallery_equal_the_plain_program(label: str) -> None:
    plain, optimized = pair(named(label))
    x = torch.randn(LARGE[label][1])
    torch.manual_seed(1)
    expected = list(tensors(plain(x)))
    torch.manual_seed(1)
    for a, b in zip(expected, tensors(optimized(x)), strict=True):
        torch.testing.assert_close(b, a, rtol=1e-3, atol=1e-4)
    train(optimized, x)


@pytest.mark.parametrize("label", NETWORKS)
def test_evaluation_equals_that_of_the_plain_program(label: str) -> None:
    plain, optimized = map(in_64_bits, pair(named(label)))
    x = torch.randn(NETWORKS[label][1], dtype=torch.float64)
    train(plain, x), train(optimized, x)
    with torch.no_grad():
        for a, b in zip(tensors(plain.eval()(x)), tensors(optimized.eval()(x)), strict=True):
            torch.testing.assert_close(b, a, rtol=1e-8, atol=1e-10)


def test_errors_of_gradients_are_those_of_eager_pytorch() -> None:
    ratios = []
    for seed in range(4):
        plain, optimized = pair(named("densenet121"), seed)
        x = torch.randn(6, 3, 48, 48)
        exact = train(in_64_bits(plain), x.double())
        errors = [
            torch.stack(
                [(g - exact[k]).norm() / exact[k].norm() for k, g in grads.items()]
            ).median()
            for grads in (train(plain, x), train(optimized, x))
        ]
        ratios.append(float(errors[1] / errors[0]))
    assert sorted(ratios)[1] <= 1.2


def dense_text(random: Random) -> str:
    """A spec of a dense or residual network that no gallery has."""
    act = random.choice(["ReLU", "SiLU", "GELU", "LeakyReLU", "Hardswish", "ReLU6", "ELU"])
    width, growth, layers = random.randint(3, 9), random.randint(2, 6), random.randint(1, 4)
    kernel, bias = random.choice([1, 3, 5]), random.choice(["true", "false"])
    conv = f"{{op: Conv2d, out_channels: {growth}, kernel_size: {kernel}, padding: {kernel // 2}, bias: {bias}}}"
    first = random.choice([act, "ReLU"])
    bottleneck = (
        f"      - {{op: Conv2d, out_channels: {2 * growth}, kernel_size: 1, bias: {bias}}}\n"
        f"      - BatchNorm2d\n      - {first}\n"
        if random.random() < 0.5
        else ""
    )
    join = random.choice(["Concat, from: [input, conv]", "Concat, from: [conv, input]"])
    last = conv
    if random.random() < 0.3:
        join = "Add, from: [input, conv]"
        last = conv.replace(f"out_channels: {growth}", "out_channels: input.channels")
    return f"""netspec: 1
name: net
inputs: {{image: [N, 3, H, W]}}
blocks:
  Layer:
    body:
      - norm: BatchNorm2d
      - act: {first}
{bottleneck}      - conv: {last}
      - join: {{op: {join}}}
  Down:
    body:
      - norm: BatchNorm2d
      - act: {act}
      - conv: {{op: Conv2d, out_channels: x.channels // 2, kernel_size: 1, bias: {bias}}}
      - pool: {{op: {random.choice(["AvgPool2d", "MaxPool2d"])}, kernel_size: 2}}
body:
  - stem: {{op: Conv2d, out_channels: {width}, kernel_size: 3, padding: 1}}
  - block: {{op: Layer, repeat: {layers}}}
  - down: Down
  - tail: [BatchNorm2d, {act}, {{op: Conv2d, out_channels: 4, kernel_size: 3}}]
"""


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_equal_the_plain_program(seed: int) -> None:
    random = Random(seed)
    network = netspec.load(dense_text(random))
    plain, optimized = map(in_64_bits, pair(network, seed))
    x = torch.randn(random.randint(1, 4), 3, 2 * random.randint(4, 8), 14, dtype=torch.float64)
    assert_equal_training(plain, optimized, x)


def peak(module: nn.Module, x: torch.Tensor) -> int:
    """The most bytes that a step allocates at a time."""
    train(module, x)
    module.zero_grad(set_to_none=True)
    activity = torch.profiler.ProfilerActivity.CPU
    with torch.profiler.profile(activities=[activity], profile_memory=True) as profile:
        train(module, x)
    current = most = 0
    for event in profile.profiler.kineto_results.events():  # type: ignore[union-attr]
        if event.name() == "[memory]":
            current += event.nbytes()
            most = max(most, current)
    return most


@pytest.mark.parametrize(
    ("label", "params", "shape", "bound"),
    [
        ("densenet_cifar", {"depth": 100, "growth": 12}, (4, 3, 32, 32), 0.36),
        ("textbook/densenet", {"stages": [6, 6], "growth": 8}, (8, 1, 64, 64), 0.65),
        ("residual", {}, (8, 3, 64, 64), 0.75),
    ],
)
def test_a_step_allocates_less(
    label: str, params: dict[str, object], shape: tuple[int, ...], bound: float
) -> None:
    plain, optimized = pair(named(label, **params))
    x = torch.randn(shape)
    assert peak(optimized, x) <= bound * peak(plain, x)


def test_an_optimized_module_pickles() -> None:
    _, optimized = pair(named("densenet121"))
    again = pickle.loads(pickle.dumps(optimized))
    x = torch.randn(2, 3, 32, 32)
    assert torch.equal(optimized(x), again(x))


def test_an_unknown_purpose_is_rejected() -> None:
    network = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [ReLU]")
    with pytest.raises(
        ValueError,
        match="`optimize` must be 'training', 'memory', 'inference' or None, got 'speed'",
    ):
        network.compile(optimize="speed")  # type: ignore[arg-type]


def test_a_network_without_known_structure_is_plain() -> None:
    network = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]")
    assert network.source(optimize="training") == network.source()
