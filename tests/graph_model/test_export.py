"""The graph model as data: fields, JSON Schema, networkx, command line."""

from __future__ import annotations

import json
from typing import Any

import networkx
import pytest
import torch
from jsonschema import Draft202012Validator

import netspec
from netspec import GraphModel
from netspec.document import parse
from netspec.fmt import formatted
from netspec.schema.graph import graph_schema

LSTM = """
netspec: 1
inputs: {tokens: {shape: [N, T], dtype: int64}}
dims: {T: {min: 2, max: 64, example: 16}}
blocks:
  Encoder:
    params: {width: int}
    body:
      - embed: {op: Embedding, num_embeddings: 10, embedding_dim: width}
      - lstm: {op: LSTM, hidden_size: width, batch_first: true}
    outputs: {all: lstm, last: lstm.h_n}
body:
  - encoder: {op: Encoder, width: 8}
  - mix{i}: {op: Linear, out_features: 8, from: encoder.last, repeat: 2}
  - sum: {op: Add, from: [mix1, mix1]}
  - tied: {op: Linear, out_features: 8, bias: false, share: {weight: mix0.weight}}
outputs: {state: tied, all: encoder.all}
"""


def model() -> GraphModel:
    return netspec.load(LSTM).graph_model()


def test_a_node_says_what_it_is_and_where_it_is_from() -> None:
    nodes = {node.path: node for node in model().nodes}
    mix = nodes["mix1"]
    assert (mix.op, mix.arguments, mix.inferred) == (
        "Linear",
        {"out_features": 8},
        {"in_features": 8},
    )
    assert [(e.node, e.result, e.shape) for e in nodes["mix0"].inputs] == [
        ("encoder.lstm", 1, [1, "N", 8])
    ]
    assert mix.parameters == {"weight": [8, 8], "bias": [8]}
    assert mix.provenance is not None
    assert (mix.provenance.line, mix.provenance.step, mix.provenance.iteration) == (
        14,
        "mix{i}",
        [1],
    )
    assert nodes["encoder.lstm"].provenance is not None
    assert nodes["encoder.lstm"].provenance.block == "Encoder"
    assert [(t.parameter, t.node, t.of) for t in nodes["tied"].ties] == [
        ("weight", "mix0", "weight")
    ]
    assert [r.name for r in nodes["encoder.lstm"].outputs or ()] == ["output", "h_n", "c_n"]


def test_the_numbers_are_those_of_torch() -> None:
    network = netspec.load(LSTM)
    graph, module = network.graph_model(), network.compile()
    state = {key: list(tensor.shape) for key, tensor in module.state_dict().items()}
    stated = {
        f"{n.path}.{p}": shape for n in graph.nodes for p, shape in (n.parameters or {}).items()
    }
    assert stated == state
    assert graph.parameters == sum(p.numel() for p in module.parameters())
    output = module(torch.zeros(1, 16, dtype=torch.int64))
    assert graph.nodes[-1].outputs is not None
    assert list(output["state"].shape) == graph.nodes[-1].outputs[0].sizes


def test_sizes_are_declared_and_valid() -> None:
    size = model().sizes["T"]
    assert (size.minimum, size.maximum, size.example, size.valid) == (2, 64, 16, "2 <= T <= 64")


def test_a_model_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        model().name = "other"


def test_the_schema_fits_and_has_a_sentence_for_every_field() -> None:
    schema = graph_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(model().model_dump_json()))
    parts = [schema, *schema["$defs"].values()]
    for part in parts:
        for name, field in part.get("properties", {}).items():
            target = schema["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field
            assert target["description"].endswith("."), name
        assert part.get("additionalProperties", False) is False or "properties" not in part


def test_networkx_sees_nodes_and_edges() -> None:
    graph = model().to_networkx()
    assert networkx.is_directed_acyclic_graph(graph)
    assert set(graph) == {"tokens", "encoder.embed", "encoder.lstm", "mix0", "mix1", "sum", "tied"}
    assert graph.nodes["mix0"]["op"] == "Linear"
    assert graph.edges["encoder.lstm", "mix0"]["result"] == 1
    assert graph.edges["encoder.lstm", "mix0"]["shape"] == [1, "N", 8]
    assert graph.edges["mix1", "sum"]["connections"] == [(0, 0), (0, 1)]


def test_a_spec_of_a_graph_is_in_the_canonical_layout() -> None:
    text = model().to_spec()
    assert formatted(parse(text, "net.yaml")) == text


def test_an_input_and_a_node_of_one_name_are_rejected() -> None:
    network = netspec.load("netspec: 1\ninputs: {a: [N, 3]}\nbody: [{a: ReLU}]")
    with pytest.raises(netspec.SpecError, match="an input and a step are both named `a`"):
        network.graph_model()


def test_a_graph_has_no_parameters_to_set() -> None:
    with pytest.raises(TypeError, match="a graph has no parameters"):
        netspec.load(model(), width=3)
    with pytest.raises(TypeError, match="not int"):
        netspec.load(3)  # type: ignore[arg-type]


def test_a_copy_that_was_changed_is_validated_when_it_is_loaded() -> None:
    graph = netspec.load(
        "netspec: 1\ninputs: {a: [N, 3]}\nbody: [{fc: {op: Linear, out_features: 4}}]"
    ).graph_model()
    node = graph.nodes[0].model_copy(update={"op": "Linaer"})
    with pytest.raises(ValueError, match=r"nodes\.0\.op"):
        netspec.load(graph.model_copy(update={"nodes": [node]}))


def test_layers_of_ones_own_are_found_through_the_context(tmp_path: Any) -> None:
    declaration = tmp_path / "doubled.py"
    declaration.write_text(
        "from netspec.layer import Function, layer\n\n\n"
        "@layer\nclass Doubled(Function):\n"
        '    """Twice the input.\n\n    Shape: any -> the same\n    Source: `torch.add`\n    """\n\n'
        "    def write(self, *inputs: str, **arguments: str) -> str:\n"
        '        return f"({inputs[0]} + {inputs[0]})"\n',
        encoding="utf-8",
    )
    text = "netspec: 1\ninputs: {a: [N, 3]}\nbody: [{twice: Doubled}]"
    exported = netspec.load(text, layers=declaration).graph_model().model_dump_json()
    with pytest.raises(ValueError, match=r"nodes\.0\.op"):
        GraphModel.model_validate_json(exported)
    graph = GraphModel.model_validate_json(exported, context={"layers": [str(declaration)]})
    module = netspec.compile(graph, layers=declaration)
    assert module(torch.ones(1, 3)).tolist() == [[2.0, 2.0, 2.0]]


# ---- the command line -----------------------------------------------------------------------------


def test_the_command_prints_and_writes_the_graph(tmp_path: Any, run: Any) -> None:
    spec, target = tmp_path / "net.yaml", tmp_path / "net.json"
    spec.write_text(LSTM, encoding="utf-8")
    code, out, _ = run("summary", str(spec), "--format", "graph-json")
    assert code == 0
    assert GraphModel.model_validate_json(out).nodes == netspec.load(spec).graph_model().nodes
    code, silent, err = run("summary", str(spec), "--format", "graph-json", "-o", str(target))
    assert (code, silent) == (0, "")
    assert "net.json: " in err
    assert target.read_text(encoding="utf-8") == out


def test_the_command_states_numbers_at_sizes_of_your_own(tmp_path: Any, run: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(LSTM, encoding="utf-8")
    _, out, _ = run("summary", str(spec), "--format", "graph-json", "--size", "T=32,N=4")
    assert GraphModel.model_validate_json(out).inputs[0].sizes == [4, 32]


def test_a_depth_does_not_apply_to_a_graph(tmp_path: Any, run: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(LSTM, encoding="utf-8")
    code, _, err = run("summary", str(spec), "--format", "graph-json", "--depth", "1")
    assert code == 2
    assert "`--depth` does not apply" in err


def test_a_graph_that_cannot_be_exported_is_a_diagnostic(tmp_path: Any, run: Any) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [{a: ReLU}]\n", encoding="utf-8")
    code, out, err = run("summary", str(spec), "--format", "graph-json")
    assert (code, out) == (1, "")
    assert "error[NS106]: an input and a step are both named `a`" in err
    assert "rename the input or the step" in err


def test_the_table_can_be_written_to_a_file(tmp_path: Any, run: Any) -> None:
    spec, target = tmp_path / "net.yaml", tmp_path / "net.txt"
    spec.write_text(LSTM, encoding="utf-8")
    assert run("summary", str(spec), "-o", str(target))[0] == 0
    assert target.read_text(encoding="utf-8").endswith("\n")
    assert "encoder" in target.read_text(encoding="utf-8")


def test_the_schema_is_printed(run: Any) -> None:
    code, out, _ = run("schema", "--of", "graph")
    assert (code, json.loads(out)) == (0, graph_schema())
