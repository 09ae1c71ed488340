"""Blocks: parameters, inputs, outputs, and what they see."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from language.spec_case import (
    good,
    image,
    keys,
    module,
    modules,
    rejected,
    same,
    shape,
    text_of,
    warned,
)
from netspec.check import check_text

BOTTLENECK = """
blocks:
  Bottleneck:
    doc: ResNet's three-convolution block.
    params: {planes: int, stride: 1, expansion: 4, act: {type: op, default: ReLU}}
    body:
      - conv1: {op: Conv2d, out_channels: planes, kernel_size: 1, bias: false}
      - bn1: BatchNorm2d
      - relu1: act
      - conv2: {op: Conv2d, out_channels: planes, kernel_size: 3, stride: stride, padding: 1, bias: false}
      - bn2: BatchNorm2d
      - relu2: act
      - conv3: {op: Conv2d, out_channels: planes * expansion, kernel_size: 1, bias: false}
      - bn3: BatchNorm2d
      - downsample:
          from: input
          when: stride != 1 or input.channels != planes * expansion
          body:
            - {op: Conv2d, out_channels: planes * expansion, kernel_size: 1, stride: stride, bias: false}
            - BatchNorm2d
      - add: {op: Add, from: [bn3, downsample]}
      - relu3: act
"""


class Bottleneck(nn.Module):
    """torchvision's, with its activations by name."""

    def __init__(self, width: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * 4)
        self.downsample = None
        if stride != 1 or width != planes * 4:
            self.downsample = nn.Sequential(
                nn.Conv2d(width, planes * 4, 1, stride, bias=False), nn.BatchNorm2d(planes * 4)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.bn1(self.conv1(x)).relu()
        out = self.bn2(self.conv2(out)).relu()
        out = self.bn3(self.conv3(out))
        return (out + (self.downsample(x) if self.downsample is not None else x)).relu()


def test_the_block_of_the_page_is_torchvisions() -> None:
    text = (
        BOTTLENECK
        + "body: [layer1: [{op: Bottleneck, planes: 2}, {op: Bottleneck, planes: 2}], layer2: [{op: Bottleneck, planes: 4, stride: 2}, {op: Bottleneck, repeat: 2, planes: 4}]]"
    )
    by_hand = nn.Sequential()
    by_hand.add_module("layer1", nn.Sequential(Bottleneck(3, 2), Bottleneck(8, 2)))
    by_hand.add_module(
        "layer2", nn.Sequential(Bottleneck(8, 4, 2), Bottleneck(16, 4), Bottleneck(16, 4))
    )
    same(text, by_hand, image())


def test_a_list_in_place_of_a_block_is_its_body() -> None:
    same(
        "blocks: {A: [ReLU, BatchNorm2d]}\nbody: [A]",
        nn.Sequential(nn.Sequential(nn.ReLU(), nn.BatchNorm2d(3))),
        image(),
    )


def test_a_block_is_one_class_where_its_uses_differ_in_numbers() -> None:
    source = good(
        "blocks: {A: {params: {w: int}, body: [{op: Conv2d, out_channels: w, kernel_size: 1}, ReLU]}}\nbody: [{op: A, w: 4}, {op: A, w: 5}, {op: A, w: 6}]"
    ).source()
    assert source.count("class A") == 1


# ---- parameters ----------------------------------------------------------------------------------

USE = "blocks: {B: {params: {p: %s}, body: [ReLU]}}\nbody: [{op: B, p: %s}]"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "3"), ("int", "2 * 3"), ("float", "3"), ("float", "1e-5"), ("bool", "true"), ("bool", "1 > 2"),
        ("str", "anything at all"), ("str", '"3"'), ("op", "ReLU"), ("op", "{op: LeakyReLU, negative_slope: 0.1}"),
        ("size", "3"), ("size", "[3, 5]"), ("any", "3"), ("any", "[1, 2]"), ("any", "true"), ("[int]", "[1, 2]"),
        ("[int]", "[]"), ("[str]", "[a, b]"), ("[op]", "[ReLU, {op: Dropout, p: 0.1}]"), ("[float]", "[1, 2.5]"),
        ("[bool]", "[true]"), ("[[int]]", "[[1, 2], [3]]"), ("{type: int, min: 1, max: 3, choices: [1, 2], doc: a width}", "2"),
    ],
)  # fmt: skip
def test_a_value_of_the_declared_type_is_taken(kind: str, value: str) -> None:
    good(USE % (kind, value))


@pytest.mark.parametrize(
    ("kind", "value", "code", "words"),
    [
        ("int", "3.5", "NS108", "integer"), ("int", "true", "NS108", "integer"),
        ("float", "true", "NS108", "number"), ("bool", "3", "NS108", "true or false"),
        ("str", "3", "NS108", "text"), ("str", "[a]", "NS108", "text"), ("op", "3", "NS108", "op"),
        ("op", "[ReLU]", "NS108", "op"), ("size", "true", "NS108", "integer"), ("[int]", "3", "NS108", "integers"),
        ("[int]", "[1, 2.5]", "NS108", "integers"), ("{type: int, min: 3}", "2", "NS108", "at least 3"),
        ("{type: int, max: 3}", "4", "NS108", "at most 3"), ("{type: str, choices: [a, b]}", "c", "NS108", "one of"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_one_error(kind: str, value: str, code: str, words: str) -> None:
    rejected(USE % (kind, f"«{value}»"), code, words)


@pytest.mark.parametrize(
    "kind", ["{type: «integer»}", "{type: int, min: «a»}", "{type: int, choices: «3»}"]
)
def test_a_wrong_declaration_is_one_error(kind: str) -> None:
    rejected(f"blocks: {{B: {{params: {{p: {kind}}}, body: [ReLU]}}}}\nbody: [ReLU]", "NS025")


def test_a_missing_or_unknown_parameter_is_one_error() -> None:
    block = "blocks: {B: {params: {planes: int}, body: [{op: Conv2d, out_channels: planes, kernel_size: 1}]}}\n"
    rejected(block + "body: [{op: «B»}]", "NS109", "planes")
    rejected(block + "body: [a: «B»]", "NS109", "planes")
    rejected(block + "body: [{op: B, «plans»: 3}]", "NS112", "did you mean `planes`")


def test_a_default_that_is_text_is_text_and_equals_computes() -> None:
    text = "blocks: {B: {params: {m: reflect, w: 4, w2: =4 * w}, body: [{op: Conv2d, out_channels: w2, kernel_size: 3, padding_mode: =m}]}}\nbody: [{op: B%s}]"
    assert 'padding_mode="reflect"' in good(text % "").source()
    assert shape(text % "")[1] == "16"
    assert shape(text % ", w: 2")[1] == "8"
    assert shape(text % ", w: 2, w2: 5")[1] == "5"
    rejected(
        "blocks: {B: {params: {w: 4, w2: 4 * w}, body: [{op: Conv2d, out_channels: «w2», kernel_size: 1}]}}\nbody: [B]",
        "NS108",
    )


def test_a_typed_default_computes() -> None:
    text = "blocks: {B: {params: {w: 4, w2: {type: int, default: 4 * w}}, body: [{op: Conv2d, out_channels: w2, kernel_size: 1}]}}\nbody: [B]"
    assert shape(text)[1] == "16"


@pytest.mark.parametrize("name", ["x", "i", "input", "previous", "a-b", "if", "max", "1"])
def test_a_parameter_has_a_name_that_an_expression_can_say(name: str) -> None:
    rejected(f"blocks: {{B: {{params: {{«{name}»: 3}}, body: [ReLU]}}}}\nbody: [B]", "NS107")


def test_values_are_computed_where_they_are_written() -> None:
    text = "params: {w: 4}\nblocks: {B: {params: {w: int}, body: [{op: Conv2d, out_channels: w, kernel_size: 1}]}}\nbody: [{op: B, w: 2 * w}, {op: B, w: x.channels + w}]"
    assert shape(text)[1] == "12"


# ---- op parameters -------------------------------------------------------------------------------


def test_an_expression_may_choose_an_op_or_name_it() -> None:
    text = """
params: {hard: false, rows: {type: any, default: [[ReLU, 1], [Tanh, 2]]}}
blocks: {B: {params: {act: op}, body: [act]}}
body:
  - each: {row: rows}
    body: [{op: B, act: "=row[0]"}]
  - {op: B, act: "='Hardsigmoid' if hard else 'Sigmoid'"}
"""
    assert [type(m[0]).__name__ for m in module(text)] == ["ReLU", "Tanh", "Sigmoid"]
    assert [type(m[0]).__name__ for m in module(text, hard=True)][-1] == "Hardsigmoid"
    programs = """
blocks:
  A: {params: {act: op}, body: [act]}
  B: {params: {a: op, b: op, first: bool}, body: [{op: A, act: "=a if first else b"}]}
body: [{op: B, a: ReLU, b: {op: LeakyReLU, negative_slope: 0.5}, first: false}]
"""
    assert module(programs)[0][0][0].negative_slope == 0.5


def test_an_expression_for_an_op_that_gives_none_says_what_it_gives() -> None:
    block = "blocks: {B: {params: {act: op}, body: [act]}}\n"
    rejected(
        block + 'body: [{op: B, act: «"=1 + 1"»}]', "NS108", "`1 + 1` is an integer, not an op"
    )
    rejected(block + "body: [{op: B, act: «\"='Rellu'\"»}]", "NS101", "unknown op `Rellu`")
    rejected(block + 'body: [{op: B, act: "=«nothing»[0]"}]', "NS121", "`nothing`")


def test_an_op_parameter_may_have_arguments_and_be_a_block() -> None:
    text = """
blocks:
  Inner: {params: {w: 3}, body: [{op: Conv2d, out_channels: w, kernel_size: 1}]}
  B: {params: {inner: op}, body: [inner, again: {op: inner}]}
body: [p: {op: B, inner: Inner}, q: {op: B, inner: {op: Inner, w: 5}}, r: {op: B, inner: {op: LeakyReLU, negative_slope: 0.5}}]
"""
    made = module(text)
    assert [k for k in made.state_dict() if "weight" in k] == [
        "p.0.0.weight",
        "p.again.0.weight",
        "q.0.0.weight",
        "q.again.0.weight",
    ]
    assert shape(text)[1] == "5"
    assert made.r.again.negative_slope == 0.5


def test_an_op_parameter_can_be_passed_on_and_listed() -> None:
    text = """
blocks:
  A: {params: {act: op}, body: [act]}
  B: {params: {acts: [op], act: {type: op, default: GELU}}, body: [{op: A, act: act}, {each: {a: acts}, body: [a]}]}
body: [{op: B, acts: [Sigmoid, {op: LeakyReLU, negative_slope: 0.5}]}]
"""
    kinds = [type(m).__name__ for m in module(text).modules() if not list(m.children())]
    assert kinds == ["GELU", "Sigmoid", "LeakyReLU"]


def test_arguments_of_an_op_value_are_computed_where_they_are_written() -> None:
    text = "params: {slope: 0.5}\nblocks: {B: {params: {slope: 7, act: op}, body: [a: act]}}\nbody: [b: {op: B, act: {op: LeakyReLU, negative_slope: slope / 2}}]"
    assert module(text).b.a.negative_slope == 0.25


def test_a_wrong_op_value_is_one_error_where_it_is_written() -> None:
    block = "blocks: {B: {params: {act: op}, body: [act]}}\n"
    rejected(block + "body: [{op: B, act: «Relu»}]", "NS101", "did you mean `ReLU`")


def test_a_wrong_argument_of_an_op_value_is_one_error_where_it_is_written() -> None:
    block = "blocks: {B: {params: {act: op}, body: [act]}}\n"
    rejected(block + "body: [{op: B, act: {op: LeakyReLU, «slope»: 1}}]", "NS102", "negative_slope")


def test_op_looks_among_parameters_first() -> None:
    made = module(
        "blocks: {act: [Tanh], B: {params: {act: {type: op, default: Sigmoid}}, body: [a: act]}}\nbody: [p: act, q: B]"
    )
    assert isinstance(made.q.a, nn.Sigmoid)
    assert isinstance(made.p[0], nn.Tanh)


def test_a_block_may_not_take_a_layers_name() -> None:
    rejected("blocks: {«ReLU»: [Sigmoid]}\nbody: [ReLU]", "NS107")


@pytest.mark.parametrize("name", ['""', "a.b"])
def test_op_can_name_a_block(name: str) -> None:
    rejected(f"blocks: {{«{name}»: [Sigmoid]}}\nbody: [ReLU]", "NS107")


# ---- what it sees --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "blocks: {B: [{op: Conv2d, out_channels: «w», kernel_size: 1}]}\nparams: {w: 3}\nbody: [B]",
            "NS121",
        ),
        (
            "blocks: {B: [{op: Conv2d, out_channels: «k», kernel_size: 1}]}\nbody: [{each: {k: [1, 2]}, body: [B]}]",
            "NS121",
        ),
        (
            "blocks: {B: [{op: Conv2d, out_channels: «i», kernel_size: 1}]}\nbody: [{op: B, repeat: 2}]",
            "NS121",
        ),
        (
            "blocks: {B: [{op: Conv2d, out_channels: «s».channels, kernel_size: 1}]}\nbody: [s: ReLU, B]",
            "NS121",
        ),
        ("blocks: {B: [{op: Add, from: [input, «s»]}]}\nbody: [s: ReLU, B]", "NS103"),
        ("blocks: {B: [{op: Add, from: [input, «image»]}]}\nbody: [B]", "NS103"),
        (
            "blocks: {B: [{op: «act»}]}\nparams: {act: {type: op, default: ReLU}}\nbody: [B]",
            "NS101",
        ),
    ],
)
def test_a_block_sees_nothing_of_what_uses_it(text: str, code: str) -> None:
    rejected(text, code)


def test_a_block_sees_its_own_loop_variables_in_groups() -> None:
    text = 'blocks: {A: {params: {n: 2}, body: [{each: {k: range(n)}, body: ["g{k}": [{op: Conv2d, out_channels: 2 * k + n, kernel_size: 1}]]}]}}\nbody: [a: A]'
    assert [k for k in keys(text) if "weight" in k] == ["a.g0.0.weight", "a.g1.0.weight"]
    assert shape(text)[1] == "4"


def test_a_mistake_in_a_block_is_found_once_even_if_nothing_uses_it() -> None:
    rejected("blocks: {A: [ReLU], Z: [«Relu»]}\nbody: [A]", "NS101")
    diagnostic = rejected(
        "blocks: {A: [c: {op: Conv2d, in_channels: «5», out_channels: 3, kernel_size: 1}]}\nbody: [A, A, {op: A, repeat: 5}]",
        "NS201",
    )
    assert diagnostic.uses == 7


@pytest.mark.parametrize(
    "text",
    [
        "blocks: {A: [B], B: [«A»]}\nbody: [A]",
        "blocks: {A: [ReLU, «A»]}\nbody: [A]",
        "blocks: {A: [{op: Concat, branches: {a: «A», b: []}}]}\nbody: [A]",
        "blocks: {A: [{each: {k: [1]}, body: [g: [«A»]]}]}\nbody: [A]",
        "blocks: {A: [ReLU, «A»]}\nbody: [ReLU]",
        "blocks: {A: [{op: «A», when: false}]}\nbody: [A]",
    ],
)
def test_a_block_cannot_contain_itself(text: str) -> None:
    rejected(text, "NS111", "→ A")


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("blocks: {«A»: {params: {k: 3}}}\nbody: [ReLU]", "NS022"),
        ("blocks: {«A»: 3}\nbody: [ReLU]", "NS022"),
        ("blocks: «[A]»\nbody: [ReLU]", "NS025"),
        ("blocks: {A: {inputs: «3», body: [ReLU]}}\nbody: [ReLU]", "NS025"),
        ("blocks: {A: {inputs: [a, «a»], body: [{op: Add, from: [a, a]}]}}\nbody: [ReLU]", "NS107"),
    ],
)
def test_an_invalid_block_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


# ---- inputs and outputs --------------------------------------------------------------------------

JOIN = "blocks: {J: {inputs: [low, skip], body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1}, {op: Sub, from: [previous, skip]}]}}\n"


def test_a_block_with_several_inputs_names_them() -> None:
    a = image()
    for use in ("[s, input]", "{skip: input, low: s}"):
        made = module(JOIN + f"body: [s: Sigmoid, j: {{op: J, from: {use}}}]")
        torch.testing.assert_close(made(a), made.j.c(a.sigmoid()) - a)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        ("«[s]»", "2 inputs"),
        ("«{low: s}»", "skip"),
        ("{low: s, «skp»: s}", "did you mean `skip`"),
        ("«[s, s, s]»", "got 3"),
    ],
)
def test_inputs_that_do_not_fit_are_one_error(use: str, words: str) -> None:
    rejected(JOIN + f"body: [s: Sigmoid, j: {{op: J, from: {use}}}]", "NS110", words)


def test_the_default_input_alone_is_too_few() -> None:
    rejected(JOIN + "body: [j: «J»]", "NS110", "low, skip")


def test_the_first_input_is_input() -> None:
    a = image()
    text = "blocks: {J: {inputs: [low, skip], body: [{op: Sub, from: [input, skip]}]}}\nbody: [s: Sigmoid, j: {op: J, from: [s, image]}]"
    torch.testing.assert_close(module(text)(a), a.sigmoid() - a)


def test_a_block_with_several_results_has_outputs_and_the_first_flows_on() -> None:
    a = image()
    r, s = a.relu(), a.relu().sigmoid()
    block = "blocks: {A: {outputs: %s, body: [y: ReLU, z: Sigmoid]}}\n"
    torch.testing.assert_close(
        module(block % "[z, y]" + "body: [a: A, {op: Sub, from: [a, a.y]}]")(a), s - r
    )
    torch.testing.assert_close(
        module(block % "{one: z, two: y}" + "body: [a: A, {op: Sub, from: [a.two, previous]}]")(a),
        r - s,
    )
    torch.testing.assert_close(
        module(block % "{one: z, two: y}" + "body: [a: A]\noutputs: {p: a.two, q: a}")(a),
        {"p": r, "q": s},
    )
    torch.testing.assert_close(
        module(block % "{one: z, two: input}" + "body: [ReLU, a: A, {op: Sub, from: [a, a.two]}]")(
            a
        ),
        s - r,
    )


def test_a_step_that_an_output_omits_is_a_warning() -> None:
    warned("blocks: {A: {outputs: y, body: [y: ReLU, «z»: Sigmoid]}}\nbody: [A]", "NS105")


def test_two_results_in_a_repeat_the_first_goes_round() -> None:
    a = image()
    text = 'blocks: {A: {outputs: [z, y], body: [y: ReLU, z: Sigmoid]}}\nbody: ["a{i}": {op: A, repeat: 2}, {op: Sub, from: [a1.y, a0]}]'
    s = a.relu().sigmoid()
    torch.testing.assert_close(module(text)(a), s.relu() - s)


def test_an_error_in_a_block_lists_the_uses_around_it() -> None:
    diagnostic = rejected(
        "blocks: {Inner: [c: {op: Conv2d, in_channels: «9», out_channels: 1, kernel_size: 1}], Outer: [inner: Inner]}\nbody: [g: [o: Outer]]",
        "NS201", "g.o.inner.c",
    )  # fmt: skip
    assert [f.path for f in diagnostic.frames] == ["g.o", "g.o.inner"]
    assert text_of(diagnostic)


def test_modules_of_a_block_have_its_names() -> None:
    assert modules("blocks: {B: [a: ReLU, [Sigmoid]]}\nbody: [p: B, B]") == [
        "p",
        "p.a",
        "p.1",
        "p.1.0",
        "1",
        "1.a",
        "1.1",
        "1.1.0",
    ]


@pytest.mark.parametrize("body", ["[ReLU]", "[B0]"])
@pytest.mark.parametrize("upwards", [True, False])
def test_blocks_that_nothing_uses_are_looked_at_once(body: str, *, upwards: bool) -> None:
    lines = [
        "  B0: [ReLU, ReLU]",
        *(f"  B{k}: [{', '.join([f'B{k - 1}'] * 9)}]" for k in range(1, 40)),
    ]
    blocks = "\n".join(lines if upwards else lines[::-1])
    good(f"blocks:\n{blocks}\nbody: {body}")


def test_a_block_that_nothing_uses_shows_its_outputs() -> None:
    inner = "A: {body: [a: ReLU, b: Neg], outputs: {a: a, b: b}}"
    text = f"blocks: {{{inner}, B: [A, A, c: A, {{op: Add, from: [c.a, c.b, %s]}}]}}\nbody: [ReLU]"
    good(text % "c")
    rejected(text % "«c.d»", "NS103", "its outputs are: a, b")


def test_blocks_in_long_chains_and_circles() -> None:
    chain = "\n".join(f"  B{k}: [{{op: B{k + 1}, repeat: 0}}]" for k in range(3000))
    good(f"blocks:\n{chain}\n  B3000: [ReLU]\nbody: [B0, ReLU]")
    rejected(
        f"blocks:\n{chain}\n  B3000: [«B2999»]\nbody: [ReLU]", "NS111", "B2999 → B3000 → B2999"
    )


def test_what_unfolds_without_end_is_one_error(monkeypatch) -> None:
    from netspec import limits

    monkeypatch.setattr(limits, "MOST_STEPS", 100)
    text = "netspec: 1\ninputs: {image: [N, 3]}\nblocks: {B: [{op: ReLU, repeat: 60}]}\nbody: [{op: B, repeat: 2}]\n"
    [diagnostic] = check_text(text, "net.yaml").diagnostics
    assert diagnostic.message == "this expands to more than 100 steps"
    assert [h.text for h in diagnostic.helps] == ["reduce the repeats or nested blocks"]
