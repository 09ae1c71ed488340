"""A letter at any axis of any layer gives a shape or a diagnostic, and no report fails on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from layer_oracle import DTYPES, Numbers, crashes, drawn, infer, make

import netspec
from netspec.layer.base import ShapeError
from netspec.layers import OPS
from netspec.report.report_json import file_json
from netspec.report.status_line import verdict
from netspec.report.summary import Summary
from netspec.report.summary_json import summary_json


def specs(op: str, draw: int) -> Iterator[str]:
    """The spec of a random call, with a letter for each axis in turn, and for all of them."""
    args, names, shapes = drawn(op, f"open {op} {draw}")
    layer = make(op, args, names)
    if layer is None or not shapes or crashes(layer, shapes):
        return
    if isinstance(infer(layer, Numbers(), shapes), ShapeError):
        return
    called = names or (layer.inputs[:1] * len(shapes) if layer.variadic else layer.inputs)
    places = [(i, axis) for i, shape in enumerate(shapes) for axis in range(len(shape))]
    for open_places in (*([place] for place in places), places):
        inputs: dict[str, Any] = {}
        for i, (name, shape) in enumerate(zip(called, shapes, strict=False)):
            sizes = [f"S{a}" if (i, a) in open_places else s for a, s in enumerate(shape)]
            dtype = DTYPES.get(layer.elements.get(name, ""))
            kind = {} if dtype is None else {"dtype": str(dtype)}
            inputs[f"in{i}"] = {"shape": sizes, **kind}
        sources: Any = list(inputs) if layer.variadic else dict(zip(called, inputs, strict=False))
        step = {"name": "step", "op": op, **args, "from": sources}
        yield json.dumps({"netspec": 1, "inputs": inputs, "body": [step]})


def answered(text: str) -> None:
    """Every report on a spec; none may fail, and what is valid compiles to source."""
    network = netspec.load(text)
    report = network.report
    file_json("net.yaml", report)
    assert report.graph is not None
    if report.errors:
        assert all(d.span is not None for d in report.errors)
        return
    verdict(report)
    summary_json(Summary(report.graph), None)
    assert network.source()


@pytest.mark.parametrize("op", OPS)
def test_a_letter_at_any_axis_gives_a_shape_or_a_diagnostic(op: str) -> None:
    for draw in range(3):
        for text in specs(op, draw):
            answered(text)


def test_a_letter_where_the_features_of_a_transformer_are_is_a_diagnostic() -> None:
    step = "{op: Transformer, nhead: 4, batch_first: true, from: [source, target]}"
    text = f"netspec: 1\ninputs: {{source: [N, S, Concat], target: [N, T, 64]}}\nbody: [{step}]\n"
    assert [d.code for d in netspec.load(text).diagnostics] == ["NS301"]
    answered(text)
    assert [d.code for d in netspec.load(text.replace("64", "Concat")).diagnostics] == ["NS125"]
