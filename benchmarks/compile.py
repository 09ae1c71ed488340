"""Spec to module against torchvision's constructor; running it against torchvision's model.

Everything runs interleaved in one process with one thread: A B, B A, …; ratios are medians of the paired
rounds, times are those of the processor, so that other work on the machine counts little.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import nn

import netspec
from netspec.api import generated_program
from netspec.build import build

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "specs" / "densenet121.yaml"
sys.path.insert(0, str(ROOT / "tests" / "specs"))
warnings.simplefilter("ignore")

import torchvision_oracle  # noqa: E402 - it is next to the tests that use it as an oracle


def torchvision() -> nn.Module:
    """The DenseNet-121 of torchvision, freshly initialized."""
    return torchvision_oracle.model("densenet121")


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """Median seconds of both, and the median of the rounds' ratios."""
    a, b, ratios = [], [], []
    for k in range(rounds):
        pair = {}
        for name in ("ours", "theirs") if k % 2 else ("theirs", "ours"):
            call = ours if name == "ours" else theirs
            gc.collect()
            start = time.process_time()
            call()
            pair[name] = time.process_time() - start
        a.append(pair["ours"])
        b.append(pair["theirs"])
        ratios.append(pair["ours"] / pair["theirs"])
    return statistics.median(a), statistics.median(b), statistics.median(ratios)


def report(what: str, result: tuple[float, float, float], bar: str) -> None:
    """One line of the result."""
    ours, theirs, ratio = result
    print(f"{what:<52} {ours * 1e3:9.1f} ms  {theirs * 1e3:9.1f} ms   {ratio:5.2f}   {bar}")


def constructing(rounds: int = 21) -> None:
    """From the path of the spec, which torchvision's class corresponds to; and from a text that is new.

    The program of a new text is new, too: another name of the network is another class.
    """
    text = SPEC.read_text()
    count = iter(range(10**9))

    def again(*, initialize: bool = True) -> nn.Module:
        return netspec.compile(SPEC, initialize=initialize)

    def new(*, initialize: bool = True) -> nn.Module:
        other = text.replace("name: densenet121", f"name: densenet{next(count)}")
        assert other != text
        return netspec.compile(other, initialize=initialize)

    network = netspec.load(SPEC)
    program = generated_program(network)

    def built(*, draws: bool = True) -> nn.Module:
        return build(program.source, program.class_name, draws=draws)

    for _ in range(3):  # the third construction is the first of copies only
        again()
        new()
        torchvision()
    for what, construct, bar in (
        ("compile densenet121.yaml", again, "<= 0.55"),
        ("  without initialization", partial(again, initialize=False), "<= 0.20"),
        ("compile a new text", new, ""),
        ("  without initialization", partial(new, initialize=False), ""),
        ("  its program constructed", built, "<= 0.45"),
        ("  constructed without initialization", partial(built, draws=False), "<= 0.12"),
    ):
        report(f"{what} | torchvision's constructor", paired(construct, torchvision, rounds), bar)


def step(model: nn.Module, x: torch.Tensor) -> None:
    """One forward and backward pass."""
    model.zero_grad(set_to_none=True)
    model(x).sum().backward()


def running(size: int, batch: int, rounds: int) -> None:
    """Forward in evaluation, and a training step, at one size."""
    ours = netspec.compile(SPEC)
    theirs = torchvision()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(batch, 3, size, size)
    for model in (ours.eval(), theirs.eval()):
        with torch.no_grad():
            model(x)
    with torch.no_grad():
        report(
            f"forward {batch}×3×{size}×{size}",
            paired(lambda: ours(x), lambda: theirs(x), rounds),
            "<= 1.00",
        )
    for model in (ours.train(), theirs.train()):
        step(model, x)
    report(
        f"training step {batch}×3×{size}×{size}",
        paired(lambda: step(ours, x), lambda: step(theirs, x), rounds),
        "<= 1.00",
    )


def main() -> None:
    """All of it."""
    torch.set_num_threads(1)
    print(f"{'':<52} {'netspec':>12}  {'torchvision':>12}   ratio   bar")
    constructing()
    running(32, 2, 41)
    running(224, 1, 15)


if __name__ == "__main__":
    main()
