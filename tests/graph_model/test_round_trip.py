"""Spec to graph model to JSON and back: the same graph, the same module."""

from __future__ import annotations

from random import Random
from typing import Any

import gallery
import pytest
import torch
from pydantic import ValidationError
from random_specs import Maker, grow
from sampling import some

import netspec
from netspec import GraphModel

SMALL = (
    "siamese",
    "gpt",
    "text_lstm",
    "textbook/lenet",
    "textbook/residual_mnist",
    "textbook/inception_mnist",
)


def again(network: netspec.Network) -> netspec.Network:
    """The network by way of its graph in JSON."""
    return netspec.load(GraphModel.model_validate_json(network.graph_model().model_dump_json()))


def content(network: netspec.Network) -> dict[str, Any]:
    """The graph without what a spec says and a graph does not: where a step was written, and its block."""
    data = network.graph_model().model_dump()
    for part in (*data["nodes"], *data["levels"]):
        part.pop("provenance")
        part.pop("block", None)
    for level in data["levels"]:
        level.pop("inputs")
    # Outer levels come first; those side by side have no order of their own.
    data["levels"].sort(key=lambda level: level["path"])
    return data


@pytest.mark.parametrize(
    "name", [n if n in SMALL else pytest.param(n, marks=pytest.mark.sweep) for n in gallery.NAMES]
)
def test_a_spec_of_the_gallery_is_the_same_module_after_json(name: str) -> None:
    network = gallery.network(name)
    copy = again(network)
    assert content(copy) == content(network)
    torch.manual_seed(1)
    module = network.compile().eval()
    torch.manual_seed(1)
    theirs = copy.compile().eval()
    assert list(theirs.state_dict()) == list(module.state_dict())
    for key, tensor in module.state_dict().items():
        assert torch.equal(theirs.state_dict()[key], tensor), key
    graph = network.elaborate()
    inputs = gallery.inputs(graph, graph.examples)
    with torch.no_grad():
        mine, its = gallery.tensors(module(*inputs)), gallery.tensors(theirs(*inputs))
    assert len(mine) == len(its) > 0
    assert all(torch.equal(a, b) for a, b in zip(mine, its, strict=True))


@pytest.mark.sweep
@pytest.mark.parametrize("name", gallery.NAMES)
def test_every_preset_of_the_gallery_is_the_same_graph_after_json(name: str) -> None:
    for preset in gallery.presets(name):
        network = gallery.member(name, preset)
        assert content(again(network)) == content(network), preset


def difference(text: str) -> str:
    """What is not the same of a random spec after JSON; empty where nothing is, or where it is rejected as such."""
    network = netspec.load(text)
    try:
        network.graph_model()
    except netspec.SpecError as error:
        assert "an input and a step are both named" in str(error)
        return ""
    try:
        before, after = content(network), content(again(network))
    except ValidationError as error:
        # A branch that repeats under names of its own, after unnamed ones: its steps are not next to the join.
        assert {each["type"] for each in error.errors()} == {"not_expressible"}, text
        assert "branches" in text, text
        assert "repeat" in text, text
        return ""
    changed = [key for key in before if before[key] != after[key]]
    return f"{', '.join(changed)}\n\n{text}" if changed else ""


AVOIDED = frozenset({"expect"})
"""What a graph does not carry."""


@pytest.mark.parametrize("first", some(range(0, 200, 20), 3))
def test_a_random_spec_is_the_same_graph_after_json(first: int) -> None:
    for seed in range(first, first + 20):
        assert difference(grow(Random(seed), 12, AVOIDED).text) == "", seed


@pytest.mark.parametrize("first", some(range(0, 200, 20), 2))
def test_shared_blocks_and_groups_are_the_same_graph_after_json(first: int) -> None:
    for seed in range(first, first + 20):
        maker = Maker(Random(seed), AVOIDED)
        maker.weights.update(again=30, share=10, tie=6)
        assert difference(maker.grow(6).text) == "", seed


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_thousands_of_random_specs_are_the_same_graph_after_json(first: int) -> None:
    for seed in range(first, first + 100):
        assert difference(grow(Random(seed), 20, AVOIDED).text) == "", seed


@pytest.mark.parametrize("seed", some(range(40), 6))
def test_a_random_spec_is_the_same_module_after_json(seed: int) -> None:
    network = netspec.load(grow(Random(seed), 10, AVOIDED).text)
    states = []
    for compiled in (network, again(network)):
        torch.manual_seed(1)
        states.append(compiled.compile().state_dict())
    mine, its = states
    assert list(mine) == list(its)
    assert all(torch.equal(mine[key], its[key]) for key in mine)
