"""What differs between two networks: nothing for one and the same, and the same from either side."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import netspec
from netspec.compare import Difference, Facts, difference, facts
from netspec.compare.lock_file import lock_text, read_lock
from netspec.compare.text import difference_text

SPECS = Path(__file__).parents[2] / "specs"
ALL = sorted(SPECS.rglob("*.yaml"))


def of(text: str | Path, **params: object) -> Facts:
    """The facts of a network that is given as a text or a file."""
    return facts(netspec.load(text, **params).elaborate())  # type: ignore[arg-type]


def net(*steps: str, inputs: str = "{image: [N, 3, 32, 32]}", more: str = "") -> Facts:
    """The facts of a network of these steps."""
    body = "".join(f"- {step}\n" for step in steps)
    return of(f"netspec: 1\n{more}inputs: {inputs}\nbody:\n{body}")


CONV = "conv: {op: Conv2d, out_channels: 8, kernel_size: 3}"
HEAD = "head: {op: Conv2d, out_channels: 2, kernel_size: 1}"


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_a_network_does_not_differ_from_itself_nor_from_its_lock(path: Path) -> None:
    facts_of_text = of(path)
    assert not difference(facts_of_text, facts_of_text)
    assert read_lock(lock_text(facts_of_text)) == facts_of_text


@pytest.mark.parametrize(
    "pair", list(pairwise(ALL)), ids=lambda pair: f"{pair[0].stem}-{pair[1].stem}"
)
def test_from_the_other_side_it_is_the_same_difference(pair: tuple[Path, Path]) -> None:
    a, b = map(of, pair)
    there, back = difference(a, b), difference(b, a)
    assert bool(there) and bool(back)
    for one, other in ((there, back), (back, there)):
        assert {(c.name, c.after, c.before) for c in one.totals} == {
            (c.name, c.before, c.after) for c in other.totals
        }
        assert {(c.name, c.after) for c in one.settings} == {
            (c.name, c.before) for c in other.settings
        }
    assert _parts(there, len(a.nodes), len(b.nodes))
    assert _parts(back, len(b.nodes), len(a.nodes))


def _parts(network_difference: Difference, before: int, after: int) -> bool:
    """Whether every node is either gone, new, or met on both sides."""
    met = before - len(network_difference.removed)
    return met == after - len(network_difference.added) and len(network_difference.changed) <= met


def test_layout_and_comments_are_no_difference() -> None:
    text = (SPECS / "textbook/lenet.yaml").read_text(encoding="utf-8")
    other = "# a comment\n" + text.replace("{", "{ ").replace(": [", ":  [")
    assert not difference(of(text), of(other))


def test_an_argument_and_what_follows_from_it() -> None:
    before = net(CONV, "relu: ReLU", HEAD)
    after = net(CONV.replace("8", "12"), "relu: ReLU", HEAD)
    assert (
        difference_text(difference(before, after))
        == """\
~ parameters  242 → 362 (+49.6%)
~ MACs        208,800 → 313,200 (+50.0%) at N=1

changed (1 node)
~ conv  Conv2d  out_channels 8 → 12

follows from this (2 nodes)
  relu  ReLU    channels 8 → 12
  head  Conv2d  parameters 18 → 26"""
    )


def test_a_level_that_is_renamed_is_one_line() -> None:
    before = net(f"stem: [{{{CONV}}}, ReLU]", HEAD)
    after = net(f"trunk: [{{{CONV}}}, ReLU]", HEAD)
    network_difference = difference(before, after)
    assert network_difference.renamed == (("stem", "trunk", 2),)
    assert difference_text(network_difference) == "renamed (1 name)\n> stem → trunk  (2 nodes)"


def test_a_step_that_is_put_between_numbered_ones_moves_them() -> None:
    conv = "{op: Conv2d, out_channels: 8, kernel_size: 3}"
    before, after = net(conv, "ReLU", conv, "ReLU"), net(conv, "BatchNorm2d", "ReLU", conv, "ReLU")
    network_difference = difference(before, after)
    assert network_difference.renamed == (("1", "2", 1), ("2", "3", 1), ("3", "4", 1))
    assert [n.op for n in network_difference.added] == ["BatchNorm2d"]
    assert not network_difference.removed
    assert (
        difference_text(network_difference)
        == """\
~ parameters  808 → 824 (+2.0%)

renamed (3 names)
> 1 … 3 → 2 … 4

added (1 node)
+ 1  BatchNorm2d()  16 parameters

changed (1 node)
~ 2  ReLU  from 0 → 1"""
    )
    back = difference(after, before)
    assert [n.path for n in back.removed] == ["1"]
    assert [(c.before.path, c.after.path) for c in back.changed] == [("2", "1")]


def test_another_op_under_the_same_name() -> None:
    network_difference = difference(net(CONV, "act: ReLU"), net(CONV, "act: GELU"))
    assert difference_text(network_difference) == "changed (1 node)\n~ act  GELU  op ReLU → GELU"


def test_another_way_through_the_same_nodes() -> None:
    steps = (CONV, "a: ReLU", "b: Sigmoid")
    before = net(*steps, "sum: {op: Add, from: [conv, a]}", "last: {op: Add, from: [sum, b]}")
    after = net(*steps, "sum: {op: Add, from: [conv, b]}", "last: {op: Add, from: [sum, a]}")
    assert (
        difference_text(difference(before, after))
        == """\
changed (2 nodes)
~ sum   Add  from conv, a → conv, b
~ last  Add  from sum, b → sum, a"""
    )


def test_inputs_outputs_and_valid_sizes() -> None:
    before = net(CONV, inputs="{image: [N, 3, H, W]}")
    after = net(CONV, "{op: MaxPool2d, kernel_size: 2}", inputs="{picture: [N, 3, H, W]}")
    assert (
        difference_text(difference(before, after))
        == """\
~ valid for                           H >= 3 and W >= 3 → H >= 4 and W >= 4
~ receptive field, height of image    3 → (none)
~ receptive field, width of image     3 → (none)
~ receptive field, height of picture  (none) → 4
~ receptive field, width of picture   (none) → 4

inputs
~ image    [N, 3, H, W] → (none)
~ picture  (none) → [N, 3, H, W]

outputs
~ 0  [N, 8, H-2, W-2] → [N, 8, (H-2)//2, (W-2)//2]

added (1 node)
+ 1  MaxPool2d(kernel_size=2)

changed (1 node)
~ conv  Conv2d  from image → picture"""
    )


def test_the_same_change_in_every_layer_is_one_row() -> None:
    dense = SPECS / "densenet121.yaml"
    difference_lines = difference_text(difference(of(dense), of(dense, growth=48)))
    assert "settings\n~ growth  32 → 48\n" in difference_lines
    assert (
        "~ features.denseblock*.denselayer*.conv2 ×58  Conv2d  out_channels 32 → 48\n"
        in difference_lines
    )
    assert len(difference_lines.splitlines()) < 35


def test_long_lists_are_cut_unless_all_is_asked_for() -> None:
    names = [f"s{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(60)]
    network_difference = difference(net(CONV), net(CONV, *(f"{n}: ReLU" for n in names)))
    assert difference_text(network_difference, most=40).splitlines()[-1] == "  and 20 more rows"
    assert "more row" not in difference_text(network_difference, most=None)


def test_shared_weights_and_initialization_are_reported() -> None:
    steps = ("a: {op: Conv2d, out_channels: 3, kernel_size: 1}",)
    before = net(*steps, "b: {op: Conv2d, out_channels: 3, kernel_size: 1}")
    after = net(*steps, "b: {share: a}", more="init: {Conv2d: {weight: zeros_}}\n")
    network_difference = difference(before, after)
    [a, b] = network_difference.changed
    assert [(c.name, c.after) for c in a.arguments] == [("init.weight", "zeros_()")]
    assert ("share", "", "a") in [(c.name, c.before, c.after) for c in b.arguments]
    assert [(c.name, c.before, c.after) for c in network_difference.totals] == [
        ("parameters", "24", "12")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "netspec: 1\ninputs: {sequence: [L, N, N]}\nbody: [{op: PixelUnshuffle, downscale_factor: 1}]\n",
        "netspec: 1\ninputs: {sequence: [L, N, N]}\nbody: [ReLU]\n",
        "netspec: 1\ninputs: {a: [N, N]}\nbody: [ReLU]\noutputs: [a, a]\n",
        "netspec: 1\ninputs: {a: [N, T, T, T]}\nbody: [ReLU]\n",
        'netspec: 1\nname: "a\\x85b"\ninputs: {a: [N, 3]}\nbody:\n  - "q\\x7f\\u2028\\uFEFF": ReLU\n',
        f"netspec: 1\ninputs: {{a: [N, 3]}}\nbody: [{f'{{{chr(120) * 190}: [' * 8}{{op: Linear, out_features: 2}}{']}' * 8}]\n",
        "netspec: 1\ninputs: {a: [N, 3]}\nbody: [{'true': ReLU}, {'null': Tanh}]\n",
    ],
    ids=["repeated", "two", "batch", "cube", "hidden characters", "long", "words"],
)  # fmt: skip
def test_a_lock_reads_back_whatever_the_names_are(text: str) -> None:
    locked_facts = of(text)
    assert read_lock(lock_text(locked_facts)) == locked_facts


def outputs(text: str, more: str = "") -> Facts:
    """The facts of a network of two steps with these outputs."""
    head = f"netspec: 1\nname: n\ninputs: {{image: [N, 4]}}\n{more}body:\n"
    return of(
        f"{head}- a: {{op: Chunk, chunks: 2, dim: 1}}\n- b: {{op: Tanh, from: a.0}}\noutputs: {text}\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("{u: a.0, v: b}", "{u: a.1, v: b}", "u  [N, 2] from a.0 → [N, 2] from a.1"),
        ("{u: a.0, v: b}", "{u: b, v: a.0}", "u  [N, 2] from a.0 → [N, 2] from b"),
        ("b", "[b]", "returns  a tensor → a tuple"),
        ("{a.0: a.0, b: b}", "[a.0, b]", "returns  a dict → a tuple"),
    ],
)
def test_the_nodes_and_names_of_outputs_are_compared(before: str, after: str, text: str) -> None:
    network_difference = difference(outputs(before), outputs(after))
    assert f"~ {text}" in difference_text(network_difference)
    assert read_lock(lock_text(outputs(after))) == outputs(after)
    older = lock_text(outputs(before)).replace("returns:", "x:").replace("made_by:", "y:")
    assert not difference(read_lock(older), outputs(before))


def test_a_step_of_another_name_makes_the_same_output() -> None:
    text = "netspec: 1\nname: n\ninputs: {image: [N, 4]}\nbody: [STEP: {op: Linear, out_features: 2}]\noutputs: {u: STEP}"
    network_difference = difference(of(text.replace("STEP", "a")), of(text.replace("STEP", "b")))
    assert (network_difference.renamed, network_difference.outputs) == ((("a", "b", 1),), ())


def test_which_input_a_mask_is() -> None:
    text = (
        "netspec: 1\nname: n\ninputs: {image: [N, 5, 4], mask: [N, 5]}\ndims: {N: {max: 5, min: 5}}\n"
        "body: [a: {op: MultiheadAttention, num_heads: 2, batch_first: true, from: {query: image, key: image, value: image, WHICH: mask}}]"
    )
    before, after = (of(text.replace("WHICH", name)) for name in ("key_padding_mask", "attn_mask"))
    [change] = difference(before, after).changed
    assert [(c.name, c.before, c.after) for c in change.arguments] == [
        ("inputs", "", "[query, key, value, attn_mask]")
    ]
