"""Names of a spec never meet names of Python, of torch or of the generated program, wherever they stand."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
import torch
from torch import Tensor

import netspec

NAMES = (
    "True", "None", "inf", "nan", "self", "torch", "F", "nn", "math", "\N{ANGSTROM SIGN}", "\N{LATIN SMALL LIGATURE FI}",
    "\N{MICRO SIGN}", "_tensor_1_", "_input_0_", "forward", "training", "children", "LSTM", "Conv2d", "Add", "x", "i",
    "out", "wanted", "checkpoint", "len", "range", "floor", "int", "min", "isinstance", "super", "partial", "list",
    "_check_inputs", "_recompute", "__b", "__init__", "_", "a b", "0", "3d", "class", "match", "lambda", "N", "module",
    "path", "empty", "fn", "recurse", "getattr", "ValueError", "in_channels", "append", "weight", "shared_a",
    "Sequential", "Module", "previous", "input", "type", "dict",
)  # fmt: skip
PLAIN = {
    "input": "img", "other input": "aux", "parameter": "width", "block parameter": "ratio", "block": "Blk",
    "first of a block": "p", "second of a block": "q", "step": "st", "result": "res", "group": "grp", "layer": "conv",
    "network": "net", "preset": "tiny", "loop": "v", "output": "o", "symbol": "W", "resized": "re",
}  # fmt: skip
KEYED = {"step": "st", "group": "grp", "layer": "conv"}
"""The places whose names are in the keys of the `state_dict`."""


def spec(**names: str) -> dict[str, Any]:
    """A network that has a name of one's own in every place, and the same numbers whatever these are."""
    n = {**PLAIN, **names}
    step, block, size = n["step"], n["block"], ["N", 3, "H", n["symbol"]]
    sub = {"op": "Sub", "from": ["c2", n["second of a block"]]}
    conv = {
        "op": "Conv2d", "from": n["first of a block"], "kernel_size": 1,
        "out_channels": f"{n['block parameter']} * 2",
    }  # fmt: skip
    return {
        "netspec": 1,
        "name": n["network"],
        "params": {n["parameter"]: 4},
        "presets": {n["preset"]: {n["parameter"]: 4}},
        "inputs": {n["input"]: size, n["other input"]: size},
        "dims": {"H": {"multiple_of": 2, "min": 4}},
        "blocks": {
            block: {
                "params": {n["block parameter"]: "int"},
                "inputs": [n["first of a block"], n["second of a block"]],
                "body": [{n["layer"]: conv}, {"c2": {"op": "Conv2d", "out_channels": 3, "kernel_size": 1}}, sub],
                "outputs": {n["result"]: "previous", "other": n["layer"]},
            }
        },
        "body": [
            {step: {"op": block, "from": [n["input"], n["other input"]], n["block parameter"]: 2}},
            {"s2": {"op": block, "from": [n["other input"], f"{step}.{n['result']}"], n["block parameter"]: 3}},
            {
                n["group"]: [
                    {"c1": {"op": "Conv2d", "out_channels": n["parameter"], "kernel_size": 1}},
                    {n["resized"]: {"op": "Interpolate", "size": ["x.height * 2", "input.width"]}},
                    {"op": "Mean", "dim": [2, 3]},
                ]
            },
            {"each": {n["loop"]: [1, 2]}, "body": [{f"l{{{n['loop']}.index}}": {"op": "Linear", "out_features": f"{n['loop']} + 2"}}]},
            {"m": {"op": "Mean", "from": f"{step}.other", "dim": [2, 3]}},
        ],
        "outputs": {n["output"]: "l1", "m": "m", "sub": f"s2.{n['result']}"},
    }  # fmt: skip


def answers(module: torch.nn.Module) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    one, other = torch.rand(2, 2, 3, 4, 6, generator=generator)
    for wrong in ((one, other[..., :5]), (one[..., :3, :], other)):
        with pytest.raises(ValueError, match="must be"):
            module(*wrong)
    return list(module(one, other).values())


@functools.cache
def plain() -> tuple[list[Tensor], list[str]]:
    """What the network with plain names computes, and the keys of its `state_dict`."""
    torch.manual_seed(0)
    module = netspec.compile(json.dumps(spec()))
    return answers(module), list(module.state_dict())


def failure(place: str, name: str) -> str:
    """What is wrong with a network that has this name in this place; nothing where it is rejected at the name."""
    network = netspec.load(json.dumps(spec(**{place: name})))
    if network.report.errors:
        rejected = {d.code for d in network.report.errors}
        at_the_name = "NS107" in rejected or rejected <= {"NS024", "NS025", "NS120", "NS121"}
        return "" if at_the_name else str(rejected)
    torch.manual_seed(0)
    module = network.compile()
    expected, plain_keys = plain()
    if not all(map(torch.equal, answers(module), expected)):
        return "other numbers"
    old = KEYED.get(place)
    keys = [
        ".".join(name if part == old else part for part in key.split(".")) for key in plain_keys
    ]
    return "" if list(module.state_dict()) == keys else f"other keys: {list(module.state_dict())}"


@pytest.mark.parametrize("place", PLAIN)
def test_a_name_is_taken_as_it_is_or_rejected(place: str) -> None:
    hardest = (
        "True",
        "self",
        "torch",
        "wanted",
        "__b",
        "_tensor_1_",
        "\N{ANGSTROM SIGN}",
        "LSTM",
        "previous",
        "input",
    )
    assert {name: failure_text for name in hardest if (failure_text := failure(place, name))} == {}


@pytest.mark.sweep
@pytest.mark.parametrize("place", PLAIN)
def test_any_name_is_taken_as_it_is_or_rejected(place: str) -> None:
    assert {name: failure_text for name in NAMES if (failure_text := failure(place, name))} == {}


@pytest.mark.parametrize("name", ["True", "\N{ANGSTROM SIGN}"])
def test_a_size_that_python_reads_as_something_else_is_rejected(name: str) -> None:
    text = {
        "netspec": 1,
        "inputs": {"a": ["N", name], "b": ["N", "M"]},
        "body": [{"op": "Add", "from": ["a", "b"]}],
    }
    (diagnostic,) = netspec.load(json.dumps(text)).report.errors
    assert diagnostic.code == "NS107"
    assert diagnostic.message == f"a size cannot be named `{name}`"


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["p", "previous"], "reserved for the previous step"),
        (["p", "input"], "reserved for the first input"),
    ],
)
def test_an_input_of_a_block_that_no_step_could_read_is_rejected(
    names: list[str], label: str
) -> None:
    block = {"inputs": names, "body": [{"op": "Sub", "from": names}]}
    text = {
        "netspec": 1,
        "inputs": {"a": ["N", 4]},
        "blocks": {"B": block},
        "body": [{"op": "B", "from": ["a", "a"]}],
    }
    diagnostic = netspec.load(json.dumps(text)).report.errors[0]
    assert (diagnostic.code, diagnostic.label) == ("NS107", label)
    assert diagnostic.message == f"an input of a block cannot be named `{names[1]}`"


@pytest.mark.parametrize("name", ["_tensor_1_", "_tensor_0_", "_input_0_"])
def test_a_step_called_like_a_placeholder_of_the_writer(name: str) -> None:
    text = f"""
netspec: 1
inputs: {{a: [N, 1, H, W], b: [N, 1, K, L]}}
body:
  - {name}: {{op: ZeroPad2d, padding: 1, from: a}}
  - other: {{op: ZeroPad2d, padding: 2, from: b}}
  - {{op: Interpolate, from: a, size: ["{name}.height + other.height", "other.width"]}}
"""
    module = netspec.compile(text)
    assert module(torch.zeros(2, 1, 3, 4), torch.zeros(2, 1, 5, 7)).shape == (2, 1, 14, 11)
