"""Branches: parallel ways from one input to an op that joins them."""

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
)
from netspec.check import check_text

CONV = "{op: Conv2d, out_channels: 4, kernel_size: 1}"


class Joined(nn.Module):
    """The branches, concatenated; None is the identity."""

    def __init__(self, **branches: nn.Module) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name.removeprefix("_"), branch)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)


def test_a_named_branch_adds_its_name_and_nothing_else() -> None:
    by_hand = Joined(
        b1=nn.Conv2d(3, 4, 1),
        b2=nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)),
        b3=nn.Identity(),
    )
    same(
        f"body: [j: {{op: Concat, branches: {{b1: {CONV}, b2: [{CONV}, BatchNorm2d], b3: []}}}}]",
        by_hand,
        image(),
    )


def test_an_unnamed_branch_is_numbered_under_the_joins_name() -> None:
    text = f"body: [ReLU, j: {{op: Concat, branches: [{CONV}, [{CONV}, BatchNorm2d], []]}}, ReLU]"
    assert [k for k in keys(text) if k.endswith("weight")] == [
        "j.0.weight",
        "j.1.0.weight",
        "j.1.1.weight",
    ]
    made = module(text)
    a = image().relu()
    first, second = made.get_submodule("j.0"), made.get_submodule("j.1")
    torch.testing.assert_close(made(image()), torch.cat([first(a), second(a), a], 1).relu())


def test_branches_of_an_unnamed_join_are_under_its_number() -> None:
    text = f"body: [ReLU, {{op: Concat, branches: [{CONV}, [{CONV}]]}}, {CONV}]"
    assert [k for k in keys(text) if k.endswith("weight")] == [
        "1.0.weight",
        "1.1.0.weight",
        "2.weight",
    ]
    a = image()
    assert module(text)(a).shape == (2, 4, 8, 8)


def test_named_and_unnamed_branches_mix() -> None:
    text = f"body: [j: {{op: Concat, branches: [a: {CONV}, {CONV}, c: [{CONV}]]}}]"
    assert [k for k in keys(text) if k.endswith("weight")] == [
        "a.weight",
        "j.1.weight",
        "c.0.weight",
    ]


def test_unnamed_branches_compute_what_they_say() -> None:
    a = image()
    text = "body: [ReLU, q: [Sigmoid, {op: Sub, branches: [Tanh, [Sigmoid, Sigmoid]]}], ReLU]"
    s = a.relu().sigmoid()
    torch.testing.assert_close(module(text)(a), (s.tanh() - s.sigmoid().sigmoid()).relu())


def test_an_empty_list_is_the_identity() -> None:
    a = image()
    torch.testing.assert_close(
        module("body: [j: {op: Sub, branches: {f: [Sigmoid, Tanh], skip: []}}]")(a),
        a.sigmoid().tanh() - a,
    )


def test_order_is_the_order_of_the_text() -> None:
    a = image()
    for order in ("r: ReLU, s: Sigmoid", "s: Sigmoid, r: ReLU"):
        outputs = module(f"body: [j: {{op: Concat, branches: {{{order}}}}}]")(a)
        parts = {"r": a.relu(), "s": a.sigmoid()}
        torch.testing.assert_close(
            outputs, torch.cat([parts[w.split(":")[0]] for w in order.split(", ")], 1)
        )


def test_branches_start_at_the_joins_one_input() -> None:
    a = image()
    text = "body: [r: ReLU, s: Sigmoid, j: {op: Sub, from: r, branches: {p: Tanh, q: [Sigmoid, {op: Add, from: [previous, input]}]}}]\noutputs: [j, s]"
    r = a.relu()
    torch.testing.assert_close(module(text)(a)[0], r.tanh() - (r.sigmoid() + r))
    rejected(
        "body: [r: ReLU, j: {op: Concat, from: «[r, input]», branches: {p: ReLU, q: ReLU}}]",
        "NS110",
        "from 1 input",
    )


def test_a_branch_may_read_what_is_around() -> None:
    a = image()
    text = "body: [r: ReLU, s: Sigmoid, j: {op: Add, branches: {p: {op: Sub, from: [previous, r]}, q: {op: Tanh, from: image}}}]"
    torch.testing.assert_close(module(text)(a), a.relu().sigmoid() - a.relu() + a.tanh())


def test_a_branch_may_repeat_be_omitted_or_be_a_block() -> None:
    text = f"""
blocks: {{B: [c: {CONV}]}}
body:
  - j:
      op: Concat
      branches:
        b{{i}}: {{op: Conv2d, out_channels: x.channels + 1, kernel_size: 1, repeat: 2}}
        r: {{op: Conv2d, out_channels: 6, kernel_size: 1, repeat: 2}}
        gone: {{op: Conv2d, out_channels: 9, kernel_size: 1, when: x.channels > 3}}
        flat: {{op: B, inline: true}}
        own: B
"""
    made = module(text)
    assert [k for k in made.state_dict() if "weight" in k] == [
        "b0.weight", "b1.weight", "r.0.weight", "r.1.weight", "c.weight", "own.c.weight",
    ]  # fmt: skip


def test_branches_in_a_repeat_are_siblings_by_i() -> None:
    text = 'body: ["d{i}": {op: Concat, repeat: 3, branches: {"c{i}": {op: Conv2d, out_channels: 2, kernel_size: 1}, id: []}}]'
    assert [k for k in keys(text) if "weight" in k] == ["c0.weight", "c1.weight", "c2.weight"]
    assert shape(text)[1] == "9"
    rejected(text.replace('"c{i}"', "«c»"), "NS106", "every iteration")


def test_branches_nest() -> None:
    text = "body: [j: {op: Concat, branches: {p: {op: Concat, branches: {u: {op: Conv2d, out_channels: 2, kernel_size: 1}, v: []}}, q: [ReLU, {op: Add, branches: {w: Sigmoid, z: Tanh}}]}}]"
    made = module(text)
    a = image()
    r = a.relu()
    torch.testing.assert_close(made(a), torch.cat([made.u(a), a, r.sigmoid() + r.tanh()], 1))
    assert modules(text)[0] == "u"


def test_concat_in_deep_blocks_in_branches() -> None:
    text = """
blocks:
  Leaf: {params: {w: int}, body: [c: {op: Conv2d, out_channels: w, kernel_size: 1}, {op: Concat, from: [input, c]}]}
  Fork: {params: {w: int}, body: [{op: Concat, branches: {l: {op: Leaf, w: w}, r: {op: Leaf, w: 2 * w}}}]}
body: [f{i}: {op: Fork, repeat: 2, w: i + 1}]
""".replace("f{i}", '"f{i}"')
    made = module(text)
    assert shape(text) == ["N", str(((3 + 1) + (3 + 2)) * 2 + 2 + 4), "H", "W"]
    assert made(image()).shape[1] == 24
    assert "f1.r.c.weight" in made.state_dict()


def test_a_block_with_two_inputs_joins_two_branches() -> None:
    text = "blocks: {J: {inputs: [a, b], body: [{op: Sub, from: [a, b]}]}}\nbody: [j: {op: J, branches: {p: ReLU, q: Sigmoid}}]"
    a = image()
    torch.testing.assert_close(module(text)(a), a.relu() - a.sigmoid())


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [j: {op: Concat, branches: «ReLU»}]", "NS025"),
        (
            "body:\n  - j:\n      op: Concat\n      branches:\n        a: ReLU\n        «b»:",
            "NS024",
        ),
        ("body: [j: {body: [ReLU], branches: «{a: ReLU}»}]", "NS024"),
        ("body: [j: {op: Concat, branches: {a: ReLU, «a»: ReLU}}]", "NS011"),
        ("body: [j: {op: Concat, branches: {a: «Relu», b: ReLU}}]", "NS101"),
        ("body: [j: {op: Sub, branches: {a: Tanh, b: ReLU, c: ReLU}}]", "NS110"),
    ],
)
def test_wrong_branches_are_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


@pytest.mark.parametrize("branches", ["{}", "[]"])
def test_an_empty_list_of_branches_is_an_error(branches: str) -> None:
    diagnostic = rejected(f"body: [j: {{op: Concat, branches: {branches}}}]", "NS110")
    assert "or give `branches`" not in text_of(diagnostic)


def test_branches_are_for_an_op_that_joins() -> None:
    rejected(
        "body: [j: {op: Conv2d, out_channels: 3, kernel_size: 1, branches: {p: ReLU}}]", "NS110"
    )


INCEPTION = """
blocks:
  InceptionA:
    - join:
        op: Concat
        branches:
          branch1x1: {op: Conv2d, out_channels: 16, kernel_size: 1}
          branch5x5:
            - {op: Conv2d, out_channels: 16, kernel_size: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 5, padding: 2}
          branch3x3:
            - {op: Conv2d, out_channels: 16, kernel_size: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1}
          branch_pool:
            - {op: AvgPool2d, kernel_size: 3, stride: 1, padding: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 1}
body:
  - mixed: InceptionA
  - {op: Conv2d, %s out_channels: 3, kernel_size: 1}
"""


def test_inception_by_hand() -> None:
    a = nn.Sequential()
    a.add_module("mixed", Joined(
        branch1x1=nn.Conv2d(3, 16, 1),
        branch5x5=nn.Sequential(nn.Conv2d(3, 16, 1), nn.Conv2d(16, 24, 5, padding=2)),
        branch3x3=nn.Sequential(nn.Conv2d(3, 16, 1), nn.Conv2d(16, 24, 3, padding=1), nn.Conv2d(24, 24, 3, padding=1)),
        branch_pool=nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Conv2d(3, 24, 1)),
    ))  # fmt: skip
    a.add_module("1", nn.Conv2d(88, 3, 1))
    same(INCEPTION % "", a, image())


def test_what_does_not_fit_behind_a_join_names_the_branches_and_the_change() -> None:
    diagnostic = rejected(
        INCEPTION % "in_channels: «80»,", "NS201", "in_channels: 88", "4 branches"
    )
    assert [label.span.line for label in diagnostic.labels] == [8, 11, 15, 18]
    assert "branch5x5" in text_of(diagnostic)
    assert "branch_pool" in text_of(diagnostic)


def test_the_sum_of_the_page() -> None:
    rejected(INCEPTION % "in_channels: «80»,", "NS201", "88 = 24×3 + 16")


def test_what_cannot_be_joined_names_the_branches() -> None:
    diagnostic = rejected(
        "body: [d: {op: Concat, branches: {c: {op: Conv2d, out_channels: 2, kernel_size: 3}, id: []}}]",
        "NS202",
        "height",
        "H-2",
    )
    assert "`c`" in text_of(diagnostic)
    rejected(
        "body: [d: {op: Add, branches: {c: {op: Conv2d, out_channels: 2, kernel_size: 1}, id: []}}]",
        "NS203",
        "2 and 3",
    )


def test_the_source_has_no_trace_of_the_join() -> None:
    source = good(
        f"body: [j: {{op: Add, branches: {{f: [{CONV}, {{op: Conv2d, out_channels: 3, kernel_size: 1}}], skip: []}}}}]"
    ).source()
    assert "x = self.f(image)\n        return x + image\n" in source


CONV_R = "{op: Conv2d, out_channels: r, kernel_size: 3, padding: r, dilation: r}"


def test_a_loop_among_branches_is_a_branch_for_every_item() -> None:
    loop = f"{{each: {{r: rates}}, body: [{CONV_R}]}}"
    text = f"params: {{rates: [2, 4]}}\nbody: [j: {{op: Concat, branches: [ReLU, {loop}, []]}}]"
    assert keys(text) == ["j.1.weight", "j.1.bias", "j.2.weight", "j.2.bias"]
    net, a = module(text), image()
    one, two = (net.get_submodule(f"j.{k}") for k in (1, 2))
    assert (one.dilation, two.dilation) == ((2, 2), (4, 4))
    torch.testing.assert_close(net(a), torch.cat([a.relu(), one(a), two(a), a], 1))
    assert shape(text, rates=[]) == ["N", "6", "H", "W"]


def test_several_steps_in_a_loop_among_branches_are_one_branch() -> None:
    text = f"body: [j: {{op: Add, branches: [{{each: {{r: [1, 3]}}, body: [{CONV_R}, {{op: Conv2d, out_channels: r, kernel_size: 1}}, Mean]}}]}}]"
    assert modules(text) == ["j", "j.0", "j.0.0", "j.0.1", "j.1", "j.1.0", "j.1.1"]


def test_loops_among_branches_nest_and_name() -> None:
    inner = "{each: {k: [5, 6]}, body: [{name: 'b{r}_{k}', op: Conv2d, out_channels: k, kernel_size: r}]}"
    text = f"body: [j: {{op: Concat, branches: [{{each: {{r: [1, 1]}}, body: [{inner}]}}]}}]"
    text = text.replace("[1, 1]", "[1, 3]").replace("kernel_size: r", "kernel_size: 1")
    assert modules(text) == ["b1_5", "b1_6", "b3_5", "b3_6"]
    mapping = "body: [j: {op: Concat, branches: {«each»: {r: [1]}, body: [ReLU]}}]"
    rejected(mapping, "NS024", "an item of the `branches` list")
    rejected(
        "body: [j: {op: «Concat», branches: [{each: {r: []}, body: [ReLU]}]}]",
        "NS110",
        "no branches",
    )


def test_an_unknown_name_in_a_loop_among_branches_is_one_error() -> None:
    rejected(
        "body: [j: {op: Concat, branches: [{each: {r: [2, 4]}, body: [{op: Conv2d, out_channels: «q», kernel_size: r}]}]}]",
        "NS121",
    )
    rejected(
        "body: [j: {op: Concat, when: false, branches: [{each: {r: [2]}, body: [{op: Conv2d, out_channels: «q», kernel_size: r}]}]}]",
        "NS121",
    )


def test_a_message_shows_the_branch_that_a_loop_made() -> None:
    loop = "{each: {r: [2, 4]}, body: [{op: «Conv2d», out_channels: r, kernel_size: 1}]}"
    diagnostic = rejected(f"body: [j: {{op: Add, branches: [{loop}, ReLU]}}]", "NS203")
    assert "2 channels from `j.0`" in text_of(diagnostic)


def test_a_block_joins_numbered_branches_and_numbers_on() -> None:
    block = "blocks: {Two: {inputs: [u, v], body: [s: {op: Sub, from: [u, v]}, {op: Conv2d, out_channels: 3, kernel_size: 1}]}}\n"
    text = (
        block
        + "body: [j: {op: Two, branches: [{op: Conv2d, out_channels: 3, kernel_size: 1}, Tanh]}, {op: Two, branches: [Tanh, []]}]"
    )
    assert [k for k in keys(text) if "weight" in k] == ["j.0.weight", "j.3.weight", "1.3.weight"]
    net, a = module(text), image()
    b = net.get_submodule("j.3")(net.get_submodule("j.0")(a) - a.tanh())
    torch.testing.assert_close(net(a), net.get_submodule("1.3")(b.tanh() - b))


def test_branches_of_different_ranks_that_clash_are_reported() -> None:
    report = check_text(
        "netspec: 1\ninputs: {signal: [2, 2, H]}\nbody:\n"
        "  - h:\n      op: Mul\n      branches:\n"
        "        - e: {op: Parameter, shape: [1]}\n"
        "        - {op: Conv1d, out_channels: 4, kernel_size: 1}\n        - []\n"
    )
    assert [d.code for d in report.diagnostics] == ["NS203"]
