"""First attempts of a user who knows PyTorch but not netspec: each message offers the fix."""

from __future__ import annotations

import pytest

import netspec
from language.spec_case import good, module, rejected, shape, text_of, whole


def fixed_text(marked: str) -> str:
    """The text after the edits of its one diagnostic."""
    text = whole(marked)
    (diagnostic,) = netspec.load(text).diagnostics
    for edit in sorted((e for h in diagnostic.helps for e in h.edits), key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


# ---- the op where the name stands ------------------------------------------------------------------

ARGUMENTS = "{out_channels: 3, kernel_size: 1}"


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        (f"body: [«Conv2d»: {ARGUMENTS}]", "write `{op: Conv2d, out_channels: 3, kernel_size: 1}`"),
        (f"body:\n  - «Conv2d»: {ARGUMENTS}", "if `Conv2d` is the op"),
        (f"body: [c: {{«Conv2d»: {ARGUMENTS}}}]", "write `c: {op: Conv2d, out_channels: 3"),
        ("body: [{«name»: ReLU}]", "did you mean `op`"),
        ("body: [«Conv»: {}]", "if `Conv` is the op, write `Conv`"),
        ("body:\n  - «Conv2d»:\n      out_channels: 3\n      kernel_size: 1", "write `{op: Conv2d, …}`"),
        ("body: [c: {«width»: 3}]", "every step requires an `op`"),
    ],
)  # fmt: skip
def test_an_op_in_the_place_of_the_name(marked: str, words: str) -> None:
    rejected(marked, "NS024", words)


@pytest.mark.parametrize(
    "text",
    [
        f"body: [Conv2d: {ARGUMENTS}]",
        f"body:\n  - Conv2d: {ARGUMENTS}\n  - ReLU",
        f"body: [c: {{Conv2d: {ARGUMENTS}}}, ReLU]",
        f"body: [c: ReLU, Conv2d: {ARGUMENTS}]",
        "body: [{name: ReLU}]",
    ],
)
def test_the_op_is_put_in_its_place(text: str) -> None:
    assert netspec.load(fixed_text(text)).diagnostics == ()


@pytest.mark.parametrize("name", ["checkpoint", "outputs", "from", "doc", "branches"])
def test_a_key_of_steps_names_none_in_short(name: str) -> None:
    text = f"body: [«{name}»: {{op: ReLU}}, {{op: Add, from: [{name}, input]}}]"
    rejected(text, "NS024", f"{{name: {name}, op: …}}")
    rejected(f"body: [«{name}»: ReLU, {{op: Add, from: [{name}, input]}}]", "NS024", "op: ReLU")
    good(f"body: [{{name: {name}, op: ReLU}}, {{op: Add, from: [{name}, input]}}]")


def test_a_group_called_body_is_no_group_of_that_name() -> None:
    rejected("body: [body: [ReLU], {op: Add, from: [«body», input]}]", "NS103", "{name: body, …}")


def test_a_step_without_a_name_cannot_be_read() -> None:
    rejected(
        "body: [ReLU, {op: Add, from: [«'0'», input]}]",
        "NS103",
        "only a named step can be referred to",
    )


# ---- ops ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "words"),
    [
        ("«Conv»", "`Conv2d`"),
        ("«BatchNorm»", "`BatchNorm2d`"),
        ("«cat»", "`Concat`"),
        ("«Dense»", "`Linear`"),
        ("«ReLU6()»", "write `ReLU6`"),
        (
            '«"Conv2d(3, 4, 3)"»',
            "write `{op: Conv2d, in_channels: 3, out_channels: 4, kernel_size: 3}`",
        ),
        (
            '«"nn.Conv2d(3, out_channels=4, kernel_size=(3, 1))"»',
            "out_channels: 4, kernel_size: [3, 1]}`",
        ),
        ('«"Conv2d(3, width(4), 3)"»', "write `{op: Conv2d, …}`"),
        ("«Conv3dd»", "`Conv3d`"),
        ("«Ad»", "`Add`"),
    ],
)
def test_what_an_op_is_called_here(op: str, words: str) -> None:
    rejected(f"body: [ReLU, {op}]", "NS101", words)


def test_the_layer_that_fits_what_flows_in() -> None:
    for axes, rank_suffix in (("[N, 3, T]", "1d"), ("[N, 3, D, H, W]", "3d")):
        rejected(
            f"inputs: {{a: {axes}}}\nbody: [{{op: «MaxPool», kernel_size: 2}}]",
            "NS101",
            rank_suffix,
        )


def test_an_op_may_be_computed() -> None:
    ops = "params: {acts: {type: [op], default: [ReLU, {op: LeakyReLU, negative_slope: 0.3}]}, act: Tanh}\n"
    net = module(ops + "body: [{op: '=acts[1]'}, =act, {each: {m: acts}, body: [m, {op: =m}]}]")
    names = [type(m).__name__ for m in net.children()]
    assert names == ["LeakyReLU", "Tanh", "ReLU", "ReLU", "LeakyReLU", "LeakyReLU"]
    rejected(ops + "body: [{op: «'acts[1]'»}]", "NS101", "write `=acts[1]`")
    rejected(ops + "body: [{op: «acts»}]", "NS101", "select one: `=acts[0]`")
    rejected(ops + "body: [{op: «'=acts'»}]", "NS108", "is a list, not an op")


def test_a_string_is_not_an_op() -> None:
    rejected("params: {act: ReLU}\nbody: [«act»]", "NS101", "act: {type: op, default: ReLU}")
    rejected("params: {a: [ReLU]}\nbody: [{each: {m: a}, body: [«m»]}]", "NS101", "write `=m`")
    assert shape("params: {a: [ReLU, Tanh]}\nbody: [{each: {m: a}, body: [=m]}]")[0] == "N"
    assert text_of(rejected("params: {n: 3}\nbody: [«n»]", "NS101"))
