"""The schema for editors: what it accepts, what it rejects, and that it says what the compiler says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from netspec.cli import main
from netspec.document import parse
from netspec.layer.argument_kinds import InvalidValueError
from netspec.layers import OPS, find
from netspec.schema import SpecFile, spec_schema
from netspec.schema.layer_schema import values
from netspec.syntax import plain_value

ROOT = Path(__file__).parents[1]
SCHEMA = spec_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
ARGUMENTS = [(op, a) for op in OPS for a in find(op).arguments.values()]


def data(text):
    """A file as plain data, as an editor sees it."""
    read = parse(text)
    assert not read.unreadable
    return plain_value(read.root)


def examples():
    """The gallery, and every complete file of the language page."""
    for path in sorted((ROOT / "specs").glob("**/*.yaml")):
        yield pytest.param(path.read_text(encoding="utf-8"), id=path.name)
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml (?:spec|file \S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 10
    for number, text in enumerate(blocks):
        yield pytest.param(text, id=f"language.md-{number}")


def fragments():
    """The pieces of files on the language page, each with a frame around it."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    for text in re.findall(r"^```yaml fragment\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        body = "" if re.search("^body:", text, re.MULTILINE) else "body:\n"
        yield f"netspec: 1\n{body}{text}"


def model_takes(value):
    """Whether the pydantic model takes plain data."""
    try:
        SpecFile.model_validate(value)
    except ValidationError:
        return False
    return True


def test_it_is_a_json_schema_of_the_draft_that_it_names():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMA["$id"].startswith("urn:")


@pytest.mark.parametrize("text", list(examples()))
def test_it_accepts_specs(text):
    VALIDATOR.validate(data(text))
    SpecFile.model_validate(data(text))


def test_it_accepts_the_fragments_of_the_language_page():
    for text in fragments():
        VALIDATOR.validate(data(text))
        SpecFile.model_validate(data(text))


STRUCTURE = [
    "nets: 1",
    "name: no version",
    "netspec: 2",
    "netspec: one",
    "{netspec: 1, input: {image: [N, 3]}}",
    "{netspec: 1, inputs: {image: N}}",
    "{netspec: 1, inputs: {image: {shape: [N], dtype: float23}}}",
    "{netspec: 1, dims: {H: {mim: 32}}}",
    "{netspec: 1, dims: {H: 0}}",
    "{netspec: 1, params: {a: {type: integer}}}",
    "{netspec: 1, params: {a: {type: int, defualt: 3}}}",
    "{netspec: 1, blocks: {A: {bdy: [ReLU]}}}",
    "{netspec: 1, blocks: {A: {body: [ReLU], parms: {a: int}}}}",
    "{netspec: 1, budget: {parameters: 3}}",
    "{netspec: 1, body: ReLU}",
    "{netspec: 1, body: [3]}",
    "{netspec: 1, body: [{a: ReLU, b: ReLU}]}",
    "{netspec: 1, body: [{body: [ReLU], whn: a > 1}]}",
    "{netspec: 1, body: [{stem: {body: [ReLU], outptus: a}}]}",
    "{netspec: 1, body: [{each: stages, body: [ReLU]}]}",
    "{netspec: 1, body: [{op: ReLU, repeat: [2]}]}",
    "{netspec: 1, body: [{op: ReLU, from: {input: [a]}}]}",
]
"""Wrong by their structure: the models know as well."""

BY_LAYER = [
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernal_size: 3}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernel_size: 3, strid: 2}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 0, kernel_size: 3}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: true, kernel_size: 3}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernel_size: [3, 3, 3]}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernel_size: 3, padding_mode: zero}]}",
    "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernel_size: 3, reapeat: 2}]}",
    "{netspec: 1, body: [{op: ReLU, whn: a > 1}]}",
    "{netspec: 1, body: [{op: ReLU, branches: [ReLU]}]}",
    "{netspec: 1, body: [{a: {op: Dropout, p: 2}}]}",
    "{netspec: 1, blocks: {A: [{op: Concat, branches: {a: {op: Linear, features: 3}}}]}}",
    "{netspec: 1, init: {Conv2d: {weight: zeroes_}}}",
    "{netspec: 1, init: {Conv2d: {weight: {fn: normal_, sdt: 0.02}}}}",
    "{netspec: 1, init: {Conv2d: {weight: constant_}}}",
]
"""Wrong for what is known of layers: the schema alone knows."""


@pytest.mark.parametrize("text", STRUCTURE)
def test_the_model_and_the_schema_reject_what_has_another_structure(text):
    assert not VALIDATOR.is_valid(data(text))
    assert not model_takes(data(text))


@pytest.mark.parametrize("text", BY_LAYER)
def test_the_schema_rejects_arguments_that_a_layer_does_not_take(text):
    assert not VALIDATOR.is_valid(data(text))


@pytest.mark.parametrize(
    "text",
    [
        "{netspec: 1, body: [{op: Stage, widht: 3, anything: [1, {a: b}]}]}",
        "{netspec: 1, body: [{op: resnet.Bottleneck, planes: 64, branches: []}]}",
        "{netspec: 1, body: [{op: Conv2d, out_channels: 2 * growth, kernel_size: '[k, k]'}]}",
        "{netspec: 1, body: [{op: Conv2d, out_channels: 3, kernel_size: [k, 3], bias: not last}]}",
        "{netspec: 1, body: [{op: Conv2d, out_channels: 8, kernel_size: 1, padding_mode: =mode}]}",
        "{netspec: 1, params: {act: {op: LeakyReLU, negative_slope: 0.1}}, inputs: , body: []}",
    ],
)
def test_what_only_the_compiler_can_know_is_let_through(text):
    assert VALIDATOR.is_valid(data(text))
    assert model_takes(data(text))


WORDS = sorted({w for _, a in ARGUMENTS for w in a.kind.words} | {"zeros", "text"})
numbers = st.integers(-3, 9) | st.sampled_from([0.0, 0.1, 1.0, 1.5, -0.5, 2.0])
scalars = st.none() | st.booleans() | numbers
candidates = scalars | st.sampled_from(WORDS) | st.lists(scalars, max_size=6)
candidates |= st.fixed_dictionaries({"fn": st.sampled_from(WORDS)}, optional={"std": numbers})


@given(st.sampled_from(ARGUMENTS), candidates)
def test_an_argument_is_rejected_here_if_and_only_if_the_layer_rejects_it(argument, value):
    kind = argument[1].kind
    try:
        kind.accept(value)
        taken = True
    except InvalidValueError:
        taken = isinstance(value, str) and not kind.text  # an expression, for all one can see
    schema = values(kind)
    here = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
    assert here.is_valid(value) == taken or schema == {}


def test_the_kinds_of_all_arguments_but_one_are_known():
    assert [(op, a.name) for op, a in ARGUMENTS if values(a.kind) == {}] == [("Constant", "value")]


def test_every_argument_has_a_sentence_with_its_default():
    for op, argument in ARGUMENTS:
        offered = SCHEMA["$defs"][f"layer.{op}"]["properties"][argument.name]
        assert argument.doc[1:] in offered["description"]
    conv = SCHEMA["$defs"]["layer.Conv2d"]
    assert conv["required"] == ["out_channels", "kernel_size"]
    assert conv["properties"]["stride"]["description"] == (
        "The stride of the window, in elements. Default: 1. In torch: `stride` of `torch.nn.Conv2d`."
    )


def test_every_key_of_a_file_and_of_a_step_has_a_description():
    forms = ("OpStep", "Group", "Loop", "Again", "Block")
    models = [SCHEMA, *(SCHEMA["$defs"][form] for form in forms)]
    missing = [k for m in models for k, v in m["properties"].items() if "description" not in v]
    assert missing == []


def test_every_layer_is_offered_as_an_op():
    offered = [choice.get("const") for choice in SCHEMA["$defs"]["Op"]["anyOf"]]
    assert offered[1:] == list(OPS)


def test_the_command_prints_it_and_writes_it(capsys, tmp_path):
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == SCHEMA
    assert len(printed) < 560_000
    target = tmp_path / "netspec.schema.json"
    assert main(["schema", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == printed
    assert capsys.readouterr().err.startswith(f"{target}: ")


def test_the_command_takes_no_spec(capsys):
    assert main(["schema", "net.yaml"]) == 2
    assert "`netspec schema` takes no spec" in capsys.readouterr().err
