"""How the work of every command grows with the network: the exponents from 1,000 to 100,000 nodes.

Each case is a kind of network and a command line, run through `netspec.cli.main` in a process forked for it, so
that neither the heap of another case nor the start of Python counts. The language server is a process of its own.
What is measured is the processor's time; the exponent is the slope of a least-squares line through the
logarithms: 1 where the work is linear.

    python -m benchmarks.growth                      every case; the table is benchmarks/growth.md
    python -m benchmarks.growth --short              to 10,000 nodes
    python -m benchmarks.growth "dot unfold" wide    one case
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.growth_specs import NETWORKS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

SIZES = {1_000: 3, 10_000: 2, 99_000: 1}
"""Nodes, and how often a case runs. The limit of a network is 100,000 steps."""
SHORT = {1_000: 3, 3_000: 2, 10_000: 1}
MOST = 1.1
"""The bar."""
Network = Callable[[int], str]


class Growth(NamedTuple):
    """Nodes and seconds of one case."""

    nodes: list[int]
    seconds: list[float]

    @property
    def exponent(self) -> float:
        """The slope through the logarithms."""
        xs, ys = list(map(log, self.nodes)), list(map(log, self.seconds))
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        products = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
        return products / sum((a - x) ** 2 for a in xs)


class RejectedError(Exception):
    """A command that says why it does not do it."""


# ---- commands -----------------------------------------------------------------------------------

Command = Callable[[Path], list[str]]


def _render(*options: str) -> Command:
    return lambda spec: ["render", str(spec), *options, "-o", str(spec.with_suffix(".out"))]


def _against_other(command: str, *options: str) -> Command:
    """A comparison with the network in which every ReLU is a Tanh."""

    def arguments(spec: Path) -> list[str]:
        other = spec.with_name("other.yaml")
        text = spec.read_text(encoding="utf-8").replace("ReLU", "Tanh")
        other.write_text(text, encoding="utf-8")
        return [command, *options, str(spec), str(other)]

    return arguments


def _explain_last(spec: Path) -> list[str]:
    from netspec.check import check

    graph = check(str(spec)).graph
    assert graph is not None
    return ["explain", str(spec), graph.nodes[-1].path]


COMMANDS: dict[str, Command] = {
    "check": lambda spec: ["check", str(spec)],
    "fmt": lambda spec: ["fmt", "--check", str(spec)],
    "lock": lambda spec: ["lock", str(spec)],
    "diff": _against_other("diff"),
    "summary": lambda spec: ["summary", str(spec)],
    "summary json": lambda spec: ["summary", str(spec), "--format", "json"],
    "graph json": lambda spec: ["summary", str(spec), "--format", "graph-json"],
    "explain node": _explain_last,
    "explain network": lambda spec: ["explain", str(spec), ""],
    "rails": _render("--format", "rail"),
    "rails unfold": _render("--format", "rail", "--unfold"),
    "boxes": _render("--format", "boxes"),
    "boxes unfold": _render("--format", "boxes", "--unfold"),
    "dot": _render("--format", "dot"),
    "dot unfold": _render("--format", "dot", "--unfold"),
    "mermaid unfold": _render("--format", "mermaid", "--unfold"),
}
LANGUAGE_SERVER = "language server"


def measured(spec: Path, name: str) -> float:
    """Seconds of one run. Raises `RejectedError` where the command does not do it."""
    if name == LANGUAGE_SERVER:
        return _change_to_diagnostics(spec.read_text(encoding="utf-8"))
    from netspec.cli import main

    command = COMMANDS[name](spec)
    output, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    gc.disable()
    start = time.process_time()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main(command)
    seconds = time.process_time() - start
    if code > 1:
        raise RejectedError(" ".join(errors.getvalue().split()))
    return seconds


def _change_to_diagnostics(text: str) -> float:
    """The processor's seconds in the server from a change of a text to its diagnostics."""
    from client import Client  # type: ignore[import-not-found] # it is next to the tests

    client: Any = Client()
    uri = "file:///nowhere/net.yaml"
    try:
        client.open(uri, "netspec: 1\ninputs: {image: [N, 8]}\nbody: [ReLU]\n")
        start = _processor_seconds(client.process.pid)
        client.change(uri, 2, text)
        client.diagnostics(uri, timeout=600)
        return _processor_seconds(client.process.pid) - start
    finally:
        client.close()


def _processor_seconds(pid: int) -> float:
    """What all threads of another process have used, from Linux."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


# ---- cases ----------------------------------------------------------------------------------------


def growth(network: Network, name: str, sizes: dict[int, int]) -> Growth:
    """Seconds for each size, the least of the rounds. Raises `RejectedError`."""
    result = Growth([], [])
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "net.yaml"
        if name != LANGUAGE_SERVER:
            spec.write_text(network(100), encoding="utf-8")
            measured(spec, name)  # imports what the command imports
        for nodes, rounds in sizes.items():
            spec.write_text(network(nodes), encoding="utf-8")
            result.nodes.append(nodes)
            result.seconds.append(min(_forked(spec, name) for _ in range(rounds)))
    return result


def _forked(spec: Path, name: str) -> float:
    """The same as `measured` in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            try:
                pipe.write(str(measured(spec, name)))
            except RejectedError as rejection:
                pipe.write(f"rejected: {rejection}")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if text.startswith("rejected: "):
        raise RejectedError(text.removeprefix("rejected: "))
    return float(text)


def main(words: Sequence[str] = ()) -> None:
    """Print a Markdown table: a row for each command, a column for each kind of network."""
    sizes = SHORT if "--short" in words else SIZES
    chosen = [word for word in words if word != "--short"]
    names = [name for name in (*COMMANDS, LANGUAGE_SERVER) if name in chosen]
    networks = [network for network in NETWORKS if network.__name__ in chosen] or list(NETWORKS)
    rejections: list[str] = []
    print(
        f"Exponent, and µs a node at the last size. Nodes: {', '.join(f'{n:,}' for n in sizes)}.\n"
    )
    print(f"| | {' | '.join(n.__name__ for n in networks)} |\n|---|{'---|' * len(networks)}")
    for name in names or (*COMMANDS, LANGUAGE_SERVER):
        cells = [_cell(network, name, sizes, rejections) for network in networks]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("\n" + "\n".join(rejections or [f"Every exponent is to be at most {MOST}."]))


def _cell(network: Network, name: str, sizes: dict[int, int], rejections: list[str]) -> str:
    try:
        result = growth(network, name, sizes)
    except RejectedError as rejection:
        rejections.append(f"- {name}, {network.__name__}: {rejection}")
        return "rejected"
    mark = " **!**" if result.exponent > MOST else ""
    return f"{result.exponent:.2f}{mark} ({result.seconds[-1] / result.nodes[-1] * 1e6:.0f})"


if __name__ == "__main__":
    main(sys.argv[1:])
