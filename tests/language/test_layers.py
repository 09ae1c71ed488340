"""The layers of the page: names and arguments of torch, functions, results by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from language.spec_case import good, image, module, rejected, same, shape
from netspec.layer.base import Module
from netspec.layers import find
from netspec.layers.out_of_scope import OUT_OF_SCOPE


def classes_of_torch() -> list[str]:
    """The names of classes in torch.nn."""
    return [name for name in dir(nn) if isinstance(getattr(nn, name), type)]


@pytest.mark.parametrize(
    "name", [n for n in classes_of_torch() if n not in OUT_OF_SCOPE and n != "Parameter"]
)
def test_every_layer_of_torch_is_known_by_its_name(name: str) -> None:
    layer = find(name)
    assert layer is not None
    assert issubclass(layer, Module)


@pytest.mark.parametrize("name", OUT_OF_SCOPE)
def test_what_torch_has_and_specs_do_not_says_why(name: str) -> None:
    assert name in classes_of_torch()
    assert find(name) is None
    rejected(f"body: [{{op: «{name}»}}]", "NS101", "of torch.nn is not an op", OUT_OF_SCOPE[name])


FUNCTIONS: list[tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = [
    ("{op: Reshape, shape: [2, -1]}", lambda a: a.reshape(2, -1)),
    ("{op: Permute, dims: [0, 2, 3, 1]}", lambda a: a.permute(0, 2, 3, 1)),
    ("{op: Transpose, dim0: 1, dim1: -1}", lambda a: a.transpose(1, -1)),
    ("{op: Unsqueeze, dim: 0}", lambda a: a.unsqueeze(0)),
    ("{op: Squeeze, dim: 0}", lambda a: a.squeeze(0)),
    ("{op: Expand, size: [5, -1, -1, -1, -1]}", lambda a: a.expand(5, -1, -1, -1, -1)),
    ("{op: Slice, dim: 1, start: 1}", lambda a: a[:, 1:]),
    ("{op: Slice, dim: 2, start: 1, end: -1, step: 2}", lambda a: a[:, :, 1:-1:2]),
    ("{op: Select, dim: 1, index: -1}", lambda a: a.select(1, -1)),
    (
        "{op: Pad, pad: [1, 2, 0, 0], mode: reflect}",
        lambda a: F.pad(a, (1, 2, 0, 0), mode="reflect"),
    ),
    ("{op: Pad, pad: [1, 2, 0, 1], value: 3}", lambda a: F.pad(a, (1, 2, 0, 1), value=3)),
    ("{op: Interpolate, scale_factor: 2}", lambda a: F.interpolate(a, scale_factor=2)),
    (
        "{op: Interpolate, size: [3, 5], mode: bilinear}",
        lambda a: F.interpolate(a, (3, 5), mode="bilinear"),
    ),
    ("{op: Mean, dim: [2, 3], keepdim: true}", lambda a: a.mean((2, 3), keepdim=True)),
    ("{op: Mean}", lambda a: a.mean()),
    ("{op: Sum, dim: 1}", lambda a: a.sum(1)),
    ("{op: Max, dim: 1}", lambda a: a.amax(1)),
    ("{op: Min, dim: 1, keepdim: true}", lambda a: a.amin(1, keepdim=True)),
    ("{op: Norm, dim: 1}", lambda a: a.norm(dim=1)),
    ("Abs", torch.abs),
    ("Neg", torch.neg),
    ("Exp", torch.exp),
    ("[Abs, Sqrt]", lambda a: a.abs().sqrt()),
    ("[Exp, Rsqrt]", lambda a: a.exp().rsqrt()),
    ("[Exp, Log]", lambda a: a.exp().log()),
    ("{op: Pow, exponent: 2}", lambda a: a**2),
    ("{op: Clamp, min: -0.5, max: 0.5}", lambda a: a.clamp(-0.5, 0.5)),
    ("{op: Clamp, min: 0}", lambda a: a.clamp(min=0)),
    ("{op: DropPath, p: 0.5, mode: row}", lambda a: a),
]


@pytest.mark.parametrize(("step", "expected"), FUNCTIONS, ids=[step for step, _ in FUNCTIONS])
def test_functions_take_the_arguments_of_torch(step: str, expected: Any) -> None:
    a = image(2, 3, 8, 6)
    inputs = "[2, 3, 8, 6]"
    if "Expand" in step or "Squeeze, dim: 0" in step:
        a, inputs = a[None], "[1, 2, 3, 8, 6]"
    text = f"inputs: {{t: {inputs}}}\nbody: [{step}]"
    torch.testing.assert_close(module(text)(a), expected(a))
    assert [int(n) for n in shape(text)] == list(expected(a).shape)


JOINS: list[tuple[str, Callable[..., torch.Tensor]]] = [
    ("{op: Concat, from: %s}", lambda a, b: torch.cat([a, b], 1)),
    ("{op: Concat, dim: -1, from: %s}", lambda a, b: torch.cat([a, b], -1)),
    ("{op: Stack, dim: 1, from: %s}", lambda a, b: torch.stack([a, b], 1)),
    ("{op: Add, from: %s}", lambda a, b: a + b),
    ("{op: Sub, from: %s}", lambda a, b: a - b),
    ("{op: Mul, from: %s}", lambda a, b: a * b),
    ("{op: Div, from: %s}", lambda a, b: a / b),
    ("{op: Maximum, from: %s}", torch.maximum),
    ("{op: Minimum, from: %s}", torch.minimum),
    ("{op: MatMul, from: %s}", lambda a, b: a @ b),
]


@pytest.mark.parametrize(("step", "expected"), JOINS, ids=[step for step, _ in JOINS])
def test_joins_are_those_of_torch(step: str, expected: Any) -> None:
    a, b = image(2, 3, 5, 5), image(2, 3, 5, 5) + 1
    text = f"inputs: {{a: [N, 3, 5, 5], b: [N, 3, 5, 5]}}\nbody: [{step % '[a, b]'}]"
    torch.testing.assert_close(module(text)(a, b), expected(a, b))


def test_joins_of_more_than_two() -> None:
    a = image()
    for op, expected in [
        ("Add", 3 * a),
        ("Mul", a**3),
        ("Maximum", a),
        ("Concat", torch.cat([a, a, a], 1)),
    ]:
        torch.testing.assert_close(
            module(f"body: [{{op: {op}, from: [input, input, image]}}]")(a), expected
        )
    rejected("body: [{op: Sub, from: «[input, input, input]»}]", "NS110")


def test_pytorchs_broadcasting() -> None:
    a = image()
    text = "body: [p: {op: AdaptiveAvgPool2d, output_size: 1}, {op: Mul, from: [image, p]}]"
    torch.testing.assert_close(module(text)(a), a * a.mean((2, 3), keepdim=True))
    rejected(
        "inputs: {a: [2, 3], b: [2, 4]}\nbody: [{op: Add, from: [a, «b»]}]", "NS203", "3 and 4"
    )


# ---- results by name -----------------------------------------------------------------------------


def test_results_of_chunk_and_split_are_numbered() -> None:
    a = image(2, 6, 4, 4)
    text = "inputs: {image: [N, 6, H, W]}\nbody: [s: {op: %s, dim: 1}, {op: Concat, from: [%s]}]"
    assert torch.equal(
        module(text % ("Chunk, chunks: 3", "s.2, s.0"))(a), torch.cat([a[:, 4:], a[:, :2]], 1)
    )
    assert torch.equal(
        module(text % ("Split, split_size: 2", "s.2, s.0"))(a), torch.cat([a[:, 4:], a[:, :2]], 1)
    )
    assert torch.equal(
        module(text % ("Split, split_size: 4", "s.1, s"))(a), torch.cat([a[:, 4:], a[:, :4]], 1)
    )
    assert torch.equal(
        module(text % ("Split, split_size: [1, 5]", "s.1, s.0"))(a),
        torch.cat([a[:, 1:], a[:, :1]], 1),
    )
    rejected(text % ("Split, split_size: [1, 5]", "s.0, «s.2»"), "NS103", "0, 1")
    rejected(text % ("Split, split_size: «[1, 4]»", "s.0, s.1"), "NS208", "1 + 4 = 5")


def test_pooling_gives_its_indices() -> None:
    a = image()
    text = "body: [p: {op: MaxPool2d, kernel_size: 2, return_indices: true}]\noutputs: {a: p, b: p.indices, c: p.output}"
    pooled, indices = F.max_pool2d(a, 2, return_indices=True)
    torch.testing.assert_close(module(text)(a), {"a": pooled, "b": indices, "c": pooled})
    rejected("body: [p: {op: MaxPool2d, kernel_size: 2}, {op: ReLU, from: «p.indices»}]", "NS103")


def test_unpooling_takes_them() -> None:
    a = image()
    text = "dims: {W: {multiple_of: 2}}\nbody: [p: {op: MaxPool2d, kernel_size: 2, return_indices: true}, ReLU, {op: MaxUnpool2d, kernel_size: 2, from: [previous, p.indices]}]"
    pooled, indices = F.max_pool2d(a, 2, return_indices=True)
    torch.testing.assert_close(module(text)(a), F.max_unpool2d(pooled.relu(), indices, 2))


@pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers(op: str) -> None:
    a = image(2, 5, 4)
    text = f"inputs: {{t: [N, T, 4]}}\nbody: [r: {{op: {op}, hidden_size: 6, batch_first: true, bidirectional: true}}]\noutputs: {{a: r, h: r.h_n, o: r.output}}"
    made = module(text)
    theirs = getattr(nn, op)(4, 6, batch_first=True, bidirectional=True)
    theirs.load_state_dict(
        {k.removeprefix("r."): v for k, v in made.state_dict().items()}, strict=True
    )
    output, state = theirs(a)
    outputs = made(a)
    torch.testing.assert_close(outputs["a"], output)
    torch.testing.assert_close(outputs["o"], output)
    torch.testing.assert_close(outputs["h"], state[0] if op == "LSTM" else state)


def test_the_cell_of_an_lstm() -> None:
    good(
        "inputs: {t: [T, N, 4]}\nbody: [r: {op: LSTM, hidden_size: 6}, {op: Add, from: [r.h_n, r.c_n]}]"
    )
    rejected(
        "inputs: {t: [T, N, 4]}\nbody: [r: {op: GRU, hidden_size: 6}, {op: Add, from: [r.h_n, «r.c_n»]}]",
        "NS103",
        "h_n",
    )


def test_attention_to_itself_and_to_another() -> None:
    a, m = image(2, 5, 4), image(2, 7, 4)
    text = "inputs: {t: [N, T, 4], m: [N, S, 4]}\nbody: [a: {op: MultiheadAttention, num_heads: 2, batch_first: true}, b: {op: MultiheadAttention, num_heads: 2, batch_first: true, from: {query: a, key: m, value: m}}]\noutputs: [b, b.weights, a.output]"
    made = module(text)
    first = made.a(a, a, a)[0]
    second, weights = made.b(first, m, m)
    torch.testing.assert_close(made(a, m), (second, weights, first))
    assert list(made.state_dict())[:3] == [
        "a.in_proj_weight",
        "a.in_proj_bias",
        "a.out_proj.weight",
    ]


def test_attention_that_does_not_fit_is_one_error() -> None:
    attention = "inputs: {t: [N, T, 4]}\nbody: [a: {op: MultiheadAttention, num_heads: %s}]"
    rejected(attention % "«3»", "NS204", "3")
    rejected(attention % "2, embed_dim: «8»", "NS201", "declared 8, inferred 4")
    rejected(attention % "2, from: {query: t, «keys»: t, value: t}", "NS110", "did you mean `key`")


def test_scaled_dot_product_attention() -> None:
    a = image(2, 2, 5, 4)
    text = "inputs: {t: [N, 2, T, 4]}\nbody: [{op: ScaledDotProductAttention, is_causal: true, from: %s}]"
    expected = F.scaled_dot_product_attention(a, a, a, is_causal=True)
    for way in ("[t, t, t]", "{query: t, key: t, value: t}"):
        torch.testing.assert_close(module(text % way)(a), expected)


def test_an_embedding_takes_integers() -> None:
    text = "inputs: {t: {shape: [N, T], dtype: %s}}\nbody: [{op: %sEmbedding%s, num_embeddings: 10, embedding_dim: 4}]"
    assert shape(text % ("int64", "", "")) == ["N", "T", "4"]
    rejected(text % ("float32", "«", "»"), "NS212", "float32")


# ---- Parameter, Constant -------------------------------------------------------------------------


def test_a_parameter_is_called_by_its_own_name_and_does_not_flow() -> None:
    a = image(2, 5, 4)
    text = """
inputs: {t: [N, 5, 4]}
body:
  - lin: {op: Linear, out_features: 4}
  - pos: {op: Parameter, shape: [1, 5, lin.features], init: {fn: normal_, std: 0.02}}
  - ReLU
  - {op: Add, from: [previous, pos]}
  - g: [scale: {op: Parameter, shape: [4], init: ones_}, {op: Mul, from: [input, scale]}]
"""
    made = module(text)
    assert list(made.state_dict()) == ["pos", "lin.weight", "lin.bias", "g.scale"]
    assert 0 < made.pos.detach().std() < 0.05
    torch.testing.assert_close(made(a), made.lin(a).relu() + made.pos)


def test_state_dict_order_is_torchs() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(4, 4)
            self.p = nn.Parameter(torch.ones(4))
            self.register_buffer("c", torch.tensor(2.0), persistent=False)
            self.second = nn.BatchNorm1d(4)
            self.q = nn.Parameter(torch.ones(4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.second(self.first(x) * self.p * self.c) * self.q

    text = """
inputs: {t: [N, 4]}
body:
  - first: {op: Linear, out_features: 4}
  - p: {op: Parameter, shape: [4], init: ones_}
  - c: {op: Constant, value: 2.0}
  - {op: Mul, from: [first, p, c]}
  - second: BatchNorm1d
  - q: {op: Parameter, shape: [4], init: ones_}
  - {op: Mul, from: [second, q]}
"""
    same(text, Net(), image(3, 4))


def test_a_constant_is_a_buffer_that_is_not_saved() -> None:
    a = image(2, 3)
    made = module(
        "inputs: {t: [N, 3]}\nbody: [c: {op: Constant, value: [1, 2.5, 3]}, {op: Mul, from: [previous, c]}]"
    )
    assert list(made.state_dict()) == []
    assert [n for n, _ in made.named_buffers()] == ["c"]
    torch.testing.assert_close(made(a), a * torch.tensor([1, 2.5, 3]))


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [{op: Constant, value: «[1, [2]]»}, {op: Mul, from: [input, input]}]", "NS108"),
        ("body: [{op: Constant, value: «abc»}, {op: Mul, from: [input, input]}]", "NS121"),
        (
            "body: [p: {op: Parameter, shape: «[input.height]»}, {op: Mul, from: [input, p]}]",
            "NS125",
        ),
        (
            "body: [p: {op: Parameter, shape: [3], init: «ones»}, {op: Mul, from: [input, p]}]",
            "NS108",
        ),
        ("body: [p: {op: «Parameter»}, {op: Mul, from: [input, p]}]", "NS109"),
    ],
)
def test_wrong_parameters_and_constants_are_one_error(marked: str, code: str) -> None:
    rejected(marked, code)


@pytest.mark.parametrize(
    "rule", ["{fn: normal_, «sdt»: 0.02}", "{fn: «constant_»}", "{fn: «normal»}"]
)
def test_the_init_of_a_parameter_is_checked(rule: str) -> None:
    rejected(
        f"body: [p: {{op: Parameter, shape: [3, 1, 1], init: {rule}}}, {{op: Mul, from: [input, p]}}]",
        "NS502",
    )


def test_stochastic_depth_drops_whole_rows_or_the_batch() -> None:
    ones = torch.ones(64, 3, 2, 2)
    for mode, kinds in (("row", {0.0, 8.0}), ("batch", {0.0, 2.0})):
        p = 0.5 if mode == "batch" else 0.875
        made = module(f"body: [{{op: DropPath, p: {p}, mode: {mode}}}]").train()
        torch.manual_seed(1)
        sums = made(ones).amax((1, 2, 3)), made(ones).amin((1, 2, 3))
        assert {float(v) for s in sums for v in s} <= kinds
        assert len(set(sums[0].tolist())) == (2 if mode == "row" else 1)
        assert torch.equal(made.eval()(ones), ones)


# ---- layers that check ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("inputs: {t: [N, 3]}\nbody: [{op: «Conv2d», out_channels: 1, kernel_size: 1}]", "NS207"),
        (
            "inputs: {t: [N, 3, 4, 4]}\nbody: [{op: Conv2d, out_channels: 1, kernel_size: «5»}]",
            "NS206",
        ),
        ("inputs: {t: [N, 3, 4, 4]}\nbody: [«BatchNorm1d»]", "NS207"),
        ("body: [Flatten, {op: «Linear», out_features: 3}]", "NS125"),
        ("inputs: {t: [N, 3, 4]}\nbody: [{op: Reshape, shape: «[5, 5]»}]", "NS208"),
        ("inputs: {t: [2, 3, 4]}\nbody: [{op: Transpose, dim0: «7», dim1: 0}]", "NS209"),
    ],
)
def test_a_layer_that_does_not_fit_is_one_error(marked: str, code: str) -> None:
    diagnostic = rejected(marked, code)
    assert diagnostic.message
