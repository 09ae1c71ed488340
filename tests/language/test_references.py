"""References: what a step may read, and how it says so."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from language.spec_case import good, image, keys, module, rejected, same, shape


def test_a_step_reads_what_is_before_it() -> None:
    a = image()
    text = "body: [r: ReLU, s: Sigmoid, {op: Sub, from: [r, s]}, {op: Add, from: [previous, input]}, {op: Mul, from: [previous, image]}]"
    torch.testing.assert_close(module(text)(a), (a.relu() - a.relu().sigmoid() + a) * a)


def test_previous_is_the_input_at_the_beginning() -> None:
    a = image()
    torch.testing.assert_close(module("body: [{op: Add, from: [previous, input]}]")(a), a + a)


def test_a_name_that_looks_like_a_number_is_taken_as_written() -> None:
    a = image()
    torch.testing.assert_close(
        module("body: [0: ReLU, 1: Sigmoid, {op: Sub, from: [0, 1]}]")(a),
        a.relu() - a.relu().sigmoid(),
    )
    text = "body: [1: {body: [p: ReLU, q: Sigmoid], outputs: {10: p, 1: q}}, d: {op: Sub, from: [1.10, 1.1]}]"
    torch.testing.assert_close(module(text)(a), a.relu() - a.relu().sigmoid())


def test_a_group_sees_what_surrounds_it_inner_names_first() -> None:
    a = image()
    text = "body: [s: ReLU, t: Tanh, g: [s: Sigmoid, {op: Sub, from: [s, t]}, h: [{op: Add, from: [s, image]}]]]"
    inner = a.relu().tanh().sigmoid()
    torch.testing.assert_close(module(text)(a), inner + a)
    with_outer = "body: [s: ReLU, t: Tanh, g: [{op: Sub, from: [s, t]}, s: Sigmoid]]"
    torch.testing.assert_close(module(with_outer)(a), (a.relu() - a.relu().tanh()).sigmoid())


def test_a_dot_means_a_declared_output() -> None:
    a = image()
    text = "body: [g: {body: [p: ReLU, q: Sigmoid], outputs: {c3: p, c4: q}}, {op: Sub, from: [g.c4, g.c3]}]"
    torch.testing.assert_close(module(text)(a), a.relu().sigmoid() - a.relu())


def test_a_dot_never_reaches_inside() -> None:
    rejected("body: [g: [p: ReLU, q: Sigmoid], {op: Add, from: [g, «g.p»]}]", "NS103", "`outputs`")
    rejected("body: [g: [p: ReLU, q: Sigmoid], {op: Add, from: [g, «p»]}]", "NS103")
    rejected(
        "body: [g: {body: [p: ReLU], outputs: {a: p}}, {op: Add, from: [g, «g.b»]}]", "NS103", "a"
    )
    rejected("body: [p: ReLU, {op: Add, from: [p, «p.0»]}]", "NS103", "`p`")


def test_a_computed_reference() -> None:
    a = image()
    text = """
body:
  - e0: ReLU
  - e1: Sigmoid
  - e2: Tanh
  - each: {d: [1, 2, 3]}
    body:
      - "u{d.index}": {op: Sub, from: [previous, "e{2 - d.index}"]}
"""
    e0 = a.relu()
    e1 = e0.sigmoid()
    e2 = e1.tanh()
    torch.testing.assert_close(module(text)(a), e2 - e2 - e1 - e0)
    rejected(text.replace('"e{2 - d.index}"', '«"e{3 - d.index}"»'), "NS103", "`e3`")


def test_a_star_means_all_that_match_in_order() -> None:
    a = image()
    text = 'body: [c1: ReLU, d: Tanh, c2: Sigmoid, {op: Concat, from: [input, "c*"]}]'
    r = a.relu()
    torch.testing.assert_close(module(text)(a), torch.cat([a, r, r.tanh().sigmoid()], 1))
    everything = 'body: [c1: ReLU, d: Tanh, {op: Concat, from: "*"}]'
    torch.testing.assert_close(module(everything)(a), torch.cat([r, r.tanh()], 1))


def test_a_star_looks_in_the_bodies_around_as_far_as_the_border_of_the_block() -> None:
    a = image()
    text = 'body: [c1: ReLU, c2: Tanh, g: [h: [{op: Concat, from: "c*"}]]]'
    r = a.relu()
    torch.testing.assert_close(module(text)(a), torch.cat([r, r.tanh()], 1))
    nearest = 'body: [c1: ReLU, g: [c3: Sigmoid, {op: Concat, from: "c*"}]]'
    torch.testing.assert_close(module(nearest)(a), r.sigmoid())
    block = 'blocks: {B: [{op: Concat, from: [«"c*"»]}]}\nbody: [c1: ReLU, b: B]'
    rejected(block, "NS103", "matches no earlier step")


def test_layers_in_groups_may_read_all_layers_before_them() -> None:
    a = image()
    text = """
body:
  - f0: []
  - each: {k: [1, 2]}
    body:
      - "f{k}": {checkpoint: true, body: [{op: Concat, from: "f*"}, {op: Slice, dim: 1, end: 2}, Tanh]}
  - {op: Concat, from: "f*"}
"""
    one = a[:, :2].tanh()
    torch.testing.assert_close(module(text)(a), torch.cat([a, one, one], 1))


def test_a_star_that_matches_nothing_or_too_much_is_an_error() -> None:
    rejected(
        'body: [c1: ReLU, {op: Concat, from: [c1, «"d*"»]}]', "NS103", "matches no earlier step"
    )
    rejected('body: [c1: ReLU, g: [d1: ReLU, {op: Concat, from: [input, «"e*"»]}]]', "NS103")
    rejected(
        'body: [c1: ReLU, c2: ReLU, {op: ReLU, from: «"c*"»}]',
        "NS110",
        "`ReLU` requires 1 input, got 2",
    )


@pytest.mark.parametrize(
    "marked",
    [
        "body: [{op: Add, from: [input, «b»]}, b: ReLU]",
        "body: [g: [{op: Add, from: [input, «later»]}], later: ReLU]",
        "body: [{op: ReLU, from: «later»}, later: ReLU]",
        "body: [{share: «c»}, c: {op: Conv2d, out_channels: 3, kernel_size: 1}]",
    ],
)
def test_a_forward_reference_says_so(marked: str) -> None:
    rejected(marked, "NS104", "is declared later")


def test_a_forward_tie_says_so() -> None:
    linear = "{op: Linear, out_features: 4"
    rejected(
        f"inputs: {{t: [N, 4]}}\nbody: [b: {linear}, share: {{weight: «a.weight»}}}}, a: {linear}}}]",
        "NS104",
        "is declared later",
    )


def test_a_step_cannot_read_itself() -> None:
    diagnostic = rejected("body: [a: {op: Add, from: [input, «a»]}]", "NS104")
    assert "move `a` up" not in str(diagnostic.helps)


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [conv: ReLU, {op: Add, from: [input, «cnv»]}]", "NS103"),
        ("body: [{op: ReLU, from: «null»}]", "NS103"),
        ("body: [{op: ReLU, from: «3»}]", "NS103"),
        ("body: [{op: Add, from: [«[input]», input]}]", "NS103"),
        ("body: [{op: ReLU, from: «[input, input]»}]", "NS110"),
        ("body: [{op: Sub, from: «[input]»}]", "NS110"),
        ("body: [{op: «Add»}]", "NS110"),
        ("body: [{op: Add, from: «[]»}]", "NS110"),
        ("body: [a: ReLU, g: {from: «[a, input]», body: [ReLU]}]", "NS110"),
    ],
)
def test_a_wrong_reference_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


def test_inputs_of_a_group_are_one_error() -> None:
    rejected(
        "body: [a: ReLU, g: {from: «{low: a, skip: input}», body: [{op: Add, from: [low, skip]}]}]",
        "NS110",
    )


def test_after_an_unknown_reference_everything_is_silent() -> None:
    rejected(
        "body: [{op: Conv2d, from: «nope», out_channels: 3, kernel_size: 1}, {op: Conv2d, in_channels: 7, out_channels: 1, kernel_size: 1}, Flatten, {op: Linear, out_features: 3}]",
        "NS103",
    )


def test_inputs_by_position_or_by_name() -> None:
    a = image()
    by_name = "body: [r: ReLU, {op: Sub, from: {other: r, input: image}}]"
    torch.testing.assert_close(module(by_name)(a), a - a.relu())


def test_an_unknown_input_name_is_one_error() -> None:
    rejected(
        "body: [r: ReLU, {op: Sub, from: {«othr»: r, input: image}}]",
        "NS110",
        "did you mean `other`",
    )


def test_several_inputs_and_the_first_flows() -> None:
    a, b = image(2, 3), image(2, 4)
    text = "inputs: {a: [N, 3], b: [N, 4]}\nbody: [ReLU, {op: Concat, from: [previous, b]}]"
    torch.testing.assert_close(module(text)(a, b), torch.cat([a.relu(), b], 1))
    torch.testing.assert_close(module(text)(b=b, a=a), torch.cat([a.relu(), b], 1))


def test_a_star_skips_omitted_steps() -> None:
    steps = "'c{i}': {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 3, when: i != 1}"
    text = f"body: [{steps}, d: {{op: ReLU, repeat: 0}}, {{op: Concat, from: ['c*', %s]}}]"
    assert shape(text % "input") == ["N", "9", "H", "W"]
    rejected(text % "«'d*'»", "NS103", "the earlier steps are: c0, c2")


def test_a_star_before_a_dot_means_that_output_of_all() -> None:
    block = "blocks: {B: {body: [a: ReLU, b: {op: Neg, from: input}], outputs: {a: a, b: b}}}\n"
    a = image()
    text = block + "body: ['b{i}': {op: B, repeat: 3}, {op: Add, from: [input, %s]}]"
    torch.testing.assert_close(module(text % "'b*.b'")(a), a - a - 2 * a.relu())
    rejected(text % "«'b*.c'»", "NS103", "its outputs are: a, b")
    rejected(text % "«'c*.a'»", "NS103", "matches no earlier step")


# ---- share ---------------------------------------------------------------------------------------

CONV = "{op: Conv2d, out_channels: 3, kernel_size: 1}"


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.c(self.c(x).relu())


@pytest.mark.parametrize(
    "again",
    [
        "{share: c}",
        "d: {share: c}",
        "g: [{share: c}]",
        "g: [h: [d: {share: c}]]",
        "{share: c, doc: again}",
    ],
)
def test_a_step_again_is_in_the_state_dict_once(again: str) -> None:
    same(f"body: [c: {CONV}, ReLU, {again}]", Twice(), image())


def test_a_shared_step_reads_other_inputs_of_other_sizes() -> None:
    made = module(
        "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 3}, d: {share: c}, e: {share: c, from: input}]\noutputs: [d, e]"
    )
    d, e = made(image())
    assert d.shape[2:] == (4, 4)
    torch.testing.assert_close(e, made.c(image()))
    torch.testing.assert_close(d, made.c(made.c(image())))


def test_a_block_can_be_shared() -> None:
    text = "blocks: {B: {params: {k: int}, body: [c: {op: Conv2d, out_channels: 3, kernel_size: k, padding: k // 2}, BatchNorm2d]}}\nbody: [b: {op: B, k: 3}, c: {share: b}, d: {share: b, from: input}, {op: Concat, from: [b, c, d]}]"
    made = module(text)
    assert all(k.startswith("b.") for k in made.state_dict())
    b = made.b(image())
    torch.testing.assert_close(made(image()), torch.cat([b, made.b(b), b], 1))


def test_groups_and_repeats_can_be_shared() -> None:
    made = module(f"body: [g: [{CONV}, ReLU], h: {{share: g}}]")
    torch.testing.assert_close(made(image()), made.g(made.g(image())))
    made = module(
        "body: [r: {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 2}, s: {share: r}]"
    )
    assert keys("body: [r: {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 2}, s: {share: r}]") == [
        "r.0.weight", "r.0.bias", "r.1.weight", "r.1.bias",
    ]  # fmt: skip
    torch.testing.assert_close(made(image()), made.r(made.r(image())))


def test_shared_weights_survive_a_copy() -> None:
    import copy

    made = copy.deepcopy(module(f"body: [c: {CONV}, g: [ReLU, {{share: c}}]]"))
    before = made(image())
    with torch.no_grad():
        made.c.weight.zero_()
        made.c.bias.zero_()
    assert made(image()).abs().sum() == 0 != before.abs().sum()


def test_sharing_can_be_repeated_and_computed() -> None:
    assert keys(f'body: [c: {CONV}, "r{{i}}": {{share: c, repeat: 3}}]') == ["c.weight", "c.bias"]
    each = "{each: {k: [0, 1]}, body: ["
    text = f'body: [{each}"c{{k}}": {CONV}]}}, {each}"d{{k}}": {{share: "c{{k}}"}}]}}]'
    assert keys(text) == ["c0.weight", "c0.bias", "c1.weight", "c1.bias"]


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [c: {op: Conv2d, out_channels: 5, kernel_size: 1}, {share: «c»}]", "NS211"),
        (
            "blocks: {B: [{op: Conv2d, out_channels: 5, kernel_size: 1}]}\nbody: [b: B, {share: «b»}]",
            "NS211",
        ),
        (f"body: [c: {CONV}, {{share: «cc»}}]", "NS103"),
        ("body: [{share: «input»}]", "NS103"),
        (f"body: [c: {CONV}, {{op: ReLU, share: «c»}}]", "NS024"),
    ],
)
def test_what_cannot_be_shared_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


def test_an_invalid_share_has_its_own_message() -> None:
    rejected(f"body: [c: {CONV}, d: {{share: c, «out_channels»: 3}}]", "NS021", "share")
    rejected(f"body: [c: {CONV}, d: {{share: «[c]»}}]", "NS025", "share")


def test_single_parameters_can_be_tied() -> None:
    linear = "{op: Linear, out_features: 4"
    text = (
        f"inputs: {{t: [N, 4]}}\nbody: [a: {linear}}}, b: {linear}, share: {{weight: a.weight}}}}]"
    )
    made = module(text)
    assert list(made.state_dict()) == ["a.weight", "a.bias", "b.weight", "b.bias"]
    assert made.b.weight is made.a.weight
    assert made.b.bias is not made.a.bias


def test_an_output_layer_tied_to_an_embedding() -> None:
    text = """
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - wte: {op: Embedding, num_embeddings: 10, embedding_dim: 4}
  - lm_head: {op: Linear, out_features: 10, bias: false, share: {weight: wte.weight}}
"""
    made = module(text)
    assert made.lm_head.weight is made.wte.weight
    assert list(made.state_dict()) == ["wte.weight", "lm_head.weight"]
    assert len(list(made.parameters())) == 1
    assert made(torch.zeros(2, 5, dtype=torch.int64)).shape == (2, 5, 10)


@pytest.mark.parametrize(
    ("tie", "code", "words"),
    [
        ("{«wieght»: a.weight}", "NS103", "did you mean `weight`"),
        ("{weight: «a.wieght»}", "NS103", "did you mean `a.weight`"),
        ("{«scale»: a.weight}", "NS103", "weight, bias"),
        ("{weight: «a»}", "NS103", "step.parameter"),
        ("{weight: «a.bias»}", "NS211", "[5]"),
    ],
)
def test_what_cannot_be_tied_is_one_error(tie: str, code: str, words: str) -> None:
    linear = "{op: Linear, out_features: 5"
    rejected(
        f"inputs: {{t: [N, 5]}}\nbody: [a: {linear}}}, b: {linear}, share: {tie}}}]", code, words
    )


def test_the_input_of_a_network_is_not_a_step_of_a_block() -> None:
    rejected("blocks: {B: [{op: Add, from: [input, «image»]}]}\nbody: [B]", "NS103")
    rejected("blocks: {B: [{op: Add, from: [input, «s»]}]}\nbody: [s: ReLU, B]", "NS103")
    good("blocks: {B: [{op: Add, from: [input, previous]}]}\nbody: [s: ReLU, B]")


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 4))
        self.a = nn.Linear(4, 5, bias=False)
        self.a.weight = self.w

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        return self.a(t) @ self.w


@pytest.mark.parametrize("name", ["w", "table-0"])
def test_a_parameter_that_is_a_step_can_be_tied(name: str) -> None:
    linear = f"{{op: Linear, out_features: 5, bias: false, share: {{weight: {name}}}}}"
    steps = (
        f"{name}: {{op: Parameter, shape: [5, 4]}}, a: {linear}, {{op: MatMul, from: [a, {name}]}}"
    )
    text = f"inputs: {{t: [N, 4]}}\nbody: [{steps}]"
    if name == "w":
        same(text, Tied(), image(2, 4))
    net = module(text)
    assert net.a.weight is net.get_parameter(name)
    assert good(text).elaborate().parameter_count == 20
    steps = steps.replace(", {op: MatMul", ", {op: Mul").replace(f"[a, {name}]", "[a, input]")
    steps = steps.replace("features: 5", "features: 4").replace(f": {name}}}", f": «{name}»}}")
    other = f"inputs: {{t: [N, 4]}}\nbody: [{steps}]"
    rejected(other, "NS211", f"`{name}` has [5, 4]")


def test_a_share_does_not_reach_inside() -> None:
    text = "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 2}, {share: «c.1»}]"
    rejected(text, "NS103", "`c{i}`")
