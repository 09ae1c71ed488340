"""Generated presets: each parameter of the gallery's files changed, as functions of one program.

What the program carries is what a preset alone would be, whatever it changes; what it omits has a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import gallery
import pytest
import torch
from factories import layers, output_shapes, weights
from torch import nn

import netspec
from netspec.codegen.presets import generate_family
from netspec.document import Mapping, TextNode, parse

QUICK = ("squeezenet", "text_lstm", "vgg")
FILES = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.sweep) for name in gallery.NAMES
]


@pytest.mark.parametrize("name", FILES)
def test_what_a_program_carries_is_what_the_preset_alone_would_be(name: str) -> None:
    network = netspec.load(gallery.FOLDER / f"{name}.yaml")
    graph, spec = network.elaborate(), network.report.spec
    assert spec is not None
    changes = {
        f"{parameter}_{k}": {parameter: value}
        for parameter, default in graph.root.env.items()
        for k, value in enumerate(changed(default))
    }
    spec.presets = {preset: place(change) for preset, change in changes.items()}
    family = generate_family(graph, f"{name}.yaml", spec)
    namespace: dict[str, Callable[[], nn.Module]] = {"__name__": "generated"}
    exec(compile(family.generated.source, "family.py", "exec", dont_inherit=True), namespace)
    assert all(left_out.reason for left_out in family.left_out)
    for preset in family.carried:
        alone = netspec.load(gallery.FOLDER / f"{name}.yaml", **changes[preset])
        with torch.device("meta"):
            one, other = namespace[preset](), alone.compile()
        assert weights(one) == weights(other), preset
        assert list(layers(one)) == list(layers(other)), preset
        shapes = [output_shapes(module, alone.elaborate()) for module in (one, other)]
        assert shapes[0] == shapes[1], preset


def changed(value: object) -> Iterator[object]:
    """Other values that a parameter may have."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, 2 * value, max(1, value // 2))
    elif isinstance(value, float):
        yield from (value / 2, 0.3)
    elif isinstance(value, list | tuple) and value and all(type(item) is int for item in value):
        numbers = list(value)
        yield from (numbers[:-1], [2 * n for n in numbers], [*numbers, numbers[-1]])
        yield [numbers[0] + 1, *numbers[1:]]


def place(change: dict[str, object]) -> Mapping:
    """A preset as a file would write it."""
    document_root: TextNode | None = parse(json.dumps(change), "preset").root
    assert isinstance(document_root, Mapping)
    return document_root
