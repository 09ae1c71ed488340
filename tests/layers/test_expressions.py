"""The expressions that functions of tensors become in generated code, and what they compute."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from netspec.layer.base import Function
from netspec.layers import find

EXPRESSIONS: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("Concat", {}, ["a", "b"], "torch.cat([a, b], 1)"),
    ("Stack", {"dim": 2}, ["a", "b"], "torch.stack([a, b], 2)"),
    ("Add", {}, ["a", "b", "c"], "a + b + c"),
    ("Sub", {}, ["a", "b + c"], "a - (b + c)"),
    ("Mul", {}, ["a", "self.gate(b)"], "a * self.gate(b)"),
    ("Div", {}, ["a", "b"], "a / b"),
    ("MatMul", {}, ["a", "b"], "a @ b"),
    ("Maximum", {}, ["a", "b", "c"], "torch.maximum(torch.maximum(a, b), c)"),
    ("Reshape", {"shape": [-1, 64]}, ["x"], "x.reshape((-1, 64))"),
    ("Permute", {"dims": [0, 2, 1]}, ["x"], "x.permute((0, 2, 1))"),
    ("Roll", {"shifts": [-4, 4], "dims": [2, 3]}, ["x"], "torch.roll(x, (-4, 4), (2, 3))"),
    ("Transpose", {"dim0": 1, "dim1": 2}, ["a + b"], "(a + b).transpose(1, 2)"),
    ("Squeeze", {}, ["x"], "x.squeeze()"),
    ("Squeeze", {"dim": 1}, ["x"], "x.squeeze(1)"),
    ("Unsqueeze", {"dim": -1}, ["x"], "x.unsqueeze(-1)"),
    ("Expand", {"size": [2, -1]}, ["x"], "x.expand((2, -1))"),
    ("Chunk", {"chunks": 2, "dim": 1}, ["x"], "x.chunk(2, dim=1)"),
    ("Split", {"split_size": [1, 2]}, ["x"], "x.split((1, 2), dim=0)"),
    ("Slice", {"dim": 1, "start": 1}, ["x"], "x[:, 1:]"),
    ("Slice", {"dim": -2, "end": -1, "step": 2}, ["x"], "x[..., :-1:2, :]"),
    ("Select", {"dim": 1, "index": 0}, ["x"], "x[:, 0]"),
    ("Pad", {"pad": [1, 1]}, ["x"], "F.pad(x, (1, 1))"),
    ("Pad", {"pad": [1, 1], "mode": "reflect"}, ["x"], "F.pad(x, (1, 1), mode='reflect')"),
    ("Interpolate", {"scale_factor": 2}, ["x"], "F.interpolate(x, scale_factor=2)"),
    ("Mean", {}, ["x"], "torch.mean(x)"),
    ("Mean", {"dim": [2, 3], "keepdim": True}, ["x"], "torch.mean(x, (2, 3), keepdim=True)"),
    ("Mean", {"keepdim": True}, ["x"], "torch.mean(x, dim=None, keepdim=True)"),
    ("Max", {"dim": 1}, ["x"], "torch.amax(x, 1)"),
    ("Norm", {"dim": -1}, ["x"], "torch.linalg.vector_norm(x, dim=-1)"),
    ("Norm", {"ord": 1, "dim": -1}, ["x"], "torch.linalg.vector_norm(x, 1, dim=-1)"),
    ("Abs", {}, ["x"], "torch.abs(x)"),
    ("Neg", {}, ["a + b"], "-(a + b)"),
    ("Pow", {"exponent": 2}, ["x"], "x ** 2"),
    ("Clamp", {"min": 0}, ["x"], "torch.clamp(x, min=0)"),
    ("DropPath", {"p": 0.1}, ["x"], "torch.feature_dropout(x[None], 0.1, self.training)[0]"),
    ("ScaledDotProductAttention", {}, ["q", "k", "v"], "F.scaled_dot_product_attention(q, k, v)"),
    ("ScaledDotProductAttention", {"dropout_p": 0.1, "is_causal": True}, ["q", "k", "v"],
     "F.scaled_dot_product_attention(q, k, v, dropout_p=0.1 if self.training else 0.0, "
     "is_causal=True)"),
    ("ScaledDotProductAttention", {}, ["q", "k", "v", "m"],
     "F.scaled_dot_product_attention(q, k, v, attn_mask=m)"),
]  # fmt: skip


def function(op: str, args: dict[str, Any]) -> Function:
    cls = find(op)
    assert cls is not None
    layer, errors = cls.make(args)
    assert isinstance(layer, Function), errors
    return layer


def texts(layer: Function) -> dict[str, str]:
    return {name: repr(getattr(layer, name)) for name in layer.arguments}


@pytest.mark.parametrize(("op", "args", "inputs", "expected"), EXPRESSIONS)
def test_expressions_read_as_one_would_write_them(
    op: str, args: dict[str, Any], inputs: list[str], expected: str
) -> None:
    layer = function(op, args)
    assert layer.write(*inputs, **texts(layer)) == expected


def dropped(mode: str, training: bool, p: float = 0.5) -> torch.Tensor:
    layer = function("DropPath", {"p": p, "mode": mode})
    torch.manual_seed(0)
    scope = {"torch": torch, "self": nn.Module().train(training), "x": torch.ones(64, 3, 2)}
    result = eval(layer.write("x", **texts(layer)), scope)
    assert isinstance(result, torch.Tensor)
    assert result.shape == (64, 3, 2)
    return result


def test_drop_path_keeps_or_drops_whole_items_and_scales_up_the_rest() -> None:
    rows = dropped("row", training=True).flatten(1)
    assert {tuple(row.unique().tolist()) for row in rows} == {(0.0,), (2.0,)}


def test_drop_path_by_batch_decides_once() -> None:
    assert len(dropped("batch", training=True).unique()) == 1


def test_drop_path_draws_what_torchvision_draws() -> None:
    ours = dropped("row", training=True)
    torch.manual_seed(0)
    noise = torch.empty(64, 1, 1).bernoulli_(0.5).div_(0.5)
    assert torch.equal(ours, torch.ones(64, 3, 2) * noise)


@pytest.mark.parametrize(("training", "p"), [(False, 0.5), (True, 0.0)])
def test_drop_path_is_silent_in_evaluation(training: bool, p: float) -> None:
    assert torch.equal(dropped("row", training=training, p=p), torch.ones(64, 3, 2))


def test_drop_path_of_probability_one_drops_everything() -> None:
    assert torch.equal(dropped("row", training=True, p=1), torch.zeros(64, 3, 2))
