"""What an open size must be where PyTorch would take more: the table in docs/language.md."""

from __future__ import annotations

import pytest
import torch

import netspec
from netspec.check import check_text

HEAD = "netspec: 1\ninputs: {{first: [N, {size}], second: [N, {other}]}}\noutputs: last\nbody:\n"
CASES = {
    # step: (what an open size must be, a size that only PyTorch takes, what PyTorch makes of it)
    "{op: Add, from: [first, second]}": ("L == M", (1, 5), (2, 5)),
    "{op: Slice, from: first, dim: 1, end: 4}": ("L >= 4", (3, 1), (2, 3)),
    "{op: Squeeze, from: first, dim: 1}": ("L = 1", (3, 1), (2, 3)),
}


def spec(step: str, size: object, other: object) -> str:
    return HEAD.format(size=size, other=other) + f"  - last: {step}\n"


@pytest.mark.parametrize("step", CASES)
def test_an_open_size_is_asked_for_more_than_a_number(step: str) -> None:
    condition, (size, other), result = CASES[step]
    open_ = netspec.load(spec(step, "L", "M"))
    assert not open_.report.errors
    inputs = torch.zeros(2, size), torch.zeros(2, other)
    with pytest.raises(ValueError, match=condition):
        open_.compile()(*inputs)
    fixed = netspec.load(spec(step, size, other))
    assert fixed.compile()(*inputs).shape == result


def test_parts_of_an_open_size() -> None:
    step = "{op: Chunk, from: first, chunks: 3, dim: 1}"
    text = spec(step, "L", "M").replace("outputs: last", "outputs: last.0")
    assert any("L divisible by 3" in d.message for d in check_text(text).diagnostics)
    fixed = netspec.compile(spec(step, 7, 1).replace("outputs: last", "outputs: last.2"))
    assert fixed(torch.zeros(2, 7), torch.zeros(2, 1)).shape == (2, 1)
    split = spec("{op: Split, from: first, split_size: 4, dim: 1}", "L", 1)
    assert [
        d.code for d in check_text(split.replace("outputs: last", "outputs: last.0")).errors
    ] == ["NS125"]
    whole = split.replace("L]", "7]").replace("outputs: last", "outputs: last.1")
    assert netspec.compile(whole)(torch.zeros(2, 7), torch.zeros(2, 1)).shape == (2, 3)
