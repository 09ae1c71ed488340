"""The presets of the gallery's files as functions of one program, compared with a program for each preset alone."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping

import gallery
import pytest
import torch
from factories import layers, output_shapes, sizes, weights
from torch import nn

from netspec.codegen.presets import Family, generate_family

FAMILIES = [name for name in gallery.NAMES if gallery.presets(name)]
STRUCTURES = {
    "convnext": "convnext_small",
    "densenet121": "densenet161",
    "densenet_cifar": "densenet_40_12",
    "efficientnet": "efficientnet_v2_s",
    "gpt": "gpt2",
    "mnasnet": "mnasnet1_3",
    "mobilenet_v3": "mobilenet_v3_small",
    "regnet": "regnet_x_400mf",
    "resnet": "resnet18",
    "resnet_fpn": "resnet18_fpn",
    "shufflenet_v2": "shufflenet_v2_x0_5",
    "squeezenet": "squeezenet1_1",
    "vgg": "vgg11_bn",
    "vit": "vit_l_32",
}
"""By family a preset that is unlike its default in as many ways as there are; the others are behind `sweep`."""
NUMBERS = {name: preset for name, preset in STRUCTURES.items() if name not in ("gpt", "vgg", "vit")}
"""The same where weights are made and compared without `sweep`."""
LEFT_OUT: dict[str, dict[str, str]] = {}
"""By family the presets that its program does not carry, and why."""


@functools.cache
def family(name: str) -> Family:
    """The program of a file with its presets."""
    report = gallery.network(name).report
    assert report.spec is not None
    assert report.graph is not None
    return generate_family(report.graph, f"{name}.yaml", report.spec)


@functools.cache
def program(name: str) -> dict[str, Callable[..., nn.Module]]:
    """What that program defines."""
    source = family(name).generated.source
    namespace: dict[str, Callable[..., nn.Module]] = {"__name__": f"generated_{name}"}
    exec(compile(source, f"{name}.py", "exec", dont_inherit=True), namespace)
    return namespace


def made(name: str, preset: str, **arguments: object) -> nn.Module:
    """A member of a family as its function makes it."""
    return program(name)[preset](**arguments)


def alone(name: str, preset: str) -> nn.Module:
    """The same preset compiled for itself."""
    return gallery.member(name, preset).compile()


def members(chosen: Mapping[str, str]) -> list[object]:
    """All members, those that are not chosen behind `sweep`."""
    return [
        pytest.param(
            name,
            preset,
            marks=() if chosen.get(name) == preset else pytest.mark.sweep,
            id=f"{name}-{preset}",
        )
        for name in FAMILIES
        for preset in gallery.presets(name)
    ]


def test_every_family_has_a_function_for_each_preset() -> None:
    functions_by_family: dict[str, dict[str, str]] = {}
    for name in FAMILIES:
        made_of = family(name)
        left_out = {each.preset: each.reason for each in made_of.left_out}
        assert sorted([*made_of.carried, *left_out]) == sorted(gallery.presets(name))
        if left_out:
            functions_by_family[name] = left_out
    assert functions_by_family == LEFT_OUT


@pytest.mark.parametrize(("name", "preset"), members(STRUCTURES))
def test_a_member_has_the_layers_and_weights_of_the_preset_alone(name: str, preset: str) -> None:
    with torch.device("meta"):
        one, other = made(name, preset), alone(name, preset)
    assert weights(one) == weights(other)
    assert list(layers(one)) == list(layers(other))
    graph = gallery.member(name, preset).elaborate()
    shapes = [output_shapes(module, graph) for module in (one, other)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(("name", "preset"), members(NUMBERS))
def test_a_member_starts_and_computes_as_the_preset_alone(name: str, preset: str) -> None:
    torch.manual_seed(0)
    one = made(name, preset)
    torch.manual_seed(0)
    other = alone(name, preset)
    states = one.state_dict(), other.state_dict()
    assert list(states[0]) == list(states[1])
    differing = [
        key for key, tensor in states[0].items() if not torch.equal(tensor, states[1][key])
    ]
    assert differing == []
    graph = gallery.member(name, preset).elaborate()
    inputs = gallery.inputs(graph, sizes(graph))
    for training in (True, False):
        results = []
        for module in (one, other):
            torch.manual_seed(1)
            with torch.no_grad():
                results.append(gallery.tensors(module.train(training)(*inputs)))
        assert len(results[0]) == len(results[1]) > 0
        assert all(map(torch.equal, *results))


def test_a_function_takes_what_no_preset_sets_and_the_rates() -> None:
    signature = inspect.signature(program("efficientnet")["efficientnet_b2"])
    defaults = {p.name: p.default for p in signature.parameters.values()}
    assert defaults == {"drop_path": 0.2, "dropout": 0.3, "num_classes": 1000}
    module = made("resnet", "resnet18", num_classes=7).eval()
    assert isinstance(module.get_submodule("fc"), nn.Linear)
    assert module(torch.zeros(1, 3, 32, 32)).shape == (1, 7)
