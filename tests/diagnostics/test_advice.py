"""Advice is tried before it is given: what it names fits, and what would not fit is not said."""

from __future__ import annotations

import pytest

from netspec.check import Report, check_text
from netspec.diagnostics import Help
from netspec.fix import fix, spliced


def check(text: str) -> Report:
    return check_text(text, "net.yaml")


def spec(inputs: str, *steps: str, blocks: str = "") -> str:
    body = "".join(f"  - {step}\n" for step in steps)
    return f"netspec: 1\ninputs: {{{inputs}}}\n{blocks}body:\n{body}"


def helps(text: str) -> list[Help]:
    [diagnostic] = check(text).errors
    return list(diagnostic.helps)


def after(text: str, help_: Help) -> Report:
    assert help_.edits
    return check(spliced(text, [help_.edits])[0])


@pytest.mark.parametrize(
    ("inputs", "steps", "words"),
    [
        ("data: [1, 128, 64]", ["c: {op: Conv1d, in_channels: 64, out_channels: 8, kernel_size: 3}"], "Transpose"),
        ("data: [N, T, 64]", ["c: {op: Conv1d, in_channels: 64, out_channels: 8, kernel_size: 3}"], "Transpose"),
        ("data: [N, 12, 8]", ["r: {op: GRU, hidden_size: 6, batch_first: true}", "b: {op: BatchNorm1d, num_features: 6}"], "Transpose"),
        ("data: [N, 40, 100]", ["r: {op: LSTM, input_size: 40, hidden_size: 6, batch_first: true}"], "Transpose"),
        ("data: [N, 40, 100]", ["a: {op: MultiheadAttention, embed_dim: 40, num_heads: 4, batch_first: true}"], "Transpose"),
        ("data: [N, 40, 100]", ["a: {op: TransformerEncoderLayer, d_model: 40, nhead: 4, batch_first: true}"], "Transpose"),
        ("data: [N, 40, 100]", ["a: {op: Linear, in_features: 40, out_features: 4}"], "Transpose"),
        ("data: [N, 32, 32, 3]", ["c: {op: Conv2d, in_channels: 3, out_channels: 4, kernel_size: 3}"], "Permute"),
        ("data: [N, 16, 5, 5]", ["fc: {op: Linear, in_features: 400, out_features: 4}"], "Flatten is missing before `fc`: 400 = 16·5·5"),
        ("data: [N, 512, 1, 1]", ["fc: {op: Linear, in_features: 512, out_features: 4}"], "Flatten"),
        ("data: [N, 9, 4, 5]", ["fc: {op: Linear, in_features: 20, out_features: 4}"], "Flatten"),
        ("q: [32, 10, 64], m: [32, 20, 64]", ["a: {op: MultiheadAttention, num_heads: 8, from: [q, m, m]}"], "batch_first: true"),
    ],
)  # fmt: skip
def test_a_layout_is_named_first_and_its_edit_is_right(
    inputs: str, steps: list[str], words: str
) -> None:
    text = spec(inputs, *steps)
    first, *others = helps(text)
    assert words in first.text
    assert after(text, first).errors == ()
    assert all(not h.safe for h in others if h.edits)
    assert "in_channels: 128" not in fix(check(text), check).text


def test_an_edit_keeps_from_and_what_reads_the_step() -> None:
    text = spec("data: [N, 16, 5, 5]", "a: ReLU", "b: ReLU",
                "fc: {op: Linear, in_features: 400, out_features: 4, from: a}", "s: {op: Add, from: [fc, fc]}", "{op: Identity, from: b}")  # fmt: skip
    [flatten] = [h for d in check(text).errors for h in d.helps if "Flatten" in h.text]
    edited = spliced(text, [flatten.edits])[0]
    assert "  - {op: Flatten, from: a}\n  - fc: {op: Linear" in edited
    assert "from: previous}" in edited


POOLED = """netspec: 1
inputs: {image: [N, 64, 28, 28]}
blocks:
  Inception:
    body:
      - mix:
          op: Concat
          branches:
            a: {op: Conv2d, out_channels: 8, kernel_size: 1}
            b:
              - {op: MaxPool2d, kernel_size: 3, padding: 1}
              - {op: Conv2d, out_channels: 8, kernel_size: 1}
body:
  - first: Inception
"""


def test_the_stride_of_a_pool_is_named_and_the_label_is_at_the_pool() -> None:
    [diagnostic] = check(POOLED).errors
    [help_] = diagnostic.helps
    assert "`stride: 1`" in help_.text
    assert "defaults to the kernel size" in help_.text
    assert after(POOLED, help_).errors == ()
    assert "MaxPool2d" in [label.span.text for label in diagnostic.labels]


def test_the_stride_of_a_convolution_is_named_and_left_to_the_author() -> None:
    text = spec("data: [N, 8, 28, 28]", "a: {op: Conv2d, out_channels: 8, kernel_size: 1, from: data}",
                "b: {op: Conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1, from: data}", "c: {op: Concat, from: [a, b]}")  # fmt: skip
    first = helps(text)[0]
    assert "`stride: 1` in `b`" in first.text
    assert not first.safe
    assert fix(check(text), check).text == text


def test_a_shortcut_lacks_channels_and_stride() -> None:
    text = spec("data: [N, 64, 28, 28]", "a: {op: Conv2d, out_channels: 128, kernel_size: 3, stride: 2, padding: 1}",
                "b: {op: Conv2d, out_channels: 128, kernel_size: 3, padding: 1}", "c: {op: Add, from: [b, data]}")  # fmt: skip
    [diagnostic] = check(text).errors
    assert "channels differs (128 and 64), and so do the height" in diagnostic.message
    [help_] = diagnostic.helps
    assert "out_channels: 128, kernel_size: 1, stride: 2" in help_.text
    assert after(text, help_).diagnostics == ()


def test_positions_are_tokens_and_not_channels() -> None:
    text = spec("data: [2, 3, 64, 128]", "p: {op: Conv2d, out_channels: 32, kernel_size: 16, stride: 16}", "{op: Flatten, start_dim: 2}",
                "s: {op: Transpose, dim0: 1, dim1: 2}", "t: {op: Parameter, shape: [1, 16, 32]}", "a: {op: Add, from: [s, t]}")  # fmt: skip
    [diagnostic] = check(text).errors
    assert "the number of tokens differs (32 and 16)" in diagnostic.message
    assert "channels" not in " ".join([diagnostic.message, *(h.text for h in diagnostic.helps)])
    assert after(text, diagnostic.helps[0]).errors == ()


def test_a_volume_is_projected_by_a_convolution_over_volumes() -> None:
    text = spec("data: [N, 4, 8, 8, 8]", "c: {op: Conv3d, out_channels: 8, kernel_size: 1}", "a: {op: Add, from: [c, data]}")  # fmt: skip
    [help_] = helps(text)
    assert "1×1×1 Conv3d" in help_.text
    assert after(text, help_).errors == ()


@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (4, 1), (5, 2), (7, 3)])
def test_the_padding_in_place_of_same_halves_the_size(kernel: int, padding: int) -> None:
    conv = f"c: {{op: Conv2d, out_channels: 4, kernel_size: {kernel}, stride: 2, padding: same}}"
    text = spec("data: [N, 3, 224, 224]", conv)
    [help_] = helps(text)
    assert help_.text.endswith(f": {padding}")
    graph = after(text, help_).graph
    assert graph is not None
    assert graph.outputs.values[0].shape[-2:] == (112, 112)  # type: ignore[index]


UNET = """netspec: 1
inputs: {image: [N, 8, H, W]}
body:
  - each: {k: range(3)}
    body:
      - enc{k}: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      - pool{k}: {op: MaxPool2d, kernel_size: 2}
  - each: {k: "range(2, -1, -1)"}
    body:
      - up{k}: {op: Upsample, scale_factor: 2}
      - skip{k}: {op: Concat, from: ["enc{k}", previous]}
"""


def test_a_condition_has_one_form_and_is_written_into_dims() -> None:
    [diagnostic] = check(UNET).diagnostics
    assert diagnostic.message == "valid only for H and W divisible by 8"
    assert "dims: {H: {multiple_of: 8}, W: {multiple_of: 8}}" in diagnostic.helps[0].text
    assert after(UNET, diagnostic.helps[0]).diagnostics == ()


def test_one_relation_is_one_diagnostic() -> None:
    text = spec("a: [N, T], b: [T, N]", "c: {op: Add, from: [a, b]}", "d: {op: Add, from: [b, a]}", "e: {op: Add, from: [c, d]}")  # fmt: skip
    assert [d.message for d in check(text).diagnostics] == ["valid only where N == T"]


def test_a_word_that_leads_into_the_next_error_is_not_offered() -> None:
    text = spec("data: [N, 3]", "name: ReLU Embedding", "ReLU")
    [diagnostic] = check(text).errors
    assert all(not h.edits for h in diagnostic.helps)
    assert fix(check(text), check).text == text
