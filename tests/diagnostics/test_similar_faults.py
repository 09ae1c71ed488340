"""Advice on faults that resemble published ones: other layers, numbers of axes and ways of writing."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch

import netspec
from netspec.advice import apply
from netspec.check import Report, check_text
from netspec.diagnostics import Help
from netspec.fix import fix


class Fault(NamedTuple):
    """A spec, the code and line of its one diagnostic, and the first help."""

    spec: str
    code: str
    line: int
    help: str
    edited: bool = True


FAULTS = {
    "same_of_a_pool": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - {op: MaxPool2d, kernel_size: 3, stride: 2, padding: same}",
        "NS108", 4, "write a number: only `Conv1d`, `Conv2d` and `Conv3d` accept `same`", edited=False,
    ),
    "same_of_a_transposed_convolution": Fault(
        "inputs: {sequence: [N, 3, 32]}\nbody:\n"
        "  - {op: ConvTranspose1d, out_channels: 4, kernel_size: 3, padding: valid}",
        "NS108", 4, "write a number: only `Conv1d`, `Conv2d` and `Conv3d` accept `valid`", edited=False,
    ),
    "same_with_a_stride_and_unequal_windows": Fault(
        "inputs: {image: [N, 3, H, W]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 64, kernel_size: [3, 4], stride: 2, dilation: 2, padding: same}",
        "NS108", 4, "write the padding as a number: [2, 3]",
    ),
    "prelu_of_channels_last": Fault(
        "inputs: {image: [N, 14, 14, 96]}\nbody:\n  - {op: PReLU, num_parameters: 96}",
        "NS209", 4,
        "96 is the last dimension of [N, 14, 14, 96], and `PReLU` expects the channels second: "
        "add `{op: Permute, dims: [0, 3, 1, 2]}` before it", edited=False,
    ),
    "a_flatten_that_is_missing_and_features_that_are_miscounted": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - conv: {op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}\n"
        "  - pool: {op: MaxPool2d, kernel_size: 2}\n"
        "  - fc: {op: Linear, in_features: 4000, out_features: 10}",
        "NS205", 6, "Flatten is missing before `fc`: 16·16·16 = 4096 features, not 4000",
    ),
    "the_same_for_a_volume": Fault(
        "inputs: {volume: [N, 2, 8, 8, 8]}\nbody:\n"
        "  - conv: {op: Conv3d, out_channels: 4, kernel_size: 3}\n"
        "  - fc: {op: Linear, in_features: 900, out_features: 10}",
        "NS205", 5, "Flatten is missing before `fc`: 4·6·6·6 = 864 features, not 900",
    ),
    "a_volume_of_an_odd_depth": Fault(
        "inputs: {volume: [N, 1, 17, 16, 16]}\nbody:\n"
        "  - down: {op: MaxPool3d, kernel_size: 2}\n"
        "  - up: {op: Upsample, scale_factor: 2}\n"
        "  - both: {op: Concat, from: [up, input]}",
        "NS202", 6,
        "resize `up` to the size of the other input: `Interpolate` with "
        "`size: [volume.size(2), volume.height, volume.width]`",
    ),
    "a_sequence_of_an_odd_length": Fault(
        "inputs: {sequence: [N, 4, 17]}\nbody:\n"
        "  - down: {op: AvgPool1d, kernel_size: 2}\n"
        "  - up: {op: Upsample, scale_factor: 2}\n"
        "  - both: {op: Add, from: [up, input]}",
        "NS203", 6,
        "resize `up` to the size of the other input: `Interpolate` with `size: [sequence.size(2)]`",
    ),
    "mean_that_keeps_its_axes": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 16, kernel_size: 3}\n"
        "  - {op: Mean, dim: [2, 3], keepdim: true}\n  - {op: Linear, out_features: 10}",
        "NS410", 6, "add `Flatten` before `2` to use all channels",
    ),
    "a_picture_without_an_axis_for_its_channel": Fault(
        "inputs: {image: [N, 28, 28]}\nbody:\n  - {op: Conv2d, in_channels: 1, out_channels: 8, kernel_size: 3}",
        "NS201", 4,
        "[N, 28, 28] has no channel dimension, and `Conv2d` expects [N, C, H, W]: "
        "add `{op: Unsqueeze, dim: 1}` before `0`",
    ),
    "a_fixed_batch_without_an_axis_for_its_channel": Fault(
        "inputs: {image: [64, 28, 28]}\nbody:\n  - {op: Conv2d, in_channels: 1, out_channels: 8, kernel_size: 3}",
        "NS201", 4,
        "[64, 28, 28] has no channel dimension, and `Conv2d` expects [N, C, H, W]: "
        "add `{op: Unsqueeze, dim: 1}` before `0`",
    ),
    "a_vector_into_a_convolution_that_infers_its_channels": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - Flatten\n  - {op: Conv1d, out_channels: 8, kernel_size: 3}",
        "NS125", 5,
        "[N, 192] has no channel dimension, and `Conv1d` expects [N, C, L]: "
        "add `{op: Unsqueeze, dim: 1}` before `1`",
    ),
    "a_vector_that_was_a_sequence": Fault(
        "inputs: {image: [N, 24]}\nbody:\n  - {op: Conv1d, in_channels: 3, out_channels: 8, kernel_size: 3}",
        "NS201", 4,
        "[N, 24] has no channel dimension, and `Conv1d` expects [N, C, L]: "
        "add `{op: Unflatten, dim: 1, unflattened_size: [3, 8]}` before `0`",
    ),
    "an_open_length_normalised_in_place_of_the_features": Fault(
        "inputs: {sequence: [N, T, 8]}\nbody:\n  - {op: Linear, out_features: 6}\n  - BatchNorm1d",
        "NS125", 5,
        "6 is the last dimension of [N, T, 6], and `BatchNorm1d` expects the channels second: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `1`",
    ),
    "an_lstm_that_infers_an_open_length": Fault(
        "inputs: {sequence: [N, 40, T]}\nbody:\n  - {op: LSTM, hidden_size: 8, batch_first: true}",
        "NS125", 4,
        "40 is dimension 1 of [N, 40, T], and `LSTM` expects the features last: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `0`",
    ),
    "a_layout_whose_kernel_does_not_fit_either": Fault(
        "inputs: {audio: [N, 16000, 1]}\nbody:\n  - {op: Conv1d, in_channels: 1, out_channels: 8, kernel_size: 3}",
        "NS201", 4,
        "1 is the last dimension of [N, 16000, 1], and `Conv1d` expects the channels second: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `0`",
    ),
    "a_layout_whose_heads_do_not_divide_either": Fault(
        "inputs: {sequence: [N, 64, 49]}\nbody:\n"
        "  - {op: TransformerEncoderLayer, d_model: 64, nhead: 8, batch_first: true}",
        "NS201", 4,
        "64 is dimension 1 of [N, 64, 49], and `TransformerEncoderLayer` expects the features last: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `0`",
    ),
    "a_film_of_maps_into_an_lstm": Fault(
        "inputs: {film: [N, 10, 8, 8]}\nbody:\n"
        "  - {op: LSTM, input_size: 64, hidden_size: 8, batch_first: true}",
        "NS207", 4,
        "`Flatten` is missing before `0`: add `{op: Flatten, start_dim: 2}`, "
        "which makes 8·8 features of the last two dimensions",
    ),
    "a_film_into_a_convolution_over_pictures": Fault(
        "inputs: {film: [N, 10, 3, 32, 32]}\nbody:\n"
        "  - {op: Conv2d, in_channels: 3, out_channels: 8, kernel_size: 3}",
        "NS207", 4,
        "add `{op: Flatten, start_dim: 0, end_dim: 1}` before `0` to process each item of dimension 1 separately",
    ),
    "a_vector_of_noise_into_a_transposed_convolution": Fault(
        "inputs: {noise: [N, 100]}\nbody:\n"
        "  - {op: ConvTranspose2d, in_channels: 100, out_channels: 8, kernel_size: 4}",
        "NS207", 4,
        "add `{op: Unflatten, dim: 1, unflattened_size: [100, 1, 1]}` before `0`: 100 = 100·1·1",
    ),
    "a_norm_over_maps_behind_a_dense_layer": Fault(
        "inputs: {data: [N, 8]}\nbody:\n  - {op: Linear, out_features: 64}\n"
        "  - {op: BatchNorm2d, num_features: 64}",
        "NS207", 5, "use `BatchNorm1d`, which expects [N, C] or [N, C, L]",
    ),
    "a_norm_of_last_axes_of_another_size": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 6, kernel_size: 3}\n"
        "  - {op: LayerNorm, normalized_shape: [6, 32, 32]}",
        "NS205", 5, "write `normalized_shape: [6, 30, 30]`",
    ),
    "queries_times_keys_that_are_not_transposed": Fault(
        "inputs: {q: [N, T, 64], k: [N, S, 64]}\nbody:\n  - scores: {op: MatMul, from: [q, k]}",
        "NS205", 4,
        "add `{op: Transpose, dim0: 1, dim1: 2}` after `k`: its last dimension is 64",
    ),
    "matrices_of_fixed_size_that_are_not_transposed": Fault(
        "inputs: {q: [N, 8, 16], k: [N, 8, 16]}\nbody:\n  - scores: {op: MatMul, from: [q, k]}",
        "NS205", 4,
        "add `{op: Transpose, dim0: 1, dim1: 2}` after `k`: its last dimension is 16",
    ),
    "an_input_of_a_product_as_an_argument": Fault(
        "inputs: {a: [N, 8, 16], b: [N, 16, 8]}\nbody:\n  - m: {op: MatMul, from: a, other: b}",
        "NS102", 4, "pass its inputs with `from`",
    ),
    "all_inputs_as_arguments": Fault(
        "inputs: {a: [N, 8, 16], b: [N, 16, 8]}\nbody:\n"
        "  - m:\n      op: MatMul\n      input: a\n      other: b",
        "NS102", 6, "pass its inputs with `from`",
    ),
    "a_pooled_map_beside_a_vector": Fault(
        "inputs: {image: [N, 8, 16, 16], age: [N, 5]}\nbody:\n"
        "  - pool: {op: AdaptiveAvgPool2d, output_size: 1, from: image}\n"
        "  - both: {op: Concat, from: [pool, age]}",
        "NS207", 5, "`Flatten` is missing after `pool`: it returns [N, 8] for [N, 8, 1, 1]",
    ),
    "channels_joined_along_the_batch": Fault(
        "inputs: {a: [N, 8, 16, 16], b: [N, 12, 16, 16]}\nbody:\n  - {op: Concat, from: [a, b], dim: 0}",
        "NS202", 4, "`dim: 1` joins them along the dimension in which they differ",
    ),
    "features_joined_along_the_positions": Fault(
        "inputs: {a: [N, 20, 64], b: [N, 20, 32]}\nbody:\n  - {op: Concat, from: [a, b]}",
        "NS202", 4, "`dim: 2` joins them along the dimension in which they differ",
    ),
    "a_map_half_as_large": Fault(
        "inputs: {a: [N, 8, 16, 16], b: [N, 8, 8, 8]}\nbody:\n  - {op: Concat, from: [a, b]}",
        "NS202", 4,
        "resize `b` to the size of the other input: add `{op: Upsample, scale_factor: 2}` after it",
    ),
    "a_vector_of_channels_times_a_map": Fault(
        "inputs: {image: [N, 64, 32, 32]}\nbody:\n  - pool: {op: AdaptiveAvgPool2d, output_size: 1}\n"
        "  - flat: Flatten\n  - gate: {op: Linear, out_features: 64}\n"
        "  - scaled: {op: Mul, from: [image, gate]}",
        "NS203", 7,
        "`gate` has no spatial dimensions: "
        "add `{op: Unflatten, dim: 1, unflattened_size: [64, 1, 1]}` after it",
    ),
    "a_shortcut_that_lacks_the_stride": Fault(
        "inputs: {image: [N, 64, 56, 56]}\nbody:\n"
        "  - conv: {op: Conv2d, out_channels: 64, kernel_size: 3, stride: 2, padding: 1}\n"
        "  - sum: {op: Add, from: [conv, image]}",
        "NS203", 5,
        "project `image` to the size of the other input: "
        "`{op: Conv2d, out_channels: 64, kernel_size: 1, stride: 2}`",
    ),
    "a_projection_that_lacks_the_stride": Fault(
        "inputs: {image: [N, 64, 56, 56]}\nbody:\n"
        "  - conv: {op: Conv2d, out_channels: 128, kernel_size: 3, stride: 2, padding: 1}\n"
        "  - short: {op: Conv2d, out_channels: 128, kernel_size: 1, from: image}\n"
        "  - sum: {op: Add, from: [conv, short]}",
        "NS203", 6, "`stride: 2` in `short` makes the sizes agree",
    ),
    "two_branches_that_lack_their_padding": Fault(
        "inputs: {image: [N, 8, 28, 28]}\nbody:\n  - mix:\n      op: Concat\n      branches:\n"
        "        a: {op: Conv2d, out_channels: 8, kernel_size: 1}\n"
        "        b: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"
        "        c: {op: Conv2d, out_channels: 8, kernel_size: 5, padding: 1}\n"
        "        d: {op: MaxPool2d, kernel_size: 3, stride: 1}",
        "NS202", 9, "`padding: 2` in `c` and `padding: 1` in `d` make the sizes agree",
    ),
    "an_unpool_behind_an_odd_map": Fault(
        "inputs: {image: [N, 4, 15, 15]}\nbody:\n"
        "  - p: {op: MaxPool2d, kernel_size: 2, return_indices: true}\n"
        "  - u: {op: MaxUnpool2d, kernel_size: 2, from: [p, p.indices]}",
        "NS209", 5, "write `output_size: [15, 15]`",
    ),
    "an_unpool_with_another_stride_than_its_pool": Fault(
        "inputs: {image: [N, 4, 16, 16]}\nbody:\n"
        "  - p: {op: MaxPool2d, kernel_size: 2, return_indices: true}\n"
        "  - u: {op: MaxUnpool2d, kernel_size: 2, stride: 3, from: [p, p.indices]}",
        "NS209", 5, "write `stride: 2`, as in `p`: an unpool requires the arguments of its pool",
    ),
    "attention_over_the_positions_of_a_map": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 8, kernel_size: 8, stride: 8}\n"
        "  - {op: Flatten, start_dim: 2}\n  - {op: MultiheadAttention, num_heads: 4, batch_first: true}",
        "NS410", 6, "add `{op: Transpose, dim0: 1, dim1: 2}` before `2`",
    ),
    "a_pool_over_the_channels_of_a_sequence": Fault(
        "inputs: {audio: [N, 3, 32]}\nbody:\n  - {op: Conv1d, out_channels: 8, kernel_size: 3}\n"
        "  - {op: MaxPool2d, kernel_size: 2}",
        "NS410", 5, "use `MaxPool1d`, which expects [N, C, L]",
    ),
    "a_pool_over_the_features_of_a_sequence": Fault(
        "inputs: {data: [N, 30, 8]}\nbody:\n  - {op: GRU, hidden_size: 64, batch_first: true}\n"
        "  - {op: MaxPool1d, kernel_size: 30}",
        "NS410", 5, "add `{op: Transpose, dim0: 1, dim1: 2}` before `1`",
    ),
    "a_batch_of_vectors_into_an_lstm": Fault(
        "inputs: {data: [N, 8]}\nbody:\n  - {op: LSTM, hidden_size: 64, batch_first: true}",
        "NS411", 4, "add `{op: Unsqueeze, dim: 1}` before `0`, for sequences of one step",
    ),
    "a_reshape_across_the_batch": Fault(
        "inputs: {image: [N, 20, 5, 5]}\nbody:\n  - {op: Reshape, shape: [-1, 320]}",
        "NS301", 4,
        "use `Flatten`, or `shape: [-1, 500]`: each item of [N, 20, 5, 5] has 500 elements, not 320",
        edited=False,
    ),
    "channels_that_are_a_side_as_well": Fault(
        "inputs: {image: [N, 3, 64, 64]}\nbody:\n  - a: {op: Conv2d, out_channels: 64, kernel_size: 3, padding: 1}\n"
        "  - b: {op: Conv2d, out_channels: 64, kernel_size: 3, padding: 1}\n  - both: {op: Concat, from: [a, b]}\n"
        "  - {op: Conv2d, in_channels: 64, out_channels: 64, kernel_size: 3}",
        "NS201", 7, "set `in_channels: 128`, or omit it: netspec infers it",
    ),
    "a_flatten_of_the_batch": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - flat: {op: Flatten, start_dim: 0}\n"
        "  - {op: Linear, in_features: 192, out_features: 3}",
        "NS205", 5, "`start_dim: 1` in `flat` keeps the batch dimension, N",
    ),
    "a_window_that_both_sides_are_too_small_for": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 8, kernel_size: 7, stride: 4, padding: 3}\n"
        "  - last: {op: AvgPool2d, kernel_size: 9}",
        "NS206", 5, "use an input `image` with a height of at least 33; it has 32", edited=False,
    ),
    "a_stack_of_unequal_inputs": Fault(
        "inputs: {a: [N, 10], b: [N, 12]}\nbody:\n  - {op: Stack, from: [a, b], dim: 1}",
        "NS202", 4, "make the features equal, or join with `Concat`: all dimensions must match", edited=False,
    ),
    "a_sum_of_two_inputs": Fault(
        "inputs: {a: [N, 10], b: [N, 10]}\nbody:\n  - {op: Sum, from: [a, b]}",
        "NS110", 4, "did you mean `Add`? (it joins several inputs, element by element)",
    ),
    "a_memory_of_other_features": Fault(
        "inputs: {text: [N, 10, 64], memory: [N, 20, 128]}\nbody:\n"
        "  - {op: TransformerDecoderLayer, nhead: 4, batch_first: true, from: [text, memory]}",
        "NS205", 4, "project the memory to 64 features with a `Linear` before it", edited=False,
    ),
    "a_convolution_over_volumes_behind_one_over_pictures": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 8, kernel_size: 3}\n"
        "  - {op: Conv3d, out_channels: 8, kernel_size: 3}",
        "NS125", 5, "use `Conv2d`: [N, 8, 30, 30] matches [N, C, H, W]",
    ),
    "cross_attention_over_open_lengths_without_batch_first": Fault(
        "inputs: {text: [N, T, 8], memory: [N, S, 8]}\nbody:\n"
        "  - a: {op: MultiheadAttention, num_heads: 2, from: [text, memory, memory]}",
        "NS304", 4, "write `batch_first: true`: dimension 0 of the inputs of `a` is the batch",
    ),
    "features_that_are_as_many_as_the_positions": Fault(
        "inputs: {image: [N, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 32, kernel_size: 4, stride: 4}\n"
        "  - {op: Flatten, start_dim: 2}\n  - {op: Transpose, dim0: 1, dim1: 2}\n"
        "  - {op: Linear, in_features: 64, out_features: 10}",
        "NS205", 7, "set `in_features: 32`, or omit it: netspec infers it",
    ),
    "an_unequal_depth_alone": Fault(
        "inputs: {volume: [N, 1, 33, 16, 16]}\nbody:\n  - low: {op: MaxPool3d, kernel_size: 2}\n"
        "  - up: {op: ConvTranspose3d, out_channels: 1, kernel_size: 2, stride: 2}\n"
        "  - {op: Concat, from: [volume, up]}",
        "NS202", 6, "resize `volume` to a depth of 34, a multiple of 2",
    ),
    "a_vector_unflattened_to_another_map": Fault(
        "inputs: {noise: [N, 100]}\nbody:\n  - {op: Linear, out_features: 6272}\n"
        "  - {op: Unflatten, dim: 1, unflattened_size: [128, 8, 8]}",
        "NS208", 5, "write `unflattened_size: [128, 7, 7]`: 6272 = 128·7·7",
    ),
    "channels_that_no_shuffle_divides": Fault(
        "inputs: {image: [N, 10, 8, 8]}\nbody:\n  - {op: PixelShuffle, upscale_factor: 2}",
        "NS204", 4, "use 8 channels or 12", edited=False,
    ),
    "a_class_token_without_the_batch": Fault(
        "inputs: {tokens: [N, 196, 8]}\nbody:\n  - token: {op: Parameter, shape: [1, 1, 8]}\n"
        "  - {op: Concat, from: [token, tokens], dim: 1}",
        "NS301", 5, "add `{op: Expand, size: [tokens.batch, -1, -1]}` after `token`: it has no batch dimension",
    ),
    "a_grey_picture_into_an_lstm": Fault(
        "inputs: {image: [N, 1, 28, 28]}\nbody:\n  - {op: LSTM, input_size: 28, hidden_size: 8, batch_first: true}",
        "NS207", 4, "add `{op: Squeeze, dim: 1}` before `0`: it has 1 channel",
    ),
    "slopes_that_are_a_side_as_well": Fault(
        "inputs: {image: [N, 12, 16, 16]}\nbody:\n  - {op: PReLU, num_parameters: 16}",
        "NS209", 4, "set `num_parameters` to 1 (one slope for all) or 12", edited=False,
    ),
    "a_dropout_of_maps_on_a_vector": Fault(
        "inputs: {data: [N, 20]}\nbody:\n  - Dropout2d",
        "NS207", 4, "use `Dropout`, which zeroes single elements of any shape", edited=False,
    ),
    "a_size_of_the_inputs_in_a_reshape": Fault(
        "inputs: {data: [N, 784]}\nbody:\n  - {op: Reshape, shape: [N, 1, 28, 28]}",
        "NS121", 4, "write `data.size(0)`: sizes are read from a tensor", edited=False,
    ),
    "a_method_of_tensors": Fault(
        "inputs: {image: [N, 20, 5, 5]}\nbody:\n  - {op: x.view, shape: [-1, 500]}",
        "NS101", 4, "did you mean `Reshape`? (ops are spelled without a tensor)",
    ),
    "one_channel_is_said_in_the_singular": Fault(
        "inputs: {image: [N, 1, 28, 28]}\nbody:\n  - {op: Conv2d, in_channels: 3, out_channels: 8, kernel_size: 3}",
        "NS201", 4, "set `in_channels: 1`, or omit it: netspec infers it",
    ),
    "a_decoder_for_codes_of_other_features": Fault(
        "inputs: {z: [N, 32]}\nbody:\n  - fc: {op: Linear, out_features: 512}\n"
        "  - view: {op: Reshape, shape: [-1, 256, 2, 2]}",
        "NS301", 5,
        "each item of [N, 512] has 512 elements, not 1024: `out_features: 1024` in `fc` keeps them apart",
    ),
    "a_matrix_for_each_item_from_one_row_of_features": Fault(
        "inputs: {points: [N, 64]}\nbody:\n  - fc: {op: Linear, out_features: 64}\n"
        "  - t: {op: Reshape, shape: [-1, 64, 64]}",
        "NS301", 5,
        "each item of [N, 64] has 64 elements, not 4096: `out_features: 4096` in `fc` keeps them apart",
    ),
    "advantages_minus_a_mean_without_keepdim": Fault(
        "inputs: {state: [N, 8]}\nbody:\n  - a: {op: Linear, out_features: 4}\n"
        "  - m: {op: Mean, dim: 1, from: a}\n  - q: {op: Sub, from: [a, m]}",
        "NS301", 6, "`m` drops dimension 1: `keepdim: true` keeps it as 1",
    ),
    "a_batch_of_fixed_size_minus_a_mean_without_keepdim": Fault(
        "inputs: {state: [32, 8]}\nbody:\n  - a: {op: Linear, out_features: 4}\n"
        "  - m: {op: Mean, dim: 1, from: a}\n  - q: {op: Sub, from: [a, m]}",
        "NS203", 6, "`m` drops dimension 1: `keepdim: true` keeps it as 1",
    ),
    "vectors_divided_by_norms_without_keepdim": Fault(
        "inputs: {data: [N, 128]}\nbody:\n  - n: {op: Norm, dim: 1}\n  - c: {op: Clamp, min: 0.001}\n"
        "  - {op: Div, from: [input, c]}",
        "NS301", 6, "`n` drops dimension 1: `keepdim: true` keeps it as 1",
    ),
    "a_mixer_that_does_not_transpose": Fault(
        "inputs: {image: [N, 3, 224, 224]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 512, kernel_size: 16, stride: 16}\n  - {op: Flatten, start_dim: 2}\n"
        "  - {op: Transpose, dim0: 1, dim1: 2}\n  - LayerNorm\n"
        "  - mix: {op: Linear, in_features: 196, out_features: 196}",
        "NS205", 8,
        "196 is dimension 1 of [N, 196, 512], and `Linear` expects the features last: "
        "add `{op: Transpose, dim0: 1, dim1: 2}` before `mix`",
    ),
    "positions_added_to_patches_that_are_not_transposed": Fault(
        "inputs: {image: [N, 3, 224, 224]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 384, kernel_size: 16, stride: 16}\n  - flat: {op: Flatten, start_dim: 2}\n"
        "  - pos: {op: Parameter, shape: [1, 196, 384]}\n  - {op: Add, from: [flat, pos]}",
        "NS203", 7,
        "dimensions 1 and 2 of `flat` are swapped: add `{op: Transpose, dim0: 1, dim1: 2}` after it",
    ),
    "a_causal_convolution_that_is_not_cut": Fault(
        "inputs: {wave: [N, 32, 8000]}\nbody:\n"
        "  - conv: {op: Conv1d, out_channels: 32, kernel_size: 2, dilation: 4, padding: 4}\n  - act: Tanh\n"
        "  - {op: Add, from: [act, input]}",
        "NS203", 6,
        "`conv` pads both ends by the amount that a causal convolution needs at the "
        "start: add `{op: Slice, dim: 2, end: -4}` after `act`",
    ),
    "two_causal_convolutions_over_an_open_length": Fault(
        "inputs: {wave: [N, 32, T]}\nbody:\n"
        "  - a: {op: Conv1d, out_channels: 32, kernel_size: 3, padding: 2}\n"
        "  - b: {op: Conv1d, out_channels: 32, kernel_size: 3, padding: 2}\n  - {op: Add, from: [b, input]}",
        "NS203", 6,
        "`a` and `b` pad both ends by the amount that a causal convolution needs at the "
        "start: add `{op: Slice, dim: 2, end: -4}` after `b`",
    ),
    "a_pyramid_that_is_not_upsampled": Fault(
        "inputs: {c4: [N, 1024, 28, 28], c5: [N, 2048, 14, 14]}\nbody:\n"
        "  - p5: {op: Conv2d, out_channels: 256, kernel_size: 1, from: c5}\n"
        "  - l4: {op: Conv2d, out_channels: 256, kernel_size: 1, from: c4}\n  - p4: {op: Add, from: [p5, l4]}",
        "NS203", 6,
        "resize `p5` to the size of the other input: add `{op: Upsample, scale_factor: 2}` after it",
    ),
    "a_head_for_other_classes": Fault(
        "inputs: {map: [N, 512, 13, 13]}\nbody:\n  - head: {op: Conv2d, out_channels: 75, kernel_size: 1}\n"
        "  - {op: Reshape, shape: [x.batch, 3, 85, x.height, x.width]}",
        "NS208", 5, "replace 85 with 25: [N, 3, 25, 13, 13]",
    ),
    "windows_that_do_not_divide_the_map": Fault(
        "inputs: {map: [N, 64, 64, 96]}\nbody:\n"
        "  - win: {op: Reshape, shape: [x.batch, x.size(1) // 7, 7, x.size(2) // 7, 7, 96]}",
        "NS208", 4,
        "`x.size(1) // 7` rounds 64 / 7 down: make the size a multiple of 7, such as 63 or 70, before `win`",
        edited=False,
    ),
    "points_times_a_matrix_on_the_wrong_side": Fault(
        "inputs: {points: [N, 3, 1024], t: [N, 3, 3]}\nbody:\n  - {op: MatMul, from: [points, t]}",
        "NS205", 4,
        "add `{op: Transpose, dim0: 1, dim1: 2}` after `points`: its second to last dimension is 3",
    ),
    "matrices_in_the_other_order": Fault(
        "inputs: {a: [N, 3, 8], b: [N, 5, 3]}\nbody:\n  - {op: MatMul, from: [a, b]}",
        "NS205", 4, "`from: [b, a]` multiplies them in the other order",
    ),
    "a_class_token_expanded_to_its_own_batch": Fault(
        "inputs: {tokens: [N, 196, 8]}\nbody:\n  - cls: {op: Parameter, shape: [1, 1, 8]}\n"
        "  - all: {op: Expand, size: [x.batch, -1, -1], from: cls}\n"
        "  - {op: Concat, from: [all, tokens], dim: 1}",
        "NS301", 6, "write `tokens.batch`: `x.batch` in `all` is that of `cls`, which is 1",
    ),
    "a_skip_of_the_wrong_level": Fault(
        "inputs: {image: [N, 3, 64, 64]}\nbody:\n"
        "  - e1: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n  - p1: {op: MaxPool2d, kernel_size: 2}\n"
        "  - e2: {op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}\n  - p2: {op: MaxPool2d, kernel_size: 2}\n"
        "  - up: {op: ConvTranspose2d, out_channels: 16, kernel_size: 2, stride: 2}\n"
        "  - {op: Concat, from: [up, e1]}",
        "NS202", 9, "did you mean `e2`? it is [N, 16, 32, 32]",
    ),
    "heads_of_vectors_of_300": Fault(
        "inputs: {tokens: [N, T, 300]}\nbody:\n"
        "  - {op: TransformerEncoderLayer, nhead: 8, batch_first: true}",
        "NS204", 4, "set `nhead` to a divisor of 300: …, 4, 5, 6, 10, 12, 15, …", edited=False,
    ),
    "a_layout_in_front_of_layers_that_follow_from_it": Fault(
        "inputs: {mel: [N, 128, T]}\nbody:\n"
        "  - conv: {op: Conv2d, in_channels: 1, out_channels: 32, kernel_size: 3}\n  - BatchNorm2d",
        "NS201", 4,
        "[N, 128, T] has no channel dimension, and `Conv2d` expects [N, C, H, W]: add "
        "`{op: Unsqueeze, dim: 1}` before `conv`",
    ),
    "a_constructor_that_is_called": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - conv: nn.Conv2d(3, 64, kernel_size=(3, 1), bias=False)",
        "NS101", 4,
        "write `{op: Conv2d, in_channels: 3, out_channels: 64, kernel_size: [3, 1], bias: false}`",
    ),
    "a_type_in_place_of_an_op": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - conv: {type: Conv2d, out_channels: 4, kernel_size: 3}",
        "NS021", 4, "did you mean `op`?",
    ),
    "a_comma_behind_a_number": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - conv:\n      op: Conv2d\n      out_channels: 4,\n"
        "      kernel_size: 3",
        "NS108", 6, "write `4`: the comma makes it a list",
    ),
    "an_equals_sign_in_place_of_a_colon": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - conv: {op: Conv2d, out_channels: 4, kernel_size=3}",
        "NS102", 4, "write `kernel_size: 3`",
    ),
    "two_names_in_one_text": Fault(
        "inputs: {a: [N, 8], b: [N, 8]}\nbody:\n  - c:\n      op: Concat\n      from: a, b",
        "NS103", 6, "write a list: `[a, b]`", edited=False,
    ),
    "a_half_of_a_symbol": Fault(
        "inputs: {image: [N, 3, H, 8], low: [N, 3, H/2, 4]}\nbody:\n"
        "  - {op: Upsample, scale_factor: 2, from: low}\n  - {op: Add, from: [image, previous]}",
        "NS025", 2,
        "use another symbol, such as `H2`: netspec infers its relation to H", edited=False,
    ),
    "names_of_parameters_alone": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nblocks:\n  Conv:\n    params: [c]\n"
        "    body: [{op: Conv2d, out_channels: c, kernel_size: 1}]\nbody: [{op: Conv, c: 8}]",
        "NS025", 5, "write `params: {c: int}`",
    ),
    "braces_of_a_template": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nparams: {width: 8}\nbody:\n"
        "  - {op: Conv2d, out_channels: {{ width }}, kernel_size: 1}",
        "NS010", 5, "write `width`",
    ),
    "a_question_mark_as_a_size": Fault(
        "inputs: {image: [?, 3, 8, 8]}\nbody: [ReLU]", "NS010", 2,
        "write a name that begins with a capital, such as `N`",
    ),
    "a_tuple_of_python": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  - {op: AvgPool2d, kernel_size: (2, 2)}",
        "NS010", 4, "write `[2, 2]`",
    ),
    "an_item_without_a_space": Fault(
        "inputs: {image: [N, 3, 8, 8]}\nbody:\n  -a: ReLU\n  - b: Tanh", "NS010", 4, "write `- `",
    ),
    "a_permute_of_a_map_of_one_row": Fault(
        "inputs: {map: [N, 128, 1, 50]}\nbody:\n  - perm: {op: Permute, dims: [0, 2, 1]}",
        "NS209", 4, "add `{op: Squeeze, dim: 2}` before `perm`: its output has 3 dimensions",
    ),
    "a_permute_of_a_map_that_is_not_flat": Fault(
        "inputs: {map: [N, 128, 7, 7]}\nbody:\n  - perm: {op: Permute, dims: [0, 2, 1]}",
        "NS209", 4, "add `{op: Flatten, start_dim: 2}` before `perm`: its output has 3 dimensions",
    ),
    "a_decoder_of_another_width_than_its_encoder": Fault(
        "inputs: {src: [N, S, 30], tgt: [N, T, 30]}\nbody:\n"
        "  - enc: {op: LSTM, hidden_size: 16, batch_first: true, from: src}\n"
        "  - dec: {op: LSTM, hidden_size: 32, batch_first: true, from: [tgt, enc.h_n, enc.c_n]}",
        "NS205", 5, "set `hidden_size: 16`, as the state has",
    ),
    "all_positions_of_an_open_length_made_features": Fault(
        "inputs: {data: [N, T, 16]}\nbody:\n  - {op: LSTM, hidden_size: 32, batch_first: true}\n"
        "  - f: Flatten\n  - {op: Linear, out_features: 2}",
        "NS125", 6, "read the last position alone: `{op: Select, dim: 1, index: -1}` in place of `f`",
    ),
    "features_of_a_map_of_open_sides": Fault(
        "inputs: {image: [N, 1, H, W]}\nbody:\n  - {op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}\n"
        "  - Flatten\n  - {op: Linear, in_features: 12544, out_features: 10}",
        "NS304", 6, "use an input of 28×28; `image` is H×W",
    ),
    "a_projection_that_a_when_skips": Fault(
        "inputs: {image: [N, 8, 16, 16]}\nblocks:\n  Basic:\n    params: {c: int, stride: 1}\n    body:\n"
        "      - conv: {op: Conv2d, out_channels: c, kernel_size: 3, stride: stride, padding: 1}\n"
        "      - short: {op: Conv2d, out_channels: c, kernel_size: 1, stride: stride, from: input, "
        "when: input.channels != c}\n      - {op: Add, from: [conv, short]}\nbody: [{op: Basic, c: 8, stride: 2}]",
        "NS203", 9,
        "`short` is skipped here because `input.channels != c` is false: make its `when` true where the sizes differ",
        edited=False,
    ),
    "a_sum_whose_when_forgets_the_stride": Fault(
        "inputs: {image: [N, 8, 16, 16]}\nblocks:\n  Inverted:\n    params: {c: int, stride: 1}\n    body:\n"
        "      - conv: {op: Conv2d, out_channels: c, kernel_size: 3, stride: stride, padding: 1}\n"
        "      - add: {op: Add, from: [conv, input], when: input.channels == c}\n"
        "body: [{op: Inverted, c: 8, stride: 2}]",
        "NS203", 8,
        "make the `when` of `add` false where the sizes differ: here `input.channels == c` is true", edited=False,
    ),
    "a_level_counted_from_the_wrong_end": Fault(
        "inputs: {image: [N, 3, 64, 64]}\nbody:\n  - each: {w: [16, 32, 64]}\n    body:\n"
        "      - enc{w.index}: {op: Conv2d, out_channels: w, kernel_size: 3, padding: 1}\n"
        "      - pool{w.index}: {op: MaxPool2d, kernel_size: 2}\n  - up: {op: Upsample, scale_factor: 2}\n"
        "  - each: {k: [0]}\n    body:\n      - {op: Concat, from: [up, 'enc{k}']}",
        "NS202", 11, "did you mean `enc2`? it is [N, 64, 16, 16]", edited=False,
    ),
    "weights_of_positions_that_are_squeezed": Fault(
        "inputs: {h: [N, 7, 64]}\nbody:\n  - {op: Linear, out_features: 1}\n  - q: {op: Squeeze, dim: 2}\n"
        "  - a: {op: Softmax, dim: 1}\n  - {op: Mul, from: [h, a]}",
        "NS203", 7, "`q` drops dimension 2: add `{op: Unsqueeze, dim: 2}` after `a`",
    ),
    "a_memory_with_its_positions_first": Fault(
        "inputs: {tgt: [N, T, 64], mem: [S, N, 64]}\nbody:\n"
        "  - d: {op: TransformerDecoderLayer, nhead: 4, batch_first: true, from: [tgt, mem]}",
        "NS304", 4,
        "`mem` has the batch in dimension 1: add `{op: Transpose, dim0: 0, dim1: 1}` "
        "after it, because `d` has `batch_first: true`",
    ),
    "a_branch_that_is_upsampled_too_little": Fault(
        "inputs: {a: [N, 8, 64, 64], b: [N, 8, 16, 16]}\nbody:\n  - u: {op: Upsample, scale_factor: 2, from: b}\n"
        "  - {op: Add, from: [a, u]}",
        "NS203", 5, "`scale_factor: 4` in `u` makes the sizes agree",
    ),
    "an_element_counted_from_one": Fault(
        "inputs: {data: [N, 50, 8]}\nbody:\n  - {op: Select, dim: 1, index: 50}",
        "NS209", 4, "elements are counted from 0, and the last one is -1", edited=False,
    ),
    "states_of_both_directions": Fault(
        "inputs: {data: [N, T, 8]}\nbody:\n  - l: {op: LSTM, hidden_size: 64, batch_first: true, bidirectional: true}\n"
        "  - fc: {op: Linear, in_features: 128, out_features: 2, from: l.h_n}",
        "NS205", 5,
        "the two directions are dimension 0 of [2, N, 64]: `{op: Transpose, dim0: 0, dim1: 1}` "
        "and `Flatten` before `fc` join them", edited=False,
    ),
    "channels_that_grow_in_a_repeat": Fault(
        "inputs: {map: [N, 16, 32, 32]}\nbody:\n"
        "  - c: {op: Conv2d, in_channels: 16, out_channels: 32, kernel_size: 3, repeat: 3}",
        "NS201", 4, "omit `in_channels`: netspec infers it for each repeat",
    ),
    "millions_in_short": Fault(
        "inputs: {map: [N, 16]}\nbudget: {params: 25M}\nbody: [ReLU]", "NS120", 3, "write `25_000_000`",
    ),
    "arguments_below_their_op": Fault(
        "inputs: {image: [N, 3, 28, 28]}\nbody:\n  - op: Conv2d\n      out_channels: 8\n"
        "      kernel_size: 3\n  - ReLU",
        "NS010", 5, "align them with `op`",
    ),
    "patches_not_transposed_to_tokens": Fault(
        "inputs: {image: [N, 3, 224, 224]}\nbody:\n  - {op: Conv2d, out_channels: 64, kernel_size: 16, stride: 16}\n"
        "  - flat: {op: Flatten, start_dim: 2}\n  - pos: {op: Parameter, shape: [1, 196, 64]}\n"
        "  - {op: Add, from: [flat, pos]}",
        "NS203", 7, "dimensions 1 and 2 of `flat` are swapped: add `{op: Transpose, dim0: 1, dim1: 2}` after it",
    ),
    "a_class_token_before_patches_not_transposed": Fault(
        "inputs: {image: [1, 3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 64, kernel_size: 8, stride: 8}\n"
        "  - flat: {op: Flatten, start_dim: 2}\n  - cls: {op: Parameter, shape: [1, 1, 64]}\n"
        "  - {op: Concat, dim: 1, from: [cls, flat]}",
        "NS202", 7, "dimensions 1 and 2 of `flat` are swapped: add `{op: Transpose, dim0: 1, dim1: 2}` after it",
    ),
    "an_image_without_its_batch": Fault(
        "inputs: {image: [3, 32, 32]}\nbody:\n  - {op: Conv2d, out_channels: 8, kernel_size: 3}\n  - BatchNorm2d",
        "NS207", 5, "`image` has no batch dimension: write `[N, 3, 32, 32]`",
    ),
    "a_gate_that_is_the_previous_step": Fault(
        "inputs: {map: [N, 64, 8, 8]}\nbody:\n  - {op: AdaptiveAvgPool2d, output_size: 1}\n  - Flatten\n"
        "  - {op: Linear, out_features: 64}\n  - Sigmoid\n  - {op: Mul, from: [map, previous]}",
        "NS203", 8, "`3` has no spatial dimensions: add `{op: Unflatten, dim: 1, unflattened_size: [64, 1, 1]}` after it",
    ),
    "channels_of_the_first_iteration": Fault(
        "inputs: {map: [N, 3, 64, 64]}\nparams: {widths: [16, 32]}\nbody:\n  - each: {w: widths}\n    body:\n"
        "      - {op: Conv2d, out_channels: w, kernel_size: 3}\n      - {op: BatchNorm2d, num_features: 16}",
        "NS201", 8, "omit `num_features`: netspec infers it for each iteration, here 32",
    ),
    "parts_that_do_not_sum_up": Fault(
        "inputs: {row: [N, 12]}\nbody:\n  - {op: Split, split_size: [4, 4], dim: 1}",
        "NS208", 4, "set the last part to 8: `split_size: [4, 8]`",
    ),
    "in_place_behind_tanh": Fault(
        "inputs: {row: [N, 12]}\nbody:\n  - {op: Linear, out_features: 8}\n  - Tanh\n  - {op: ELU, inplace: true}",
        "NS402", 6, "remove `inplace`",
    ),
    "a_decimal_comma": Fault(
        "inputs: {row: [N, 12]}\nbody:\n  - {op: Dropout, p: 0,5}", "NS102", 4, "write `0.5`",
    ),
    "a_lazy_layer": Fault(
        "inputs: {map: [N, 3, 8, 8]}\nbody:\n  - {op: LazyConv2d, out_channels: 8, kernel_size: 3}",
        "NS101", 4, "write `Conv2d`: every layer infers its sizes from its input",
    ),
    "an_input_called_input": Fault(
        "inputs: {words: [N, T, 32]}\nbody:\n"
        "  - {op: TransformerEncoderLayer, nhead: 4, batch_first: true, from: {input: words}}",
        "NS110", 4, "did you mean `src`?",
    ),
    "a_state_without_its_layers": Fault(
        "inputs: {words: [N, 20, 8], state: [N, 32]}\nbody:\n"
        "  - {op: GRU, hidden_size: 32, batch_first: true, from: [words, state]}",
        "NS205", 4, "add `{op: Unsqueeze, dim: 0}` to the state: it has one entry per layer", False,
    ),
    "tokens_into_a_linear": Fault(
        "inputs: {words: {shape: [N, T], dtype: int64}}\nbody:\n  - {op: Linear, out_features: 10}",
        "NS212", 4, "embed the integers with `Embedding` first", False,
    ),
    "a_reflection_larger_than_the_signal": Fault(
        "inputs: {signal: [N, 2, 6]}\nbody:\n"
        "  - {op: Conv1d, out_channels: 3, kernel_size: 3, padding: 7, padding_mode: reflect}",
        "NS206", 4, "set `padding` to at most 5", False,
    ),
    "a_volume_squeezed": Fault(
        "inputs: {volume: [N, 4, 2, 8, 8]}\nbody:\n  - {op: Conv3d, out_channels: 16, kernel_size: 1}\n"
        "  - {op: Squeeze, dim: 2}\n  - {op: Conv2d, out_channels: 4, kernel_size: 3}",
        "NS209", 5, "pool it to 1 before, with `{op: AdaptiveAvgPool3d, output_size: [1, null, null]}`", False,
    ),
}  # fmt: skip


def report(text: str) -> Report:
    return check_text(text, "net.yaml")


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_help_leaves_no_diagnostic(name: str) -> None:
    fault = FAULTS[name]
    text = f"netspec: 1\n{fault.spec}\n"
    [diagnostic] = report(text).diagnostics
    assert diagnostic.span is not None
    line = text[: diagnostic.span.start].count("\n") + 1
    first = diagnostic.helps[0]
    assert (diagnostic.code, line, first.text) == (fault.code, fault.line, fault.help)
    assert bool(first.edits) == fault.edited
    if fault.edited:
        assert report(apply(text, first.edits)).diagnostics == ()


@pytest.mark.parametrize("name", [n for n, f in FAULTS.items() if f.edited])
def test_the_fixed_network_runs_in_torch(name: str) -> None:
    text = f"netspec: 1\n{FAULTS[name].spec}\n"
    fixed = apply(text, report(text).diagnostics[0].helps[0].edits)
    graph = report(fixed).graph
    assert graph is not None
    sizes = {symbol: max(size, 2) for symbol, size in graph.examples.items()}
    inputs = []
    for value in graph.inputs:
        shape = [s if isinstance(s, int) else sizes[str(s)] for s in value.shape or ()]
        whole = value.dtype.startswith("int")
        inputs.append(torch.zeros(shape, dtype=torch.int64) if whole else torch.rand(shape))
    with torch.no_grad():
        netspec.compile(fixed)(*inputs)


def test_a_default_stride_is_not_a_safe_fix_for_the_other_branch() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody:\n  - j:\n      op: Concat\n      branches:\n"
        "        a: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"
        "        b: {op: LPPool2d, norm_type: 2, kernel_size: 2}\n"
    )
    checked = report(text)
    [diagnostic] = checked.diagnostics
    help_: Help = diagnostic.helps[0]
    assert help_.text == "`stride: 2` in `a` makes the sizes agree"
    assert report(apply(text, help_.edits)).valid
    assert fix(checked, report).text == text


def test_a_parameter_called_same_is_a_number() -> None:
    text = (
        "netspec: 1\nparams: {same: 1}\ninputs: {image: [N, 3, 32, 32]}\nbody:\n"
        "  - {op: MaxPool2d, kernel_size: 3, padding: same}\n"
    )
    assert report(text).valid


def test_what_a_rejected_node_would_ask_of_the_sizes_is_not_said() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 64, 32, 32]}\nbody:\n  - pool: {op: AdaptiveAvgPool2d, output_size: 1}\n"
        "  - flat: Flatten\n  - scaled: {op: Mul, from: [image, flat]}\n"
    )
    assert [d.code for d in report(text).diagnostics] == ["NS203"]  # and not: valid only for N = 32


def test_a_condition_that_dims_omits_is_reported_as_a_multiple() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 8, H, 8]}\ndims: {H: {multiple_of: 4}}\nbody:\n"
        "  - p: {op: AvgPool2d, kernel_size: 2}\n  - q: {op: AvgPool2d, kernel_size: 2}\n"
        "  - r: {op: AvgPool2d, kernel_size: 2}\n  - u: {op: Upsample, scale_factor: 2}\n"
        "  - c: {op: Concat, from: [u, q]}\n"
    )
    [diagnostic] = report(text).errors
    assert diagnostic.message == "`dims` allows H = 4, but `c` requires H divisible by 8"


def test_a_padding_far_from_the_join_is_not_certain() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 3, 572, 572]}\nbody:\n"
        "  - c1: {op: Conv2d, out_channels: 64, kernel_size: 3}\n  - p: {op: MaxPool2d, kernel_size: 2}\n"
        "  - c2: {op: Conv2d, out_channels: 128, kernel_size: 3}\n"
        "  - up: {op: ConvTranspose2d, out_channels: 64, kernel_size: 2, stride: 2}\n"
        "  - cat: {op: Concat, from: [c1, up]}\n"
    )
    checked = report(text)
    [diagnostic] = checked.diagnostics
    assert diagnostic.helps[0].text == "`padding: 1` in `c2` makes the sizes agree"
    assert fix(checked, report).text == text  # the map may be to be cut instead


def test_both_directions_and_the_positions_are_counted_in_words() -> None:
    text = (
        "netspec: 1\ninputs: {ids: {shape: [N, 20], dtype: int64}}\nbody:\n"
        "  - {op: Embedding, num_embeddings: 9, embedding_dim: 8}\n"
        "  - lstm: {op: LSTM, hidden_size: 16, bidirectional: true, batch_first: true}\n"
    )
    [diagnostic] = report(text + "  - {op: Linear, in_features: 16, out_features: 2}\n").errors
    assert diagnostic.notes == ("32 = 2·16: `lstm` is bidirectional",)
    flat = "  - flat: Flatten\n  - {op: Linear, in_features: 32, out_features: 2}\n"
    [diagnostic] = report(text + flat).errors
    assert diagnostic.notes == ("640 = 20 × 32 (positions × features), flattened by `flat`",)
    assert "read only the last position" in diagnostic.helps[-1].text


def test_names_of_arguments_in_programs_are_known() -> None:
    text = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\nbody:\n  - {op: Conv2d, in: 3, out: 8, kernel: 3, pad: 1}\n"
    checked = report(text)
    assert [d.code for d in checked.errors] == ["NS102"] * 4
    fixed = fix(checked, report).text
    assert "in_channels: 3, out_channels: 8, kernel_size: 3, padding: 1" in fixed
    assert report(fixed).valid


def test_the_size_of_an_input_that_is_offered_is_a_round_one() -> None:
    text = (
        "netspec: 1\ninputs: {image: [N, 3, 224, 224]}\nbody:\n"
        "  - {op: Conv2d, out_channels: 6, kernel_size: 5}\n  - {op: MaxPool2d, kernel_size: 2}\n"
        "  - {op: Conv2d, out_channels: 16, kernel_size: 5}\n  - {op: MaxPool2d, kernel_size: 2}\n"
        "  - Flatten\n  - {op: Linear, in_features: 400, out_features: 120}\n"
    )
    [diagnostic] = report(text).errors
    fixed = apply(text, diagnostic.helps[1].edits)
    assert "[N, 3, 32, 32]" in fixed  # of 32 to 35
    assert report(fixed).valid


def test_an_image_that_is_flattened_at_once_is_offered_other_sides() -> None:
    for sides, written in (("32, 32", "32×32"), ("H, W", "H×W")):
        text = (
            f"netspec: 1\ninputs: {{image: [N, 3, {sides}]}}\nbody:\n"
            "  - Flatten\n  - {op: Linear, in_features: 300, out_features: 4}\n"
        )
        [diagnostic] = report(text).diagnostics
        help_ = diagnostic.helps[-1]
        assert f"use an input of 10×10; `image` is {written}" in help_.text
        assert report(apply(text, help_.edits)).diagnostics == ()


def test_frames_that_were_items_of_the_batch_are_put_together_again() -> None:
    text = (
        "netspec: 1\ninputs: {clip: [N, 8, 3, 16, 16]}\nbody:\n  - {op: Flatten, start_dim: 0, end_dim: 1}\n"
        "  - {op: Conv2d, out_channels: 32, kernel_size: 7, stride: 4}\n  - {op: AdaptiveAvgPool2d, output_size: 1}\n"
        "  - Flatten\n  - {op: Reshape, shape: [-1, 8, 32]}\n  - {op: Mean, dim: 1}\n"
    )
    assert report(text).diagnostics == ()


def test_a_mean_over_the_batch_needs_no_keepdim() -> None:
    text = "netspec: 1\ninputs: {x0: [N, 64]}\nbody:\n  - m: {op: Mean, dim: 0}\n  - {op: Sub, from: [x0, m]}\n"
    assert report(text).diagnostics == ()


def test_the_inputs_of_a_bilinear_layer_in_the_wrong_order() -> None:
    text = (
        "netspec: 1\ninputs: {a: [N, 10], b: [N, 12]}\nbody:\n"
        "  - {op: Bilinear, out_features: 4, from: [a, b], in1_features: 12, in2_features: 10}\n"
    )
    helps = [diagnostic.helps[0] for diagnostic in report(text).diagnostics]
    assert [h.text for h in helps] == ["exchange the inputs: `from: [b, a]`"] * 2
    assert report(apply(text, helps[0].edits)).diagnostics == ()


def test_channels_and_sides_that_differ_are_both_advised() -> None:
    text = (
        "netspec: 1\ninputs: {map: [N, 3, 32, 32]}\nbody:\n"
        "  - conv: {op: Conv2d, out_channels: 16, kernel_size: 3}\n  - {op: Add, from: [conv, map]}\n"
    )
    [diagnostic] = report(text).diagnostics
    assert [h.text for h in diagnostic.helps] == [
        "make the number of channels equal (16 and 3), for example with a 1×1 Conv2d on one of them",
        "and `padding: 1` in `conv` makes the sizes agree",
    ]
