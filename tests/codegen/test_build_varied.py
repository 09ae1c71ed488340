"""Each parameter that a program carries takes other values: the network is that of the spec at these."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
import torch
from small_networks import ROOT  # noqa: F401 - one thread for PyTorch
from test_build_other_values import program_class
from varied_networks import TEXTS

import netspec
from netspec.graph import Graph

UNPACKED = {"scales", "depths", "widths"}
"""Lists of which some of these networks read each item by its place: another length is rejected, as is documented."""
SAMPLE = [name for k, name in enumerate(TEXTS) if k % 6 == 0]


def other_values(value: object) -> Iterator[object]:
    """Values of the same type, larger and smaller."""
    match value:
        case bool():
            yield not value
        case int():
            yield from sorted({value + 1, 2 * value, max(0, value - 1)} - {value})
        case float():
            yield 0.25
        case [*items]:
            yield from (items[::-1], [*items, items[-1]], items[:-1])
            if all(type(item) is int for item in items):
                yield [item + 1 for item in items]


def example_inputs(graph: Graph) -> list[torch.Tensor]:
    tensors = []
    for value in graph.inputs:
        sizes = [s if isinstance(s, int) else graph.examples[str(s)] for s in value.shape or ()]
        whole = "int" in value.dtype
        tensors.append(torch.randint(0, 5, sizes) if whole else torch.randn(sizes))
    return tensors


def results(module: torch.nn.Module, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    made = module(*inputs)
    if isinstance(made, dict):
        return list(made.values())
    return [made] if isinstance(made, torch.Tensor) else list(made)


def check(name: str) -> int:
    """Vary every parameter; gives how many networks were compared."""
    text = "netspec: 1\n" + TEXTS[name]
    made = program_class(text)
    parameters = netspec.load(text).elaborate().root.env
    compared = 0
    for label in inspect.signature(made).parameters:
        default = parameters[label]
        for value in other_values(list(default) if isinstance(default, tuple) else default):
            varied = netspec.load(text, **{label: value})
            if varied.report.errors:
                continue
            torch.manual_seed(0)
            try:
                module = made(**{label: tuple(value) if isinstance(value, list) else value}).eval()
            except ValueError as error:
                assert label in UNPACKED
                assert "values to unpack" in str(error)
                continue
            torch.manual_seed(0)
            expected = varied.compile().eval()
            weights, theirs = module.state_dict(), expected.state_dict()
            assert list(weights) == list(theirs), (label, value)
            assert all(torch.equal(weights[k], theirs[k]) for k in weights), (label, value)
            inputs = example_inputs(varied.elaborate())
            pairs = zip(results(module, inputs), results(expected, inputs), strict=True)
            assert all(torch.equal(a, b) for a, b in pairs), (label, value)
            compared += 1
    return compared


@pytest.mark.parametrize("name", SAMPLE)
def test_each_parameter_takes_other_values(name: str) -> None:
    assert check(name) > 0


@pytest.mark.sweep
def test_each_parameter_of_all_networks_takes_other_values() -> None:
    assert sum(map(check, TEXTS)) > len(TEXTS) * 4
