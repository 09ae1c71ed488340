"""The networks of the gallery are those of the textbooks: stages, layers, parameters."""

from __future__ import annotations

import collections
import json
import pathlib
from typing import Any

import gallery
import pytest
from torch import nn

import netspec

FACTS = json.loads(pathlib.Path(__file__).with_name("networks.json").read_text(encoding="utf-8"))
NETWORKS: dict[str, Any] = FACTS["networks"]
EVERY_NETWORK = pytest.mark.parametrize("name", NETWORKS)


@EVERY_NETWORK
def test_it_takes_and_gives_what_the_original_does(name: str) -> None:
    graph, facts = gallery.graph(name), NETWORKS[name]
    assert list(gallery.shape(graph.inputs[0], graph.examples)) == facts["input"]
    assert list(gallery.shape(graph.outputs.values[0], graph.examples)) == facts["output"]


@EVERY_NETWORK
def test_it_has_the_originals_parameters(name: str) -> None:
    assert gallery.graph(name).parameter_count == NETWORKS[name]["params"]


@pytest.mark.parametrize("name", [name for name in NETWORKS if NETWORKS[name]["stages"]])
def test_its_stages_have_the_originals_names_and_shapes(name: str) -> None:
    graph = gallery.graph(name)
    stages = {
        path: list(gallery.shape(outputs[0], graph.examples))
        for path, outputs in gallery.modules(graph)
        if "." not in path
    }
    originals = NETWORKS[name]["stages"]
    assert list(stages.values()) == [shape for _, shape in originals]
    # Where the original's modules have only numbers, the facts give the class in place of a name.
    ops = [type(module).__name__ for module in gallery.compiled(name).children()]
    assert [label for label, _ in originals] in (list(stages), ops)


@EVERY_NETWORK
def test_it_has_as_many_layers_of_each_kind_as_the_original(name: str) -> None:
    modules = collections.Counter(type(m).__name__ for m in gallery.compiled(name).modules())
    originals = NETWORKS[name]["layers"]
    # Liu Er's networks call their one pool twice, and functions for what has no weights.
    functional = "Flatten" not in originals
    compared = {op for op in originals if not (functional and op == "MaxPool2d")}
    assert {op: modules[op] for op in compared} == {op: originals[op] for op in compared}
    weighted = {
        op for op in modules if hasattr(nn, op) and op in {"Conv2d", "Linear", "BatchNorm2d"}
    }
    assert weighted <= originals.keys()


@pytest.mark.parametrize(
    ("spec", "params", "original"),
    [
        ("densenet121", {}, "densenet121"),
        ("densenet121", {"growth": 48, "stages": [6, 12, 36, 24]}, "densenet161"),
        ("densenet121", {"stages": [6, 12, 32, 32]}, "densenet169"),
        ("densenet121", {"stages": [6, 12, 48, 32]}, "densenet201"),
        ("resnet18", {}, "resnet18"),
        ("resnet18", {"depths": [3, 4, 6, 3]}, "resnet34"),
    ],
)
def test_a_spec_is_a_family_of_networks(spec: str, params: dict[str, Any], original: str) -> None:
    graph = netspec.load(gallery.FOLDER / f"{spec}.yaml", **params).elaborate()
    assert graph.parameter_count == FACTS["torchvision_parameters"][original]


def test_a_preset_names_a_member_of_the_family() -> None:
    graph = netspec.load(gallery.FOLDER / "resnet18.yaml", preset="resnet34").elaborate()
    assert graph.parameter_count == FACTS["torchvision_parameters"]["resnet34"]
