"""Loops over lists."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from language.spec_case import image, keys, module, modules, rejected, same, shape

QUOTED = '"d[0] + d[1]"'


def test_a_loop_repeats_its_steps_for_every_item() -> None:
    text = """
params: {widths: [4, 8]}
body:
  - each: {w: widths}
    body:
      - conv{w.index}: {op: Conv2d, out_channels: w, kernel_size: 1}
      - ReLU
"""
    by_hand = nn.Sequential()
    for name, part in [
        ("conv0", nn.Conv2d(3, 4, 1)),
        ("1", nn.ReLU()),
        ("conv1", nn.Conv2d(4, 8, 1)),
        ("3", nn.ReLU()),
    ]:
        by_hand.add_module(name, part)
    same(text, by_hand, image())
    assert shape(text, widths=[2, 2, 5])[1] == "5"


def test_the_place_of_an_item() -> None:
    text = 'body: [{each: {s: [7, 8, 9]}, body: ["a{s.index}": ReLU, "b{s}": {op: ReLU, when: s.first}, "c{s}": {op: ReLU, when: s.last}, ReLU]}]'
    assert modules(text) == ["a0", "b7", "2", "a1", "4", "a2", "c9", "7"]


def test_several_lists_go_in_step() -> None:
    text = 'params: {d: [1, 2], w: [8, 16]}\nbody: [{each: {d: d, w: w}, body: ["c{d}": {op: Conv2d, out_channels: w, kernel_size: d}]}]'
    assert shape(text) == ["N", "16", "H-1", "W-1"]
    rejected(
        text.replace("w: [8, 16]", "w: [8]").replace("each:", "«each»:"),
        "NS122",
        "`d` has 2 items",
        "`w` has 1 item",
    )


def test_items_may_be_computed_lists_and_ranges() -> None:
    conv = "{op: Conv2d, out_channels: %s, kernel_size: 1}"
    assert (
        shape(f"params: {{w: 4}}\nbody: [{{each: {{d: [w, 2 * w]}}, body: [{conv % 'd'}]}}]")[1]
        == "8"
    )
    assert len(modules("body: [{each: {d: range(3)}, body: [ReLU]}]")) == 3
    assert shape(f"body: [{{each: {{d: [[8, 2], [16, 1]]}}, body: [{conv % QUOTED}]}}]")[1] == "17"
    assert modules("body: [ReLU, {each: {d: []}, body: [ReLU]}, ReLU]") == ["0", "1"]


def test_a_loop_adds_no_level_and_opens_no_body() -> None:
    a = image()
    text = 'body: [s: Sigmoid, {each: {k: [1, 2]}, body: ["a{k}": ReLU, "b{k}": {op: Add, from: [previous, s, input]}]}, {op: Sub, from: [b2, a1]}]'
    s = a.sigmoid()
    b1 = s + s + a
    b2 = b1.relu() + s + a
    torch.testing.assert_close(module(text)(a), b2 - s)


def test_iterations_can_read_each_other() -> None:
    a = image()
    text = 'body: [b0: ReLU, {each: {k: [1, 2]}, body: ["b{k}": {op: Add, from: [previous, "b{k - 1}"]}]}]'
    torch.testing.assert_close(module(text)(a), a.relu() * 4)


def test_loops_nest() -> None:
    text = 'body: [{each: {a: [1, 2]}, body: [{each: {b: [1, 2]}, body: ["c{a}{b}": ReLU, {op: ReLU, when: a.last and b.first}]}]}]'
    assert modules(text) == ["c11", "c12", "c21", "3", "c22"]


def test_a_loop_in_a_group_in_a_loop() -> None:
    text = 'body: [{each: {s: [[2, 1], [3]]}, body: ["g{s.index}": [{each: {k: s}, body: ["c{k}": {op: Conv2d, out_channels: k, kernel_size: 1}]}]]}]'
    assert [k for k in keys(text) if k.endswith("weight")] == [
        "g0.c2.weight",
        "g0.c1.weight",
        "g1.c3.weight",
    ]


def test_a_loop_variable_hides_a_parameter_and_does_not_leak() -> None:
    assert modules(
        'params: {k: 7}\nbody: [{each: {k: [1, 2]}, body: ["a{k}": ReLU]}, "b{k}": ReLU]'
    ) == ["a1", "a2", "b7"]
    rejected('body: [{each: {k: [1, 2]}, body: ["a{k}": ReLU]}, "b{«k»}": ReLU]', "NS121", "`k`")


def test_names_in_a_loop_mention_the_variable_or_are_absent() -> None:
    rejected("body: [{each: {k: [1, 2]}, body: [«a»: ReLU]}]", "NS106", "every iteration")


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [{each: {d: «3»}, body: [ReLU]}]", "NS122"),
        ("body: [{each: «d», body: [ReLU]}]", "NS024"),
        ("body: [{each: «{}», body: [ReLU]}]", "NS024"),
        ("body: [{«each»: {d: [1]}}]", "NS024"),
        ("body: [«l»: {each: {d: [1]}, body: [ReLU]}]", "NS024"),
        ("body: [{each: {d: [1]}, «when»: true, body: [ReLU]}]", "NS021"),
        ("body: [{each: {d: [1]}, «outputs»: a, body: [ReLU]}]", "NS021"),
        ("body: [{each: {«x»: [1]}, body: [ReLU]}]", "NS107"),
        ("body: [{each: {«i»: [1]}, body: [ReLU]}]", "NS107"),
        ("body: [{each: {«a-b»: [1]}, body: [ReLU]}]", "NS107"),
        ("body: [{each: {d: [1]}, body: ['a{«d.idx»}': ReLU]}]", "NS120"),
        ("body: [{each: {d: [«foo»]}, body: [ReLU]}]", "NS121"),
        (
            "body: [{each: {d: [1, 2, 3]}, body: [{op: Conv2d, out_channels: «0 * d», kernel_size: 1}]}]",
            "NS108",
        ),
    ],
)
def test_a_wrong_loop_is_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


def test_a_loop_with_an_op_is_one_error() -> None:
    rejected("body: [{each: {k: [1, 2]}, «op»: ReLU}]", "NS021")


def test_if_the_list_depends_on_an_error_the_body_is_silent() -> None:
    rejected(
        'body: [{each: {d: «lst»}, body: ["a{d}": {op: Conv2d, out_channels: 2 * d, kernel_size: d}]}, {op: Conv2d, in_channels: 3, out_channels: 1, kernel_size: 1}]',
        "NS121",
    )


def test_repeat_in_each_in_branches_in_a_repeated_block() -> None:
    text = """
blocks:
  B:
    params: {n: int}
    body:
      - join:
          op: Concat
          branches:
            left:
              - each: {k: range(n)}
                body:
                  - c{k}: {op: Conv2d, out_channels: 2, kernel_size: 1, repeat: 2}
            right: []
body:
  - b{i}: {op: B, repeat: 2, n: i + 1}
"""
    assert [k for k in keys(text) if k.endswith("weight")] == [
        "b0.left.c0.0.weight", "b0.left.c0.1.weight",
        "b1.left.c0.0.weight", "b1.left.c0.1.weight", "b1.left.c1.0.weight", "b1.left.c1.1.weight",
    ]  # fmt: skip
    made = module(text)
    a = image()
    first = torch.cat([made.b0.left(a), a], 1)
    torch.testing.assert_close(made(a), torch.cat([made.b1.left(first), first], 1))
