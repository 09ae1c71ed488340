"""A layer behind any other is built with the size that flows in: the program runs, by torch."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
import torch
from layer_oracle import DTYPES, Numbers, crashes, drawn, flat, infer, make

import netspec
from netspec.layer.base import ShapeError
from netspec.layers import OPS


def programs(op: str, draw: int) -> list[tuple[str, list[torch.Tensor]]]:
    """A random call with a Linear after it that reads an axis of its result, for each axis; and its inputs."""
    args, names, shapes = drawn(op, f"sizes {op} {draw}")
    layer = make(op, args, names)
    if layer is None or not shapes or crashes(layer, shapes):
        return []
    results = infer(layer, Numbers(), shapes)
    if isinstance(results, ShapeError) or not results[0]:
        return []
    called = names or (layer.inputs[:1] * len(shapes) if layer.variadic else layer.inputs)
    inputs: dict[str, Any] = {}
    tensors = []
    for i, (name, shape) in enumerate(zip(called, shapes, strict=False)):
        dtype = DTYPES.get(layer.elements.get(name, ""))
        inputs[f"in{i}"] = {"shape": list(shape)} | (
            {} if dtype is None else {"dtype": str(dtype)[6:]}
        )
        tensors.append(torch.zeros(shape, dtype=dtype))
    sources: Any = list(inputs) if layer.variadic else dict(zip(called, inputs, strict=False))
    random_programs = []
    for axis in range(len(results[0])):
        body = [
            {"name": "step", "op": op, **args, "from": sources},
            {"op": "Transpose", "dim0": axis, "dim1": -1},
            {"op": "Linear", "out_features": 2},
        ]  # fmt: skip
        random_programs.append(
            (json.dumps({"netspec": 1, "inputs": inputs, "body": body}), tensors)
        )
    return random_programs


def failures(op: str, draw: int) -> list[str]:
    failure_texts = []
    for text, tensors in programs(op, draw):
        network = netspec.load(text)
        if network.report.errors:  # its result is no floating-point tensor, or none of one size
            continue
        graph = network.report.graph
        assert graph is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                (result,) = flat(network.compile().eval()(*tensors))
            except (RuntimeError, NotImplementedError) as error:
                failure_texts.append(f"{error}\n{text}")
                continue
        if tuple(result.shape) != graph.outputs.values[0].shape:
            failure_texts.append(f"{tuple(result.shape)}\n{text}")
    return failure_texts


@pytest.mark.parametrize("op", OPS)
def test_a_later_layer_is_built_with_its_sizes(op: str) -> None:
    assert [f for draw in range(2) for f in failures(op, draw)] == []


@pytest.mark.sweep
@pytest.mark.parametrize("op", OPS)
def test_a_later_layer_is_built_with_its_sizes_for_many_arguments(op: str) -> None:
    assert [f for draw in range(2, 30) for f in failures(op, draw)] == []
