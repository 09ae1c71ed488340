"""Which parameters of the gallery's files are arguments of the program, and which stay numbers."""

from __future__ import annotations

import ast

import gallery
import pytest

from netspec.codegen.identifiers import variable

DECIDES = "a condition on it, or a choice by it, has one answer in the network"
DECIDES_IN_PRESETS = "a condition on it has one answer in the network and all presets"
BY_USE = "a class is used on maps of open and of fixed size, and only the fixed one has a number"
IN_LOOP = "the sizes of a fixed picture halve in a loop"
NUMBERS = {
    "densenet_cifar": {"bottleneck": DECIDES, "dropout": DECIDES, "checkpoint": DECIDES},
    "efficientnet": {"blocks": DECIDES},
    "googlenet": {"dropout": BY_USE, "dropout_aux": BY_USE, "num_classes": BY_USE},
    "regnet": {"se": DECIDES},
    "resnet": {"block": DECIDES},
    "resnet_fpn": {"block": DECIDES},
    "textbook/vgg11": {"depths": IN_LOOP, "widths": IN_LOOP, "num_classes": IN_LOOP},
    "vgg": {"norm": DECIDES},
}
"""By file the parameters that stay numbers in the program of the file alone, and why."""
NUMBERS_WITH_PRESETS = {
    "densenet_cifar": {"dropout": DECIDES_IN_PRESETS, "checkpoint": DECIDES_IN_PRESETS},
    "googlenet": NUMBERS["googlenet"],
}
"""The same for programs with a function for each preset."""


def numbers(name: str, *, presets: bool) -> set[str]:
    """The parameters of a file that its program's class does not take."""
    network = gallery.network(name)
    spec = network.report.spec
    assert spec is not None
    tree = ast.parse(network.source(presets=presets))
    root = [node for node in tree.body if isinstance(node, ast.ClassDef)][-1]
    taken = {
        argument.arg
        for method in root.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
        for argument in method.args.args
    }
    return {parameter for parameter in spec.parameters if variable(parameter) not in taken}


@pytest.mark.parametrize("name", gallery.NAMES)
def test_parameters_are_arguments_but_for_those_that_are_listed(name: str) -> None:
    assert numbers(name, presets=False) == set(NUMBERS.get(name, {}))


@pytest.mark.parametrize("name", [name for name in gallery.NAMES if gallery.presets(name)])
def test_presets_make_arguments_of_what_they_decide_in_several_ways(name: str) -> None:
    assert numbers(name, presets=True) == set(NUMBERS_WITH_PRESETS.get(name, {}))
