"""The predicted peak of a training step is the measured one, and a budget chooses a program that fits."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from training_pairs import SPECS, in_64_bits, train

import netspec

NETWORKS = {
    "densenet_cifar": ({"depth": 40}, (8, 3, 32, 32)),
    "resnet": ({"depths": [1, 1, 1, 1], "block": "BasicBlock"}, (4, 3, 96, 96)),
    "mobilenet_v3": ({"dropout": 0.0}, (2, 3, 96, 96)),
    "vit": ({"depth": 2}, (4, 3, 224, 224)),
    "gpt": ({}, (4, 48)),
    "unet": ({"widths": [16, 32, 64, 128]}, (2, 1, 64, 64)),
}


def loaded(label: str) -> tuple[netspec.Network, dict[str, int], torch.Tensor]:
    params, shape = NETWORKS[label]
    network = netspec.load(SPECS / f"{label}.yaml", **params)
    declared = network.elaborate().inputs[0].shape or ()
    sizes = {str(s): n for s, n in zip(declared, shape, strict=True) if type(s) is not int}
    x = torch.randint(0, 64, shape) if label == "gpt" else torch.randn(shape)
    return network, sizes, x


def measured(module: nn.Module, x: torch.Tensor) -> int:
    """The most bytes that a step allocates at a time, by the events of the profiler."""
    module(x).square().mean().backward()
    module.zero_grad(set_to_none=True)
    activity = torch.profiler.ProfilerActivity.CPU
    with torch.profiler.profile(activities=[activity], profile_memory=True) as profile:
        module(x).square().mean().backward()
    current = most = 0
    for event in profile.profiler.kineto_results.events():  # type: ignore[union-attr]
        if event.name() == "[memory]":
            current += event.nbytes()
            most = max(most, current)
    return most


@pytest.mark.parametrize("label", NETWORKS)
def test_the_predicted_peak_is_within_5_percent_of_the_measured_one(label: str) -> None:
    network, sizes, x = loaded(label)
    plan = network.memory_plan(sizes)
    existing = plan.parameter_bytes + plan.buffer_bytes + plan.input_bytes
    row = plan.rows[0]
    module = network.compile(optimize="training" if row.is_training else None)
    assert row.peak == pytest.approx(existing + measured(module, x), rel=0.05)


def test_a_budget_chooses_the_least_recomputation_that_fits() -> None:
    network, sizes, x = loaded("gpt")
    plan = network.memory_plan(sizes)
    peaks = [row.peak for row in plan.rows]
    flops = [row.recomputed_flops for row in plan.rows]
    assert len(plan.rows) > 1
    assert peaks == sorted(peaks, reverse=True)
    assert flops == sorted(flops)
    existing = plan.parameter_bytes + plan.buffer_bytes + plan.input_bytes
    module = network.compile(memory=peaks[-1], sizes=sizes)
    assert existing + measured(module, x) == pytest.approx(peaks[-1], rel=0.05)
    assert network.source(memory=peaks[0], sizes=sizes) == network.source()


@pytest.mark.parametrize("label", ["resnet", "mobilenet_v3", "gpt"])
def test_a_program_with_checkpoints_trains_as_the_plain_one(label: str) -> None:
    network, sizes, x = loaded(label)
    smallest = network.memory_plan(sizes).rows[-1].peak
    torch.manual_seed(0)
    plain = in_64_bits(network.compile())
    torch.manual_seed(0)
    small = in_64_bits(network.compile(memory=smallest, sizes=sizes))
    assert "_recompute(" in network.source(memory=smallest, sizes=sizes)
    inputs = x if label == "gpt" else x.double()
    expected, actual = train(plain, inputs), train(small, inputs)
    scale = max(float(g.norm()) for g in expected.values())
    for key, gradient in expected.items():
        torch.testing.assert_close(actual[key], gradient, rtol=1e-6, atol=1e-10 * scale)
    for (key, a), b in zip(plain.named_buffers(), small.buffers(), strict=True):
        torch.testing.assert_close(b, a, rtol=1e-9, atol=1e-12, msg=key)  # updated once


def test_no_program_fits_into_a_kibibyte(run) -> None:
    spec = str(SPECS / "gpt.yaml")
    code, _, err = run("compile", spec, "--size", "N=4", "--memory", "1KiB")
    assert code == 2
    assert "or more, but the budget is 1.0 KiB" in err


def test_the_batch_must_have_a_size(run) -> None:
    code, _, err = run("compile", str(SPECS / "gpt.yaml"), "--plan")
    assert code == 2
    assert "depends on the size `N`" in err
