"""A training step of programs for training, against the plain program and torchvision: time and peak memory."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

import netspec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "specs"))

import torchvision_oracle  # noqa: E402 - it is next to the tests that use it as an oracle

ROUNDS = 5
CASES = (
    ("densenet121", "densenet121", (8, 3, 224, 224)),
    ("densenet_cifar", "", (64, 3, 32, 32)),
    ("resnet", "resnet50", (8, 3, 224, 224)),
    ("mobilenet_v2", "mobilenet_v2", (8, 3, 224, 224)),
)
"""Specs, the function of torchvision (empty for none: the plain program), and the shape of a batch."""

Step = Callable[[], None]


def step(module: nn.Module, image: Tensor) -> Step:
    """A forward and a backward pass."""

    def run() -> None:
        module.zero_grad(set_to_none=True)
        module(image).square().mean().backward()

    return run


def peak(run: Step, module: nn.Module) -> int:
    """The most bytes that a step holds of those that it allocates."""
    run()
    module.zero_grad(set_to_none=True)  # its release would count as negative
    activity = torch.profiler.ProfilerActivity.CPU
    with torch.profiler.profile(activities=[activity], profile_memory=True) as profile:
        run()
    current = most = 0
    for event in profile.profiler.kineto_results.events():
        if event.name() == "[memory]":
            current += event.nbytes()
            most = max(most, current)
    return most


def interleaved(steps: dict[str, Step]) -> dict[str, float]:
    """The median seconds of each step, all measured in turn, every other round backwards."""
    seconds: dict[str, list[float]] = {label: [] for label in steps}
    for number in range(ROUNDS):
        for label in list(steps)[:: -1 if number % 2 else 1]:
            start = time.perf_counter()
            steps[label]()
            seconds[label].append(time.perf_counter() - start)
    return {label: statistics.median(times) for label, times in seconds.items()}


def eager(spec: str, function: str) -> nn.Module:
    """What people train today: torchvision's module, or the plain program."""
    if not function:
        return netspec.load(ROOT / f"specs/{spec}.yaml").compile()
    module: nn.Module = torchvision_oracle.model(function)
    return module.train()


def measure(spec: str, function: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    image = torch.randn(shape)
    last = {"memory_format": torch.channels_last}
    optimized = netspec.load(ROOT / f"specs/{spec}.yaml").compile(optimize="training")
    modules = {
        "eager": eager(spec, function),
        "eager, channels last": eager(spec, function).to(**last),
        "optimized": optimized,
    }
    images = {"eager, channels last": image.contiguous(**last)}
    steps = {k: step(module, images.get(k, image)) for k, module in modules.items()}
    peaks = {label: peak(run, modules[label]) for label, run in steps.items()}
    seconds = interleaved(steps)
    print(f"{spec}, batch {shape[0]}, {shape[2]} x {shape[3]}", flush=True)
    for label in steps:
        time_ratio = seconds[label] / seconds["eager"]
        peak_ratio = peaks[label] / peaks["eager"]
        print(
            f"  {label:22} {seconds[label] * 1e3:7.0f} ms {time_ratio:5.2f}"
            f" {peaks[label] / 1e6:7.0f} MB {peak_ratio:5.2f}"
        )


def main() -> None:
    print("a training step: median time and peak of its allocations, and both as ratios to eager")
    chosen = [case for case in CASES if not sys.argv[1:] or case[0] in sys.argv[1:]]
    for spec, function, shape in chosen:
        measure(spec, function, shape)


if __name__ == "__main__":
    main()
