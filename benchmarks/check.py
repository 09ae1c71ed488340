"""`netspec check` as a whole cold process, against the fastest answer that torch gives; and as specs grow."""

from __future__ import annotations

import gc
import resource
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
    bare = [sys.executable, "-c", "pass"]
    ratios = [_processor_seconds(ours) / _processor_seconds(bare) for _ in range(rounds)]
    print(f"  netspec / python -c pass, CPU time  {statistics.median(ratios):.1f}   bar: 4.0")


def growth() -> None:
    """Microseconds a node, as files and unfolded graphs grow to 100,000 nodes; PyYAML in the same rounds."""
    print("check in one process, µs a node (CPU time, medians of 3), and against PyYAML's C loader")
    print(
        "alone, without places, on the text of `flat` of this size   bar: 0.5 (13 µs where it takes 26)"
    )
    for make in (flat, unfolded):
        for nodes in (1_000, 10_000, 100_000):
            text, yardstick = make(nodes), flat(nodes)
            rounds = [(_a_node(text), _load_only(yardstick, nodes)) for _ in range(3)]
            mine, its = (statistics.median(pair[k] for pair in rounds) * 1e6 for k in (0, 1))
            ratio = statistics.median(a / b for a, b in rounds)
            print(f"  {make.__name__:<9}{nodes:>8,} {mine:6.1f} {its:6.1f} {ratio:6.2f}")


def _load_only(text: str, nodes: int) -> float:
    """The CPU seconds for a node in which libyaml and PyYAML load this text, the collector paused."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    yaml.load(text, yaml.CSafeLoader)
    spent = time.process_time() - start
    gc.enable()
    return spent / nodes


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


def _a_node(text: str) -> float:
    """The CPU seconds for a node of this text."""
    gc.collect()
    start = time.process_time()
    report = check_text(text)
    spent = time.process_time() - start
    assert report.graph is not None
    return spent / len(report.graph.nodes)


def _processor_seconds(command: list[str]) -> float:
    """The CPU seconds of a process, in the program and in the kernel."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _seconds(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


if __name__ == "__main__":
    main()
