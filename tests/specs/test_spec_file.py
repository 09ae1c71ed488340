"""Specs as data: `netspec.SpecFile` says the same as the file that it is read from and the text that it writes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import netspec
from netspec import SpecFile, Step
from netspec.document import parse
from netspec.fmt import formatted

ROOT = Path(__file__).parents[2]
GALLERY = sorted((ROOT / "specs").rglob("*.yaml"))


def lenet() -> SpecFile:
    return SpecFile(
        name="lenet",
        inputs={"image": ["N", 1, 32, 32]},
        body=[
            Step(op="Conv2d", name="conv1", out_channels=6, kernel_size=5),
            "Tanh",
            Step(op="AvgPool2d", kernel_size=2),
            {"conv2": {"op": "Conv2d", "out_channels": 16, "kernel_size": 5}},
            Step(op="Tanh"),
            Step(op="AvgPool2d", kernel_size=2),
            "Flatten",
            {"fc": Step(op="Linear", out_features=10)},
        ],
    )


def structure(network):
    """What a network is: paths, ops, weights, inputs and shapes of its nodes."""
    graph = network.elaborate()
    return [
        (
            n.path,
            n.op,
            {key: str(axes) for key, axes in n.parameters.items()},
            [v.node.path for v in n.inputs],
            [str(v.shape) for v in n.outputs],
            n.weight_count,
        )
        for n in graph.nodes
    ]


def errors(make) -> dict[tuple, str]:
    """The errors of validation by the path of their field."""
    with pytest.raises(ValidationError) as caught:
        make()
    return {error["loc"]: error["msg"] for error in caught.value.errors()}


def without_docstrings(program: str) -> ast.Module:
    """A program without docstrings: the comments of a spec, which become some of them, are not data."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


# ---- to YAML and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", GALLERY, ids=lambda p: p.stem)
def test_the_gallery_survives_the_way_through_data(path: Path) -> None:
    spec = SpecFile.from_yaml(path)
    text = spec.to_yaml()
    again = SpecFile.from_yaml(text)
    assert again == spec
    assert again.data() == spec.data()
    assert formatted(parse(text)) == text
    assert structure(netspec.load(spec)) == structure(netspec.load(path))
    assert set(yaml.safe_load(text)) == set(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["gpt", "siamese", "textbook/densenet"])
def test_the_program_is_that_of_the_file(name: str) -> None:
    path = ROOT / "specs" / f"{name}.yaml"
    programs = [
        ast.unparse(without_docstrings(netspec.source(source)))
        for source in (path, SpecFile.from_yaml(path))
    ]
    assert programs[0] == programs[1]


texts = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["1.10", "007", "true", "null", "~", "1e5", "yes", "a: b", "a #b", "-", "- a", "[a", "*", "&a", "x:", "=a",
     "conv{i}", "2 * growth", "0x1F", "1:30", " a", "a ", "\u2028", "\x7f", "\t", "a\nb", "---", "...", "|", ">", "?"]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=30, phases=[Phase.generate])
@given(texts, texts, st.dictionaries(texts, values, max_size=4))
def test_any_data_is_written_so_that_every_reader_reads_it(name, doc, arguments) -> None:
    keys = {
        key: value
        for key, value in arguments.items()
        if key not in Step.model_fields and key != "from"
    }
    spec = SpecFile(body=[Step(op="Layer", name=name, doc=doc, **{"x": 1, **keys})], doc=doc)
    text = spec.to_yaml()
    assert SpecFile.from_yaml(text) == spec
    assert formatted(parse(text)) == text
    assert yaml.safe_load(text)["doc"] == doc
    (step,) = yaml.safe_load(text)["body"]
    written = next(iter(step.values())) if len(step) == 1 else step
    assert written.get("x") == {"x": 1, **keys}["x"]


def test_numbers_are_texts_where_a_text_is_expected() -> None:
    text = "netspec: 1\nname: 1.10\nbody:\n  - 007: ReLU\n  - {name: 1.50, op: ReLU, from: 007, x: 1e-5}\n"
    spec = SpecFile.from_yaml(text)
    assert spec.name == "1.10"
    assert spec.body[0].name == "007"
    assert (spec.body[1].name, spec.body[1].from_, spec.body[1].x) == ("1.50", "007", 1e-5)
    assert SpecFile.from_yaml(spec.to_yaml()) == spec


def test_every_form_of_a_step_is_the_same_step() -> None:
    forms = [
        "{relu: ReLU}",
        "{relu: {op: ReLU}}",
        "{name: relu, op: ReLU}",
        "{op: ReLU, name: relu}",
    ]
    steps = [SpecFile.from_yaml(f"netspec: 1\nbody:\n  - {form}\n").body[0] for form in forms]
    assert steps == [Step(op="ReLU", name="relu")] * 4
    group = SpecFile(body=[["ReLU", {"act": "Tanh"}]]).body[0]
    assert group == Step(body=[Step(op="ReLU"), Step(op="Tanh", name="act")])
    joined = Step(op="Add", branches={"a": "ReLU", "b": ["Tanh"]})
    assert joined.branches == [Step(op="ReLU", name="a"), Step(name="b", body=["Tanh"])]


# ---- build and edit --------------------------------------------------------------------------------


def test_a_network_is_built_in_python() -> None:
    spec = lenet()
    assert spec.to_yaml() == (
        "netspec: 1\n"
        "name: lenet\n"
        "inputs: {image: [N, 1, 32, 32]}\n"
        "body:\n"
        "  - conv1: {op: Conv2d, out_channels: 6, kernel_size: 5}\n"
        "  - Tanh\n"
        "  - {op: AvgPool2d, kernel_size: 2}\n"
        "  - conv2: {op: Conv2d, out_channels: 16, kernel_size: 5}\n"
        "  - Tanh\n"
        "  - {op: AvgPool2d, kernel_size: 2}\n"
        "  - Flatten\n"
        "  - fc: {op: Linear, out_features: 10}\n"
    )
    network = netspec.load(spec)
    assert network.name == "lenet"
    assert [str(size) for size in network.elaborate().outputs.values[0].shape] == ["N", "10"]
    module = netspec.compile(spec)
    assert sum(p.numel() for p in module.parameters()) == 6 * 26 + 16 * 151 + 400 * 10 + 10


def test_a_spec_is_edited() -> None:
    spec = lenet()
    spec.body[0].out_channels = 8
    spec.body[0].kernel_size = (5, 5)
    spec.body[-1].doc = "scores"
    spec.body.append("Softmax")
    spec.body[8] = Step(op="Softmax", dim=1)
    spec.budget = {"params": 10_000}
    assert "conv1: {op: Conv2d, out_channels: 8, kernel_size: [5, 5]}" in spec.to_yaml()
    assert netspec.load(spec).elaborate().parameter_count == 8 * 26 + 16 * 201 + 4010
    del spec.body[-2].doc
    spec.budget = None
    assert "doc" not in spec.to_yaml()
    assert "budget" not in spec.to_yaml()


def test_a_copy_does_not_share_its_steps() -> None:
    spec = lenet()
    copy = spec.model_copy(deep=True)
    assert copy == spec
    copy.body[0].out_channels = 7
    assert spec.body[0].out_channels == 6
    assert copy != spec


def test_none_means_absent_in_python_and_is_rejected_in_a_file() -> None:
    assert Step(op="ReLU", repeat=None) == Step(op="ReLU")
    assert Step(op="Conv2d", padding=None).arguments == {"padding": None}
    text = "{netspec: 1, body: [{op: ReLU, repeat: null}]}"
    assert {path[:3] for path in errors(lambda: SpecFile.from_yaml(text))} == {
        ("body", 0, "repeat")
    }


def test_paths_of_used_files_are_relative_to_the_file_that_was_read(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text("netspec: 1\nblocks: {Twice: [ReLU, ReLU]}\n")
    path = tmp_path / "net.yaml"
    path.write_text("netspec: 1\nuse: {b: ./blocks.yaml}\ninputs: {image: [N]}\nbody: [b.Twice]\n")
    spec = SpecFile.from_yaml(path)
    assert spec.file == str(path)
    assert len(netspec.load(spec).elaborate().nodes) == 2


def test_a_diagnostic_is_shown_in_the_text_that_the_spec_has() -> None:
    spec = lenet()
    del spec.body[6]
    with pytest.raises(netspec.SpecError) as caught:
        netspec.compile(spec.model_copy(update={"budget": None, "outputs": "fcc"}))
    assert "did you mean `fc`?" in str(caught.value)


def test_load_rejects_what_is_not_a_spec() -> None:
    with pytest.raises(
        TypeError, match="expected a path, a text, a SpecFile, a GraphModel or a dict, not int"
    ):
        netspec.load(3)


# ---- errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{netspec: 1, boddy: []}", ("boddy",)),
        ("{body: []}", ("netspec",)),
        ("{netspec: 1, body: [{conv: {op: Conv2d, when: 3}}]}", ("body", 0, "when")),
        ("{netspec: 1, body: [[ReLU, {body: [], whn: 3}]]}", ("body", 0, "body", 1, "whn")),
        ("{netspec: 1, body: [{op: A, body: []}]}", ("body", 0, "body")),
        ("{netspec: 1, body: [{op: A, share: b}]}", ("body", 0, "share")),
        ("{netspec: 1, body: [{a: {share: {weight: b}}}]}", ("body", 0, "share")),
        ("{netspec: 1, body: [{each: {i: [1]}}]}", ("body", 0, "body")),
        ("{netspec: 1, body: [{a: {name: b, op: C}}]}", ("body", 0, "name")),
        ("{netspec: 1, body: [{op: A, branches: {a: 3}}]}", ("body", 0, "branches")),
        ("{netspec: 1, blocks: {A: {params: {}}}}", ("blocks", "A", "body")),
        ("{netspec: 1, dims: {H: {mim: 3}}}", ("dims", "H", "mim")),
        ("{netspec: 1, inputs: {image: [N, 0]}}", ("inputs", "image", 1)),
        ("{netspec: 1, inputs: {image: N}}", ("inputs", "image")),
        ("{netspec: 1, inputs: {image: {shape: N}}}", ("inputs", "image", "shape")),
        ("{netspec: 1, params: {a: {typ: int}}}", ("params", "a", "typ")),
        ("{netspec: 1, params: {a: {op: 3}}}", ("params", "a", "op")),
        ("{netspec: 1, body: [{op: A, from: {a: []}}]}", ("body", 0, "from")),
        ("{netspec: 1, init: {Linear: {weight: {f: a}}}}", ("init", "Linear", "weight", "fn")),
    ],
)
def test_an_error_has_the_path_of_its_field(text: str, path: tuple) -> None:
    assert path in errors(lambda: SpecFile.from_yaml(text))


def test_an_assignment_is_validated() -> None:
    step = Step(op="ReLU")
    with pytest.raises(ValidationError):
        step.repeat = -1
    with pytest.raises(ValidationError):
        step.negative_slope = object()
    assert step == Step(op="ReLU")


def test_an_edit_that_breaks_the_structure_is_found_when_it_is_written() -> None:
    spec = lenet()
    spec.body[0].body = ["ReLU"]
    assert errors(spec.to_yaml).keys() == {("body", 0, "body")}


def test_a_text_that_is_not_yaml_is_a_spec_error() -> None:
    with pytest.raises(netspec.SpecError):
        SpecFile.from_yaml("netspec: 1\nbody: [")
    with pytest.raises(netspec.SpecError):
        SpecFile.from_yaml("missing.yaml")
