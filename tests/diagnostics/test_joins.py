"""Advice on inputs that do not go together: the step that is missing, applied in memory, leaves no error."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from netspec.check import Report, check_text
from netspec.diagnostics import Diagnostic, Help
from netspec.fix import spliced


class Fault(NamedTuple):
    """A spec, the code and line of its first diagnostic, the help, and its number among the helps."""

    spec: str
    code: str
    line: int
    help: str
    index: int = 0


HEADS = """inputs: {image: [N, 3, 64, 64]}
body:
  - c1: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, stride: 2}
  - c2: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, stride: 2}
  - h1: {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1, from: c1}
"""
TOKENS = "inputs: {seq: [N, 49, 16]}\nbody:\n"

FAULTS = {
    "heads_of_a_detector": Fault(
        HEADS + "  - h2: {op: Conv2d, out_channels: 36, kernel_size: 3, padding: 1, from: c2}\n"
        "  - {op: Concat, from: [h1, h2]}",
        "NS202", 8, "add `Flatten` after each of `h1` and `h2`, to concatenate maps of different sizes",
    ),
    "heads_of_a_detector_with_the_channels_last": Fault(
        HEADS + "  - p1: {op: Permute, dims: [0, 2, 3, 1]}\n"
        "  - h2: {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1, from: c2}\n"
        "  - p2: {op: Permute, dims: [0, 2, 3, 1]}\n  - {op: Concat, from: [p1, p2]}",
        "NS202", 10, "add `Flatten` after each of `p1` and `p2`, to concatenate maps of different sizes",
    ),
    "a_residual_of_features": Fault(
        "inputs: {h: [N, 192]}\nbody:\n  - fc: {op: Linear, out_features: 256}\n  - {op: Add, from: [fc, h]}",
        "NS203", 5, "project `h` to 256 features: add `{op: Linear, out_features: 256}` after it",
    ),
    "a_residual_of_tokens": Fault(
        "inputs: {seq: [N, T, 64]}\nbody:\n  - fc: {op: Linear, out_features: 256}\n  - {op: Add, from: [fc, seq]}",
        "NS203", 5, "or set `out_features: 64` on line 4 (`fc`)", 1,
    ),
    "a_residual_in_branches": Fault(
        "inputs: {h: [N, 8]}\nbody:\n  - op: Add\n    branches:\n      - {op: Linear, out_features: 4}\n      - Identity",
        "NS203", 7, "project `0.1` to 4 features: add `{op: Linear, out_features: 4}` after it",
    ),
    "a_convolution_over_tokens": Fault(
        TOKENS + "  - mix: {op: Conv1d, out_channels: 16, kernel_size: 3, padding: 1}\n  - {op: Add, from: [mix, seq]}",
        "NS203", 5, "16 is the last dimension of [N, 49, 16], and `Conv1d` expects the channels second: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `mix` and after it",
    ),
    "a_depthwise_convolution_over_tokens": Fault(
        TOKENS + "  - mix: {op: Conv1d, out_channels: 16, kernel_size: 3, groups: 16}",
        "NS204", 4, "16 is the last dimension of [N, 49, 16], and `Conv1d` expects the channels second: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `mix`",
    ),
    "patches_as_tokens": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 16, kernel_size: 4, stride: 4}\n"
        "  - {op: Flatten, start_dim: 2}\n  - {op: Transpose, dim0: 1, dim1: 2}\n"
        "  - mix: {op: Conv1d, out_channels: 16, kernel_size: 3, padding: 1}",
        "NS410", 7, "add `{op: Transpose, dim0: 1, dim1: 2}` before `mix`",
    ),
    "a_vector_beside_a_map": Fault(
        "inputs: {image: [N, 3, 8, 8], z: [N, 10]}\nbody:\n  - {op: Concat, from: [image, z]}",
        "NS207", 4, "or repeat `z` at every position of `image`: add "
        "`{op: Unflatten, dim: 1, unflattened_size: [10, 1, 1]}` and `{op: Expand, size: [-1, -1, 8, 8]}`", 1,
    ),
    "a_vector_beside_a_map_of_open_size": Fault(
        "inputs: {image: [N, 3, H, W], z: [N, 10]}\nbody:\n  - {op: Concat, from: [image, z]}",
        "NS207", 4, "repeat `z` at every position of `image`: add `{op: Unflatten, dim: 1, "
        "unflattened_size: [10, 1, 1]}` and `{op: Expand, size: [-1, -1, image.size(2), image.size(3)]}`",
    ),
    "a_vector_as_one_more_position": Fault(
        "inputs: {seq: [N, T, 8], z: [N, 8]}\nbody:\n  - {op: Concat, from: [seq, z], dim: 1}",
        "NS207", 4, "add `{op: Unsqueeze, dim: 1}` after `z`, to join it as one more position",
    ),
    "a_vector_beside_the_features_of_a_sequence": Fault(
        "inputs: {seq: [N, 20, 8], z: [N, 4]}\nbody:\n  - {op: Concat, from: [seq, z], dim: 2}",
        "NS207", 4, "repeat `z` at every position of `seq`: add `{op: Unsqueeze, dim: 1}` and "
        "`{op: Expand, size: [-1, 20, -1]}`"
    ),
    "gates_of_channels": Fault(
        "inputs: {image: [N, 16, 8, 8]}\nbody:\n  - {op: Mean, dim: [2, 3]}\n  - {op: Linear, out_features: 16}\n"
        "  - gate: Sigmoid\n  - {op: Mul, from: [image, gate]}",
        "NS203", 7, "`gate` has no spatial dimensions: "
        "add `{op: Unflatten, dim: 1, unflattened_size: [16, 1, 1]}` after it",
    ),
    "the_embedding_of_a_time": Fault(
        "inputs: {image: [N, 16, 8, 8], t: [N, 32]}\nbody:\n  - {op: Add, from: [image, t]}",
        "NS203", 4, "`t` has no spatial dimensions, and 32 features for 16 channels: add "
        "`{op: Linear, out_features: 16}` and `{op: Unflatten, dim: 1, unflattened_size: [16, 1, 1]}` after it",
    ),
    "a_vector_added_to_every_token": Fault(
        "inputs: {seq: [N, T, 8], z: [N, 8]}\nbody:\n  - {op: Add, from: [seq, z]}",
        "NS304", 4, "`z` has no dimension for the positions: add `{op: Unsqueeze, dim: 1}` after it",
    ),
    "attention_over_a_map": Fault(
        "inputs: {image: [N, 16, 8, 8]}\nbody:\n  - a: {op: MultiheadAttention, num_heads: 4, batch_first: true}",
        "NS207", 4, "add `{op: Flatten, start_dim: 2}` and `{op: Transpose, dim0: 1, dim1: 2}` before `a`: "
        "8·8 tokens with 16 features",
    ),
    "columns_of_a_map_as_a_sequence": Fault(
        "inputs: {image: [N, 1, 8, 32]}\nbody:\n  - {op: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}\n"
        "  - rnn: {op: LSTM, hidden_size: 8, batch_first: true}",
        "NS207", 5, "add `{op: Permute, dims: [0, 3, 1, 2]}` and `{op: Flatten, start_dim: 2}` before `rnn`: "
        "32 steps with 4·8 features",
    ),
    "two_inputs_of_a_layer_with_one": Fault(
        "inputs: {a: [N, 8], b: [N, 8]}\nbody:\n  - {op: Linear, out_features: 4, from: [a, b]}",
        "NS110", 4, "concatenate them first, with `{op: Concat, from: [a, b]}`",
    ),
    "groups_of_a_depthwise_convolution": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n"
        "  - {op: Conv2d, in_channels: 6, out_channels: 6, kernel_size: 3, groups: 6}",
        "NS201", 4, "set `in_channels: 3, out_channels: 3, groups: 3`",
    ),
}  # fmt: skip


def _check(text: str) -> Report:
    return check_text(text, "net.yaml")


def _diagnostic(fault: Fault) -> tuple[str, Diagnostic, Help]:
    text = f"netspec: 1\n{fault.spec}"
    diagnostic = _check(text).diagnostics[0]
    return text, diagnostic, diagnostic.helps[fault.index]


@pytest.mark.parametrize("name", FAULTS)
def test_the_missing_step_is_named(name: str) -> None:
    fault = FAULTS[name]
    _, diagnostic, help_ = _diagnostic(fault)
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.line, help_.text) == (
        fault.code,
        fault.line,
        fault.help,
    )


@pytest.mark.parametrize("name", FAULTS)
def test_its_edit_leaves_no_diagnostic(name: str) -> None:
    text, _, help_ = _diagnostic(FAULTS[name])
    assert help_.edits
    assert not help_.safe
    assert _check(spliced(text, [help_.edits])[0]).diagnostics == ()


def test_the_pool_of_an_inception_is_not_the_head_of_a_detector() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 8, 28, 28]}\nbody:\n"
        "  - a: {op: Conv2d, out_channels: 8, kernel_size: 1}\n"
        "  - p: {op: MaxPool2d, kernel_size: 3, padding: 1, from: image}\n"
        "  - b: {op: Conv2d, out_channels: 8, kernel_size: 1}\n  - {op: Concat, from: [a, b]}"
    )
    (diagnostic,) = _check(text).errors
    assert not any("Flatten" in h.text for h in diagnostic.helps)
