"""Where diagnostics about weights point: at the argument that decides what differs, tried with the file's shapes."""

from __future__ import annotations

import pytest
import torch

import netspec
from netspec.diagnostics import Diagnostic
from netspec.weights import Checkpoint
from netspec.weights.agreement import agreement
from netspec.weights.checkpoint import StoredTensor

IMAGE = "{image: [N, 8, 16, 16]}"


def spec(*steps: str, inputs: str = IMAGE) -> str:
    return f"netspec: 1\ninputs: {inputs}\nbody:\n" + "".join(f"  - {step}\n" for step in steps)


def conv(**arguments: object) -> str:
    arguments_text = {"out_channels": 16, "kernel_size": 3, **arguments}
    listed = ", ".join(f"{name}: {value}" for name, value in arguments_text.items())
    return spec(f"conv: {{op: Conv2d, {listed}}}", "norm: BatchNorm2d")


def layer(text: str, inputs: str = "{v: [N, 8]}") -> str:
    return spec(f"it: {text}", inputs=inputs)


def lstm(**arguments: object) -> str:
    arguments_text = {"hidden_size": 16, "num_layers": 2, "batch_first": "true", **arguments}
    listed = ", ".join(f"{name}: {value}" for name, value in arguments_text.items())
    return layer(f"{{op: LSTM, {listed}}}", "{v: [N, T, 8]}")


def transposed(**arguments: object) -> str:
    arguments_text = {"out_channels": 16, "kernel_size": 3, **arguments}
    listed = ", ".join(f"{name}: {value}" for name, value in arguments_text.items())
    return layer(f"{{op: ConvTranspose2d, {listed}}}", IMAGE)


def parameter(shape: str, tokens: str) -> str:
    add = "{op: Add, from: [tokens, pos]}"
    return spec(f"pos: {{op: Parameter, shape: {shape}}}", add, inputs=f"{{tokens: [N, {tokens}]}}")


def diagnostics_of(text: str, weights: dict[str, torch.Tensor]) -> list[Diagnostic]:
    network = netspec.load(text)
    held = {k: StoredTensor(tuple(v.shape), str(v.dtype)[6:]) for k, v in weights.items()}
    parsed = network.report.spec
    assert parsed is not None
    return agreement(network.elaborate(), Checkpoint("w.pt", held), {}, parsed.root.span)


def pointed(diagnostic: Diagnostic, text: str) -> str:
    """The words that a diagnostic points at, with their line up to them."""
    assert diagnostic.span is not None
    line, column = diagnostic.span.source.line_column(diagnostic.span.start)
    return (
        text.splitlines()[line - 1][: column - 1].rpartition(", ")[2].lstrip()
        + diagnostic.span.text
    )


SHAPES = [
    (conv(), conv(out_channels=32), "out_channels: 16", "16 here, 32 in the file", ""),
    (conv(), conv(kernel_size=5), "kernel_size: 3", "3 here, 5 in the file", ""),
    (conv(kernel_size="[3, 3]"), conv(kernel_size="[3, 5]"), "3", "3 here, 5 in the file", ""),
    (conv(groups=2), conv(groups=4), "groups: 2", "4 here, 2 in the file", "groups: 4"),
    (conv(), conv().replace("[N, 8", "[N, 4"), "8", "8 here, 4 in the file", "groups: 2"),
    (conv(in_channels=8), conv().replace("[N, 8", "[N, 4"), "in_channels: 8", "8 here, 4 in the file", "groups: 2"),
    (layer("{op: Linear, out_features: 10}"), layer("{op: Linear, out_features: 7}"), "out_features: 10",
     "10 here, 7 in the file", ""),
    (layer("{op: Linear, out_features: 10, in_features: 8}"), layer("{op: Linear, out_features: 10}", "{v: [N, 6]}"),
     "in_features: 8", "8 here, 6 in the file", ""),
    (layer("{op: Embedding, num_embeddings: 100, embedding_dim: 16}", "{v: {shape: [N, T], dtype: int64}}"),
     layer("{op: Embedding, num_embeddings: 120, embedding_dim: 16}", "{v: {shape: [N, T], dtype: int64}}"),
     "num_embeddings: 100", "100 here, 120 in the file", ""),
    (layer("{op: Embedding, num_embeddings: 100, embedding_dim: 16}", "{v: {shape: [N, T], dtype: int64}}"),
     layer("{op: Embedding, num_embeddings: 100, embedding_dim: 32}", "{v: {shape: [N, T], dtype: int64}}"),
     "embedding_dim: 16", "16 here, 32 in the file", ""),
    (layer("{op: LayerNorm, normalized_shape: [4, 8]}", "{v: [N, 4, 8]}"),
     layer("{op: LayerNorm, normalized_shape: [8]}", "{v: [N, 4, 8]}"),
     "normalized_shape: [4, 8]", "2 dimensions here, 1 in the file", ""),
    (layer("{op: LayerNorm, normalized_shape: 8}"), layer("{op: LayerNorm, normalized_shape: 6}", "{v: [N, 6]}"),
     "normalized_shape: 8", "8 here, 6 in the file", ""),
    (layer("{op: PReLU, num_parameters: 8}"), layer("{op: PReLU, num_parameters: 1}"), "num_parameters: 8",
     "8 here, 1 in the file", ""),
    (parameter("[1, 196, 64]", "196, 64"), parameter("[1, 197, 64]", "197, 64"), "196", "196 here, 197 in the file", ""),
    (parameter("[1, 196, 64]", "196, 64"), parameter("[196, 64]", "196, 64"), "shape: [1, 196, 64]",
     "3 dimensions here, 2 in the file", ""),
    (lstm(), lstm(hidden_size=32), "hidden_size: 16", "64 here, 128 in the file", "hidden_size: 32"),
    (transposed(groups=1), transposed(groups=2), "groups: 1", "16 here, 8 in the file", "groups: 2"),
    (transposed(), transposed(groups=8), "it", "16 here, 2 in the file", "groups: 8"),
    (transposed(groups=1), transposed(groups=1, out_channels=8), "out_channels: 16", "16 here, 8 in the file", ""),
]  # fmt: skip


@pytest.mark.parametrize(("here", "there", "words", "label", "help"), SHAPES)
def test_a_shape_points_at_what_decides_it(
    here: str, there: str, words: str, label: str, help: str
) -> None:
    [diagnostic] = diagnostics_of(here, dict(netspec.compile(there).state_dict()))
    assert diagnostic.code == "NS604"
    pointed_words = pointed(diagnostic, here)
    assert pointed_words.endswith(words), pointed_words
    assert diagnostic.label == label
    assert [h.text for h in diagnostic.helps] == (
        [f"set `{help}` to match the shapes of the file"] if help else []
    )


@pytest.mark.parametrize(("here", "there"), [(a, b) for a, b, *_, help in SHAPES if help])
def test_an_argument_that_is_offered_makes_the_file_load(here: str, there: str) -> None:
    weights = dict(netspec.compile(there).state_dict())
    [diagnostic] = diagnostics_of(here, weights)
    name, _, value = diagnostic.helps[0].text.split("`")[1].partition(": ")
    step = here.splitlines()[3]
    old = step.partition(f"{name}: ")[2].partition(",")[0].rstrip("}")
    new = (
        step.replace(f"{name}: {old}", f"{name}: {value}")
        if old
        else step.replace("}", f", {name}: {value}}}")
    )
    assert diagnostics_of(here.replace(step, new), weights) == []


def classifier(pool: str, side: int = 32, conv: str = "kernel_size: 3") -> str:
    return spec(
        f"conv: {{op: Conv2d, out_channels: 16, {conv}}}",
        f"pool: {pool}",
        "flat: Flatten",
        "head: {op: Linear, out_features: 10}",
        inputs=f"{{image: [N, 3, {side}, {side}]}}",
    )


ADAPTIVE, HALVED = "{op: AdaptiveAvgPool2d, output_size: [2, 2]}", "{op: MaxPool2d, kernel_size: 2}"


@pytest.mark.parametrize(
    ("here", "there", "words", "label", "help"),
    [
        (classifier(ADAPTIVE), classifier(ADAPTIVE.replace("[2, 2]", "1")), "[2, 2]",
         "64 = 16 × 2 × 2 here, 16 in the file", "set `output_size: 1` of `pool`"),
        (classifier(ADAPTIVE), classifier(ADAPTIVE.replace("[2, 2]", "7")), "[2, 2]",
         "64 = 16 × 2 × 2 here, 784 in the file", "set `output_size: 7` of `pool`"),
        (classifier(ADAPTIVE), classifier(ADAPTIVE.replace("[2, 2]", "[3, 2]")), "[2, 2]",
         "64 = 16 × 2 × 2 here, 96 in the file", ""),
        (classifier(HALVED), classifier(HALVED, 64), "pool", "3600 = 16 × 15 × 15 here, 15376 in the file",
         "use an input `image` of 64 × 64 to 65 × 65"),
        (classifier(HALVED), classifier(HALVED, conv="kernel_size: 3, padding: 1"), "pool",
         "3600 = 16 × 15 × 15 here, 4096 in the file", "use an input `image` of 34 × 34 to 35 × 35"),
    ],
)  # fmt: skip
def test_a_size_that_flows_in_points_at_what_it_is_made_of(
    here: str, there: str, words: str, label: str, help: str
) -> None:
    weights = dict(netspec.compile(there).state_dict())
    [diagnostic] = diagnostics_of(here, weights)
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.text, diagnostic.label) == ("NS604", words, label)
    assert [h.text for h in diagnostic.helps] == (
        [f"{help} to match the shapes of the file"] if help else []
    )
    assert [(label.span.text, label.text) for label in diagnostic.labels] == [
        ("16", "16 channels from `conv`")
    ]
    for edited in edits(here, help):
        assert diagnostics_of(edited, weights) == []


def edits(here: str, help: str) -> list[str]:
    """The specs that an advice speaks of: each of the sizes, or the other `output_size`."""
    if "output_size" in help:
        return [here.replace("output_size: [2, 2]", help.split("`")[1])]
    sides = sorted({int(word) for word in help.split() if word.isdigit()})
    return [here.replace("32, 32", f"{side}, {side}") for side in sides]


def test_a_size_that_is_zero_without_an_argument() -> None:
    unexpected, shape = diagnostics_of(
        lstm(), dict(netspec.compile(lstm(proj_size=4)).state_dict())
    )
    assert (unexpected.code, shape.code) == ("NS603", "NS604")
    assert [h.text for h in unexpected.helps] == [
        "write `proj_size: 4` to match the weights of the file for `it`"
    ]
    assert [h.text for h in shape.helps] == ["set `proj_size: 4` to match the shapes of the file"]


def test_a_layer_that_the_file_does_not_have_is_not_said_to_be_one_without_weights() -> None:
    text = spec("norm: BatchNorm2d", "other: LayerNorm", "head: {op: Linear, out_features: 3}")
    weights = {k: v for k, v in netspec.compile(text).state_dict().items() if k.startswith("norm")}
    [diagnostic] = diagnostics_of(text, weights)
    assert (diagnostic.code, diagnostic.helps) == ("NS602", ())


def test_two_arguments_that_differ_are_both_marked() -> None:
    [diagnostic] = diagnostics_of(
        conv(), dict(netspec.compile(conv(out_channels=32, kernel_size=5)).state_dict())
    )
    assert (diagnostic.span and diagnostic.span.text, diagnostic.label) == (
        "16",
        "16 here, 32 in the file",
    )
    assert [(label.span.text, label.text) for label in diagnostic.labels] == [
        ("3", "3 here, 5 in the file")
    ]
    assert diagnostic.notes[-1] == "4 weights of other steps follow from this"


def test_a_norm_that_differs_alone_is_its_own_matter() -> None:
    weights = dict(netspec.compile(conv()).state_dict())
    weights |= {k: torch.zeros(7) for k, v in weights.items() if k.startswith("norm.") and v.dim()}
    [diagnostic] = diagnostics_of(conv(), weights)
    assert (diagnostic.span and diagnostic.span.text, diagnostic.label) == (
        "norm",
        "16 here, 7 in the file",
    )


# ---- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there", "code", "words", "help"),
    [
        (conv(), conv(bias="false"), "NS602", "conv", "write `bias: false` to match the weights of the file for `conv`"),
        (conv(bias="false"), conv(), "NS603", "false",
         "write `bias: true` instead of `false` to match the weights of the file for `conv`"),
        (lstm(), lstm(num_layers=3), "NS603", "2", "write `num_layers: 3` instead of `2` to match the weights of the file for `it`"),
        (lstm(), lstm(bias="false"), "NS602", "it", "write `bias: false` to match the weights of the file for `it`"),
        (layer("{op: BatchNorm1d, affine: false}"), layer("BatchNorm1d"), "NS603", "false",
         "write `affine: true` instead of `false` to match the weights of the file for `it`"),
        (layer("LayerNorm"), layer("{op: LayerNorm, elementwise_affine: false}"), "NS602", "it",
         "write `elementwise_affine: false` to match the weights of the file for `it`"),
        (layer("{op: GroupNorm, num_groups: 4}", IMAGE), layer("{op: GroupNorm, num_groups: 4, affine: false}", IMAGE),
         "NS602", "it", "write `affine: false` to match the weights of the file for `it`"),
        (layer("BatchNorm1d"), layer("{op: BatchNorm1d, track_running_stats: false}"), "NS602", "it",
         "write `track_running_stats: false` to match the weights of the file for `it`"),
    ],
)  # fmt: skip
def test_a_flag_that_decides_which_weights_there_are(
    here: str, there: str, code: str, words: str, help: str
) -> None:
    weights = dict(netspec.compile(there).state_dict())
    [diagnostic] = diagnostics_of(here, weights)
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.text, [h.text for h in diagnostic.helps]) == (
        code,
        words,
        [help],
    )


def test_a_level_of_which_nothing_is_there_is_marked_as_a_whole() -> None:
    text = spec(
        "stages: {repeat: 4, body: [{conv: {op: Conv2d, out_channels: 8, kernel_size: 1}}, {norm: BatchNorm2d}]}",
        "pool: {op: AdaptiveAvgPool2d, output_size: 1}",
        "flat: Flatten",
        "head: {op: Linear, out_features: 10}",
    )
    weights = dict(netspec.compile(text).state_dict())
    left = {k: v for k, v in weights.items() if not k.startswith(("stages.3", "head"))}
    [missing] = diagnostics_of(text, left)
    assert missing.message == "9 weights of the network are not in `w.pt`"
    assert (missing.span and missing.span.text, missing.label) == ("stages", "not in the file")
    assert [(label.span.text, label.text) for label in missing.labels] == [
        ("head", "also not in the file")
    ]
    assert missing.notes[-1] == "and 3 weights more"
    left = {
        k: v
        for k, v in weights.items()
        if not k.startswith(("stages.3.norm", "stages.3.conv.bias"))
    }
    [missing] = diagnostics_of(text, left)
    assert missing.span and missing.span.text == "conv"


def test_what_belongs_to_a_step_or_a_level_is_marked_there() -> None:
    text = spec("net: [{conv: {op: Conv2d, out_channels: 8, kernel_size: 1}}]")
    weights = dict(netspec.compile(text).state_dict())
    for key, words in [("net.conv.scale", "conv"), ("net.other.weight", "net"), ("x.y", "")]:
        [diagnostic] = diagnostics_of(text, weights | {key: torch.zeros(5)})
        assert diagnostic.code == "NS603"
        assert diagnostic.span is not None
        assert diagnostic.label == ("the file has more weights for this step" if words else "")
        assert diagnostic.span.text == words if words else diagnostic.span.start == 0


def test_an_argument_that_the_layer_cannot_have_is_no_advice() -> None:
    here = layer("{op: Conv2d, out_channels: 4, kernel_size: 3}", "{image: [N, 3, 8, 8]}")
    there = layer("{op: Conv2d, out_channels: 4, kernel_size: 3}", "{image: [N, 1, 8, 8]}")
    [diagnostic] = diagnostics_of(here, dict(netspec.compile(there).state_dict()))
    assert (diagnostic.code, diagnostic.helps) == (
        "NS604",
        (),
    )  # 4 channels do not fall into 3 groups
