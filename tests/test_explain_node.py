"""`netspec explain SPEC PATH`: the arithmetic of the numbers of a node or a level."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest

import netspec
from netspec.explain.node import node_account
from netspec.graph import Node
from netspec.graph.costs import node_macs
from netspec.graph.location import entries_by_path
from netspec.report.summary import Summary

ROOT = Path(__file__).parents[1]
DENSENET = str(ROOT / "specs/densenet121.yaml")


@pytest.fixture
def explain(run, tmp_path):
    """The account of a node of a spec that is given as text."""

    def call(text: str, *arguments: str) -> str:
        path = tmp_path / "net.yaml"
        path.write_text(f"netspec: 1\n{text}")
        code, out, err = run("explain", str(path), *arguments)
        assert code == 0, err
        return out.replace(str(path), "net.yaml")

    return call


def test_the_first_convolution_of_densenet(run):
    code, out, _ = run("explain", DENSENET, "features.conv0")
    assert code == 0
    assert (
        out.replace(DENSENET, "densenet121.yaml")
        == """\
features.conv0: Conv2d
Applies a 2-D convolution over several input channels.
Numbers at 3×224×224.

where
  densenet121.yaml:40:5  features (group)
  densenet121.yaml:41:9  features.conv0

arguments
  in_channels   3      inferred from the input
  out_channels  64     specified as 2 * growth
  kernel_size   7      specified
  stride        2      specified
  padding       3      specified
  dilation      1      by default
  groups        1      by default
  bias          false  specified
  padding_mode  zeros  by default

inputs
  [1, 3, 224, 224] from image

result
  [1, 64, 112, 112]
  N' = 1 (from `image`)
  C' = 64 (`out_channels`)
  H' = ⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112
  W' = ⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112

size trace
  H: 224 (image) → 112 (features.conv0)
  W: 224 (image) → 112 (features.conv0)

parameters
  weight: 3·64·7·7 = 9,408

MACs
  9,408 · 112 · 112 = 118,013,952

receptive field of one element
  7 of 224 along the height and width of image
  stride 2, offset −3 (3 before the edge)
  widest path: 1 (image) → 7 (features.conv0)
"""
    )


def test_where_a_node_stands_names_blocks_and_iterations(run):
    _, out, _ = run("explain", DENSENET, "features.denseblock2.denselayer3.cat")
    where = out.replace(DENSENET, "densenet121.yaml").split("where\n")[1].split("\n\n")[0]
    assert (
        where
        == """\
  densenet121.yaml:40:5  features (group)
  densenet121.yaml:47:13  features.denseblock2 (group, each stage: 2 of 4)
  densenet121.yaml:48:17  features.denseblock2.denselayer3 (DenseLayer, repeat: 3 of 12)
  densenet121.yaml:29:9  features.denseblock2.denselayer3.cat"""
    )
    assert "  C' = 192 + 32 = 224\n" in out
    assert "  H' = 28 (from the inputs)\n" in out
    assert (
        "  H: 224 (image) → 112 (features.conv0) → 56 (features.pool0) → 28 (features.trans" in out
    )


def test_parameters_of_the_spec_and_sizes_can_be_chosen(run):
    _, out, _ = run(
        "explain", DENSENET, "features.conv0", "--set", "growth=48", "--size", "H=64,W=32"
    )
    assert "Numbers at 3×64×32." in out
    assert "  out_channels  96     specified as 2 * growth\n" in out
    assert "  H' = ⌊(64 + 2·3 − 7) / 2⌋ + 1 = 32\n  W' = ⌊(32 + 2·3 − 7) / 2⌋ + 1 = 16\n" in out
    assert "  14,112 · 32 · 16 = 7,225,344\n" in out
    assert "  7 of 64 along the height of image\n" in out
    assert "  7 of 32 along the width of image\n" in out


def test_a_layer_that_sees_everything_says_since_when(run):
    _, out, _ = run("explain", DENSENET, "classifier")
    assert "  weight: 1024·1000 = 1,024,000\n  bias: 1,000\n  total 1,025,000\n" in out
    assert "\n  1,024,000, one per weight\n" in out
    assert "\n  unbounded along the height and width of image from `pool`\n" in out


def test_a_level_has_its_sums_and_what_is_in_it(run):
    _, out, _ = run("explain", DENSENET, "features.denseblock1")
    assert "\n  42 nodes, 335,040 parameters, 1,040,449,536 MACs\n" in out
    assert "\n  denselayer1…6  DenseLayer ×6  [1, 256, 56, 56]  335,040  1.04 G\n" in out
    assert "\n  [1, 64, 56, 56] from features.pool0\n" in out
    assert "\n  59 of 224 along the height and width of image\n" in out
    _, out, _ = run("explain", DENSENET, "features.denseblock1.denselayer2")
    assert "features.denseblock1.denselayer2: DenseLayer\n" in out
    assert "(DenseLayer, repeat: 2 of 6)" in out


def test_without_a_path_it_is_the_network(run):
    _, out, _ = run("explain", DENSENET)
    assert out.startswith("the network: group\n")
    assert "\n  427 nodes, 7,978,856 parameters, 2,834,161,664 MACs\n" in out


def test_a_product_and_a_written_number(explain):
    out = explain(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - flat: Flatten\n"
        "  - fc: {op: Linear, in_features: 192, out_features: 10}\n",
        "flat",
    )
    assert "  F' = 3·8·8 = 192\n" in out
    assert "undefined along the height and width of image: `flat` reorders" in out


def test_shared_and_tied_weights_say_whose_they_are(explain):
    text = """\
inputs: {left: [N, 3, H, W], right: [N, 3, H, W]}
body:
  - a: {op: Conv2d, out_channels: 4, kernel_size: 3, from: left}
  - b: {share: a, from: right}
  - c: {op: Conv2d, out_channels: 4, kernel_size: 3, from: right, share: {weight: a.weight}}
  - join: {op: Concat, from: [a, b, c]}
"""
    shared = explain(text, "b")
    assert "parameters\n  shared with `a`\n" in shared
    assert "  kernel_size   3      specified\n" in shared
    assert "  independent of left\n" in shared
    tied = explain(text, "c")
    assert "  weight: 3·4·3·3 = 108, tied to a.weight\n  bias: 4\n" in tied
    joined = explain(text, "join")
    assert "  C' = 4·3 = 12\n" in joined
    assert "  3 of 224 along the height and width of left\n" in joined
    assert "  3 of 224 along the height and width of right\n" in joined


def test_results_by_name_and_sizes_from_other_tensors(explain):
    text = """\
inputs: {sound: [N, T, 8], image: [N, 3, H, W], small: [N, 3, A, B]}
dims: {T: 20, A: 112, B: 112}
body:
  - lstm: {op: LSTM, hidden_size: 16, batch_first: true, from: sound}
  - up: {op: Interpolate, size: [image.height, image.width], from: small}
outputs: [lstm, lstm.h_n, up]
"""
    lstm = explain(text, "lstm")
    assert "result output\n  [1, 20, 16]\n  N' = 1 (from `sound`)\n  T' = 20" in lstm
    assert "result h_n\n  [1, 1, 16]\n" in lstm
    assert "  unbounded along the T of sound from `lstm`\n" in lstm
    up = explain(text, "up")
    assert "[224, 224]  specified as [image.height, image.width]\n" in up
    assert "  1 of 112 along the height and width of small\n  stride 1/2" in up


def test_dilation_and_stretches_are_written_out(explain):
    text = """\
inputs: {image: [N, 3, 32, 32]}
body:
  - wide: {op: Conv2d, out_channels: 4, kernel_size: 3, dilation: 2}
  - up: {op: ConvTranspose2d, out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
  - pool: {op: MaxPool2d, kernel_size: 3, stride: 2, ceil_mode: true}
"""
    assert "  H' = 32 − 2·(3 − 1) − 1 + 1 = 28\n" in explain(text, "wide")
    assert "  H' = (28 − 1)·2 − 2·1 + 4 = 56\n" in explain(text, "up")
    assert "  H' = ⌈(56 − 3) / 2⌉ + 1 = 28\n" in explain(text, "pool")
    assert "  64 · 28 · 28 = " not in explain(text, "wide")
    assert "  108 · 28 · 28 = 84,672\n" in explain(text, "wide")
    assert "  256 · 28 · 28 = 200,704\n" in explain(text, "up")  # of a transposed one, the input's


def test_no_image_and_no_sequence_has_no_field(explain):
    out = explain("inputs: {features: [N, 4]}\nbody: [{op: Linear, out_features: 2}]\n", "0")
    assert "\n  undefined: no input is a sequence or an image\n" in out


def test_an_unknown_path_gets_a_suggestion(run):
    code, out, err = run("explain", DENSENET, "features.conv1")
    assert (code, out) == (2, "")
    assert err == (
        "netspec: `densenet121` has no node `features.conv1`\n"
        "  help: did you mean `features.conv0`?\n"
    )
    _, _, err = run("explain", DENSENET, "zzz")
    assert err.endswith("  help: list all nodes with `netspec summary`\n")


def test_a_command_line_that_makes_no_sense_says_why(run, tmp_path):
    code, _, err = run("explain", DENSENET, "a", "b")
    assert code == 2
    assert err == (
        "netspec: `netspec explain` takes one code, or a spec and a path\n"
        "  help: write `netspec explain NS201`, or `netspec explain net.yaml features.conv0`\n"
    )
    library = tmp_path / "blocks.yaml"
    library.write_text("netspec: 1\nblocks: {Act: [ReLU]}\n")
    code, _, err = run("explain", str(library), "act")
    assert (code, err) == (2, "this is a library: it has blocks, but no nodes to explain\n")
    assert run("explain", str(tmp_path / "none.yaml"), "a")[0] == 2
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody: [RelU]\n")
    code, out, err = run("explain", str(wrong), "0")
    assert (code, out) == (1, "")
    assert "error[NS101]: unknown op `RelU`" in err


def test_programs_get_the_same_as_json(run):
    _, out, _ = run(
        "explain", DENSENET, "features.denseblock1.denselayer2.conv2", "--format", "json"
    )
    data = json.loads(out)
    assert data["op"] == "Conv2d"
    assert data["where"][2]["iterations"] == [{"loop": "repeat", "number": 2, "count": 6}]
    assert data["arguments"][0] == {
        "name": "in_channels",
        "value": "128",
        "by": "inferred",
        "written": None,
    }
    assert data["sizes_worked"][0][2] == {"axis": "H", "text": "56 + 2·1 − 3 + 1 = 56"}
    assert data["parameters"][0]["count"] == 128 * 32 * 9
    assert data["macs"] == 128 * 32 * 9 * 56 * 56
    (field,) = data["receptive_field"]
    assert (field["kind"], field["size"], field["jump"], field["start"]) == (
        "stretch",
        27,
        4.0,
        -13,
    )
    assert field["way"][-1] == {"size": 27, "path": "features.denseblock1.denselayer2.conv2"}
    _, out, _ = run("explain", DENSENET, "features.transition1", "--format", "json")
    data = json.loads(out)
    assert [c["name"] for c in data["children"]] == ["norm", "relu", "conv", "pool"]
    assert data["parameters"] == 2 * 256 + 256 * 128


@pytest.mark.parametrize(
    "name", ["densenet121", "vit", "gpt", "unet", "resnet_fpn", "siamese", "text_lstm"]
)
def test_what_is_written_out_adds_up_to_what_the_table_has(name):
    graph = netspec.load(ROOT / f"specs/{name}.yaml").elaborate()
    weights = macs = 0
    for entry in entries_by_path(graph).values():
        if isinstance(entry, Node):
            account = node_account(graph, entry, graph.examples)
            weights += sum(
                prod(w.shape) for w in account.weights if not w.owner and not account.owner
            )
            macs += account.macs
            assert account.macs == node_macs(entry, graph.examples)
            assert account.macs_text.startswith(f"{account.macs:,}") or account.macs_text.endswith(
                f" = {account.macs:,}"
            )
            for flow, sums in zip(account.results, account.sums, strict=True):
                for size, (_, text) in zip(flow.shape, sums, strict=True):
                    assert text.startswith(str(size)) or text.endswith(f" = {size}")
    assert weights == graph.parameter_count
    assert macs == Summary(graph).macs
