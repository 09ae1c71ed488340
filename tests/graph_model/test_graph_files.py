"""A graph in JSON in place of a spec: every command takes it, and every error has a place in its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from hand_written import chain, edge, lenet, residual
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec import SpecError
from netspec.check import Report
from netspec.graph.location import entries_by_path

ROOT = Path(__file__).parents[2]
GALLERY = ["resnet", "gpt", "unet", "siamese", "densenet121"]


def checked(data: object) -> Report:
    """The report on a graph that is written in lines."""
    return netspec.load(json.dumps(data, indent=1)).check()


def changed(path: str, value: object, base: Callable[[], dict[str, Any]] = lenet) -> dict[str, Any]:
    data: Any = base()
    place = data
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    for step in steps:
        place = place[step]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return data


ABSENT = object()
HUGE = 10**400

# ---- what is valid --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GALLERY)
def test_the_commands_say_of_a_graph_what_they_say_of_the_spec(
    name: str, run, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec, file = str(ROOT / f"specs/{name}.yaml"), f"{name}.json"
    assert run("summary", spec, "--format", "graph-json", "-o", file)[0] == 0
    assert run("diff", spec, file) == (0, "no difference\n", "")
    code, out, _ = run("check", file)
    assert (code, out) == (0, run("check", spec)[1].replace(spec, file))
    totals = [json.loads(run("summary", path, "--format", "json")[1]) for path in (spec, file)]
    del totals[0]["rows"], totals[1]["rows"]
    assert totals[0] == totals[1]
    node = list(entries_by_path(netspec.load(spec).elaborate()))[7]
    explained = [
        json.loads(run("explain", path, node, "--format", "json")[1]) for path in (spec, file)
    ]
    (place, *_) = explained[1].pop("where")[-1:]
    line = Path(file).read_text(encoding="utf-8").splitlines()[place["line"] - 1]
    assert place["file"] == file
    assert line.strip().startswith((f'"path": "{node}"', '"op": '))
    del explained[0]["where"]
    for each in explained:
        for argument in each.get("arguments", []):
            del argument["by"], argument["written"]
    assert explained[0] == explained[1]
    compiled = run("compile", file)[1]
    assert f"from {file}" in compiled or file in compiled


def test_a_graph_on_standard_input_has_a_lock_and_a_picture(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.json").write_text(json.dumps(residual()), encoding="utf-8")
    assert run("lock", "net.json")[:2] == (0, "net.lock: 10 nodes\n")
    assert run("check", "--locked", "net.json")[0] == 0
    assert run("render", "net.json", "--html", "net.html")[0] == 0
    assert "block.add" in Path("net.html").read_text(encoding="utf-8")


def test_python_takes_a_path_a_text_a_dict_and_a_model(tmp_path) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(residual()), encoding="utf-8")
    model = netspec.GraphModel.model_validate(residual())
    forms: list[Any] = [path, str(path), path.read_text(encoding="utf-8"), residual(), model]
    states = []
    for form in forms:
        torch.manual_seed(0)
        states.append(netspec.compile(form).state_dict())
    for state in states[1:]:
        assert list(state) == list(states[0])
        assert all(torch.equal(state[key], states[0][key]) for key in state)
    assert netspec.source(residual()).count("nn.Conv2d(") == 3


def test_a_dict_may_be_a_spec() -> None:
    spec = {
        "netspec": 1,
        "inputs": {"image": ["N", 3]},
        "body": [{"op": "Linear", "out_features": 2}],
    }
    assert netspec.compile(spec)(torch.zeros(1, 3)).shape == (1, 2)
    with pytest.raises(TypeError, match="the dict is not the data of a spec or graph"):
        netspec.load({"netspec": 1, "body": [object()]})


def short() -> dict[str, Any]:
    """The residual block in its short forms: no version, name, levels and outputs; edges are names."""
    data = residual()
    for node in data["nodes"]:
        node["inputs"] = [each["node"] for each in node["inputs"]]
    return {"inputs": {"image": ["N", 3, "H", "W"]}, "nodes": data["nodes"]}


def test_the_short_forms_are_the_same_graph() -> None:
    full = netspec.GraphModel.model_validate(residual() | {"name": "network"})
    assert netspec.GraphModel.model_validate(short()) == full


@pytest.mark.parametrize(
    ("outputs", "full"),
    [
        ("relu", {"values": [edge("relu")]}),
        ({"node": "relu"}, {"values": [edge("relu")]}),
        (["relu", edge("pool")], {"kind": "tuple", "values": [edge("relu"), edge("pool")]}),
        ({"a": "relu", "b": "pool"}, {"kind": "dict", "names": ["a", "b"], "values": [edge("relu"), edge("pool")]}),
    ],
)  # fmt: skip
def test_outputs_have_short_forms(outputs: object, full: object) -> None:
    models = [netspec.GraphModel.model_validate(short() | {"outputs": o}) for o in (outputs, full)]
    assert models[0] == models[1]


@pytest.mark.parametrize(
    "name",
    ["Conv_0", "onnx::Conv_12", "/model/conv/Conv", "conv:0", "layer 1", "0", "a.0.b", "条件", "class", "null", "{i}",
     "a{b", "conv#1", "a, b", "*", "&a", "-", "'q'", '"q"', "a\nb", " lead", "trail ", "1.5"],
)  # fmt: skip
def test_a_node_keeps_its_name_whatever_the_style(name: str) -> None:
    nodes = chain(
        "image", (name, "Conv2d", {"out_channels": 2, "kernel_size": 3}), ("end", "ReLU", {})
    )
    module = netspec.compile({"inputs": {"image": ["N", 3, 8, 8]}, "nodes": nodes})
    assert list(module.state_dict()) == [f"{name}.weight", f"{name}.bias"]


# ---- what is wrong --------------------------------------------------------------------------------

WRONG = [
    ("nodes.2.inputs.0", edge("sigmoid9"), "NS103", '"sigmoid9"'),
    ("nodes.2.inputs.0", edge("pool1"), "NS104", '"pool1"'),
    ("nodes.0.inputs.0", edge("fc3"), "NS104", '"fc3"'),
    ("nodes.2.inputs.0", edge("image", 1), "NS103", "1"),
    ("nodes.2.inputs", [], "NS110", "[]"),
    ("nodes.0.inputs.0.result", -1, "NS025", "-1"),
    ("nodes.0.op", "Conv2D", "NS101", '"Conv2D"'),
    ("nodes.0.op", 3, "NS025", "3"),
    ("nodes.0.op", ABSENT, "NS022", '"conv1"'),
    ("nodes.0.path", ABSENT, "NS022", "{"),
    ("nodes.0.arguments.kernal_size", 3, "NS102", '"kernal_size"'),
    ("nodes.0.arguments", {"kernel_size": 3}, "NS109", '"Conv2d"'),
    ("nodes.3.arguments.kernel_size", 99, "NS206", "99"),
    ("nodes.7.arguments.in_features", 256, "NS205", "256"),
    ("nodes.0.arguments.out_channels", 1e308, "NS108", "1e+308"),
    ("nodes.0.arguments.out_channels", HUGE, "NS123", '"conv1"'),
    ("nodes.11.path", "fc2", "NS106", '"fc2"'),
    ("nodes.11.path", "a..b", "NS107", '"a..b"'),
    ("nodes.0.fill", "red", "NS021", '"fill"'),
    ("shade", "red", "NS021", '"shade"'),
    ("schema_version", "2.0", "NS023", '"2.0"'),
    ("schema_version", 1, "NS023", "1"),
    ("inputs", [], "NS025", "[]"),
    ("inputs", ABSENT, "NS022", "{"),
    ("inputs.0.shape.1", -1, "NS025", "-1"),
    ("inputs.0.shape.1", True, "NS025", "true"),
    ("inputs.0.shape.2", "H+*", "NS120", '"H+*"'),
    ("nodes", 3, "NS025", "3"),
    ("nodes.0", 5, "NS025", "5"),
    ("outputs", "nope", "NS103", '"nope"'),
    ("outputs.values.0", edge("fc3", 7), "NS103", "7"),
    ("parameters", 1, "NS201", "1"),
    ("nodes.1.outputs", [{"shape": ["N", 6, 28, 27]}], "NS201", "27"),
    ("nodes.0.initialization", {"weight": "xavier"}, "NS502", '"xavier"'),
    ("nodes.3.shares", "conv1", "NS211", '"conv1"'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "code", "text"), WRONG)
def test_an_error_has_its_place_in_the_json(path: str, value: object, code: str, text: str) -> None:
    diagnostics = [d for d in checked(changed(path, value)).diagnostics if d.code == code]
    assert [d.span.text for d in diagnostics if d.span is not None][:1] == [text]
    assert not any(h.edits for d in diagnostics for h in d.helps)


def test_the_error_of_a_dict_and_of_a_file_is_a_spec_error(tmp_path, run) -> None:
    data = changed("nodes.0.op", "Conv2D")
    with pytest.raises(SpecError, match="unknown op `Conv2D`"):
        netspec.compile(data)
    path = tmp_path / "net.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    with pytest.raises(SpecError, match="unknown op `Conv2D`"):
        netspec.source(path)
    for command in ("check", "summary", "compile", "render", "explain", "lock"):
        code, out, err = run(command, str(path))
        assert (code, "unknown op `Conv2D`" in out + err) == (1, True), command
        assert "net.json:18:" in out + err


def test_nan_is_not_json(tmp_path) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(changed("nodes.0.arguments.out_channels", float("nan"))), "utf-8")
    (diagnostic,) = netspec.load(path).diagnostics
    assert (diagnostic.code, diagnostic.message) == ("NS010", "`NaN` is not JSON")


def test_a_key_is_suggested() -> None:
    (diagnostic,) = checked(changed("nodes.0.argments", {})).diagnostics
    assert diagnostic.helps[0].text == "did you mean `arguments`?"


def test_a_graph_has_no_parameters_and_no_presets(tmp_path, run) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(lenet()), encoding="utf-8")
    assert "has no parameter `width`" in run("check", str(path), "--set", "width=3")[1]
    assert "has no preset `large`" in run("check", str(path), "--preset", "large")[1]


def test_the_editor_and_fmt_say_what_a_graph_is(tmp_path, run) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(lenet()), encoding="utf-8")
    assert "this is a graph of netspec, not a spec" in run("fmt", str(path))[2]


VALUES = st.sampled_from(
    [None, True, -1, 0, 3, 1.5, HUGE, 1e308, "", "x", "N", "H+*", "{", "image", "conv1", [], [[]], {}, {"node": "conv1"}, ["N"]]
)  # fmt: skip


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """A graph with a few of its values replaced or removed."""
    data: Any = draw(st.sampled_from([lenet, residual, short]))()
    for _ in range(draw(st.integers(1, 3))):
        place, parent = data, None
        while isinstance(place, dict | list) and place:
            keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
            parent, key = place, draw(st.sampled_from(keys))
            place = place[key]
            if draw(st.integers(0, 3)) == 0:
                break
        if parent is None:
            break
        if draw(st.booleans()):
            parent[key] = deepcopy(draw(VALUES))
        else:
            del parent[key]
    return data


@settings(max_examples=80, deadline=None)
@given(mutants())
def test_every_error_of_any_graph_has_a_place(data: Any) -> None:
    text = json.dumps(data, indent=1)
    report = netspec.load(text).check()
    for diagnostic in report.errors:
        assert diagnostic.span is not None
        assert diagnostic.span.source.text == text
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


@settings(max_examples=25, deadline=None)
@given(mutants())
def test_what_the_file_accepts_the_model_accepts(data: Any) -> None:
    report = netspec.load(json.dumps(data)).check()
    if "inputs" not in data or "nodes" not in data:
        return
    try:
        netspec.GraphModel.model_validate_json(json.dumps(data))
    except ValueError:
        assert report.errors
    else:
        assert not report.errors
