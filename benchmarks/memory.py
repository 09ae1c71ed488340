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
from kept import kept_bytes
torch.set_num_threads(1)
torch.manual_seed(0)
module = netspec.compile({spec!r}, depth={depth}, checkpoint={checkpoint}).train()
image = torch.randn({batch}, 3, 32, 32)
module(image[:1, :, :8, :8].repeat(2, 1, 1, 1)).sum().backward()
module.zero_grad()
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, start = peak(), time.perf_counter()
module(image).square().mean().backward()
took, after = time.perf_counter() - start, peak()
kept = kept_bytes(module, image, {layers!r} if {checkpoint} else "") / 2**20
print(kept, after - before, took)
"""


def step(depth: int, *, checkpoint: bool) -> tuple[float, float, float]:
    """MiB kept by a forward pass, MiB that a whole step adds to the process at its peak, and its seconds."""
    code = _STEP.format(
        oracle=str(ROOT / "tests" / "specs"), spec=str(SPEC), depth=depth, batch=BATCH,
        checkpoint=checkpoint, layers=r"layer[1-9]\d*$",
    )  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    kept, peak, took = map(float, said.stdout.split())
    return kept, peak, took


def main() -> None:
    """A line for each depth: the tensors kept for the backward pass, and the peak of the process."""
    print(
        f"training step of DenseNet-BC (k = 12) on {BATCH}×3×32×32, in MiB   bar: linear with checkpoints"
    )
    print(
        f"  {'':<8} {'kept for the backward pass':^30}  {'peak of the process':^30}  {'seconds':^16}"
    )
    print(
        f"  {'depth':<8}"
        + f" {'plain':>14} {'checkpoint':>15} " * 2
        + f" {'plain':>7} {'checkp.':>8}"
    )
    for depth in DEPTHS:
        plain, thrifty = step(depth, checkpoint=False), step(depth, checkpoint=True)
        kept, peak, took = zip(plain, thrifty, strict=True)
        said = [f" {a:>14.0f} {b:>15.0f} " for a, b in (kept, peak)]
        print(f"  {depth:<8}{''.join(said)} {took[0]:>7.1f} {took[1]:>8.1f}")
