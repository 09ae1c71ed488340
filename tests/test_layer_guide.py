"""`netspec layers`: what it says of every layer, its examples, and the page made of the same."""

from __future__ import annotations

import json

import pytest
import torch

import netspec
from netspec.cli import main
from netspec.graph.nodes import axes
from netspec.layers import OPS
from netspec.reference.layer_guide import Guide, built_in
from netspec.reference.layer_text import layer_description, layer_list

GUIDES = {g.op: g for _, guides in built_in() for g in guides}


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of 120 columns, whatever the terminal."""
    monkeypatch.setenv("COLUMNS", "120")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints, where it ends well."""
    assert main(["layers", *arguments]) == 0
    return capsys.readouterr().out


def rejection(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says that makes no sense."""
    assert main(["layers", *arguments]) == 2
    return capsys.readouterr().err


def test_every_layer_is_in_one_family() -> None:
    assert sorted(GUIDES) == list(OPS)


@pytest.mark.parametrize("op", OPS)
def test_every_layer_has_an_example_that_uses_it_and_is_without_a_diagnostic(op: str) -> None:
    text = GUIDES[op].example()
    network = netspec.load(text)
    assert network.diagnostics == ()
    assert op in {node.op for node in network.elaborate().nodes}
    compile(network.source(), op, "exec")


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("op", OPS)
def test_the_module_of_every_example_gives_the_shapes_that_are_proved(op: str) -> None:
    network = netspec.load(GUIDES[op].example())
    graph = network.elaborate()
    sizes = {n: next(v for v in range(6, 99) if v in d) for n, d in graph.domains.items()} | {
        "N": 2
    }
    inputs = [
        torch.zeros(axes(v.shape or (), sizes), dtype=getattr(torch, v.dtype)) for v in graph.inputs
    ]
    outputs = network.compile()(*inputs)
    tensors = outputs.values() if isinstance(outputs, dict) else outputs
    tensors = [outputs] if isinstance(outputs, torch.Tensor) else list(tensors)
    expected = [(axes(v.shape or (), sizes), v.dtype) for v in graph.outputs.values]
    assert [(tuple(t.shape), str(t.dtype)[6:]) for t in tensors] == expected


@pytest.mark.parametrize("layer_guide", GUIDES.values(), ids=lambda g: g.op)
def test_the_docstring_is_taken_apart_without_a_rest(layer_guide: Guide) -> None:
    assert layer_guide.summary.endswith(".")
    assert "->" in layer_guide.shape
    assert layer_guide.source.startswith("`")
    assert "Shape:" not in layer_guide.source


def test_the_list_has_every_layer_under_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    ops = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert ops == list(GUIDES)
    assert "Pooling" in lines
    assert "  Conv2d           Applies a 2-D convolution over several input channels." in lines


def test_long_sentences_are_wrapped_under_their_beginning() -> None:
    text = layer_list([("Recurrence", [GUIDES["LSTM"]])], columns=60)
    assert text == (
        "Recurrence\n  LSTM  Applies a long short-term memory network to a\n        sequence."
    )


def test_one_layer_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(capsys, "LayerNorm")
        == layer_description(GUIDES["LayerNorm"], GUIDES["LayerNorm"].example(), 120) + "\n"
    )
    assert (
        layer_description(GUIDES["Bilinear"], "netspec: 1\n", 80)
        == """\
Bilinear: Applies a bilinear transformation to two inputs.

shape
  (*, F₁), (*, F₂) -> (*, out_features), y = x₁ᵀ · weight · x₂ + bias

inputs
  input1
  input2

arguments
  in1_features (inferred)
      the number of features of the first input; an integer >= 1
  in2_features (inferred)
      the number of features of the second input; an integer >= 1
  out_features (required)
      the number of features of the result; an integer >= 1
  bias (default: true)
      whether to add a learned bias; true or false

example
  netspec: 1

source
  torch.nn.Bilinear"""
    )
    assert "\n  h_0 (optional)\n" in layer_description(GUIDES["GRU"], "", 80)


def test_layers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    every = json.loads(printed(capsys, "--format", "json"))
    assert [entry["name"] for entry in every["layers"]] == list(GUIDES)
    one = json.loads(printed(capsys, "GRU", "--format", "json"))
    assert one["inputs"] == [
        {"name": "input", "optional": False},
        {"name": "h_0", "optional": True},
    ]
    assert one["arguments"][1] == {
        "name": "hidden_size",
        "doc": "the number of features of the hidden state",
        "type": "an integer >= 1",
        "default": None,
        "required": True,
        "inferred": False,
    }
    assert netspec.load(one["example"]).diagnostics == ()


def test_what_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert rejection(capsys, "Conv2") == (
        "netspec: unknown layer `Conv2`\n  help: did you mean `Conv2d`?\n"
    )
    assert f"list all {len(OPS)} layers with `netspec layers`" in rejection(capsys, "Banana")
    assert rejection(capsys, "MSELoss") == (
        "netspec: `MSELoss` of torch.nn is not a layer\n"
        "  help: a loss is not part of a network: apply it to the output of the compiled module\n"
    )
    assert "explains one layer at a time" in rejection(capsys, "ReLU", "Conv2d")
