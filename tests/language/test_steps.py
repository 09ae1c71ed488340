"""Steps: their forms, their reserved keys, and the ways to get them wrong."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import netspec
from language.spec_case import (
    good,
    image,
    keys,
    module,
    modules,
    rejected,
    same,
    shape,
    warned,
)


class Sum(nn.Module):
    """What flows in plus what the parts make of it, one after the other."""

    def __init__(self, **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x
        for part in self.children():
            y = part(y)
        return y + x


EVERY_FORM = """
body:
- ReLU
- relu1: ReLU
- {op: Conv2d, out_channels: 6, kernel_size: 3}
- conv1: {op: Conv2d, out_channels: 6, kernel_size: 3}
- {name: branches, op: Conv2d, out_channels: 6, kernel_size: 3}
- stem: [ReLU, Sigmoid]
- [ReLU, Tanh]
- each: {stage: [1, 2]}
  body: [ReLU]
"""


def test_every_form_of_a_step_is_the_module_that_it_reads_as() -> None:
    by_hand = nn.Sequential()
    for name, part in [
        ("0", nn.ReLU()), ("relu1", nn.ReLU()), ("2", nn.Conv2d(3, 6, 3)), ("conv1", nn.Conv2d(6, 6, 3)),
        ("branches", nn.Conv2d(6, 6, 3)), ("stem", nn.Sequential(nn.ReLU(), nn.Sigmoid())),
        ("6", nn.Sequential(nn.ReLU(), nn.Tanh())), ("7", nn.ReLU()), ("8", nn.ReLU()),
    ]:  # fmt: skip
        by_hand.add_module(name, part)
    assert modules(EVERY_FORM) == [name for name, _ in by_hand.named_modules()][1:]
    same(EVERY_FORM, by_hand, image())


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [{op: ReLU, «body»: [ReLU]}]", "NS024"),
        ("body: [«{}»]", "NS024"),
        ("body: [«null»]", "NS024"),
        ("body: [«3»]", "NS024"),
        ("body: [{op: «3»}]", "NS024"),
        ("body: [{op: «[ReLU]»}]", "NS024"),
        ("body: «ReLU»", "NS025"),
        ("body: «{a: ReLU}»", "NS025"),
        ("body:\n  - «a»:", "NS024"),
        ("body: [{a: {op: ReLU, «name»: b}}]", "NS024"),
        ("body: [{«when»: true, repeat: 2}]", "NS024"),
        ("body: [{op: «relu»}]", "NS101"),
        ("body: [«Foo»]", "NS101"),
        ("body: [g: {body: [ReLU], «out_channels»: 3}]", "NS021"),
        ("body: [g: {body: «ReLU»}]", "NS025"),
    ],
)
def test_an_invalid_step_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


def test_a_misspelled_op_is_one_error_with_the_right_one() -> None:
    rejected(
        "body: [{op: «conv2d», out_channels: 3, kernel_size: 1}]", "NS101", "did you mean `Conv2d`"
    )


def test_a_misspelled_op_without_its_arguments_is_one_error() -> None:
    rejected("body: [«conv2d»]", "NS101", "did you mean `Conv2d`")


def test_two_steps_in_one_item_are_distinguished() -> None:
    rejected("body:\n  - a: ReLU\n    «b»: ReLU", "NS024", "- b")


@pytest.mark.parametrize(
    ("marked", "code", "words"),
    [
        ("body: [{op: «Conv2d», out_channels: 3}]", "NS109", "kernel_size"),
        ("body: [{op: Conv2d, out_channels: 3, kernel_size: «true»}]", "NS108", "integer"),
        ("body: [{op: Conv2d, out_channels: «[3]», kernel_size: 1}]", "NS108", "integer"),
        ("body: [{op: Conv2d, out_channels: «0», kernel_size: 1}]", "NS108", ">= 1"),
        (
            "body: [{op: Conv2d, out_channels: 3, kernel_size: «[1, 1, 1]»}]",
            "NS108",
            "one per dimension",
        ),
        ("body: [{op: Conv2d, out_channels: 3, kernel_size: 1, bias: «3»}]", "NS108", "true"),
        ("body: [{op: Conv2d, out_channels: 3, kernel_size: 1, groups: «2»}]", "NS204", "3"),
        ("body: [{op: Dropout, p: «1.5»}]", "NS108", "1"),
        (
            "body: [{op: Conv2d, out_channels: 3, kernel_size: 1, padding_mode: «reflct»}]",
            "NS108",
            "reflect",
        ),
        (
            "body: [{op: Conv2d, out_channels: 3, kernel_size: 1, padding: «sameish»}]",
            "NS108",
            "same",
        ),
    ],
)
def test_a_wrong_argument_is_one_error_at_its_value(marked: str, code: str, words: str) -> None:
    rejected(marked, code, words)


def test_text_and_numbers_share_a_field() -> None:
    assert shape(
        "params: {k: 3}\nbody: [{op: Conv2d, out_channels: 1, kernel_size: k, padding: k // 2}]"
    )[2:] == ["H", "W"]
    assert shape("body: [{op: Conv2d, out_channels: 1, kernel_size: 3, padding: same}]")[2:] == [
        "H",
        "W",
    ]


# ---- groups --------------------------------------------------------------------------------------


def test_a_groups_name_is_one_level_of_the_path() -> None:
    conv = "{op: Conv2d, out_channels: 3, kernel_size: 1}"
    assert keys(f"body: [a: [b: [{conv}, c: {conv}]]]") == [
        "a.b.0.weight",
        "a.b.0.bias",
        "a.b.c.weight",
        "a.b.c.bias",
    ]


def test_an_empty_group_is_the_identity() -> None:
    a = image()
    assert torch.equal(module("body: [g: [], ReLU, h: {body: []}]")(a), a.relu())


def test_groups_in_groups_in_groups() -> None:
    assert modules("body: [[[ReLU], [[Sigmoid]]]]") == [
        "0",
        "0.0",
        "0.0.0",
        "0.1",
        "0.1.0",
        "0.1.0.0",
    ]


def test_a_groups_input_is_its_own() -> None:
    text = "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1}, g: [s: Sigmoid, {op: Add, from: [input, s]}]]"

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c = nn.Conv2d(3, 3, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.c(x)
            return x + x.sigmoid()

    same(text, Net(), image())


def test_what_a_group_gives() -> None:
    a = image()
    text = "body: [g: {body: [a: ReLU, b: Sigmoid], outputs: %s}, d: {op: Sub, from: [g, g.%s]}]"
    relu, both = a.relu(), a.relu().sigmoid()
    torch.testing.assert_close(module(text % ("{one: a, two: b}", "two"))(a), relu - both)
    torch.testing.assert_close(module(text % ("[b, a]", "a"))(a), both - relu)
    torch.testing.assert_close(module(text % ("[b, a]", "1"))(a), both - relu)


def test_a_wildcard_gives_a_group_outputs_of_their_own_names() -> None:
    a = image()
    text = (
        'body: [g: {body: [c1: ReLU, c2: Sigmoid], outputs: ["c*"]}, {op: Sub, from: [g.c2, g.c1]}]'
    )
    torch.testing.assert_close(module(text)(a), a.relu().sigmoid() - a.relu())


def test_a_repeated_group_gives_the_outputs_of_its_last_iteration() -> None:
    a = image()
    text = "body: [g: {repeat: 2, body: [a: ReLU, b: Sigmoid], outputs: [b, a]}, {op: Sub, from: [g, g.a]}]"
    once = a.relu().sigmoid()
    torch.testing.assert_close(module(text)(a), once.relu().sigmoid() - once.relu())


def test_each_iteration_of_a_group_has_its_outputs() -> None:
    a = image()
    text = 'body: ["g{i}": {repeat: 2, body: [a: ReLU, b: Sigmoid], outputs: [b, a]}, {op: Sub, from: [g1, g0.a]}]'
    torch.testing.assert_close(module(text)(a), a.relu().sigmoid().relu().sigmoid() - a.relu())


# ---- when ----------------------------------------------------------------------------------------


def test_a_step_that_is_omitted_lets_its_input_through() -> None:
    a = image()
    text = "body: [s: Sigmoid, n: {op: ReLU, when: false}, d: {op: Sub, from: [input, n]}]"
    torch.testing.assert_close(module(text)(a), a - a.sigmoid())
    assert modules(text) == ["s"]


def test_of_several_inputs_the_first_passes_through() -> None:
    a = image()
    text = (
        "body: [r: Tanh, s: Sigmoid, b: {op: Add, from: [r, input], when: false}]\noutputs: [b, s]"
    )
    torch.testing.assert_close(module(text)(a)[0], a.tanh())


@pytest.mark.parametrize("condition", ["1", "[]", "x.channels", '"3 + 4"'])
def test_a_condition_is_true_or_false(condition: str) -> None:
    rejected(f"body: [{{op: ReLU, when: «{condition}»}}]", "NS122", "true or false")


def test_a_condition_must_be_decided_for_every_size_that_dims_allows() -> None:
    text = "{op: ReLU, when: x.height > 16}"
    rejected("body: [{op: ReLU, when: «x.height > 16»}]", "NS124", "H")
    assert modules(f"dims: {{H: {{min: 32}}}}\nbody: [{text}]") == ["0"]
    even = "dims: {H: {multiple_of: 32}}\nbody: [{op: ReLU, when: x.height %% %d == 0}]"
    assert modules(even % 2) == ["0"]
    rejected(even.replace("when: x.height %% %d == 0", "when: «x.height % 64 == 0»"), "NS124", "H")


def test_a_step_that_is_omitted_is_still_read() -> None:
    rejected("body: [ReLU, {op: «Foo», when: false}]", "NS101")
    rejected("body: [ReLU, {op: Dropout, «pp»: 1, repeat: 0}]", "NS102")


# ---- repeat --------------------------------------------------------------------------------------


def test_a_name_that_mentions_i_makes_siblings() -> None:
    text = "body: [l{i + 1}: {op: Conv2d, out_channels: x.channels + i, kernel_size: 1, repeat: 3}]"
    by_hand = nn.Sequential()
    for name, part in [
        ("l1", nn.Conv2d(3, 3, 1)),
        ("l2", nn.Conv2d(3, 4, 1)),
        ("l3", nn.Conv2d(4, 6, 1)),
    ]:
        by_hand.add_module(name, part)
    same(text.replace("l{i + 1}", '"l{i + 1}"'), by_hand, image())


def test_another_name_makes_children() -> None:
    by_hand = nn.Sequential()
    by_hand.add_module("l", nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)))
    same("body: [l: {op: Conv2d, out_channels: 3, kernel_size: 1, repeat: 2}]", by_hand, image())


def test_without_a_name_iterations_are_numbered_like_steps() -> None:
    same(
        "body: [ReLU, {op: Conv2d, out_channels: x.channels * 2, kernel_size: 1, repeat: 2}, Sigmoid]",
        nn.Sequential(nn.ReLU(), nn.Conv2d(3, 6, 1), nn.Conv2d(6, 12, 1), nn.Sigmoid()),
        image(),
    )


def test_a_group_can_be_repeated() -> None:
    conv = "{op: Conv2d, out_channels: x.channels + 1, kernel_size: 1}"
    text = f"body: [g: {{repeat: 2, body: [{conv}, ReLU]}}]"
    by_hand = nn.Sequential()
    by_hand.add_module("g", nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()), nn.Sequential(nn.Conv2d(4, 5, 1), nn.ReLU()),
    ))  # fmt: skip
    same(text, by_hand, image())


def test_zero_times_is_the_identity() -> None:
    a = image()
    assert torch.equal(
        module("body: [l: {op: ReLU, repeat: 0}, {op: Sub, from: [l, input]}]")(a), a - a
    )


def test_of_several_inputs_the_first_is_replaced_and_the_others_stay() -> None:
    a, b = image(2, 3), torch.ones(2, 3)
    text = "inputs: {a: [N, 3], b: [N, 3]}\nbody: [{op: Sub, repeat: 3, from: [a, b]}]"
    torch.testing.assert_close(module(text)(a, b), a - 3)


def test_a_condition_is_asked_in_each_iteration() -> None:
    text = 'body: ["o{i}": {op: Conv2d, kernel_size: 1, out_channels: x.channels + 1, repeat: 4, when: i != 1}]'
    assert modules(text) == ["o0", "o2", "o3"]
    assert shape(text)[1] == "6"


def test_every_iteration_is_checked_for_itself() -> None:
    rejected(
        "body: [l: {op: Conv2d, in_channels: «3», out_channels: 4, kernel_size: 1, repeat: 3}]",
        "NS201", "`l.1` declares `in_channels: 3`", "its input `l.0` has 4 channels",
    )  # fmt: skip


def test_repeats_nest() -> None:
    assert modules('body: [o: {repeat: 2, body: ["p{i}": {op: ReLU, repeat: 2}]}]') == [
        "o", "o.0", "o.0.p0", "o.0.p1", "o.1", "o.1.p0", "o.1.p1",
    ]  # fmt: skip
    assert modules('body: ["o{i}": {repeat: 2, body: ["p{i}": ReLU]}]') == [
        "o0",
        "o0.p0",
        "o1",
        "o1.p1",
    ]


@pytest.mark.parametrize("count", ["-1", "1.5", "true", "[2]", '"3 / 2"'])
def test_a_count_is_an_integer(count: str) -> None:
    rejected(f"body: [l: {{op: ReLU, repeat: «{count}»}}]", "NS122", "cannot be repeated")


def test_a_count_is_bounded() -> None:
    rejected("body: [l: {op: ReLU, repeat: «10**9»}]", "NS123", "100,000")


def test_a_count_that_depends_on_a_size_is_an_error() -> None:
    rejected("body: [{op: ReLU, repeat: «x.height»}]", "NS124", "H")


def test_a_count_that_is_decided_is_taken() -> None:
    assert modules(
        "dims: {H: {multiple_of: 32}}\nbody: [ReLU, {op: ReLU, repeat: x.height % 32}]"
    ) == ["0"]


# ---- inline --------------------------------------------------------------------------------------


def test_inline_adds_no_level() -> None:
    conv = "{op: Conv2d, out_channels: 3, kernel_size: 1}"
    block = f"blocks: {{B: [c: {conv}, {{op: Add, from: [input, c]}}]}}\n"
    same(f"{block}body: [b: {{op: B, inline: true}}]", Sum(c=nn.Conv2d(3, 3, 1)), image())
    assert keys(f"body: [g: {{inline: true, body: [h: [c: {conv}], d: {conv}]}}]") == [
        "h.c.weight", "h.c.bias", "d.weight", "d.bias",
    ]  # fmt: skip
    assert modules("body: [g: {inline: false, body: [ReLU]}]") == ["g", "g.0"]


def test_the_iterations_of_an_inline_group_are_siblings_of_it() -> None:
    assert modules('body: [g: {repeat: 2, inline: true, body: ["c{i}": ReLU]}]') == ["c0", "c1"]


def test_inline_adds_no_level_but_keeps_its_own_names() -> None:
    rejected("body: [g: {inline: true, body: [c: ReLU]}, {op: Add, from: [g, «c»]}]", "NS103")
    rejected("body: [c: ReLU, g: {inline: true, body: [«c»: ReLU]}]", "NS106")


def test_inline_is_for_groups_and_blocks() -> None:
    rejected("body: [g: {op: ReLU, inline: «true»}]", "NS024", "layer")


@pytest.mark.parametrize("key", ["inline", "checkpoint"])
def test_a_switch_is_true_or_false(key: str) -> None:
    rejected(f"body: [g: {{body: [ReLU], {key}: «3»}}]", "NS025", "true or false")


# ---- expect --------------------------------------------------------------------------------------


def test_the_expected_shape() -> None:
    conv = "{op: Conv2d, out_channels: 8, kernel_size: 3, expect: %s}"
    for fine in (
        "[N, 8, _, _]",
        "[_, _, _, _]",
        "[N, 4 * 2, x.height - 2, _]",
        "[x.batch, 8, _, input.width - 2]",
    ):
        good(f"body: [{conv % fine}]")
    for wrong in ("[N, 9, _, _]", "[N, 8, _]", "[N, 8, H, W]"):
        rejected(f"body: [{conv % f'«{wrong}»'}]", "NS210", "[N, 8, H-2, W-2]")
    rejected(f"body: [{conv % '«8»'}]", "NS025")


def test_groups_and_blocks_can_be_held_to_a_shape_too() -> None:
    text = "blocks: {B: [{op: Conv2d, out_channels: 4, kernel_size: 3}]}\nbody: [g: {body: [ReLU, B], expect: %s}]"
    good(text % "[N, 4, _, _]")
    rejected(text % "«[N, 5, _, _]»", "NS210")


def test_an_expected_symbol_is_one_of_the_inputs() -> None:
    rejected("body: [{op: ReLU, expect: [N, 3, «P», W]}]", "NS121")


def test_the_condition_of_a_fixed_expectation_on_a_symbol_is_correct() -> None:
    diagnostic = warned("body: [{op: ReLU, expect: «[_, 3, 30, _]»}]", "NS301", "H = 30")
    assert not any("min" in help_.text for help_ in diagnostic.helps)


# ---- warnings ------------------------------------------------------------------------------------


def test_a_step_that_nothing_uses_is_a_warning() -> None:
    warned("body: [«a»: ReLU, {op: Sigmoid, from: input}]", "NS105", "`a` is never used")
    warned("body: [ReLU, «c»: {op: Constant, value: 1}, ReLU]", "NS105")


def test_use_in_an_expression_or_in_a_group_or_as_output_counts() -> None:
    good("body: [a: ReLU, {op: Conv2d, from: input, out_channels: a.channels, kernel_size: 1}]")
    good("body: [a: ReLU, g: {from: input, body: [{op: Add, from: [input, a]}]}]")
    good("body: [a: ReLU, b: {op: ReLU, from: input}]\noutputs: [a, b]")


def test_an_unused_step_in_a_block_used_twice_is_one_warning() -> None:
    warned("blocks: {B: [«a»: ReLU, {op: Sigmoid, from: input}]}\nbody: [B, B]", "NS105")


def test_after_an_unknown_reference_nothing_is_reported_as_unused() -> None:
    rejected("body: [conv: ReLU, {op: ReLU, from: «relu»}]", "NS103")


def test_a_step_that_is_omitted_uses_only_its_first_input() -> None:
    warned("body: [«a»: ReLU, {op: Add, from: [input, a], when: false}]", "NS105")


# ---- inplace -------------------------------------------------------------------------------------


def test_overwriting_what_is_read_again_is_an_error() -> None:
    text = "body: [a: {op: Conv2d, out_channels: 3, kernel_size: 1}, b: {op: ReLU, inplace: «true»}, {op: Add, from: [a, b]}]"
    rejected(text, "NS402", "overwrites")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            "[c, d: Dropout, r: {op: ReLU, inplace: true}, s: {op: Add, from: [c, r]}]",
            "`c`, which `s` still reads",
        ),
        (
            "[c, d: Identity, e: Flatten, r: {op: ReLU, inplace: true}, s: {op: Flatten, from: c}, {op: Add, from: [r, s]}]",
            "`c`, which `s` still reads",
        ),
        (
            "[c, k: {op: Chunk, chunks: 2, dim: 1}, {op: ReLU, inplace: true, from: k.0}]",
            "a part of the tensor that `k` splits",
        ),
        (
            "[p: {op: Parameter, shape: [3]}, {op: ReLU, inplace: true, from: p}]",
            "`p`, which belongs to the module",
        ),
    ],
)
def test_in_place_is_traced_through_layers_that_return_their_input(steps: str, says: str) -> None:
    conv = "c: {op: Conv2d, out_channels: 4, kernel_size: 1}"
    text = (
        f"netspec: 1\ninputs: {{a: [N, 3, 4, 4]}}\nbody: {steps.replace('[c,', f'[{conv},', 1)}\n"
    )
    (diagnostic,) = netspec.load(text).check().errors
    assert diagnostic.code == "NS402"
    assert says in diagnostic.message


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("[s: Sigmoid, {op: ReLU, inplace: true}]", "the backward pass of `s` requires"),
        ("[r: {op: ReLU, inplace: true}, {op: Dropout, inplace: true}]", "of `r` requires"),
        ("[c: Sigmoid, v: Flatten, {op: SiLU, inplace: true}]", "result of `c`, which the backward"),
        ("[c: Tanh, d: {op: Conv2d, out_channels: 3, kernel_size: 1}, {op: ReLU, inplace: true, from: c}, {op: Add, from: [previous, d]}]",
         "result of `c`, which the backward pass of `c` requires"),
        ("[c: Neg, d: {op: Conv2d, out_channels: 3, kernel_size: 1}, r: {op: ReLU, inplace: true, from: c}, {op: Add, from: [r, d]}]",
         "result of `c`, which the backward pass of `d` requires"),
        ("[m: {op: MatMul, from: [image, image]}, r: {op: ReLU, inplace: true, from: image}, {op: Add, from: [r, m]}]",
         "overwrites `image`, which the backward pass of `m` requires"),
        ("[e: {op: Slice, dim: 1, end: 1}, g: {op: Expand, size: [-1, 5, -1, -1]}, t: {op: Transpose, dim0: 1, dim1: 2}, {op: ELU, inplace: true}]",
         "a tensor that `g` expands without copying"),
        ("[k: {op: Chunk, chunks: 1, dim: 1}, {op: Transpose, dim0: 1, dim1: 2}, {op: ELU, inplace: true}]", "that `k` splits"),
        ("[n: Neg, {op: LeakyReLU, negative_slope: -0.1, inplace: true}]", "with a negative_slope below 0"),
    ],
)  # fmt: skip
def test_in_place_on_what_torch_saved_or_protects_is_an_error(steps: str, says: str) -> None:
    text = f"netspec: 1\ninputs: {{image: [2, 3, 4, 4]}}\nbody: {steps}\n"
    diagnostic, *_ = netspec.load(text).check().errors
    assert diagnostic.code == "NS402"
    assert says in diagnostic.message


@pytest.mark.parametrize(
    "steps",
    [
        "[b: BatchNorm2d, {op: ReLU, inplace: true}, {op: Conv2d, out_channels: 3, kernel_size: 1}]",
        "[c: {op: Conv2d, out_channels: 3, kernel_size: 1}, b: BatchNorm2d, a: {op: Add, from: [b, image]}, {op: ReLU, inplace: true}]",
        "[s: Sigmoid, d: Dropout, {op: ReLU, inplace: true}]",
        "[s: Sigmoid, {op: AlphaDropout, inplace: true}]",
        "[s: Sigmoid, {op: Dropout, p: 0, inplace: true}]",
        "[e: {op: Expand, size: [4, -1, -1, -1, -1]}, {op: Select, dim: 0, index: 1}, {op: ReLU, inplace: true}]",
        "[k: {op: Chunk, chunks: 2, dim: 2}, f: {op: Flatten, from: k.1}, {op: ReLU, inplace: true}]",
    ],
)
def test_in_place_on_an_unsaved_tensor_is_valid(steps: str) -> None:
    text = f"netspec: 1\ninputs: {{image: [2, 3, 4, 4]}}\nbody: {steps}\n"
    network = netspec.load(text)
    assert network.check().errors == ()
    out = network.compile().train()(image(2, 3, 4, 4).requires_grad_() * 1)
    out.sum().backward()


def test_in_place_on_what_nothing_else_reads_is_fine() -> None:
    text = """netspec: 1
inputs: {a: [N, 3, 4, 4]}
body:
  - c: {op: Conv2d, out_channels: 4, kernel_size: 1}
  - d: Dropout
  - r: {op: ReLU, inplace: true}
  - f: Flatten
  - {op: Add, from: [f, f]}
"""
    assert netspec.load(text).diagnostics == ()


# ---- one mistake, one error ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [{op: Conv2d, «out_channel»: 3, kernel_size: 1}]", "NS102"),
        ("blocks: {B: {params: {width: int}, body: [ReLU]}}\nbody: [{op: B, «widht»: 3}]", "NS112"),
        ("body: [{op: Add, «frm»: [input, previous]}]", "NS102"),
        ("body: [{op: Concat, «branchs»: {a: ReLU, b: []}}]", "NS102"),
        ("body: [{each: {k: [1, 2]}, «boddy»: [ReLU]}]", "NS021"),
        ("blocks: {B: {«boddy»: [ReLU]}}\nbody: [B, B]", "NS021"),
        ("«parms»: {w: 3}\nbody: [{op: Conv2d, out_channels: w, kernel_size: w}]", "NS021"),
        ('body: ["a{i}": {op: ReLU, «repeta»: 3}]', "NS102"),
        ("body: [a: {«opp»: ReLU}, {op: Add, from: [a, input]}]", "NS021"),
    ],
)
def test_a_misspelled_key_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code, "did you mean")


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [a: {op: «9»}, {op: Add, from: [a, input]}]", "NS024"),
        ('body: ["a{«k»}": ReLU, {op: Add, from: [a1, input]}]', "NS121"),
        ("body: [{op: Sub, branches: {a: ReLU, b: «9»}}]", "NS024"),
        ("blocks: {«B»: {params: {w: 3}}}\nbody: [B, g: [B]]", "NS022"),
        ("body: [{op: «Ad», from: [input, previous]}]", "NS101"),
        ("body: [{op: Interpolate, size: [«inpu».height, 5]}]", "NS121"),
        (
            "body: [a: ReLU, {op: Conv2d, from: input, out_channels: «a.chanels», kernel_size: 1}]",
            "NS120",
        ),
        ('body: [g: {body: [c1: ReLU], outputs: [«"9*"»]}, {op: Add, from: [g, g.c1]}]', "NS103"),
    ],
)
def test_what_depends_on_a_mistake_is_silent(marked: str, code: str) -> None:
    rejected(marked, code)


@pytest.mark.parametrize("height", ["(H + 1) // 2", "(H-1)//2 + 1", "(image.height + 1) // 2"])
def test_an_expected_size_is_what_the_table_prints(height: str) -> None:
    conv = "{op: Conv2d, out_channels: 5, kernel_size: 3, stride: 2, padding: 1, expect: [N, 5, '%s', _]}"
    good(f"body: [{conv % height}]")
    rejected(
        f"body: [{conv.replace('[N', '«[N').replace('_]', '_]»') % 'H // 2 - 1'}]",
        "NS210",
        "(H+1)//2",
    )
    rejected(
        f"body: [{conv % 'Q // 2'}]".replace("'Q // 2'", "«'Q // 2'»"),
        "NS121",
        "no input has the size",
    )
    block = f"blocks: {{B: [{conv % 'H // 2'}]}}\nbody: [ReLU]"
    good(block)
