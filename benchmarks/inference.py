"""Inference: the folded program, the plain one and torch.compile in one interleaved run.

`python -m benchmarks.inference [--short] [--threads N] [--batch N] [--peers] [NETWORK…]`
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from pathlib import Path

import torch
from torch import Tensor, nn

import netspec
from benchmarks.inference_peers import Run, peers

SPECS = Path(__file__).parents[1] / "specs"
CASES = {
    "densenet121": (1, 3, 224, 224),
    "resnet": (1, 3, 224, 224),
    "googlenet": (1, 3, 224, 224),
    "mobilenet_v3": (1, 3, 224, 224),
    "vit": (1, 3, 224, 224),
    "unet": (1, 1, 256, 256),
}


def interleaved(runs: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """The process time of each run in each round, forwards and backwards in turn."""
    for run in runs.values():
        for _ in range(3):
            run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    gc.disable()
    for number in range(rounds):
        for name in [*runs][:: 1 if number % 2 == 0 else -1]:
            start = time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()
            runs[name]()
            end = time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()
            times[name].append(end - start)
    gc.enable()
    return times


def peak_bytes(module: nn.Module, image: Tensor) -> int:
    """The peak of the memory that a forward pass allocates."""
    with torch.profiler.profile(profile_memory=True) as profile:
        module(image)
    used = peak = 0
    for event in profile.profiler.kineto_results.events():  # type: ignore[union-attr]
        if event.name() == "[memory]":
            used += event.nbytes()
            peak = max(peak, used)
    return peak


def measure(name: str, shape: tuple[int, ...], rounds: int, *, with_peers: bool) -> None:
    """Print one line for each way to run a network."""
    network = netspec.load(SPECS / f"{name}.yaml")
    torch.manual_seed(0)
    plain, folded = network.compile().eval(), network.compile(optimize="inference")
    folded.load_state_dict(plain.state_dict())
    image = torch.randn(shape)
    folded(image)
    start = time.process_time()
    folded.refold()  # type: ignore[operator]
    folded(image)
    first = time.process_time() - start
    runs: dict[str, Run] = {"eager": lambda: plain(image), "folded": lambda: folded(image)}
    if with_peers:
        runs |= peers(plain, image)
    times = interleaved(runs, rounds)
    memory = peak_bytes(folded, image) / peak_bytes(plain, image)
    for label, values in times.items():
        ratio = statistics.median([a / b for a, b in zip(values, times["eager"], strict=True)])
        print(f"{name:14} {label:24} {min(values) * 1e3:8.2f} ms  ratio {ratio:.3f}")
    freeze = first - statistics.median(times["folded"])
    print(f"{name:14} memory of temporaries {memory:.2f} of eager; folding {freeze * 1e3:.0f} ms")


def main() -> None:
    """Measure the networks that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=[*CASES])
    parser.add_argument(
        "--short", action="store_true", help="DenseNet-121 and ResNet-50, few rounds"
    )
    parser.add_argument("--peers", action="store_true", help="with torch.compile and ONNX Runtime")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    names = ["densenet121", "resnet"] if options.short else options.networks
    with torch.no_grad():
        for name in names:
            shape = (options.batch, *CASES[name][1:])
            measure(name, shape, 10 if options.short else options.rounds, with_peers=options.peers)


if __name__ == "__main__":
    main()
