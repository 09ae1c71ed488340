"""Several results and inputs that may be omitted: how they are named, and what is written for them."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor, nn

from language.spec_case import good, image, module, rejected, same


def forward(text: str, **params: object) -> list[str]:
    """The statements of the last `forward` of a spec, without its docstring and comments."""
    method = good(text, **params).source().rpartition("def forward(")[2]
    lines = re.sub(r'"""(.*?)"""', "", method, count=1, flags=re.DOTALL).splitlines()
    statements = (line.split("  # ")[0].strip() for line in lines[1:])
    return [line for line in statements if line and not line.startswith("_check")]


LSTM = "inputs: {t: [N, T, 4]}\nbody:\n  - r: {op: LSTM, hidden_size: 6, batch_first: true}\n"


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ("r", ["x, _ = self.r(t)", "return x"]),
        ("r.h_n", ["_, (h_n, _) = self.r(t)", "return h_n"]),
        ("r.c_n", ["_, (_, c_n) = self.r(t)", "return c_n"]),
        ("[r, r.c_n]", ["r, (_, c_n) = self.r(t)", "return r, c_n"]),
        ("[r.c_n, r.h_n]", ["_, (h_n, c_n) = self.r(t)", "return c_n, h_n"]),
    ],
)
def test_results_are_unpacked_as_they_nest(outputs: str, expected: list[str]) -> None:
    assert forward(f"{LSTM}outputs: {outputs}") == expected


def test_results_side_by_side_are_unpacked_flat() -> None:
    gru = LSTM.replace("LSTM", "GRU")
    assert forward(f"{gru}outputs: [r.h_n]") == ["_, h_n = self.r(t)", "return (h_n,)"]
    cell = "inputs: {t: [N, 4]}\nbody: [r: {op: LSTMCell, hidden_size: 6}, {op: ReLU, from: r.c_1}]"
    assert forward(cell) == ["_, c_1 = self.r(t)", "return F.relu(c_1)"]


def test_one_result_of_attention_is_indexed() -> None:
    text = "inputs: {t: [N, T, 4]}\nbody: [a: {op: MultiheadAttention, num_heads: 2, batch_first: true, need_weights: false}]"
    assert forward(text) == ["return self.a(t, t, t, need_weights=False)[0]"]


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.LSTM(4, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.up = nn.LSTM(12, 5, batch_first=True, proj_size=3)
        self.init = nn.Linear(4, 3)
        self.memory = nn.Linear(4, 5)

    def forward(self, t: Tensor) -> Tensor:
        x, _ = self.down(t)
        mean = t.mean(1, keepdim=True).transpose(0, 1)
        x, (h, _) = self.up(x, (self.init(mean), self.memory(mean)))
        return torch.add(x, h.transpose(0, 1))


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_a_state_flows_into_a_recurrent_layer() -> None:
    text = """
inputs: {t: [N, T, 4]}
body:
  - down: {op: LSTM, hidden_size: 6, num_layers: 2, batch_first: true, bidirectional: true}
  - mean: {op: Mean, dim: 1, keepdim: true, from: t}
  - start: {op: Transpose, dim0: 0, dim1: 1}
  - h: {op: Linear, out_features: 3, from: start}
  - c: {op: Linear, out_features: 5, from: start}
  - up: {op: LSTM, hidden_size: 5, proj_size: 3, batch_first: true, from: {input: down, c_0: c, h_0: h}}
  - last: {op: Transpose, dim0: 0, dim1: 1, from: up.h_n}
  - {op: Add, from: [up, last]}
"""
    made, theirs = module(text), Recurrent().eval()
    names = {"h": "init", "c": "memory"}
    theirs.load_state_dict(
        {
            ".".join([names.get(head, head), rest]): v
            for k, v in made.state_dict().items()
            for head, _, rest in [k.partition(".")]
        }
    )
    torch.testing.assert_close(made(image(2, 5, 4)), theirs(image(2, 5, 4)), rtol=0, atol=0)


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(8))
        other = nn.TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
        self.decoder = nn.TransformerDecoder(other, 1)

    def forward(self, source: Tensor, target: Tensor, padding: Tensor) -> Tensor:
        memory = self.encoder(source, src_key_padding_mask=padding)
        out: Tensor = self.decoder(target, memory, memory_key_padding_mask=padding)
        return out


TRANSFORMER = """
inputs:
  source: [N, S, 8]
  target: [N, T, 8]
  padding: {shape: [N, S], dtype: bool}
body:
  - encoder:
      op: TransformerEncoder
      nhead: 2
      dim_feedforward: 16
      batch_first: true
      num_layers: 2
      norm: LayerNorm
      from: {src: source, src_key_padding_mask: padding}
  - decoder:
      op: TransformerDecoder
      nhead: 2
      dim_feedforward: 16
      batch_first: true
      num_layers: 1
      from: {tgt: target, memory: encoder, memory_key_padding_mask: padding}
"""


def test_a_stack_of_transformer_layers_is_written_as_one_would() -> None:
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    same(TRANSFORMER, Decoder(), image(2, 5, 8), image(2, 4, 8), padding)
    source = good(TRANSFORMER).source()
    layer = "nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)"
    lines = " ".join(source.split())
    assert f"self.encoder = nn.TransformerEncoder( {layer}, 2, norm=nn.LayerNorm(8), )" in lines
    call = "encoder = self.encoder(source, src_key_padding_mask=padding)"
    assert forward(TRANSFORMER)[0] == call


def test_a_normalization_that_only_some_uses_of_a_block_have() -> None:
    text = """
inputs: {t: [T, N, 8]}
blocks:
  Enc:
    params: {norm: {type: any, default: null}}
    body: [e: {op: TransformerEncoder, nhead: 2, num_layers: 1, norm: norm, enable_nested_tensor: false}]
body: [a: {op: Enc, norm: LayerNorm}, b: Enc]
"""
    keys = [k for k in module(text).state_dict() if "e.norm" in k]
    assert keys == ["a.e.norm.weight", "a.e.norm.bias"]


def test_attention_repeats_and_is_shared_with_its_inputs_by_name() -> None:
    attention = "op: MultiheadAttention, num_heads: 2, batch_first: true"
    text = f"""
inputs: {{t: [N, T, 8], m: [N, S, 8], mask: {{shape: [N, T], dtype: bool}}}}
body:
  - "l{{i}}": {{{attention}, need_weights: false, repeat: 3}}
  - a: {{{attention}, from: {{query: previous, key_padding_mask: mask}}}}
  - b: {{share: a, from: {{value: m, query: a, key: m}}}}
outputs: [b, b.weights]
"""
    made = module(text)
    t, m = image(2, 5, 8), image(2, 3, 8)
    mask = torch.tensor([[False] * 5, [False] * 4 + [True]])
    x = t
    for layer in (made.l0, made.l1, made.l2):
        x = layer(x, x, x, need_weights=False)[0]
    x, _ = made.a(x, x, x, key_padding_mask=mask)
    torch.testing.assert_close(made(t, m, mask), made.a(x, m, m), rtol=0, atol=0)


def test_unpooling_back_to_an_odd_size() -> None:
    text = """
body:
  - down: {op: MaxPool2d, kernel_size: 2, return_indices: true}
  - up: {op: MaxUnpool2d, kernel_size: 2, output_size: [image.height, image.width], from: [down, down.indices]}
"""
    call = "return self.up(down, indices, output_size=(image.size(-2), image.size(-1)))"
    assert forward(text)[-1] == call
    assert module(text)(image(2, 3, 7, 9)).shape == (2, 3, 7, 9)


def test_what_is_recomputed_keeps_all_its_results() -> None:
    text = LSTM.replace("true}", "true, checkpoint: true}") + "outputs: [r, r.h_n]"
    plain = LSTM + "outputs: [r, r.h_n]"
    a = image(2, 5, 4).requires_grad_()
    outputs = module(text)(a)
    torch.testing.assert_close(outputs, module(plain)(a), rtol=0, atol=0)
    outputs[0].sum().backward()
    assert a.grad is not None


# ---- what is rejected ------------------------------------------------------------------------------


def test_a_count_of_inputs_says_how_many_there_may_be() -> None:
    inputs = "inputs: {t: [N, T, 4]}\nbody: [{op: %s, from: «%s»}]"
    rejected(
        inputs % ("LSTM, hidden_size: 4", "[t, t, t, t]"),
        "NS110",
        "`LSTM` requires 1 to 3 inputs (input, h_0, c_0), got 4",
    )
    rejected(
        inputs % ("TransformerDecoderLayer, nhead: 2", "{tgt: t, tgt_mask: t}"),
        "NS110",
        "`TransformerDecoderLayer` requires the input `memory`",
        "missing memory",
    )


def test_an_element_type_error_offers_its_fix() -> None:
    floats, whole_ = "[N, T]", "{shape: [N, T], dtype: int64}"
    embed = "inputs: {t: %s}\nbody: [{op: «Embedding», num_embeddings: 9, embedding_dim: 4}]"
    rejected(
        embed % floats,
        "NS212",
        "`Embedding` requires integers, but `t` has float32",
        "declare the input with `dtype: int64`: `{shape: …, dtype: int64}`",
    )
    linear = "inputs: {t: %s}\nbody: [{op: «Linear», out_features: 4}]"
    rejected(
        linear % whole_, "NS212", "`Linear` requires floating-point numbers, but `t` has int64"
    )
    attention = (
        "inputs: {t: [N, T, 4], m: %s}\nbody: [{op: «MultiheadAttention», num_heads: 2, "
        "batch_first: true, from: {query: t, key_padding_mask: m}}]"
    )
    rejected(
        attention % whole_,
        "NS212",
        "`MultiheadAttention` requires a mask of floating-point numbers or booleans as `key_padding_mask`",
        "declare the input with `dtype: bool`: `{shape: …, dtype: bool}`",
    )
    good(attention.replace("«", "").replace("»", "") % "{shape: [N, T], dtype: bool}")


def test_results_of_a_block_have_the_names_of_its_outputs() -> None:
    text = """inputs: {t: [N, 4]}
blocks:
  Two: {body: [a: ReLU, b: {op: Sigmoid, from: input}], outputs: {hi: a, lo: b}}
body:
  - one: Two
  - two: {op: Two, from: one.lo}
  - {op: Add, from: [one.hi, two.hi, two.lo]}
"""
    statements = forward(text)
    assert statements[0] == "one_hi, lo = self.one(t)"
    assert statements[-1].startswith("return one_hi + two_hi + ")


def test_the_name_of_a_block_is_not_given_to_a_group() -> None:
    group = "b: {body: [ReLU, {op: Add, from: [input, previous]}]}"
    text = f"inputs: {{t: [N, 4]}}\nblocks: {{B: [Sigmoid, {{op: Mul, from: [input, previous]}}]}}\nbody: [{group}, B]\n"
    source = good(text).source()
    block = source[source.index("class B(") :]
    assert "torch.sigmoid(x)" in block.partition("\n\n\n")[0]
    assert source.count("class B(") == 1
    assert "F.relu(x)" in source.partition("class B(")[0] + block.partition("\n\n\n")[2]


def test_a_class_with_nothing_to_construct_has_no_constructor() -> None:
    source = good("inputs: {t: [N, 4]}\nbody: [{op: Add, from: [t, t]}]\n").source()
    assert "__init__" not in source


def test_a_clash_points_at_the_input_by_its_name_wherever_it_stands() -> None:
    text = (
        "inputs: {q: [N, 5, 8], k: [N, 4, 8], v: [N, 3, 8]}\nbody: [{op: MultiheadAttention, num_heads: 2, "
        "batch_first: true, from: {value: «v», key: k, query: q}}]"
    )
    rejected(text, "NS205", "the key has 4 positions, but the value has 3")
    text = (
        "inputs: {q: [N, 5, 8], m: {shape: [N, 4], dtype: bool}}\nbody: [{op: MultiheadAttention, num_heads: 2, "
        "batch_first: true, from: {key_padding_mask: «m», query: q}}]"
    )
    rejected(text, "NS203", "must be [N, 5], but it is [N, 4]")
