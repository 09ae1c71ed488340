"""An open size that one step fixes to a number: the helps that keep it open, made and run with torch."""

from __future__ import annotations

import pytest
import torch

import netspec
from netspec.advice import apply

HEAD = "netspec: 1\ninputs: {tokens: [N, T, 8]}\nbody:\n"
TABLES = {
    "added": "  - p: {op: Parameter, shape: [1, 16, 8]}\n  - {op: Add, from: [tokens, p]}\n",
    "without the batch": "  - p: {op: Parameter, shape: [16, 8]}\n  - {op: Mul, from: [p, tokens]}\n",
    "behind a class token": (
        "  - c: {op: Parameter, shape: [1, 1, 8]}\n  - e: {op: Expand, size: [tokens.batch, -1, -1], from: c}\n"
        "  - j: {op: Concat, dim: 1, from: [e, tokens]}\n  - p: {op: Parameter, shape: [1, 16, 8]}\n"
        "  - {op: Add, from: [j, p]}\n"
    ),
    "transposed": (
        "  - p: {op: Parameter, shape: [1, 8, 16]}\n  - t: {op: Transpose, dim0: 1, dim1: 2, from: p}\n"
        "  - {op: Sub, from: [tokens, t]}\n"
    ),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_cut_to_the_length_that_comes(table: str) -> None:
    text = HEAD + TABLES[table]
    (diagnostic,) = netspec.load(text).diagnostics
    longest = 15 if "token" in table else 16
    assert diagnostic.message == f"valid only for T = {longest}"
    first, second = diagnostic.helps
    assert first.text.startswith("add `{op: Slice, dim: ")
    assert "of 16 rows" in first.text
    assert second.text == f"or write {longest} instead of T in `inputs`"
    network = netspec.load(apply(text, first.edits))
    assert network.diagnostics == ()
    module = network.compile()
    for length in (1, 7, longest):
        assert module(torch.zeros(2, length, 8)).shape[0] == 2
    with pytest.raises(ValueError, match=f"T <= {longest}"):
        module(torch.zeros(2, longest + 1, 8))


def test_a_table_with_a_declared_length_that_is_too_wide() -> None:
    text = HEAD.replace("inputs", "dims: {T: {max: 16}}\ninputs", 1) + TABLES["added"]
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.code == "NS302"
    assert netspec.load(apply(text, diagnostic.helps[0].edits)).diagnostics == ()
    assert diagnostic.helps[1].text == "or declare it: `T: {min: 16, max: 16}`"


@pytest.mark.parametrize(
    "step", ["{op: Add, from: [tokens, b]}", "{op: Concat, dim: 2, from: [b, tokens]}"]
)
def test_an_input_of_a_fixed_size_is_declared_alike(step: str) -> None:
    text = HEAD.replace("{tokens", "{b: [N, 16, 8], tokens") + f"  - {step}\n"
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.helps[0].text == "write T instead of 16 in the shape of `b`"
    network = netspec.load(apply(text, diagnostic.helps[0].edits))
    assert network.diagnostics == ()
    assert network.compile()(torch.zeros(2, 5, 8), torch.zeros(2, 5, 8)).shape[1] == 5


def test_a_tensor_that_has_no_name_is_not_measured() -> None:
    text = (
        HEAD
        + "  - p: {op: Parameter, shape: [16, 8]}\n  - {op: ReLU, from: tokens}\n  - {op: Add, from: [previous, p]}\n"
    )
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.helps[0].text.startswith("add a `Slice` after `p`, with `dim: 0`")
    assert diagnostic.helps[0].edits == ()


@pytest.mark.parametrize(
    "step",
    [
        "{op: ReLU, expect: [N, 16, 8]}",
        "{op: LayerNorm, normalized_shape: [16, 8]}",
        "{op: Reshape, shape: [x.batch, 16, 8]}",
        "{op: Conv1d, in_channels: 16, out_channels: 8, kernel_size: 1}",
    ],
)
def test_other_steps_keep_their_one_help(step: str) -> None:
    (diagnostic,) = netspec.load(f"{HEAD}  - {step}\n").diagnostics
    assert [h.text for h in diagnostic.helps] == ["write 16 instead of T in `inputs`"]
