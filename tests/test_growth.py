"""The work of every command is linear in the network: counted in calls of functions, never timed."""

from __future__ import annotations

import contextlib
import gc
import io
from pathlib import Path

import pytest
from work import calls

from benchmarks.growth import COMMANDS, Growth, Network
from benchmarks.growth_specs import NETWORKS, deep, dense, growing, residual, wide
from netspec.check import check_text
from netspec.cli import main
from netspec.graph import Graph
from netspec.layers.join import Concat

SMALL, LARGE = 300, 1_200
MARGIN = 1.15
"""Nested JSON is written through each of its levels, whose number grows by one; quadratic work is four times as much."""
REJECTED = {("boxes", "wide"), ("boxes unfold", "wide")}
"""Pictures that would be too wide."""


def work(network: Network, command: str, nodes: int, folder: Path) -> int:
    """How many functions a command calls for a network with so many nodes."""
    spec = folder / "net.yaml"
    spec.write_text(network(nodes), encoding="utf-8")
    arguments = COMMANDS[command](spec)
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    codes: list[int] = []
    gc.disable()  # finalizers are calls, too
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            count = calls(lambda: codes.append(main(arguments)))
    finally:
        gc.enable()
    assert codes[0] <= 1
    return count


def assert_linear(network: Network, command: str, folder: Path) -> None:
    work(network, command, 30, folder)  # imports what the command imports
    small, large = (work(network, command, nodes, folder) for nodes in (SMALL, LARGE))
    assert large < MARGIN * LARGE / SMALL * small


@pytest.mark.parametrize(
    ("network", "command"),
    [
        (wide, "lock"),
        (wide, "explain node"),
        (residual, "dot unfold"),
        (residual, "explain node"),
        (growing, "rails unfold"),
        (dense, "diff"),
        (deep, "check"),
    ],
)
def test_the_work_of_a_command_is_linear(network: Network, command: str, tmp_path: Path) -> None:
    assert_linear(network, command, tmp_path)


@pytest.mark.sweep
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_work_of_every_command_is_linear(
    network: Network, command: str, tmp_path: Path
) -> None:
    if (command, network.__name__) in REJECTED:
        pytest.skip("the picture is rejected for its width")
    assert_linear(network, command, tmp_path)


def graph_of(text: str) -> Graph:
    graph = check_text(text).graph
    assert graph is not None
    return graph


def test_a_join_of_many_inputs_has_one_rule_for_its_receptive_field(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each call gets the shapes of all inputs, so that a call for each of n inputs copies n² of them."""
    rule, asked = Concat.receptive_field, []

    def counted(self: Concat, *arguments: object) -> object:
        asked.append(arguments)
        return rule(self, *arguments)  # type: ignore[arg-type]

    counted.__module__ = Concat.__module__
    monkeypatch.setattr(Concat, "receptive_field", counted)
    spec = tmp_path / "net.yaml"
    spec.write_text(wide(200), encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["explain", str(spec), graph_of(wide(200)).nodes[-1].path]) == 0
    assert 0 < len(asked) <= 4


def test_the_networks_have_as_many_nodes_as_asked() -> None:
    for network in NETWORKS:
        report = check_text(network(1_000))
        assert report.diagnostics == ()
        assert report.graph is not None
        assert 500 <= len(report.graph.nodes) <= 1_000


def test_the_exponent_is_the_slope_through_the_logarithms() -> None:
    nodes = [1_000, 10_000, 100_000]
    assert Growth(nodes, [1e-6 * n for n in nodes]).exponent == pytest.approx(1)
    assert Growth(nodes, [1e-9 * n**2 for n in nodes]).exponent == pytest.approx(2)
    assert Growth(nodes, [1, 1, 10]).exponent == pytest.approx(0.5)
