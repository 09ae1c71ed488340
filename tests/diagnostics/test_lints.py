"""A mistake that inference hides is a warning, unless it is intended; and torch behaves as the warning says."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from netspec.check import Report, check_text
from netspec.fix import spliced


def check(inputs: str, *steps: str) -> Report:
    body = "".join(f"  - {step}\n" for step in steps)
    return check_text(f"netspec: 1\ninputs: {{{inputs}}}\nbody:\n{body}", "net.yaml")


def codes(report: Report) -> list[str]:
    return [d.code for d in report.diagnostics]


CONV = "c: {op: Conv2d, out_channels: 4, kernel_size: 3}"
WORDS = "data: {shape: [N, 12], dtype: int64}"
EMBEDDING = "e: {op: Embedding, num_embeddings: 9, embedding_dim: 4}"
POOL = "pool: {op: AdaptiveAvgPool2d, output_size: 1}"


@pytest.mark.parametrize(
    ("inputs", "steps", "code"),
    [
        ("data: [N, 16, 8, 8]", [POOL, "fc: {op: Linear, out_features: 2}"], "NS410"),
        ("data: [N, 16, 8, 8]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 3}", "fc: {op: Linear, out_features: 2}"], "NS410"),
        ("data: [N, 16, 100]", ["c: {op: Conv1d, out_channels: 4, kernel_size: 3}", "r: {op: LSTM, hidden_size: 5, batch_first: true}"], "NS410"),
        ("data: [N, 16, 8, 8]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 3}", "norm: LayerNorm"], "NS410"),
        ("data: {shape: [N, 12], dtype: int64}", ["e: {op: Embedding, num_embeddings: 9, embedding_dim: 4}", "c: {op: Conv1d, out_channels: 4, kernel_size: 3}"], "NS410"),
        ("data: [N, 12, 8]", ["r: {op: GRU, hidden_size: 6, batch_first: true}", "b: BatchNorm1d"], "NS410"),
        ("data: [N, 64, 64, 3]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 3}"], "NS410"),
        ("data: [N, T, 64]", ["r: {op: LSTM, hidden_size: 8}"], "NS411"),
        ("data: [B, T, 64]", ["r: {op: MultiheadAttention, num_heads: 8}"], "NS411"),
        ("data: [N, T, 64]", ["fc: {op: Linear, out_features: 8}", "r: {op: TransformerEncoderLayer, nhead: 2}"], "NS411"),
        ("data: [N, 64]", ["r: {op: GRU, hidden_size: 8}"], "NS411"),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Mean, dim: [1, 2]}", "fc: {op: Linear, out_features: 2}"], "NS410"),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Max, dim: 1}", "Flatten", "ReLU", "fc: {op: Linear, out_features: 2}"], "NS410"),
        ("data: [N, 16, 8, 8, 8]", [CONV.replace("2d", "3d"), "{op: Sum, dim: [1, -1, -2]}", "fc: {op: Linear, out_features: 2}"], "NS410"),
        ("data: [N, 16, 8]", [CONV.replace("2d", "1d"), "{op: Norm, dim: 1}", "fc: LayerNorm"], "NS410"),
        ("data: [N, 12, 8]", ["r: {op: GRU, hidden_size: 6, batch_first: true}", "{op: Mean, dim: -1}", "LayerNorm", "{op: Linear, out_features: 2}"], "NS410"),
        (WORDS, [EMBEDDING, "{op: Mean, dim: 2}", "fc: {op: Linear, out_features: 2}"], "NS410"),
        (WORDS, [EMBEDDING, "{op: Mean, dim: 0}", "fc: {op: Linear, out_features: 2}"], "NS410"),
    ],
)  # fmt: skip
def test_it_is_a_warning_with_an_edit_that_ends_it(
    inputs: str, steps: list[str], code: str
) -> None:
    report = check(inputs, *steps)
    assert codes(report) == [code]
    [diagnostic] = report.diagnostics
    assert diagnostic.severity == "warning"
    edits = next((h.edits for h in diagnostic.helps if h.edits), None)
    if "[N, 64]," not in inputs and inputs != "data: [N, 64]":
        assert edits is not None
        after = check_text(spliced(report.document.source.text, [edits])[0], "net.yaml")
        assert codes(after) == []


@pytest.mark.parametrize(
    ("inputs", "steps"),
    [
        ("data: [N, 16, 8, 8]", [POOL, "fc: {op: Linear, in_features: 1, out_features: 2}"]),
        ("data: [N, 16, 8, 8]", [POOL, "fc: {op: Linear, out_features: 2}  # netspec: ignore[NS410]"]),
        ("data: [N, 16, 8, 8]", [POOL, "Flatten", "fc: {op: Linear, out_features: 2}"]),
        ("data: [N, 16, 8, 8]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 1}", "{op: Permute, dims: [0, 2, 3, 1]}", "LayerNorm", "{op: Linear, out_features: 2}"]),
        ("data: [N, 16, 8, 8]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 8, stride: 8}", "{op: Flatten, start_dim: 2}", "{op: Linear, out_features: 2}"]),
        ("data: [T, N, 64]", ["r: {op: LSTM, hidden_size: 8}"]),
        ("data: [N, T, 64]", ["r: {op: LSTM, hidden_size: 8, batch_first: false}"]),
        ("data: [N, T, 64]", ["r: {op: LSTM, hidden_size: 8}  # netspec: ignore[NS411]"]),
        ("data: [N, T, 64]", ["{op: Transpose, dim0: 0, dim1: 1}", "r: {op: LSTM, hidden_size: 8}"]),
        ("data: [N, 64, 3, 3]", ["c: {op: Conv2d, out_channels: 4, kernel_size: 3}"]),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Mean, dim: [2, 3]}", "fc: {op: Linear, out_features: 2}"]),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Mean, dim: [1, 2]}", "fc: {op: Linear, in_features: 6, out_features: 2}"]),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Mean, dim: [1, 2]}", "fc: {op: Linear, out_features: 2}  # netspec: ignore[NS410]"]),
        ("data: [N, 16, 8, 8]", [CONV, "{op: Max, dim: 1, keepdim: true}", "fc: {op: Conv2d, out_channels: 1, kernel_size: 3}"]),
        ("data: [N, 12, 8]", ["{op: Mean, dim: 2}", "fc: {op: Linear, out_features: 2}"]),
        ("data: [T, N, 8]", ["{op: Mean, dim: 0}", "fc: {op: Linear, out_features: 2}"]),
        (WORDS, [EMBEDDING, "{op: Mean, dim: 1}", "fc: {op: Linear, out_features: 2}"]),
        (WORDS, [EMBEDDING, "{op: Sum, dim: 2}", "{op: Softmax, dim: 1}"]),
    ],
)  # fmt: skip
def test_intended_code_has_no_warning(inputs: str, steps: list[str]) -> None:
    assert codes(check(inputs, *steps)) == []


def test_torch_rejects_the_mean_that_inference_hides() -> None:
    """With the number of channels written out, as PyTorch requires, torch raises an error."""
    image = torch.zeros(2, 16, 8, 8)
    wrong, right = image.mean((1, 2)), image.mean((2, 3))
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        nn.Linear(16, 2)(wrong)
    assert nn.Linear(16, 2)(right).shape == (2, 2)


@pytest.mark.parametrize(
    ("inputs", "steps"),
    [
        (WORDS.replace("12", "T"), [EMBEDDING, "m: {op: Mean, dim: 2}"]),
        ("data: [N, T, 64]", ["m: {op: Max, dim: -1}"]),
    ],
)
def test_an_open_length_left_by_a_mean_names_the_mean(inputs: str, steps: list[str]) -> None:
    report = check(inputs, *steps, "fc: {op: Linear, out_features: 2}")
    [diagnostic] = report.diagnostics
    assert diagnostic.code == "NS125"
    assert diagnostic.helps[0].text == "write `dim: 1` in `m`, to keep the features"
    assert diagnostic.helps[1].text == "or replace T with a number in `inputs`"
    after = check_text(
        spliced(report.document.source.text, [diagnostic.helps[0].edits])[0], "net.yaml"
    )
    assert codes(after) == []


def test_torch_looks_along_the_batch_without_batch_first() -> None:
    """The warning is right: the result of a sample depends on another one of its batch."""
    torch.manual_seed(0)
    layer = nn.LSTM(4, 3)
    batch = torch.randn(2, 5, 4)
    changed = batch.clone()
    changed[0] += 1
    assert not torch.equal(layer(batch)[0][1], layer(changed)[0][1])
    first = nn.LSTM(4, 3, batch_first=True)
    assert torch.equal(first(batch)[0][1], first(changed)[0][1])


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("ignore[NS411]", "this line has no warning NS411"),
        ("ignore[NS999]", "`NS999` is not a diagnostic code"),
        ("ignore", "`netspec: ignore` has no code"),
        ("ignore[]", "`netspec: ignore` has no code"),
    ],
)
def test_an_unused_ignore_comment_is_a_warning(comment: str, message: str) -> None:
    report = check("data: [N, 16, 8, 8]", f"c: ReLU  # netspec: {comment}")
    assert [d.message for d in report.diagnostics] == [message]
    assert codes(report) == ["NS412"]


def test_an_error_is_not_silenced() -> None:
    wrong = "fc: {op: Linear, in_features: 3, out_features: 2}  # netspec: ignore[NS205, NS410]"
    report = check("data: [N, 16]", wrong)
    assert codes(report) == ["NS205", "NS412"]
    assert "NS205 is an error here" in report.diagnostics[1].message


def test_a_string_that_looks_like_an_ignore_comment_ignores_nothing() -> None:
    assert check_text(
        'netspec: 1\nname: "a # netspec: ignore[NS410]"\ninputs: {data: [N, 4]}\nbody: [ReLU]\n', "net.yaml"
    ).diagnostics == ()  # fmt: skip


def test_several_codes_stand_in_one_comment() -> None:
    step = "r: {op: LSTM, hidden_size: 8}  # netspec: ignore[NS411, NS410]"
    conv = "c: {op: Conv1d, out_channels: 4, kernel_size: 3}"
    report = check("data: [N, 16, 100]", conv, step)
    assert codes(report) == []


@pytest.mark.parametrize(
    ("codes_listed", "remaining"),
    [
        ("NS411, NS410", ["NS410", "NS411"]),
        ("NS411,NS410 ,NS412", ["NS410 ,NS412", "NS411 ,NS412", "NS411,NS410"]),
        ("NS411 NS410", ["NS410", "NS411"]),
    ],
)
def test_each_of_several_codes_is_removed_with_its_separator(
    codes_listed: str, remaining: list[str]
) -> None:
    text = (
        f"netspec: 1\ninputs: {{data: [N, 4]}}\nbody: [ReLU]  # netspec: ignore[{codes_listed}]\n"
    )
    edits = [d.helps[0].edits[0] for d in check_text(text, "net.yaml").diagnostics]
    assert [
        (text[: edit.span.start] + text[edit.span.end :]).partition("ignore[")[2].rstrip("]\n")
        for edit in edits
    ] == remaining


def test_words_that_are_no_codes_are_warned_of_one_by_one() -> None:
    text = (
        "netspec: 1\ninputs: {data: [N, 4]}\nbody: [ReLU]  # netspec: ignore[from: [stem, stem]]\n"
    )
    diagnostics = check_text(text, "net.yaml").diagnostics
    assert [d.message.split()[0] for d in diagnostics] == ["`from:`", "`[stem`", "`stem`"]
