"""Whole networks that use several rules at once, against modules written by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from language.spec_case import good, image, module, same

UNET = """
params: {widths: [4, 8, 16]}
dims: {H: {multiple_of: 8}, W: {multiple_of: 8}}
blocks:
  Double:
    params: {w: int}
    body:
      - {op: Conv2d, out_channels: w, kernel_size: 3, padding: 1}
      - ReLU
      - {op: Conv2d, out_channels: w, kernel_size: 3, padding: 1}
  Up:
    params: {w: int}
    inputs: [low, skip]
    body:
      - up: {op: ConvTranspose2d, out_channels: w, kernel_size: 2, stride: 2}
      - cat: {op: Concat, from: [skip, up]}
      - conv: {op: Double, w: w}
body:
  - each: {w: widths}
    body:
      - pool{w.index}: {op: MaxPool2d, kernel_size: 2, when: not w.first}
      - enc{w.index}: {op: Double, w: w}
  - each: {d: "range(1, len(widths))"}
    body:
      - dec{d.index}: {op: Up, w: "widths[len(widths) - 1 - d]", from: [previous, "enc{len(widths) - 1 - d}"]}
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""


def double(width: int, w: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, w, 3, padding=1), nn.ReLU(), nn.Conv2d(w, w, 3, padding=1)
    )


class Up(nn.Module):
    def __init__(self, width: int, w: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(width, w, 2, 2)
        self.conv = double(2 * w, w)

    def forward(self, low: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return self.conv(torch.cat([skip, self.up(low)], 1))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc0, self.enc1, self.enc2 = double(3, 4), double(4, 8), double(8, 16)
        self.dec0, self.dec1 = Up(16, 8), Up(8, 4)
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        e0 = self.enc0(x)
        e1 = self.enc1(F.max_pool2d(e0, 2))
        e2 = self.enc2(F.max_pool2d(e1, 2))
        return self.head(self.dec1(self.dec0(e2, e1), e0))


def test_a_u_net_of_any_depth() -> None:
    same(UNET, UNet(), image(1, 3, 16, 8))
    assert module(UNET, widths=[2, 2, 2, 2])(image(1, 3, 16, 16)).shape == (1, 2, 16, 16)


def test_a_pyramid_with_outputs_by_name() -> None:
    text = """
blocks:
  Backbone:
    outputs: {c3: s1, c4: s2, c5: s3}
    body:
      - s1: {op: Conv2d, out_channels: 4, kernel_size: 3, stride: 2, padding: 1}
      - s2: {op: Conv2d, out_channels: 6, kernel_size: 3, stride: 2, padding: 1}
      - s3: {op: Conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  TopDown:
    inputs: [top, side]
    params: {w: 5}
    body:
      - lateral: {op: Conv2d, from: side, out_channels: w, kernel_size: 1}
      - up: {op: Interpolate, from: top, size: [side.height, side.width]}
      - {op: Add, from: [lateral, up]}
body:
  - backbone: Backbone
  - p5: {op: Conv2d, from: backbone.c5, out_channels: 5, kernel_size: 1}
  - p4: {op: TopDown, from: [p5, backbone.c4]}
  - p3: {op: TopDown, from: {top: p4, side: backbone.c3}}
outputs: {p3: p3, p4: p4, p5: p5}
"""
    made = module(text)
    a = image(1, 3, 19, 13)
    b = made.backbone
    c3 = b.s1(a)
    c4 = b.s2(c3)
    c5 = b.s3(c4)
    p5 = made.p5(c5)
    p4 = made.p4.lateral(c4) + F.interpolate(p5, c4.shape[2:])
    p3 = made.p3.lateral(c3) + F.interpolate(p4, c3.shape[2:])
    torch.testing.assert_close(made(a), {"p3": p3, "p4": p4, "p5": p5})


def test_squeeze_and_excite_with_the_gate_as_a_parameter() -> None:
    text = """
blocks:
  SE:
    params: {ratio: 2, gate: {type: op, default: Sigmoid}}
    body:
      - avgpool: {op: AdaptiveAvgPool2d, output_size: 1}
      - fc1: {op: Conv2d, out_channels: max(1, input.channels // ratio), kernel_size: 1}
      - activation: ReLU
      - fc2: {op: Conv2d, out_channels: input.channels, kernel_size: 1}
      - scale: gate
      - {op: Mul, from: [scale, input]}
  Layer:
    params: {w: int, se: [int], kernel: size}
    body:
      - {op: Conv2d, out_channels: w, kernel_size: kernel, padding: 1}
      - each: {r: se}
        body: ["se{r.index}": {op: SE, ratio: r, gate: Hardsigmoid}]
body:
  - layer{i}: {op: Layer, repeat: 2, w: 4 * (i + 1), se: [1, 2], kernel: [3, 3]}
""".replace(
        "out_channels: max(1, input.channels // ratio)",
        'out_channels: "max(1, input.channels // ratio)"',
    )
    made = module(text)

    def excite(se: nn.Module, x: torch.Tensor) -> torch.Tensor:
        y = se.fc2(se.fc1(x.mean((2, 3), keepdim=True)).relu())
        return F.hardsigmoid(y) * x

    a = image()
    for layer in (made.layer0, made.layer1):
        a = excite(layer.se1, excite(layer.se0, layer.get_submodule("0")(a)))
    torch.testing.assert_close(made(image()), a)
    assert made.layer1.se1.fc1.out_channels == 4


def test_a_shuffle_unit_splits_and_shuffles() -> None:
    text = """
inputs: {image: [N, 8, H, W]}
body:
  - halves: {op: Chunk, chunks: 2, dim: 1}
  - branch2: {from: halves.1, body: [{op: Conv2d, out_channels: 4, kernel_size: 1}, ReLU]}
  - {op: Concat, from: [halves.0, branch2]}
  - {op: Reshape, shape: [x.batch, 2, x.channels // 2, x.height, x.width]}
  - {op: Transpose, dim0: 1, dim1: 2}
  - {op: Reshape, shape: [input.batch, -1, input.height, input.width]}
"""
    made = module(text)
    a = image(2, 8, 5, 6)
    joined = torch.cat([a[:, :4], made.branch2(a[:, 4:])], 1)
    torch.testing.assert_close(made(a), F.channel_shuffle(joined, 2))


def test_a_patch_encoder_with_a_class_token() -> None:
    text = """
params: {dim: 8, heads: 2, depth: 2}
inputs: {image: [N, 3, 8, 8]}
blocks:
  Attention:
    params: {heads: int}
    body:
      - qkv: {op: Linear, out_features: 3 * input.features}
      - {op: Reshape, shape: [x.batch, x.size(1), 3, heads, input.features // heads]}
      - all: {op: Permute, dims: [2, 0, 3, 1, 4]}
      - q: {op: Select, dim: 0, index: 0, from: all}
      - k: {op: Select, dim: 0, index: 1, from: all}
      - v: {op: Select, dim: 0, index: 2, from: all}
      - {op: ScaledDotProductAttention, from: [q, k, v]}
      - {op: Transpose, dim0: 1, dim1: 2}
      - {op: Reshape, shape: [input.batch, input.size(1), -1]}
      - proj: {op: Linear, out_features: input.features}
  Block:
    params: {heads: int, ratio: 4}
    body:
      - norm1: {op: LayerNorm, normalized_shape: x.features}
      - attn: {op: Attention, heads: heads}
      - a: {op: Add, from: [input, attn]}
      - norm2: {op: LayerNorm, normalized_shape: x.features}
      - mlp:
          - fc1: {op: Linear, out_features: ratio * x.features}
          - act: GELU
          - fc2: {op: Linear, out_features: input.features}
      - {op: Add, from: [a, mlp]}
body:
  - cls_token: {op: Parameter, shape: [1, 1, dim], init: {fn: trunc_normal_, std: 0.02}}
  - patch: {op: Conv2d, out_channels: dim, kernel_size: 4, stride: 4}
  - {op: Flatten, start_dim: 2}
  - tokens: {op: Transpose, dim0: 1, dim1: 2}
  - cls: {op: Expand, size: [tokens.batch, -1, -1], from: cls_token}
  - {op: Concat, dim: 1, from: [cls, tokens]}
  - pos_embed: {op: Parameter, shape: [1, previous.size(1), dim], init: zeros_}
  - {op: Add, from: [previous, pos_embed]}
  - blocks: {op: Block, heads: heads, repeat: depth}
  - norm: {op: LayerNorm, normalized_shape: x.features}
  - {op: Select, dim: 1, index: 0}
  - head: {op: Linear, out_features: 10}
"""
    made = module(text)
    state_keys = list(made.state_dict())
    assert state_keys[:4] == ["cls_token", "pos_embed", "patch.weight", "patch.bias"]
    assert state_keys[4:8] == [
        "blocks.0.norm1.weight",
        "blocks.0.norm1.bias",
        "blocks.0.attn.qkv.weight",
        "blocks.0.attn.qkv.bias",
    ]
    assert state_keys[-4:] == ["norm.weight", "norm.bias", "head.weight", "head.bias"]
    assert made.pos_embed.shape == (1, 5, 8)

    a = image(2, 3, 8, 8)
    x = made.patch(a).flatten(2).transpose(1, 2)
    x = torch.cat([made.cls_token.expand(2, -1, -1), x], 1) + made.pos_embed
    for n in range(2):
        block = made.get_submodule(f"blocks.{n}")
        y = block.norm1(x)
        q, k, v = block.attn.qkv(y).reshape(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)
        x = x + block.attn.proj(
            F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(2, 5, 8)
        )
        x = x + block.mlp.fc2(F.gelu(block.mlp.fc1(block.norm2(x))))
    torch.testing.assert_close(made(a), made.head(made.norm(x)[:, 0]), rtol=1e-4, atol=1e-5)


def test_a_language_model_with_tied_embeddings() -> None:
    good("""
inputs: {tokens: {shape: [N, T], dtype: int64}}
blocks:
  Block: [ln: {op: LayerNorm, normalized_shape: x.features}, attn: {op: MultiheadAttention, num_heads: 2, batch_first: true}, {op: Add, from: [input, attn]}]
body:
  - wte: {op: Embedding, num_embeddings: 50, embedding_dim: 8}
  - h: {op: Block, repeat: 3}
  - ln_f: {op: LayerNorm, normalized_shape: x.features}
  - lm_head: {op: Linear, out_features: 50, bias: false, share: {weight: wte.weight}}
""")


def test_a_siamese_network_shares_across_groups() -> None:
    text = """
inputs: {left: [N, 3, 8, 8], right: [N, 3, 8, 8]}
blocks: {Tower: [{op: Conv2d, out_channels: 4, kernel_size: 3}, BatchNorm2d, {op: AdaptiveAvgPool2d, output_size: 1}, Flatten]}
body:
  - l: {op: Tower, from: left}
  - other: {from: right, body: [r: {share: l}]}
  - {op: Sub, from: [l, other]}
  - Abs
  - head: {op: Linear, out_features: 1}
"""
    made = module(text)
    assert {k.split(".")[0] for k in made.state_dict()} == {"l", "head"}
    a, b = image(2, 3, 8, 8), image(2, 3, 8, 8) + 1
    torch.testing.assert_close(made(a, b), made.head((made.l(a) - made.l(b)).abs()))


def test_options_are_turned_on_by_presets() -> None:
    text = """
params: {depths: [1, 1], se: false, act: {type: op, default: ReLU}, drop: 0.0}
presets:
  big: {depths: [2, 3, 1], se: true}
  leaky: {act: {op: LeakyReLU, negative_slope: 0.2}, drop: 0.5}
body:
  - each: {d: depths}
    body:
      - stage{d.index}:
          - c{i}: {repeat: d, body: [{op: Conv2d, out_channels: 4, kernel_size: 1}, {op: Sigmoid, when: se}, act]}
  - {op: Dropout, p: drop, when: drop > 0}
""".replace("          - c{i}: {repeat", '          - "c{i}": {repeat')
    kinds = lambda m: [type(k).__name__ for k in m.modules() if not list(k.children())]  # noqa: E731
    assert kinds(module(text)) == ["Conv2d", "ReLU"] * 2
    assert kinds(module(text, preset="big")) == ["Conv2d", "Sigmoid", "ReLU"] * 6
    assert kinds(module(text, preset="leaky", se=True, depths=[1])) == [
        "Conv2d",
        "Sigmoid",
        "LeakyReLU",
        "Dropout",
    ]
