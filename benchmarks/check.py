"""`netspec check` as a whole cold process, against the fastest answer that torch gives; and as specs grow."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path

import yaml

from benchmarks.specs import flat, unfolded
from netspec.check import check, check_text

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "specs" / "densenet121.yaml"

_META = """
import sys
sys.path.insert(0, {oracle!r})
import torch
from torchvision_oracle import model as made
with torch.device("meta"):
    model = made("densenet121").eval()
    model(torch.empty(1, 3, 224, 224))
"""


def cold(rounds: int = 15) -> None:
    """Both as fresh processes, one after the other; the median of the rounds' ratios."""
    ours = [sys.executable, "-m", "netspec", "check", str(SPEC)]
    oracle = str(ROOT / "tests" / "specs")
    theirs = [sys.executable, "-W", "ignore", "-c", _META.format(oracle=oracle)]
    _seconds(ours)
    _seconds(theirs)
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    mine, its = ([pair[k] for pair in pairs] for k in (0, 1))
    ratio = statistics.median(b / a for a, b in pairs)
    print("netspec check specs/densenet121.yaml, whole process, cold")
    print(f"  netspec            {_spread(mine)}   bar: 120 ms")
    print(f"  torch, meta device {_spread(its)}")
    print(f"  torch / netspec    {ratio:.1f}   bar: 12")


def growth() -> None:
    """Microseconds a node, as files and unfolded graphs grow to 100,000 nodes."""
    print("check in one process, µs a node (CPU time, best of 3)   bar: 30")
    for make in (flat, unfolded):
        rows = []
        for nodes in (1_000, 10_000, 100_000):
            text = make(nodes)
            rows.append(f"{nodes:>7,}: {_best(text) * 1e6:5.1f}")
        print(f"  {make.__name__:<9} {'   '.join(rows)}")

    loading = _load_only(flat(10_000), 10_000) * 1e6
    print(f"  to compare: PyYAML's C loader alone, without places, takes {loading:.1f} for `flat`")


def _load_only(text: str, nodes: int) -> float:
    """The least CPU seconds for a node in which libyaml and PyYAML load this text, the collector paused."""
    best = float("inf")
    for _ in range(3):
        gc.disable()
        start = time.process_time()
        yaml.load(text, yaml.CSafeLoader)
        best = min(best, (time.process_time() - start) / nodes)
        gc.enable()
    return best


def gallery() -> None:
    """What it takes to check each network of the gallery, in one process."""
    files = sorted((ROOT / "specs").rglob("*.yaml"))
    spent = {}
    for file in files:
        rounds = []
        for _ in range(3):
            start = time.process_time()
            report = check(str(file))
            rounds.append(time.process_time() - start)
            assert report.valid
        spent[file.relative_to(ROOT).as_posix()] = min(rounds) * 1e3
    slowest = sorted(spent, key=spent.__getitem__)[-3:]
    print(f"check of each of {len(files)} networks in specs/, ms (CPU time, best of 3)")
    print(
        f"  median {statistics.median(spent.values()):.1f}, all together {sum(spent.values()):.0f}"
    )
    print(f"  slowest {', '.join(f'{name} {spent[name]:.0f}' for name in reversed(slowest))}")


def _best(text: str) -> float:
    """The least CPU seconds for a node of this text."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        report = check_text(text)
        spent = time.process_time() - start
        assert report.graph is not None
        best = min(best, spent / len(report.graph.nodes))
    return best


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=_environment())
    return time.perf_counter() - start


def _environment() -> dict[str, str]:
    """The environment with bytecode kept, as an installed package has it."""
    import os

    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _spread(seconds: list[float]) -> str:
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    return f"median {middle * 1e3:6.0f} ms (from {low * 1e3:.0f} to {high * 1e3:.0f})"


def main() -> None:
    """All of it."""
    cold()
    growth()
    gallery()
