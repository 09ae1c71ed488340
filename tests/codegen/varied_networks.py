"""Networks with parameters of all kinds, for the tests that vary each of these."""

from __future__ import annotations

TEXTS = {
    "res_heads": """
params: {width: 8, heads: 2, depth: 2, classes: 3, drop: 0.0}
inputs: {x0: [N, T, 6]}
blocks:
  MHA:
    params: {heads: int, drop: float}
    body:
      - qkv: {op: Linear, out_features: 3 * x.features}
      - qkv_parts: {op: Chunk, chunks: 3, dim: -1}
      - q: {op: Reshape, from: qkv_parts.0, shape: [x.batch, x.size(1), heads, x.features // heads]}
      - k: {op: Reshape, from: qkv_parts.1, shape: [x.batch, x.size(1), heads, x.features // heads]}
      - v: {op: Reshape, from: qkv_parts.2, shape: [x.batch, x.size(1), heads, x.features // heads]}
      - qt: {op: Transpose, from: q, dim0: 1, dim1: 2}
      - kt: {op: Transpose, from: k, dim0: 1, dim1: 2}
      - vt: {op: Transpose, from: v, dim0: 1, dim1: 2}
      - {op: ScaledDotProductAttention, from: [qt, kt, vt]}
      - {op: Transpose, dim0: 1, dim1: 2}
      - {op: Flatten, start_dim: 2}
      - proj: {op: Linear, out_features: input.features}
      - {op: Dropout, p: drop}
  Layer:
    params: {heads: int, drop: float}
    body:
      - n1: LayerNorm
      - a: {op: MHA, heads: heads, drop: drop}
      - s: {op: Add, from: [input, a]}
      - n2: LayerNorm
      - ff: [{op: Linear, out_features: 4 * x.features}, GELU, {op: Linear, out_features: x.features // 4}]
      - {op: Add, from: [s, ff]}
body:
  - emb: {op: Linear, out_features: width}
  - enc: {op: Layer, repeat: depth, heads: heads, drop: drop}
  - head: {op: Linear, out_features: classes}
init:
  Linear: {weight: {fn: normal_, std: 0.02}, bias: zeros_}
  "**.proj": {weight: {fn: normal_, std: 0.02 / (2 * depth) ** 0.5}}
""",
    "optional_kids": """
params: {width: 8, use_se: true, reduction: 4, depths: [1, 2], norm: true}
inputs: {image: [N, 3, 16, 16]}
blocks:
  SE:
    params: {mid: int}
    body:
      - {op: AdaptiveAvgPool2d, output_size: 1}
      - fc1: {op: Conv2d, out_channels: mid, kernel_size: 1}
      - ReLU
      - fc2: {op: Conv2d, out_channels: input.channels, kernel_size: 1}
      - gate: Sigmoid
      - {op: Mul, from: [gate, input]}
  Unit:
    params: {width: int, stride: int, se: bool, reduction: int}
    body:
      - conv: {op: Conv2d, out_channels: width, kernel_size: 3, stride: stride, padding: 1, bias: false}
      - norm: BatchNorm2d
      - se: {op: SE, mid: "max(1, width // reduction)", when: se}
      - short: {op: Conv2d, from: input, out_channels: width, kernel_size: 1, stride: stride, when: stride != 1 or input.channels != width}
      - {op: Add, from: [se, short]}
      - act: ReLU
body:
  - stem: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
  - each: {d: depths}
    body:
      - stage{d.index}: {op: Unit, repeat: d, width: "width * 2 ** d.index", stride: "2 if i == 0 else 1", se: "use_se and d.index == 1", reduction: reduction}
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - fc: {op: Linear, out_features: 5}
""",
    "multi_out": """
params: {width: 4, levels: 3, anchors: 2}
inputs: {image: [N, 3, 32, 32]}
body:
  - each: {k: range(levels)}
    body:
      - down{k}: {op: Conv2d, out_channels: "width * 2 ** k", kernel_size: 3, stride: 2, padding: 1}
      - {op: ReLU}
  - box: {op: Conv2d, out_channels: 4 * anchors, kernel_size: 1}
  - cls: {op: Conv2d, from: previous, out_channels: anchors, kernel_size: 1}
  - score: {op: Sigmoid, from: cls}
outputs: {boxes: box, scores: score}
""",
    "shared_towers": """
params: {width: 6, hidden: 10, depth: 2}
inputs: {a: [N, 5], b: [N, 5]}
body:
  - tower: {from: a, body: [{op: Linear, out_features: hidden}, Tanh, {op: Linear, out_features: width}]}
  - other: {share: tower, from: b}
  - diff: {op: Sub, from: [tower, other]}
  - mlp: {repeat: depth, body: [{op: Linear, out_features: x.features}, ReLU]}
  - out: {op: Linear, out_features: 1}
init:
  Linear: {weight: xavier_uniform_, bias: {fn: constant_, val: 0.1}}
""",
    "blocks_in_blocks": """
params: {growth: 3, layers: [2, 3], theta: 0.5, bn: true}
inputs: {image: [N, 2, 16, 16]}
blocks:
  Conv:
    params: {out: int, k: int}
    body:
      - norm: BatchNorm2d
      - relu: ReLU
      - conv: {op: Conv2d, out_channels: out, kernel_size: k, padding: k // 2, bias: false}
  Dense:
    params: {growth: int}
    body:
      - narrow: {op: Conv, out: 4 * growth, k: 1}
      - wide: {op: Conv, out: growth, k: 3}
      - {op: Concat, from: [input, wide]}
  Trans:
    params: {theta: float}
    body:
      - squeeze: {op: Conv, out: "floor(theta * x.channels)", k: 1}
      - pool: {op: AvgPool2d, kernel_size: 2}
body:
  - stem: {op: Conv2d, out_channels: 2 * growth, kernel_size: 3, padding: 1}
  - each: {n: layers}
    body:
      - dense{n.index + 1}: {op: Dense, repeat: n, growth: growth}
      - trans{n.index + 1}: {op: Trans, theta: theta, when: not n.last}
  - {op: AdaptiveAvgPool2d, output_size: 1}
  - Flatten
  - fc: {op: Linear, out_features: 4}
""",
    "unet_like": """
params: {widths: [4, 8, 16], classes: 2, act: {type: op, default: ReLU}}
inputs: {image: [N, 1, H, W]}
blocks:
  Double:
    params: {out: int, act: op}
    body:
      - c1: {op: Conv2d, out_channels: out, kernel_size: 3, padding: 1}
      - a1: act
      - c2: {op: Conv2d, out_channels: out, kernel_size: 3, padding: 1}
      - a2: act
body:
  - e1: {op: Double, out: "widths[0]", act: act}
  - p1: {op: MaxPool2d, kernel_size: 2}
  - e2: {op: Double, out: "widths[1]", act: act}
  - p2: {op: MaxPool2d, kernel_size: 2}
  - e3: {op: Double, out: "widths[2]", act: act}
  - u2: {op: ConvTranspose2d, out_channels: "widths[1]", kernel_size: 2, stride: 2}
  - {op: Concat, from: [e2, u2]}
  - d2: {op: Double, out: "widths[1]", act: act}
  - u1: {op: ConvTranspose2d, out_channels: "widths[0]", kernel_size: 2, stride: 2}
  - {op: Concat, from: [e1, u1]}
  - d1: {op: Double, out: "widths[0]", act: act}
  - head: {op: Conv2d, out_channels: classes, kernel_size: 1}
""",
    "text": """
params: {vocab: 20, dim: 6, hidden: 5, layers: 1, bidir: true, classes: 3}
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - emb: {op: Embedding, num_embeddings: vocab, embedding_dim: dim}
  - rnn: {op: LSTM, hidden_size: hidden, num_layers: layers, bidirectional: bidir, batch_first: true}
  - {op: Mean, dim: 1}
  - fc: {op: Linear, out_features: classes}
""",
    "mixer": """
params: {patch: 4, dim: 8, depth: 2, token_dim: 6, size: 16}
inputs: {image: [N, 3, size, size]}
blocks:
  Mlp:
    params: {hidden: int}
    body:
      - fc1: {op: Linear, out_features: hidden}
      - act: GELU
      - fc2: {op: Linear, out_features: input.features}
  Mixer:
    params: {tokens: int, channels: int}
    body:
      - n1: LayerNorm
      - {op: Transpose, dim0: 1, dim1: 2}
      - tok: {op: Mlp, hidden: tokens}
      - back: {op: Transpose, dim0: 1, dim1: 2}
      - s: {op: Add, from: [input, back]}
      - n2: LayerNorm
      - ch: {op: Mlp, hidden: channels}
      - {op: Add, from: [s, ch]}
body:
  - stem: {op: Conv2d, out_channels: dim, kernel_size: patch, stride: patch}
  - {op: Flatten, start_dim: 2}
  - {op: Transpose, dim0: 1, dim1: 2}
  - layers: {op: Mixer, repeat: depth, tokens: token_dim, channels: 4 * dim}
  - norm: LayerNorm
  - {op: Mean, dim: 1}
  - head: {op: Linear, out_features: 3}
""",
    "inception": """
params: {a: 2, b: 3, c: 4, reps: 2}
inputs: {image: [N, 3, 8, 8]}
blocks:
  Inc:
    params: {a: int, b: int, c: int}
    body:
      - op: Concat
        branches:
          one: {op: Conv2d, out_channels: a, kernel_size: 1}
          three: [{op: Conv2d, out_channels: b, kernel_size: 1}, {op: Conv2d, out_channels: b, kernel_size: 3, padding: 1}]
          pool: [{op: MaxPool2d, kernel_size: 3, stride: 1, padding: 1}, {op: Conv2d, out_channels: c, kernel_size: 1}]
body:
  - stem: {op: Conv2d, out_channels: a + b, kernel_size: 3, padding: 1}
  - incs: {op: Inc, repeat: reps, a: a, b: b, c: c}
  - last: {op: Inc, a: 2 * a, b: b, c: c}
""",
    "tied": """
params: {vocab: 11, dim: 4, depth: 2}
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - emb: {op: Embedding, num_embeddings: vocab, embedding_dim: dim}
  - layers: {repeat: depth, body: [{op: Linear, out_features: x.features}, GELU]}
  - head: {op: Linear, out_features: vocab, bias: false, share: {weight: emb.weight}}
init:
  Embedding: {weight: {fn: normal_, std: dim ** -0.5}}
""",
    "groups_named": """
params: {width: 4, n1: 1, n2: 2, n3: 3}
inputs: {image: [N, 3, 16, 16]}
body:
  - stem: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
  - s1:
      - in: {repeat: n1, body: [{op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}, ReLU]}
      - {op: Add, from: [in, input]}
  - s2:
      - in: {repeat: n2, body: [{op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}, ReLU]}
      - {op: Add, from: [in, input]}
  - s3:
      - in: {repeat: n3, body: [{op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}, ReLU]}
      - {op: Add, from: [in, input]}
""",
    "positions": """
params: {context: 12, dim: 4, depth: 2}
inputs: {tokens: [N, T, 3]}
body:
  - emb: {op: Linear, out_features: dim}
  - pos: {op: Parameter, shape: [context, dim], init: {fn: normal_, std: 0.02}}
  - cut: {op: Slice, from: pos, dim: 0, end: tokens.size(1)}
  - sum: {op: Add, from: [emb, cut]}
  - mix: {repeat: depth, body: [LayerNorm, {op: Linear, out_features: x.features}]}
""",
    "each_two_lists": """
params: {widths: [4, 6, 8], kernels: [3, 5, 3], classes: 2}
inputs: {signal: [N, 2, L]}
body:
  - features:
      - each: {w: widths, k: kernels}
        body:
          - conv{w.index}: {op: Conv1d, out_channels: w, kernel_size: k, padding: k // 2}
          - act{w.index}: ReLU
          - pool{w.index}: {op: MaxPool1d, kernel_size: 2, when: not w.last}
  - {op: AdaptiveAvgPool1d, output_size: 1}
  - Flatten
  - fc: {op: Linear, out_features: classes}
""",
    "moe_like": """
params: {experts: 3, dim: 4, hidden: 5}
inputs: {x0: [N, 6]}
body:
  - inp: {op: Linear, out_features: dim}
  - each: {e: range(experts)}
    body:
      - expert{e}: {from: inp, body: [{op: Linear, out_features: hidden}, ReLU, {op: Linear, out_features: dim}]}
  - sum: {op: Add, from: "expert*"}
  - out: {op: Linear, out_features: 2}
""",
    "wavenet": """
params: {channels: 4, layers: 3, kernel: 2}
inputs: {wave: [N, 1, L]}
blocks:
  Gated:
    params: {channels: int, dilation: int}
    body:
      - f: {op: Conv1d, from: input, out_channels: channels, kernel_size: 3, dilation: dilation, padding: dilation}
      - g: {op: Conv1d, from: input, out_channels: channels, kernel_size: 3, dilation: dilation, padding: dilation}
      - tf: {op: Tanh, from: f}
      - sg: {op: Sigmoid, from: g}
      - z: {op: Mul, from: [tf, sg]}
      - res: {op: Conv1d, out_channels: channels, kernel_size: 1}
      - {op: Add, from: [res, input]}
body:
  - inp: {op: Conv1d, out_channels: channels, kernel_size: 1}
  - stack: {op: Gated, repeat: layers, channels: channels, dilation: "2 ** i"}
  - out: {op: Conv1d, out_channels: 2, kernel_size: 1}
""",
    "flags": """
params: {width: 4, bias: false, pre: true, drop: 0.1, k: 3}
inputs: {image: [N, 3, 8, 8]}
blocks:
  C:
    params: {w: int, bias: bool, pre: bool, drop: float, k: int}
    body:
      - n1: {op: BatchNorm2d, when: pre}
      - conv: {op: Conv2d, out_channels: w, kernel_size: k, padding: k // 2, bias: bias}
      - n2: {op: BatchNorm2d, when: not pre}
      - act: ReLU
      - drop: {op: Dropout2d, p: drop, when: drop > 0}
body:
  - a: {op: C, w: width, bias: bias, pre: false, drop: drop, k: k}
  - b: {op: C, w: 2 * width, bias: bias, pre: pre, drop: 0.0, k: k}
  - c: {op: C, w: width, bias: true, pre: true, drop: drop, k: 1}
""",
    "two_inputs_block": """
params: {width: 6, depth: 2, mem: 4}
inputs: {q: [N, 3, 5], m: [N, 7, 4]}
blocks:
  Cross:
    inputs: [query, memory]
    params: {width: int}
    body:
      - qq: {op: Linear, from: query, out_features: width}
      - kk: {op: Linear, from: memory, out_features: width}
      - vv: {op: Linear, from: memory, out_features: width}
      - att: {op: ScaledDotProductAttention, from: [qq, kk, vv]}
      - o: {op: Linear, out_features: query.features}
      - {op: Add, from: [o, query]}
body:
  - inp: {op: Linear, from: q, out_features: width}
  - mm: {op: Linear, from: m, out_features: mem}
  - c1: {op: Cross, from: [inp, mm], width: width}
  - c2: {op: Cross, from: [c1, mm], width: 2 * width}
  - out: {op: Linear, out_features: 2}
""",
    "vae": """
params: {latent: 3, widths: [4, 8], classes: 2}
inputs: {image: [N, 1, 16, 16]}
body:
  - enc:
      - each: {w: widths}
        body: [{op: Conv2d, out_channels: w, kernel_size: 3, stride: 2, padding: 1}, ReLU]
  - flat: Flatten
  - mu: {op: Linear, from: flat, out_features: latent}
  - logvar: {op: Linear, from: flat, out_features: latent}
outputs: [mu, logvar]
""",
    "csp": """
params: {width: 8, n: 2, e: 0.5, shortcut: true}
inputs: {image: [N, 3, 8, 8]}
blocks:
  CBS:
    params: {out: int, k: int}
    body:
      - conv: {op: Conv2d, out_channels: out, kernel_size: k, padding: k // 2, bias: false}
      - bn: BatchNorm2d
      - act: SiLU
  Bot:
    params: {shortcut: bool}
    body:
      - cv1: {op: CBS, out: x.channels, k: 1}
      - cv2: {op: CBS, out: input.channels, k: 3}
      - {op: Add, from: [cv2, input], when: shortcut}
  C3:
    params: {out: int, n: int, e: float, shortcut: bool}
    body:
      - cv1: {op: CBS, from: input, out: "floor(e * out)", k: 1}
      - m: {op: Bot, repeat: n, shortcut: shortcut}
      - cv2: {op: CBS, from: input, out: "floor(e * out)", k: 1}
      - cat: {op: Concat, from: [m, cv2]}
      - cv3: {op: CBS, out: out, k: 1}
body:
  - stem: {op: CBS, out: width, k: 3}
  - c1: {op: C3, out: width, n: n, e: e, shortcut: shortcut}
  - c2: {op: C3, out: 2 * width, n: 2 * n, e: e, shortcut: false}
""",
    "fpn": """
params: {width: 4, out: 6}
inputs: {image: [N, 3, 32, 32]}
blocks:
  Down:
    params: {w: int}
    body: [{op: Conv2d, out_channels: w, kernel_size: 3, stride: 2, padding: 1}, ReLU]
  Merge:
    inputs: [coarse, fine]
    body:
      - up: {op: Interpolate, from: coarse, size: [fine.height, fine.width]}
      - {op: Add, from: [up, fine]}
body:
  - c1: {op: Down, w: width}
  - c2: {op: Down, w: 2 * width}
  - c3: {op: Down, w: 4 * width}
  - l1: {op: Conv2d, from: c1, out_channels: out, kernel_size: 1}
  - l2: {op: Conv2d, from: c2, out_channels: out, kernel_size: 1}
  - l3: {op: Conv2d, from: c3, out_channels: out, kernel_size: 1}
  - m2: {op: Merge, from: [l3, l2]}
  - m1: {op: Merge, from: [m2, l1]}
outputs: {p1: m1, p2: m2, p3: l3}
""",
    "text_one_way": """
params: {vocab: 20, dim: 6, hidden: 5, layers: 1, bidir: false, classes: 3}
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - emb: {op: Embedding, num_embeddings: vocab, embedding_dim: dim}
  - rnn: {op: LSTM, hidden_size: hidden, num_layers: layers, bidirectional: bidir, batch_first: true}
  - {op: Mean, dim: 1}
  - fc: {op: Linear, out_features: classes}
""",
    "text_block": """
params: {vocab: 20, hidden: 5, bidir: false}
inputs: {tokens: {shape: [N, T], dtype: int64}}
blocks:
  Enc:
    params: {hidden: int, both: bool}
    body:
      - rnn: {op: GRU, hidden_size: hidden, bidirectional: both, batch_first: true}
      - norm: LayerNorm
body:
  - emb: {op: Embedding, num_embeddings: vocab, embedding_dim: 6}
  - one: {op: Enc, hidden: hidden, both: true}
  - two: {op: Enc, hidden: hidden, both: bidir}
  - fc: {op: Linear, out_features: 2}
""",
    "stage_table": """
params: {rows: [[4, 1, 2], [6, 2, 1], [8, 1, 1]], stem: 3, expand: 2}
inputs: {image: [N, 3, 16, 16]}
blocks:
  Inv:
    params: {out: int, stride: int, expand: int}
    body:
      - up: {op: Conv2d, out_channels: expand * x.channels, kernel_size: 1, bias: false}
      - bn: BatchNorm2d
      - dw: {op: Conv2d, out_channels: x.channels, kernel_size: 3, stride: stride, padding: 1, groups: x.channels, bias: false}
      - down: {op: Conv2d, out_channels: out, kernel_size: 1}
      - {op: Add, from: [down, input], when: stride == 1 and input.channels == out}
body:
  - stem: {op: Conv2d, out_channels: stem, kernel_size: 3, padding: 1}
  - blocks:
      - each: {row: rows}
        body:
          - {op: Inv, repeat: "row[1]", out: "row[0]", stride: "row[2] if i == 0 else 1", expand: expand}
  - {op: AdaptiveAvgPool2d, output_size: 1}
  - Flatten
  - fc: {op: Linear, out_features: 3}
""",
    "nested_blocks": """
params: {a: 4, n: 2, m: 2}
inputs: {x0: [N, 5]}
blocks:
  Leaf:
    params: {out: int}
    body: [{op: Linear, out_features: out}, ReLU]
  Mid:
    params: {out: int, m: int}
    body:
      - leaf: {op: Leaf, repeat: m, out: out}
      - tail: {op: Leaf, out: 2 * out}
  Top:
    params: {out: int, n: int, m: int}
    body:
      - mids: {op: Mid, repeat: n, out: out, m: m}
      - {op: Add, from: [previous, previous]}
body:
  - t1: {op: Top, out: a, n: n, m: m}
  - t2: {op: Top, out: a + 1, n: m, m: n}
""",
    "last_smaller": """
params: {width: 6, depth: 3}
inputs: {x0: [N, 4]}
body:
  - net:
      repeat: depth
      body:
        - {op: Linear, out_features: "2 if i == depth - 1 else width"}
        - ReLU
""",
    "concat_pattern": """
params: {scales: [1, 2, 3], width: 4}
inputs: {image: [N, 3, 12, 12]}
body:
  - stem: {op: Conv2d, out_channels: width, kernel_size: 1}
  - each: {s: scales}
    body:
      - b{s.index}: {op: Conv2d, from: stem, out_channels: width * s, kernel_size: 3, dilation: s, padding: s}
  - cat: {op: Concat, from: "b*"}
  - out: {op: Conv2d, out_channels: 2, kernel_size: 1}
""",
    "glu_split": """
params: {width: 6, depth: 2, k: 3}
inputs: {x0: [N, 4, L]}
blocks:
  GLU1:
    params: {k: int}
    body:
      - conv: {op: Conv1d, out_channels: 2 * x.channels, kernel_size: k, padding: k // 2}
      - halves: {op: Chunk, chunks: 2, dim: 1}
      - gate: {op: Sigmoid, from: halves.1}
      - {op: Mul, from: [halves.0, gate]}
body:
  - inp: {op: Conv1d, out_channels: width, kernel_size: 1}
  - layers: {op: GLU1, repeat: depth, k: k}
""",
    "aux_heads": """
params: {width: 4, classes: 3, aux: true}
inputs: {image: [N, 3, 16, 16]}
blocks:
  Head:
    params: {classes: int}
    body: [{op: AdaptiveAvgPool2d, output_size: 1}, Flatten, {op: Linear, out_features: classes}]
body:
  - c1: {op: Conv2d, out_channels: width, kernel_size: 3, stride: 2}
  - c2: {op: Conv2d, out_channels: 2 * width, kernel_size: 3, stride: 2}
  - aux: {op: Head, from: c1, classes: classes}
  - main: {op: Head, from: c2, classes: classes}
outputs: [main, aux]
""",
    "share_in_loop": """
params: {width: 5, steps: 3}
inputs: {x0: [N, 4]}
body:
  - enc: {op: Linear, out_features: width}
  - cell: [{op: Linear, out_features: width}, Tanh]
  - again: {share: cell}
  - more: {share: cell}
  - out: {op: Linear, out_features: 2}
""",
    "init_formulas": """
params: {width: 5, gain: 0.5, depth: 2}
inputs: {x0: [N, 4]}
blocks:
  R:
    body:
      - a: {op: Linear, out_features: x.features}
      - b: {op: Linear, out_features: x.features}
      - {op: Add, from: [b, input]}
body:
  - emb: {op: Linear, out_features: width}
  - r: {op: R, repeat: depth}
  - out: {op: Linear, out_features: 2}
init:
  Linear: {weight: {fn: xavier_normal_, gain: gain}, bias: zeros_}
  "**.b": {weight: {fn: normal_, std: 0.1 / depth}}
  out: {bias: {fn: constant_, val: 0.5}}
""",
    "pixelshuffle": """
params: {width: 4, scale: 2, blocks: 2}
inputs: {image: [N, 3, H, W]}
blocks:
  RB:
    body:
      - c1: {op: Conv2d, out_channels: x.channels, kernel_size: 3, padding: 1}
      - r: ReLU
      - c2: {op: Conv2d, out_channels: x.channels, kernel_size: 3, padding: 1}
      - {op: Add, from: [c2, input]}
body:
  - head: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
  - trunk: {op: RB, repeat: blocks}
  - sum: {op: Add, from: [trunk, head]}
  - up: {op: Conv2d, out_channels: "3 * scale ** 2", kernel_size: 3, padding: 1}
  - {op: PixelShuffle, upscale_factor: scale}
""",
    "groups_equal": """
params: {width: 4}
inputs: {x0: [N, 4]}
body:
  - left:
      - a: {op: Linear, out_features: width}
      - b: {op: Linear, out_features: width}
      - {op: Add, from: [a, b]}
  - right:
      - a: {op: Linear, out_features: width}
      - b: {op: Linear, out_features: width}
      - {op: Add, from: [a, b]}
  - {op: Add, from: [left, right]}
""",
    "deep_group": """
params: {width: 4, n: 3, k: 3}
inputs: {image: [N, 2, 9, 9]}
body:
  - outer:
      - inner:
          - core: {repeat: n, body: [{op: Conv2d, out_channels: width, kernel_size: k, padding: k // 2}, {op: BatchNorm2d}, ReLU]}
          - {op: Add, from: [core, core]}
      - tail: {op: Conv2d, out_channels: 2 * width, kernel_size: 1}
  - fin: {op: Conv2d, out_channels: "outer.channels // 2", kernel_size: 1}
""",
    "channel_shuffle": """
params: {width: 8, groups: 2}
inputs: {image: [N, 3, 6, 6]}
body:
  - c: {op: Conv2d, out_channels: width, kernel_size: 1}
  - {op: Unflatten, dim: 1, unflattened_size: [groups, x.channels // groups]}
  - {op: Transpose, dim0: 1, dim1: 2}
  - {op: Flatten, start_dim: 1, end_dim: 2}
  - g: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1, groups: groups}
""",
    "mha_torch": """
params: {width: 8, heads: 2, depth: 2, mlp: 3}
inputs: {x0: [N, T, 5]}
blocks:
  L:
    params: {heads: int, mlp: int}
    body:
      - n: LayerNorm
      - a: {op: MultiheadAttention, num_heads: heads, batch_first: true}
      - s: {op: Add, from: [a, input]}
      - f1: {op: Linear, out_features: mlp * x.features}
      - {op: GELU}
      - f2: {op: Linear, out_features: input.features}
      - {op: Add, from: [f2, s]}
body:
  - e: {op: Linear, out_features: width}
  - l: {op: L, repeat: depth, heads: heads, mlp: mlp}
""",
    "siam_block": """
params: {width: 4, emb: 3}
inputs: {a: [N, 3, 8, 8], b: [N, 3, 8, 8]}
blocks:
  Enc:
    params: {width: int, emb: int}
    body:
      - c: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
      - r: ReLU
      - {op: AdaptiveAvgPool2d, output_size: 1}
      - Flatten
      - f: {op: Linear, out_features: emb}
body:
  - ea: {op: Enc, from: a, width: width, emb: emb}
  - eb: {share: ea, from: b}
outputs: {left: ea, right: eb}
""",
    "when_param": """
params: {width: 4, use_bn: [true, false, true], n: 2}
inputs: {image: [N, 3, 8, 8]}
body:
  - trunk:
      - each: {bn: use_bn}
        body:
          - {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
          - {op: BatchNorm2d, when: bn}
          - ReLU
  - out: {op: Conv2d, out_channels: 2, kernel_size: 1, repeat: n}
""",
    "counts_twice": """
params: {a: 1, b: 2, w: 4}
inputs: {x0: [N, 3]}
body:
  - s1:
      - inner: {repeat: a, body: [{op: Linear, out_features: w}, ReLU]}
      - post: {op: Linear, out_features: w}
      - {op: Add, from: [post, inner]}
  - s2:
      - inner: {repeat: b, body: [{op: Linear, out_features: w}, ReLU]}
      - post: {op: Linear, out_features: w}
      - {op: Add, from: [post, inner]}
""",
    "conditional_width": """
params: {wide: false, w: 4, n: 2}
inputs: {x0: [N, 3]}
body:
  - a: {op: Linear, out_features: "2 * w if wide else w"}
  - b: {op: Linear, out_features: "2 * w if wide else w", repeat: n}
  - c: {op: Linear, out_features: "w if w > 3 else 3"}
""",
    "down_up": """
params: {w: 2, levels: 2}
inputs: {image: [N, 1, 16, 16]}
body:
  - inp: {op: Conv2d, out_channels: w, kernel_size: 1}
  - down: {repeat: levels, body: [{op: Conv2d, out_channels: 2 * x.channels, kernel_size: 2, stride: 2}, ReLU]}
  - up: {repeat: levels, body: [{op: ConvTranspose2d, out_channels: x.channels // 2, kernel_size: 2, stride: 2}, ReLU]}
  - {op: Add, from: [up, inp]}
""",
    "lstm_stack": """
params: {hidden: 4, depth: 2, both: true}
inputs: {x0: [N, T, 3]}
blocks:
  R:
    params: {hidden: int, both: bool}
    body:
      - rnn: {op: LSTM, hidden_size: hidden, bidirectional: both, batch_first: true}
      - proj: {op: Linear, out_features: hidden}
body:
  - layers: {op: R, repeat: depth, hidden: hidden, both: both}
  - out: {op: Linear, out_features: 2}
""",
    "layer_scale": """
params: {dim: 4, depth: 2, scale: 0.1}
inputs: {image: [N, 3, 8, 8]}
blocks:
  B:
    params: {scale: float}
    body:
      - dw: {op: Conv2d, out_channels: x.channels, kernel_size: 3, padding: 1, groups: x.channels}
      - pw: {op: Conv2d, out_channels: 2 * x.channels, kernel_size: 1}
      - pw2: {op: Conv2d, out_channels: input.channels, kernel_size: 1}
      - gamma: {op: Parameter, shape: [input.channels, 1, 1], init: {fn: constant_, val: scale}}
      - m: {op: Mul, from: [gamma, pw2]}
      - {op: Add, from: [m, input]}
body:
  - stem: {op: Conv2d, out_channels: dim, kernel_size: 4, stride: 4}
  - blocks: {op: B, repeat: depth, scale: scale}
""",
    "lstm_state": """
params: {hidden: 4, both: true, vocab: 9}
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - e: {op: Embedding, num_embeddings: vocab, embedding_dim: 3}
  - rnn: {op: LSTM, hidden_size: hidden, bidirectional: both, batch_first: true}
  - last: {op: Select, from: rnn.h_n, dim: 0, index: -1}
  - out: {op: Linear, out_features: 2}
""",
    "lstm_state_one": """
params: {hidden: 4, both: false, vocab: 9}
inputs: {tokens: {shape: [N, T], dtype: int64}}
body:
  - e: {op: Embedding, num_embeddings: vocab, embedding_dim: 3}
  - rnn: {op: LSTM, hidden_size: hidden, bidirectional: both, batch_first: true}
  - last: {op: Select, from: rnn.h_n, dim: 0, index: -1}
  - out: {op: Linear, out_features: 2}
""",
}
