"""Names: which there may be, how they are computed, and what unnamed steps are called."""

from __future__ import annotations

import subprocess
import sys
from functools import reduce

import pytest

import netspec
from language.spec_case import keys, module, modules, rejected
from netspec.advice import apply

CONV = "{op: Conv2d, out_channels: 3, kernel_size: 1}"


@pytest.mark.parametrize(
    "name",
    ["block1-0", "0", "007", "a b", "é", "class", "self", "torch", "nn", "F", "1e3", "null", "true", "on",
     "it's \\\"q\\\"", "append", "pop", "keys", "if", "_private", "features-3x3", "zero_grad_", "  "],
)  # fmt: skip
def test_any_text_that_torch_takes_is_a_name(name: str) -> None:
    unescaped = name.replace("\\", "")
    assert keys(f'body: ["{name}": {CONV}]') == [f"{unescaped}.weight", f"{unescaped}.bias"]
    assert keys(f'body: [g: ["{name}": {CONV}, ReLU]]') == [
        f"g.{unescaped}.weight",
        f"g.{unescaped}.bias",
    ]
    assert (
        keys(f'body: [{{name: "{name}", op: Conv2d, out_channels: 3, kernel_size: 1}}]')[0]
        == f"{unescaped}.weight"
    )


@pytest.mark.parametrize(
    "name",
    [
        "train",
        "forward",
        "training",
        "parameters",
        "T_destination",
        "add_module",
        "to",
        "call_super_init",
    ],
)
def test_a_name_that_nn_module_has_is_rejected(name: str) -> None:
    rejected(f"body: [«{name}»: ReLU]", "NS107", name)
    rejected(f"body: [g: [«{name}»: {CONV}]]", "NS107", name)


def names_of_a_module() -> list[str]:
    """What `nn.Module` calls its own, in a process of its own: `torch.compile` adds names to the class."""
    names = "print(*sorted({*dir(nn.Module()), *vars(nn.Module())}))"
    script = f"from torch import nn; {names}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_no_name_breaks_nn_module() -> None:
    for name in {*names_of_a_module()} - {"type"}:  # another word for `op`
        rejected(f"body: [«{name}»: ReLU]", "NS107", name)


@pytest.mark.parametrize("name", ["a.b", "1.10", ('""'), "."])
def test_a_name_is_not_empty_and_has_no_dot(name: str) -> None:
    rejected(f"body: [«{name}»: ReLU]", "NS107")


@pytest.mark.parametrize("name", ["x", "i", "input", "previous"])
def test_reserved_words_cannot_be_names(name: str) -> None:
    rejected(f"body: [«{name}»: ReLU, ReLU]", "NS107")


# ---- computed ------------------------------------------------------------------------------------


def test_braces_in_a_name_hold_an_expression() -> None:
    text = 'params: {k: 3, t: abc}\nbody:\n  - a{k + 1}: ReLU\n  - b{k}x{k * 2}: ReLU\n  - "{t}": ReLU\n  - c{{}}: ReLU'
    assert modules(text) == ["a4", "b3x6", "abc", "c{}"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ('"a{«kk»}"', "NS121"),
        ('"a{«k / 2»}"', "NS122"),
        ('"a{«[k]»}"', "NS122"),
        ('"a{«x.height»}"', "NS124"),
        ('"a«{»k"', "NS120"),
        ('«"{t}.b"»', "NS107"),
        ('«"{t}"»', "NS107"),
    ],
)
def test_a_name_that_cannot_be_computed_is_one_error(name: str, code: str) -> None:
    rejected(f"params: {{k: 3, t: type}}\nbody: [{name}: ReLU]", code)


# ---- the same path -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marked",
    [
        "body: [a: ReLU, «a»: ReLU]",
        "body: [1: ReLU, «ReLU»]",
        "body: [a: ReLU, g: {inline: true, body: [«a»: ReLU]}]",
        'body: [a0: ReLU, «"a{i}"»: {op: ReLU, repeat: 2}]',
        "body: [{each: {k: [1, 2]}, body: [«a»: ReLU]}]",
        "body: [g: [ReLU], h: Sigmoid, «g»: [ReLU]]",
        "body: [a: ReLU, j: {op: Concat, branches: {«a»: ReLU, b: []}}]",
        "body: [a: {op: Add, from: [input, input]}, «a»: {op: Mul, from: [input, previous]}]",
        "body: [a: {op: Parameter, shape: [3, 1, 1]}, {op: Mul, from: [input, a]}, «a»: ReLU]",
        "blocks: {B: [a: ReLU, «a»: ReLU]}\nbody: [p: B, q: B]",
        "body: [{op: ReLU, name: a}, {op: ReLU, name: «a»}]",
    ],
)
def test_two_steps_with_one_path_are_one_error(marked: str) -> None:
    rejected(marked, "NS106", "two steps have the path")


def test_a_block_that_nothing_uses_has_no_path() -> None:
    assert modules("blocks: {features: [c: ReLU]}\nbody: [features: [c: ReLU]]") == [
        "features",
        "features.c",
    ]


# ---- unnamed -------------------------------------------------------------------------------------


def test_unnamed_steps_are_numbered_among_all_steps_that_are_there() -> None:
    text = """
body:
  - ReLU
  - a: ReLU
  - {op: ReLU, when: false}
  - ReLU
  - {op: ReLU, repeat: 2}
  - {op: ReLU, repeat: 0}
  - {each: {k: [1, 2]}, body: [ReLU, {op: Sigmoid, when: k == 2}]}
  - "b{i}": {op: ReLU, repeat: 2}
  - c: {op: ReLU, repeat: 2}
  - [ReLU]
"""
    assert modules(text) == [
        "0", "a", "2", "3", "4", "5", "6", "7", "b0", "b1", "c", "c.0", "c.1", "11", "11.0",
    ]  # fmt: skip


def test_functions_take_a_number_as_well() -> None:
    assert modules(
        "body: [PReLU, Flatten, {op: Unsqueeze, dim: 1}, {op: Mean, dim: 1}, PReLU]"
    ) == ["0", "4"]


MOBILENET = """
blocks:
  ConvNormReLU:
    params: {width: int, kernel: 3, stride: 1, groups: 1}
    body:
      - {op: Conv2d, out_channels: width, kernel_size: kernel, stride: stride, padding: (kernel - 1) // 2, groups: groups, bias: false}
      - BatchNorm2d
      - ReLU6
  InvertedResidual:
    params: {width: int, stride: int, expand: int}
    body:
      - conv:
          - {op: ConvNormReLU, width: x.channels * expand, kernel: 1, when: expand != 1}
          - {op: ConvNormReLU, width: x.channels, stride: stride, groups: x.channels}
          - {op: Conv2d, out_channels: width, kernel_size: 1, bias: false}
          - BatchNorm2d
      - {op: Add, from: [conv, input], when: stride == 1 and input.channels == width}
body:
  - features:
      - {op: ConvNormReLU, width: 32, stride: 2}
      - each: {s: [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]}
        body:
          - {op: InvertedResidual, repeat: "s[2]", expand: "s[0]", width: "s[1]", stride: "s[3] if i == 0 else 1"}
      - {op: ConvNormReLU, width: 1280, kernel: 1}
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flatten: Flatten
  - classifier:
      - {op: Dropout, p: 0.2}
      - {op: Linear, out_features: 1000}
"""


def test_mobilenets_features_need_no_arithmetic() -> None:
    """The keys are torchvision's `mobilenet_v2`, of which these are the laws."""
    made = module(MOBILENET)
    assert len(made.features) == 19
    state_keys = list(made.state_dict())
    assert len(state_keys) == 314
    assert sum(p.numel() for p in made.parameters()) == 3_504_872
    assert state_keys[0] == "features.0.0.weight"
    assert state_keys[6:8] == ["features.1.conv.0.0.weight", "features.1.conv.0.1.weight"]
    assert "features.1.conv.1.weight" in state_keys
    assert "features.2.conv.2.weight" in state_keys
    assert "features.17.conv.3.running_var" in state_keys
    assert "features.18.1.weight" in state_keys
    assert state_keys[-2:] == ["classifier.1.weight", "classifier.1.bias"]


def test_what_is_inline_twice_is_one_diagnostic() -> None:
    text = """blocks: {B: [c: {op: Conv2d, out_channels: 3, kernel_size: 1}, r: ReLU]}
body: [b: {op: B, inline: true}, b2: {op: B, inline: «true»}]
"""
    rejected(text, "NS106", "two steps have the path `c`: an inline step adds no level")


def test_a_block_that_is_inline_may_be_repeated_where_its_names_differ() -> None:
    text = """blocks: {B: {params: {k: int}, body: ["c{k}": {op: Conv2d, out_channels: 3, kernel_size: 1}]}}
body: [b: {op: B, inline: true, repeat: 3, k: i}]
"""
    assert modules(text) == ["c0", "c1", "c2"]


@pytest.mark.parametrize("name", ["x", "i", "input", "previous"])
@pytest.mark.parametrize(
    ("shape", "new"),
    [
        ("[N, 4]", "features"),
        ("[N, 4, 9]", "sequence"),
        ("[N, 4, 9, 9]", "image"),
        ("[N, 4, 9, 9, 9]", "volume"),
        ("{shape: [N, 9], dtype: int64}", "tokens"),
    ],
)
def test_an_input_that_cannot_be_called_so_is_renamed_wherever_it_is_read(
    name: str, shape: str, new: str
) -> None:
    text = (
        f"netspec: 1\ninputs:\n  {name}: {shape}\nbody:\n  - a: {{op: Abs, from: '{name}'}}\n"
        f"  - g: {{body: [{{op: Add, from: [a, {name}]}}, {{op: Slice, dim: 1, end: x.size(1)}}]}}\n"
        f"outputs: {{o: g, p: {name}}}\n"
    )
    (diagnostic,) = netspec.load(text).diagnostics
    assert (diagnostic.code, diagnostic.message) == ("NS107", f"an input cannot be named `{name}`")
    assert diagnostic.helps[0].text == f"rename it to `{new}`"
    renamed = netspec.load(apply(text, diagnostic.helps[0].edits))
    assert renamed.diagnostics == ()
    if name in (
        "x",
        "i",
    ):  # the other two words mean what enters a body, or came before, wherever they stand
        reads = (f"  {name}: ", f" {name}]", f"'{name}'", f"p: {name}")
        by_hand = reduce(
            lambda changed, read: changed.replace(read, read.replace(name, new)), reads, text
        )
        assert renamed.source() == netspec.load(by_hand).source()


def test_a_help_reads_an_input_called_x_as_the_input() -> None:
    text = "netspec: 1\ninputs: {x: [N, T, 8]}\nbody:\n  - p: {op: Parameter, shape: [1, 16, 8]}\n  - {op: Add, from: [x, p]}\n"
    name, length = netspec.load(text).diagnostics
    assert "end: =input.size(1)" in length.helps[0].text
    both = netspec.load(apply(text, (*length.helps[0].edits, *name.helps[0].edits[:1]))).diagnostics
    assert [d.code for d in both] == ["NS103"]  # the join still says `x`
    after = netspec.load(apply(text, length.helps[0].edits))
    again = netspec.load(
        apply(after.report.document.source.text, after.diagnostics[0].helps[0].edits)
    )
    assert again.diagnostics == ()
