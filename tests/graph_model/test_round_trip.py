"""Spec to graph model to JSON and back: the same graph, the same module."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("specs", "graphs", "layers")]

import gallery
from random_specs import Maker, grow
from random import Random

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
