"""What a training step of a DenseNet holds in memory as it grows deeper, with and without checkpoints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "specs" / "densenet_cifar.yaml"
BATCH = 16
DEPTHS = (40, 70, 100, 130)

_STEP = """
import resource, sys, time
sys.path.insert(0, {oracle!r})
import torch
import netspec
from saved_tensors import saved_tensor_bytes
torch.set_num_threads(1)
torch.manual_seed(0)
module = netspec.compile({spec!r}, depth={depth}, checkpoint={checkpoint}).train()
image = torch.randn({batch}, 3, 32, 32)
module(image[:1, :, :8, :8].repeat(2, 1, 1, 1)).sum().backward()
if {whole}:
    start = time.perf_counter()
    module(image).square().mean().backward()
    took = time.perf_counter() - start
else:
    took = 0.0
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
saved = saved_tensor_bytes(module, image, {layers!r} if {checkpoint} else "") / 2**20 if {whole} else 0.0
print(saved, peak, took)
"""
"""A process of its own, with or without the `whole` step. The kernel keeps the highest `ru_maxrss` of a process:
what one step adds is the difference of two processes, and in one process hidden by whatever was larger before."""


def step(depth: int, *, checkpoint: bool) -> tuple[float, float, float]:
    """MiB kept by a forward pass, MiB that a whole step adds to the process at its peak, and its seconds."""
    saved_mib, peak, took = _measured(depth, checkpoint=checkpoint, whole=True)
    _, baseline, _ = _measured(depth, checkpoint=checkpoint, whole=False)
    return saved_mib, peak - baseline, took


def _measured(depth: int, *, checkpoint: bool, whole: bool) -> tuple[float, float, float]:
    code = _STEP.format(
        oracle=str(ROOT / "tests" / "specs"), spec=str(SPEC), depth=depth, batch=BATCH,
        checkpoint=checkpoint, whole=whole, layers=r"layer[1-9]\d*$",
    )  # fmt: skip
    # A process inherits the `ru_maxrss` of the process that vforked it; a shell in between resets it.
    output = subprocess.run(
        ["/bin/sh", "-c", '"$0" -W ignore -c "$1"; exit $?', sys.executable, code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    saved_mib, peak, took = map(float, output.stdout.split())
    return saved_mib, peak, took


def main() -> None:
    """A line for each depth: the tensors kept for the backward pass, and what a step adds to the peak."""
    print(
        f"training step of DenseNet-BC (k = 12) on {BATCH}×3×32×32, in MiB   bar: linear with checkpoints"
    )
    print(
        f"  {'':<8} {'kept for the backward pass':^30}  {'added to the peak of a process':^30}  {'seconds':^16}"
    )
    print(
        f"  {'depth':<8}"
        + f" {'plain':>14} {'checkpoint':>15} " * 2
        + f" {'plain':>7} {'checkp.':>8}"
    )
    for depth in DEPTHS:
        plain, thrifty = step(depth, checkpoint=False), step(depth, checkpoint=True)
        saved_mib, peak, took = zip(plain, thrifty, strict=True)
        rows = [f" {a:>14.0f} {b:>15.0f} " for a, b in (saved_mib, peak)]
        print(f"  {depth:<8}{''.join(rows)} {took[0]:>7.1f} {took[1]:>8.1f}")


if __name__ == "__main__":
    main()
