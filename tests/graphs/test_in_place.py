"""Random networks with steps in place and views: what netspec accepts trains, and what it rejects does not."""

from __future__ import annotations

import json
import warnings
from random import Random
from typing import Any

import pytest
import torch
from graph_oracle import Interpreter

import netspec

Step = dict[str, Any]

PLAIN: list[Step] = [
    {"op": "Conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1}, {"op": "BatchNorm2d"},
    {"op": "Sigmoid"}, {"op": "Tanh"}, {"op": "ReLU"}, {"op": "GELU"}, {"op": "Softmax", "dim": 1},
    {"op": "PReLU"}, {"op": "Exp"}, {"op": "Abs"}, {"op": "Neg"}, {"op": "Clamp", "min": 0.2},
    {"op": "MaxPool2d", "kernel_size": 3, "stride": 1, "padding": 1}, {"op": "GroupNorm", "num_groups": 2},
    {"op": "AvgPool2d", "kernel_size": 3, "stride": 1, "padding": 1}, {"op": "Dropout", "p": 0.5},
    {"op": "Pad", "pad": [1, -1]}, {"op": "Roll", "shifts": 1, "dims": 2}, {"op": "Linear", "out_features": 6},
    {"op": "Upsample", "size": 6, "mode": "area"}, {"op": "CircularPad2d", "padding": [1, -1, 0, 0]},
    {"op": "LeakyReLU", "inplace": False}, {"op": "SiLU"}, {"op": "DropPath", "p": 0.2},
]  # fmt: skip
IN_PLACE: list[Step] = [
    {"op": op, "inplace": True}
    for op in ("ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "SiLU", "Mish", "Hardswish",
               "Hardsigmoid", "Hardtanh", "RReLU", "Dropout", "Dropout2d", "AlphaDropout")
]  # fmt: skip
VIEWS: list[list[Step]] = [
    [{"op": "Transpose", "dim0": 2, "dim1": 3}], [{"op": "Permute", "dims": [0, 1, 3, 2]}], [{"op": "Identity"}],
    [{"op": "Flatten", "start_dim": 2}, {"op": "Unflatten", "dim": 2, "unflattened_size": [6, 6]}],
    [{"op": "Reshape", "shape": [2, 4, 36]}, {"op": "Reshape", "shape": [2, 4, 6, 6]}],
    [{"op": "Slice", "dim": 1, "end": 1}, {"op": "Expand", "size": [-1, 4, -1, -1]}],
    [{"op": "Mean", "dim": 1, "keepdim": True}, {"op": "Expand", "size": [2, 4, 6, 6]}],
    [{"op": "Expand", "size": [1, 2, 4, 6, 6]}, {"op": "Select", "dim": 0, "index": 0}],
    [{"op": "Expand", "size": [3, 2, 4, 6, 6]}, {"op": "Select", "dim": 0, "index": 0}],
    [{"op": "Expand", "size": [3, 2, 4, 6, 6]}, {"op": "Slice", "dim": 0, "end": 1}, {"op": "Squeeze", "dim": 0}],
    [{"op": "Unsqueeze", "dim": 1}, {"op": "Expand", "size": [-1, 2, -1, -1, -1]},
     {"op": "Reshape", "shape": [2, 8, 6, 6]}, {"op": "Slice", "dim": 1, "step": 2}],
    [{"op": "Dropout", "p": 0}], [{"op": "Slice", "dim": 2, "start": 0}],
]  # fmt: skip
PARTS: list[Step] = [
    {"op": "Chunk", "chunks": 2, "dim": 1}, {"op": "Split", "split_size": 2, "dim": 1},
    {"op": "Chunk", "chunks": 1, "dim": 1}, {"op": "Split", "split_size": [3, 1], "dim": 1},
]  # fmt: skip
JOINS = ("Add", "Mul", "Sub", "Maximum", "Div", "MatMul")


def drawn(r: Random) -> dict[str, Any]:
    """A network whose tensors all have one shape, except between the steps of a view."""
    body: list[Step] = [{"name": "s0", **r.choice(PLAIN)}]
    whole = ["s0"]

    def put(step: Step, **more: Any) -> str:
        body.append({"name": f"s{len(body)}", **step, **more})
        return str(body[-1]["name"])

    for _ in range(r.randint(2, 7)):
        source = r.choice([whole[-1], whole[-1], whole[-1], r.choice(whole)])
        kind = r.random()
        if kind < 0.3:
            whole.append(put(r.choice(PLAIN), **{"from": source}))
        elif kind < 0.65:
            whole.append(put(r.choice(IN_PLACE), **{"from": source}))
        elif kind < 0.8:
            for step in r.choice(VIEWS):
                source = put(step, **{"from": source})
            whole.append(source)
        elif kind < 0.9:
            parts = put(r.choice(PARTS), **{"from": source})
            part = put({"op": "Identity"}, **{"from": f"{parts}.0"})
            if r.random() < 0.7:
                part = put(r.choice(IN_PLACE), **{"from": part})
            mean = put({"op": "Mean", "dim": 1, "keepdim": True}, **{"from": part})
            whole.append(put({"op": "Add"}, **{"from": [mean, source]}))
        else:
            whole.append(put({"op": r.choice(JOINS)}, **{"from": [source, r.choice(whole)]}))
    read = {name for step in body for name in _names(step.get("from", ()))}
    ends = [step["name"] for step in body if step["name"] not in read]
    return {"netspec": 1, "inputs": {"image": [2, 4, 6, 6]}, "body": body, "outputs": ends}


def _names(source: str | list[str]) -> list[str]:
    """The steps that a `from` reads."""
    return [name.partition(".")[0] for name in ([source] if isinstance(source, str) else source)]


def torch_says(network: netspec.Network) -> str:
    """What torch says of a forward and a backward pass in training; empty where both run."""
    graph = network.report.graph
    assert graph is not None
    torch.manual_seed(0)
    image = (torch.rand(2, 4, 6, 6) + 0.1).requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if network.report.errors:
                values = Interpreter(graph, training=True).run([image * 1], {})
                results = [values[id(value)] for value in graph.outputs.values]
            else:
                results = network.compile().train()(image * 1)
            torch.stack([r.sum() for r in results]).sum().backward()
        except RuntimeError as error:
            return str(error)
    return ""


def disagreement(seed: int) -> str:
    """Where netspec and torch differ on a random network; empty where they agree."""
    text = json.dumps(drawn(Random(seed)))
    network = netspec.load(text)
    errors = network.report.errors
    assert all(d.code == "NS402" for d in errors), (seed, errors[0].message)
    if any("still reads" in d.message for d in errors):
        return ""  # torch runs, and one of the two gets another value than the text says
    answer = torch_says(network)
    return "" if bool(errors) == bool(answer) else f"{seed}: {errors or answer}\n{text}"


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_what_is_accepted_trains_and_what_is_rejected_does_not(first: int) -> None:
    for seed in range(first, first + 50):
        assert disagreement(seed) == ""


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 21_000, 500))
def test_thousands_of_networks_that_are_accepted_train(first: int) -> None:
    for seed in range(first, first + 500):
        assert disagreement(seed) == ""
