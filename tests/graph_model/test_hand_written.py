"""Graphs of other origin: they compile, or are rejected at the path of the field that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hand_written import chain, edge, graph, lenet, residual
from pydantic import ValidationError
from torch import nn

import netspec
from netspec import GraphModel


def parsed(data: dict[str, Any]) -> GraphModel:
    return GraphModel.model_validate_json(json.dumps(data))


def errors_in(data: dict[str, Any]) -> dict[str, str]:
    """The path of each field that is wrong, and the kind of the error."""
    with pytest.raises(ValidationError) as caught:
        parsed(data)
    return {".".join(map(str, e["loc"])): e["type"] for e in caught.value.errors()}


def message(data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        parsed(data)
    return caught.value.errors()[0]["msg"]


def test_lenet_computes_what_the_same_layers_compute_in_torch() -> None:
    torch.manual_seed(0)
    module = netspec.compile(parsed(lenet())).eval()
    torch.manual_seed(0)
    theirs = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip
    image = torch.randn(2, 1, 28, 28)
    assert torch.equal(module(image), theirs(image))
    assert [k.rpartition(".")[0] for k in module.state_dict()][::2] == [
        "conv1",
        "conv2",
        "fc1",
        "fc2",
        "fc3",
    ]


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.downsample = nn.Sequential(nn.Conv2d(3, 8, 1, 2, bias=False), nn.BatchNorm2d(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + self.downsample(x)).relu().mean((2, 3), keepdim=True)


def test_a_residual_block_computes_what_torch_computes() -> None:
    torch.manual_seed(0)
    module = netspec.compile(parsed(residual()))
    torch.manual_seed(0)
    theirs = Residual()
    assert list(module.state_dict()) == [f"block.{key}" for key in theirs.state_dict()]
    image = torch.randn(2, 3, 9, 7)
    torch.testing.assert_close(module(image), theirs(image))


def test_what_is_omitted_is_inferred() -> None:
    node = netspec.load(parsed(residual())).graph_model().nodes[0]
    assert node.outputs is not None
    assert node.outputs[0].shape == ["N", 8, "(H+1)//2", "(W+1)//2"]
    assert node.parameters == {"weight": [8, 3, 3, 3]}
    assert node.inferred == {"in_channels": 3}
    assert node.provenance is not None


def test_sizes_of_tensors_are_text_over_the_symbols() -> None:
    up = chain(
        "image",
        ("up", "Interpolate", {"size": ["2 * H", "W + 1"]}),
        ("flat", "Reshape", {"shape": ["N", -1]}),
    )
    module = netspec.compile(parsed(graph(["N", 3, "H", "W"], up)))
    assert module(torch.zeros(2, 3, 5, 7)).shape == (2, 3 * 10 * 8)


def test_results_beyond_the_first_are_read_by_number() -> None:
    nodes = chain("image", ("lstm", "LSTM", {"hidden_size": 4, "batch_first": True}))
    nodes += [
        {"path": "last", "op": "Squeeze", "arguments": {"dim": 0}, "inputs": [edge("lstm", 1)]}
    ]
    module = netspec.compile(parsed(graph(["N", "T", 3], nodes)))
    x = torch.randn(2, 5, 3)
    assert torch.equal(module(x), module.get_submodule("lstm")(x)[1][0][0])


def test_inputs_of_a_layer_can_be_named() -> None:
    node = {
        "path": "sub",
        "op": "Sub",
        "inputs": [{"node": "image", "input": "other"}, {"node": "relu", "input": "input"}],
    }
    module = netspec.compile(parsed(graph(["N", 3], [*chain("image", ("relu", "ReLU", {})), node])))
    x = torch.randn(2, 3)
    assert torch.equal(module(x), x.relu() - x)


def test_initialization_is_read() -> None:
    data = lenet()
    data["nodes"][0]["initialization"] = {
        "weight": {"fn": "constant_", "val": 0.5},
        "bias": "ones_",
    }
    state = netspec.compile(parsed(data)).state_dict()
    assert set(state["conv1.weight"].unique().tolist()) == {0.5}
    assert set(state["conv1.bias"].tolist()) == {1.0}


# ---- what is rejected ------------------------------------------------------------------------------


def broken(
    change: Callable[[dict[str, Any]], None], base: Callable[[], dict[str, Any]] = lenet
) -> dict[str, Any]:
    data = base()
    change(data)
    return data


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]

    def change(data: Any) -> None:
        for step in steps:
            data = data[step]
        data[last] = value

    return change


REJECTED = [
    ("nodes.2.inputs.0", edge("sigmoid9"), "nodes.2.inputs.0.node", "unknown_node"),
    ("nodes.2.inputs.0", edge("sigmoid1", 1), "nodes.2.inputs.0.result", "result_out_of_range"),
    ("nodes.2.inputs.0", edge("image", 1), "nodes.2.inputs.0.result", "result_out_of_range"),
    ("nodes.2.inputs.0", edge("pool1"), "nodes.2.inputs.0.node", "cycle"),
    ("nodes.0.inputs.0", edge("fc3"), "nodes.0.inputs.0.node", "cycle"),
    ("nodes.2.inputs", [], "nodes.2.inputs", "NS110"),
    ("nodes.0.op", "Conv2D", "nodes.0.op", "NS101"),
    ("nodes.0.arguments.kernal_size", 3, "nodes.0.arguments.kernal_size", "NS102"),
    ("nodes.0.arguments.kernel_size", [3, 3, 3], "nodes.0.arguments.kernel_size", "NS108"),
    ("nodes.0.arguments.in_channels", 3, "nodes.0.arguments.in_channels", "NS201"),
    ("nodes.7.arguments.in_features", 256, "nodes.7.arguments.in_features", "NS205"),
    ("nodes.3.arguments.kernel_size", 99, "nodes.3.arguments.kernel_size", "NS206"),
    ("nodes.1.outputs", [{"shape": ["N", 6, 28, 27]}], "nodes.1.outputs.0.shape.3", "inferred_otherwise"),
    ("nodes.1.outputs", [{"shape": ["N", 6, 28, 28], "dtype": "int64"}], "nodes.1.outputs.0.dtype", "inferred_otherwise"),
    ("nodes.0.parameters", {"weight": [6, 1, 5, 5]}, "nodes.0.parameters", "inferred_otherwise"),
    ("nodes.0.initialization", {"weight": "xavier"}, "nodes.0.initialization.weight", "NS502"),
    ("nodes.0.ties", [{"parameter": "weight", "node": "missing", "of": "weight"}], "nodes.0.ties.0.node", "unknown_node"),
    ("nodes.3.shares", "missing", "nodes.3.shares", "unknown_node"),
    ("inputs.0.shape.2", "h", "inputs.0.shape.2", "NS121"),
    ("sizes", {"H": {"minimum": 3}}, "sizes.H", "NS121"),
    ("outputs.values.0", edge("fc4"), "outputs.values.0.node", "unknown_node"),
    ("outputs.kind", "dict", "outputs.names", "output_count"),
    ("parameters", 1, "parameters", "inferred_otherwise"),
    ("schema_version", "2.0", "schema_version", "literal_error"),
    ("nodes.0.fill", "red", "nodes.0.fill", "extra_forbidden"),
    ("nodes.0.op", 3, "nodes.0.op", "string_type"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "field", "kind"), REJECTED)
def test_a_wrong_graph_is_rejected_at_its_field(
    path: str, value: object, field: str, kind: str
) -> None:
    assert errors_in(broken(put(path, value))) == {field: kind}


@pytest.mark.parametrize(
    ("path", "kind"),
    [("conv1", "duplicate_path"), ("image", "duplicate_path"), ("head.fc", "unknown_level"), ("a..fc", "bad_path"),
     ("", "bad_path"), ("train", "NS107")],
)  # fmt: skip
def test_a_path_is_unique_and_below_a_level(path: str, kind: str) -> None:
    data = lenet() | {"levels": []}
    data["nodes"].append({"path": path, "op": "ReLU", "inputs": [edge("fc3")]})
    assert errors_in(data) == {"nodes.12.path": kind}


def test_a_cycle_is_shown() -> None:
    data = broken(put("nodes.0.inputs.0", edge("pool1")))
    assert message(data) == "the graph has a cycle: conv1 → sigmoid1 → pool1 → conv1"


def test_nodes_are_listed_in_execution_order() -> None:
    data = lenet()
    data["nodes"][:2] = data["nodes"][1::-1]
    assert errors_in(data) == {"nodes.0.inputs.0.node": "later_node"}


def test_every_error_of_the_structure_is_reported_at_once() -> None:
    data = broken(put("nodes.2.inputs.0", edge("missing")))
    data["outputs"]["values"] = [edge("missing")]
    assert set(errors_in(data)) == {"nodes.2.inputs.0.node", "outputs.values.0.node"}


def test_shapes_that_do_not_fit_are_reported_where_they_meet() -> None:
    data = broken(put("nodes.5.arguments.out_channels", 9), residual)
    assert errors_in(data) == {"nodes.7.inputs.1": "NS203"}


def test_a_typo_in_an_edge_is_answered_with_a_suggestion() -> None:
    assert message(broken(put("nodes.2.inputs.0", edge("sigmod1")))) == (
        "no node or input `sigmod1`; did you mean `sigmoid1`?"
    )


def test_a_module_that_would_have_to_run_twice_is_rejected() -> None:
    data = graph(
        ["N", 3],
        [
            *chain("image", ("a.0", "ReLU", {})),
            *chain("a.0", ("b", "ReLU", {})),
            *chain("b", ("a.1", "ReLU", {})),
        ],
        levels=[{"path": "a"}],
    )
    assert errors_in(data) == {"nodes.2.inputs.0": "not_expressible"}


def test_weights_of_another_module_cannot_be_shared() -> None:
    nodes = [
        *chain("image", ("a.fc", "Linear", {"out_features": 3})),
        *chain("a.fc", ("b.fc", "Linear", {"out_features": 3})),
    ]
    nodes[1]["shares"] = "a.fc"
    assert errors_in(graph(["N", 3], nodes, levels=[{"path": "a"}, {"path": "b"}])) == {
        "nodes.1.shares": "not_expressible"
    }
