"""The networks of specs/textbook are those of the textbooks: stages, layers, parameters."""

from __future__ import annotations

import collections
import json
import math
import pathlib
from typing import Any

import gallery
import pytest
from torch import nn

import netspec
from netspec.layer.base import Module

FACTS = json.loads(pathlib.Path(__file__).with_name("networks.json").read_text(encoding="utf-8"))
NETWORKS: dict[str, Any] = FACTS["textbook"]
EVERY_NETWORK = pytest.mark.parametrize("name", NETWORKS)
# What the originals call as functions, or call one module several times for.
UNCOUNTED = {
    "inception_mnist": {"MaxPool2d"},
    "residual_mnist": {"MaxPool2d"},
    "googlenet": {"ReLU"},
    "resnet18": {"ReLU"},
}


def test_every_network_of_the_textbooks_has_its_facts() -> None:
    assert {name for name in gallery.NAMES if name.startswith("textbook/")} == {
        f"textbook/{name}" for name in NETWORKS
    }


@EVERY_NETWORK
def test_it_takes_and_gives_what_the_original_does(name: str) -> None:
    graph, facts = gallery.graph(f"textbook/{name}"), NETWORKS[name]
    assert list(gallery.shape(graph.inputs[0], graph.examples)) == facts["input"]
    assert list(gallery.shape(graph.outputs.values[0], graph.examples)) == facts["output"]


@EVERY_NETWORK
def test_it_has_the_originals_parameters(name: str) -> None:
    assert gallery.graph(f"textbook/{name}").parameter_count == NETWORKS[name]["params"]


@pytest.mark.parametrize("name", [name for name in NETWORKS if NETWORKS[name]["stages"]])
def test_its_stages_have_the_originals_names_and_shapes(name: str) -> None:
    graph = gallery.graph(f"textbook/{name}")
    stages = {
        path: list(gallery.shape(outputs[0], graph.examples))
        for path, outputs in gallery.modules(graph)
        if "." not in path
    }
    originals = NETWORKS[name]["stages"]
    assert list(stages.values()) == [shape for _, shape in originals]
    children = dict(gallery.compiled(f"textbook/{name}").named_children())
    for path, (label, _) in zip(stages, originals, strict=True):
        # Where the original's modules have only numbers, the facts give the class, with or without a number.
        assert label in {path, _kind(children[path]), f"{path}:{_kind(children[path])}"}


def _kind(module: nn.Module) -> str:
    """The class of a module; what has children is a Sequential in the originals."""
    return "Sequential" if any(module.children()) else type(module).__name__


@EVERY_NETWORK
def test_it_has_as_many_layers_of_each_kind_as_the_original(name: str) -> None:
    nodes = gallery.graph(f"textbook/{name}").nodes
    ours = collections.Counter(n.op for n in nodes if isinstance(n.layer, Module))
    originals = NETWORKS[name]["layers"]
    compared = originals.keys() - UNCOUNTED.get(name, set())
    assert {op: ours[op] for op in compared} == {op: originals[op] for op in compared}
    assert all(ours[op] > originals[op] for op in UNCOUNTED.get(name, ()))
    assert {op for op in ours if op in {"Conv2d", "Linear", "BatchNorm2d"}} <= originals.keys()


@pytest.mark.parametrize(
    ("spec", "preset"),
    [
        (spec, preset)
        for spec in gallery.NAMES
        for preset in gallery.presets(spec)
        if preset in FACTS["torchvision_parameters"]
    ],
)
def test_a_preset_has_as_many_parameters_as_torchvisions(spec: str, preset: str) -> None:
    graph = gallery.member(spec, preset).elaborate()
    # The facts count GoogLeNet without its auxiliary heads.
    aside = sum(_weights(graph, path) for path in ("aux1", "aux2")) if preset == "googlenet" else 0
    assert graph.parameter_count - aside == FACTS["torchvision_parameters"][preset]


def _weights(graph: Any, path: str) -> int:
    """How many parameters there are below a path."""
    shapes = [
        shape
        for node in graph.nodes
        if node.path.startswith(f"{path}.")
        for shape in node.parameters.values()
    ]
    return sum(map(math.prod, shapes))


def test_the_smallest_gpt_2_has_the_parameters_that_everyone_counts() -> None:
    graph = gallery.member("gpt", "gpt2").elaborate()
    assert graph.parameter_count == 124_439_808


# ---- the table of the DenseNet paper -------------------------------------------------------------


@pytest.mark.parametrize(("model", "depth", "growth", "millions"), FACTS["cifar_densenets"])
def test_a_densenet_for_cifar_has_the_papers_parameters(
    model: str, depth: int, growth: int, millions: float
) -> None:
    kind = "densenet_bc" if model == "DenseNet-BC" else "densenet"
    network = gallery.member("densenet_cifar", f"{kind}_{depth}_{growth}")
    assert network.diagnostics == ()
    graph = network.elaborate()
    assert round(graph.parameter_count / 1e6, 1) == millions
    layers = [node for node in graph.nodes if node.op in {"Conv2d", "Linear"}]
    assert len(layers) == depth


def test_the_paper_has_a_preset_for_each_of_its_rows_and_no_more() -> None:
    assert len(gallery.presets("densenet_cifar")) == len(FACTS["cifar_densenets"])


@pytest.mark.parametrize("bottleneck", [True, False])
def test_dropout_stands_after_every_convolution_but_the_first(bottleneck: bool) -> None:
    spec = gallery.FOLDER / "densenet_cifar.yaml"
    graph = netspec.load(spec, depth=22, dropout=0.2, bottleneck=bottleneck).elaborate()
    ops = [node.op for node in graph.nodes]
    after = [ops[k + 1] for k, op in enumerate(ops) if op == "Conv2d"]
    assert after[0] != "Dropout"
    assert set(after[1:]) == {"Dropout"}
