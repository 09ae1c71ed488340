"""Every rejection of a rule, read as its user reads it."""

from __future__ import annotations

from typing import Any

import pytest
from layer_oracle import Numbers

from netspec.dims import symbol
from netspec.layer.base import ShapeError
from netspec.layers import find

N, C, H, W = (symbol(name) for name in "NCHW")


class Lenient(Numbers):
    """Accepts whatever depends on a symbol."""

    def at_least(self, size: Any, bound: int) -> bool:
        return not isinstance(size, int) or size >= bound

    def equal(self, a: Any, b: Any) -> bool:
        return not (isinstance(a, int) and isinstance(b, int)) or a == b

    def divisible(self, size: Any, divisor: int) -> bool:
        return not isinstance(size, int) or size % divisor == 0


def rejection(op: str, args: dict[str, Any], *shapes: Any) -> ShapeError:
    cls = find(op)
    assert cls is not None
    layer, errors = cls.make(args)
    assert layer is not None, errors
    if isinstance(shapes[0], dict):
        layer, shapes = layer.taking(tuple(shapes[0])), tuple(shapes[0].values())
    with pytest.raises(ShapeError) as caught:
        layer.infer(Lenient(), *shapes)
    error = caught.value
    for index, axis in error.axes:
        assert 0 <= axis < len(shapes[index])
    assert error.argument in ("", *cls.arguments)
    return error


CLASHES: list[tuple[str, dict[str, Any], list[Any], str, str]] = [
    ("Conv2d", {"out_channels": 64, "kernel_size": 3, "groups": 4}, [(N, 30, H, W)],
     "NS204", "in_channels=30 of `Conv2d` is not divisible by groups=4"),
    ("Conv2d", {"out_channels": 6, "kernel_size": 3, "groups": 4}, [(N, 32, H, W)],
     "NS204", "out_channels=6 of `Conv2d` is not divisible by groups=4"),
    ("Conv2d", {"out_channels": 8, "kernel_size": 3, "dilation": 2, "padding": 1}, [(N, 3, 2, W)],
     "NS206", "`Conv2d` expects a height of at least 3, but its input has a height of 2"),
    ("Conv2d", {"out_channels": 8, "kernel_size": 3}, [(N, 3)],
     "NS207", "`Conv2d` expects [N, C, H, W] or [C, H, W], but its input [N, 3] has 2 dimensions"),
    ("Conv2d", {"out_channels": 8, "kernel_size": 3}, [(N, C, H, W)],
     "NS125", "`Conv2d` requires a fixed number of channels, but its input [N, C, H, W] has C"),
    ("Conv1d", {"out_channels": 8, "kernel_size": 9, "padding": 4, "padding_mode": "reflect"},
     [(N, 3, 4)], "NS206",
     "`Conv1d` pads by 4 with padding_mode: reflect, but the length is only 4"),
    ("ConvTranspose2d", {"out_channels": 8, "kernel_size": 2, "padding": 2}, [(N, 3, 2, W)],
     "NS206", "`ConvTranspose2d` has an empty output: padding=2 removes 4 from a height of 3"),
    ("MaxPool2d", {"kernel_size": 3, "padding": 1}, [(N, 3, H, 0)], "NS206",
     "`MaxPool2d` expects a width of at least 1, but its input has a width of 0"),
    ("AvgPool2d", {"kernel_size": 2}, [(N, 30, 1, W)], "NS206",
     "`AvgPool2d` expects a height of at least 2, but its input has a height of 1"),
    ("AdaptiveAvgPool2d", {"output_size": 1}, [(N, 512)], "NS207",
     "`AdaptiveAvgPool2d` expects [N, C, H, W] or [C, H, W], but its input [N, 512] has 2 dimensions"),
    ("BatchNorm2d", {}, [(N, 512)], "NS207",
     "`BatchNorm2d` expects [N, C, H, W], but its input [N, 512] has 2 dimensions"),
    ("InstanceNorm2d", {}, [(N, 8, 1, 1)], "NS206",
     "`InstanceNorm2d` normalizes over a single value per channel"),
    ("GroupNorm", {"num_groups": 4}, [(N, 30, H, W)], "NS204",
     "the 30 channels are not divisible by num_groups=4"),
    ("LayerNorm", {"normalized_shape": [7, 64]}, [(N, 8, 64)], "NS205",
     "`LayerNorm` declares normalized_shape: [7, 64], but its input is [N, 8, 64]"),
    ("LayerNorm", {"normalized_shape": [7, 64]}, [(64,)], "NS207",
     "`LayerNorm` expects […, 7, 64], but its input [64] has 1 dimension"),
    ("LocalResponseNorm", {"size": 5}, [(N, 3)], "NS207",
     "`LocalResponseNorm` expects [N, C, …] with at least 3 dimensions, but its input [N, 3] has 2 dimensions"),
    ("PReLU", {"num_parameters": 8}, [(N, 16, H, W)], "NS209",
     "`PReLU` learns 8 slopes, but its input has 16 channels"),
    ("GLU", {"dim": 1}, [(N, 15, H, W)], "NS204", "`GLU` halves the channels, but 15 is odd"),
    ("Softmax", {"dim": 2}, [(N, 10)], "NS209",
     "`dim` of `Softmax` is 2, but the input has 2 dimensions"),
    ("Softmax2d", {}, [(N, 10)], "NS207",
     "`Softmax2d` expects [N, C, H, W] or [C, H, W], but its input [N, 10] has 2 dimensions"),
    ("Linear", {"out_features": 10}, [(N, 88 * (H // 8) * (W // 8))], "NS125",
     "`Linear` requires a fixed number of features, but its input [N, 88*(H//8)*(W//8)] has "
     "88*(H//8)*(W//8)"),
    ("Bilinear", {"out_features": 10}, [(4, 10), (5, 10)], "NS209",
     "the inputs of `Bilinear` differ in dimension 0: 4 and 5"),
    ("Flatten", {}, [(512,)], "NS209", "`start_dim` of `Flatten` is 1, but the input has 1 dimension"),
    ("Flatten", {"start_dim": 2, "end_dim": 1}, [(N, 3, H, W)], "NS209",
     "`Flatten` has start_dim 2 after end_dim 1"),
    ("Unflatten", {"dim": 1, "unflattened_size": [8, 9]}, [(N, 64)], "NS208",
     "`Unflatten` cannot reshape 64 to [8, 9]: 72 elements, not 64"),
    ("Unflatten", {"dim": 1, "unflattened_size": [9, -1]}, [(N, 64)], "NS208",
     "`Unflatten` cannot reshape 64 to [9, -1]: 9 does not divide 64"),
    ("Dropout2d", {}, [(N, 3)], "NS207",
     "`Dropout2d` expects [N, C, H, W] or [N, C, L], but its input [N, 3] has 2 dimensions"),
    ("Upsample", {"scale_factor": 0.1}, [(N, 3, 5, W)], "NS206",
     "`Upsample` has an empty output: the height is 5 times 0.1"),
    ("Upsample", {"scale_factor": 2, "mode": "linear"}, [(N, 3, H, W)], "NS207",
     "`Upsample` expects [N, C, L] with mode: linear, but its input [N, 3, H, W] has 4 dimensions"),
    ("Upsample", {"size": [7, 7, 7]}, [(N, 3, H, W)], "NS209",
     "size of `Upsample` has 3 entries for 2 spatial dimensions"),
    ("PixelShuffle", {"upscale_factor": 2}, [(N, 6, H, W)], "NS204",
     "`PixelShuffle` requires channels divisible by 2² = 4, but receives 6"),
    ("PixelUnshuffle", {"downscale_factor": 2}, [(N, 3, H, 7)], "NS204",
     "`PixelUnshuffle` requires a width divisible by 2, but receives 7"),
    ("ChannelShuffle", {"groups": 4}, [(N, 6, H, W)], "NS204",
     "the 6 channels are not divisible by groups=4"),
    ("ReflectionPad2d", {"padding": 3}, [(N, 3, 3, W)], "NS206",
     "`ReflectionPad2d` pads the height by 3, but the height is only 3"),
    ("ZeroPad2d", {"padding": -2}, [(N, 3, H, 4)], "NS206",
     "`ZeroPad2d` has an empty output: a width of 4 padded by -2 and -2 leaves 0"),
    ("Concat", {}, [(N, 16, 12, 12), (N, 24, 12, 12), (N, 24, 10, 12)], "NS202",
     "`Concat` cannot concatenate: the height differs (12 and 10)"),
    ("Concat", {}, [(N, 16, 12, 12), (N, 24)], "NS207",
     "`Concat` requires inputs of the same rank, but they have 4 and 2 dimensions"),
    ("Stack", {}, [(N, 16), (N, 24)], "NS202",
     "`Stack` cannot stack: the number of features differs (16 and 24)"),
    ("Add", {}, [(N, 128, H, W), (N, 64, H, W)], "NS203",
     "`Add` cannot broadcast its inputs: the number of channels differs (128 and 64)"),
    ("Add", {}, [(N, 8, 128), (64,)], "NS203",
     "`Add` cannot broadcast its inputs: dimension -1 differs (128 and 64)"),
    ("MatMul", {}, [(N, 3, 4), (N, 5, 6)], "NS205",
     "`MatMul` cannot multiply [N, 3, 4] by [N, 5, 6]: 4 columns, 5 rows"),
    ("Reshape", {"shape": [-1, 7]}, [(2, 3, 4)], "NS208",
     "`Reshape` cannot reshape [2, 3, 4] to [-1, 7]: 7 does not divide 24"),
    ("Reshape", {"shape": [5, 5]}, [(2, 3, 4)], "NS208",
     "`Reshape` cannot reshape [2, 3, 4] to [5, 5]: 25 elements, not 24"),
    ("Permute", {"dims": [0, 1, 1]}, [(N, 3, 4)], "NS209",
     "dims [0, 1, 1] of `Permute` must contain each of the 3 dimensions once"),
    ("Roll", {"shifts": [1], "dims": [3]}, [(N, 3, 4)], "NS209",
     "`dims` of `Roll` is 3, but the input has 3 dimensions"),
    ("Transpose", {"dim0": 1, "dim1": 3}, [(N, 3, 4)], "NS209",
     "`dim1` of `Transpose` is 3, but the input has 3 dimensions"),
    ("Squeeze", {"dim": [0, -2]}, [(1, 3)], "NS209",
     "dim [0, -2] of `Squeeze` contains a dimension twice"),
    ("Unsqueeze", {"dim": 3}, [(N, 3)], "NS209",
     "`dim` of `Unsqueeze` is 3, but the input has 2 dimensions"),
    ("Expand", {"size": [4]}, [(1, 3)], "NS207",
     "size [4] of `Expand` has fewer dimensions than the input [1, 3]"),
    ("Expand", {"size": [-1, 1, 3]}, [(1, 3)], "NS209",
     "`Expand` adds dimension 0, so its size cannot be -1"),
    ("Expand", {"size": [4, 4]}, [(1, 3)], "NS203",
     "`Expand` cannot expand 3 to 4 in dimension 1: only size 1 can be expanded"),
    ("Chunk", {"chunks": 4, "dim": 1}, [(N, 6)], "NS204",
     "`Chunk` cannot split 6 features into 4 parts"),
    ("Split", {"split_size": [3, 4], "dim": 1}, [(N, 8)], "NS208",
     "the parts [3, 4] of `Split` sum to 7, but its input has 8 features"),
    ("Split", {"split_size": 3, "dim": 2}, [(N, 8, H)], "NS125",
     "`Split` has an unknown number of parts: H depends on the input size"),
    ("Slice", {"dim": 1, "start": 3, "end": 3}, [(N, 8)], "NS206",
     "`Slice` from 3 to 3 of 8 features is empty"),
    ("Select", {"dim": 1, "index": 8}, [(N, 8)], "NS209",
     "`Select` reads index 8, but its input has 8 features"),
    ("Pad", {"pad": [2, 2], "mode": "reflect"}, [(N, 3, 2)], "NS206",
     "`Pad` pads the length by 2, but the length is only 2"),
    ("Mean", {"dim": [1, 1]}, [(N, 3)], "NS209", "dim [1, 1] of `Mean` contains a dimension twice"),
    ("ScaledDotProductAttention", {}, [(N, 8, 10, 64), (N, 8, 10, 32), (N, 8, 10, 64)], "NS205",
     "the query has 64 features, but the key has 32"),
    ("ScaledDotProductAttention", {}, [(N, 8, 10, 64), (N, 8, 9, 64), (N, 8, 10, 64)], "NS205",
     "the key has 9 positions, but the value has 10"),
    ("ScaledDotProductAttention", {}, [(N, 8, 10, 64)] * 3 + [(10, 9)], "NS203",
     "the mask [10, 9] does not match the attention weights [N, 8, 10, 10]"),
    ("ScaledDotProductAttention", {"is_causal": True}, [(N, 8, 10, 64)] * 3 + [(10, 10)], "NS108",
     "`ScaledDotProductAttention` takes a mask or is_causal: true, not both"),
    ("ScaledDotProductAttention", {"enable_gqa": True},
     [(2, 8, 10, 64), (2, 3, 10, 64), (2, 3, 10, 64)], "NS204",
     "the 8 heads of the query are not divisible by the 3 of the key or value"),
    ("MultiheadAttention", {"num_heads": 8}, [(10, N, 100)], "NS204",
     "the 100 features of `MultiheadAttention` are not divisible by num_heads=8"),
    ("MultiheadAttention", {"num_heads": 8}, [(64,)], "NS207",
     "`MultiheadAttention` expects [L, N, E] or [L, E], but its input [64] has 1 dimension"),
    ("MultiheadAttention", {"num_heads": 8, "batch_first": True}, [(N, 8, 10, 64)], "NS207",
     "`MultiheadAttention` expects [N, L, E] or [L, E], but its input [N, 8, 10, 64] has 4 dimensions"),
    ("MultiheadAttention", {"num_heads": 8}, [(10, N, 64)] * 2, "NS110",
     "`MultiheadAttention` requires a query alone, or query, key and value"),
    ("MultiheadAttention", {"num_heads": 8}, [(10, N, 64), (9, N, 64), (8, N, 64)], "NS205",
     "the key has 9 positions, but the value has 8"),
    ("MultiheadAttention", {"num_heads": 8}, [(10, 2, 64), (9, 3, 64), (9, 3, 64)], "NS205",
     "the query has 2 items in the batch, but the key has 3"),
    ("MultiheadAttention", {"num_heads": 8, "batch_first": True},
     [{"query": (N, 10, 64), "attn_mask": (10, 9)}], "NS203",
     "the attn_mask of `MultiheadAttention` must be [10, 10], but it is [10, 9]"),
    ("MultiheadAttention", {"num_heads": 8, "batch_first": True},
     [{"query": (2, 10, 64), "attn_mask": (8, 10, 10)}], "NS203",
     "the attn_mask of `MultiheadAttention` must be [16, 10, 10], but it is [8, 10, 10]"),
    ("MultiheadAttention", {"num_heads": 8, "batch_first": True},
     [{"query": (N, 10, 64), "key_padding_mask": (10,)}], "NS203",
     "the key_padding_mask of `MultiheadAttention` must be [N, 10], but it is [10]"),
    ("MultiheadAttention", {"num_heads": 8, "is_causal": True}, [(10, N, 64)], "NS108",
     "is_causal of `MultiheadAttention` requires attn_mask, but it is missing"),
    ("TransformerEncoderLayer", {"nhead": 8}, [(10, N, 100)], "NS204",
     "the 100 features of `TransformerEncoderLayer` are not divisible by nhead=8"),
    ("TransformerDecoder", {"nhead": 8, "num_layers": 2}, [(10, N, 64), (9, N, 32)], "NS205",
     "the tgt has 64 features, but the memory has 32"),
    ("LSTM", {"hidden_size": 8}, [(N, 3, H, W)], "NS207",
     "`LSTM` expects [L, N, F] or [L, F], but its input [N, 3, H, W] has 4 dimensions"),
    ("LSTM", {"hidden_size": 8, "batch_first": True, "num_layers": 2},
     [(N, 5, 4), (1, N, 8), (2, N, 8)], "NS205",
     "`LSTM` expects `h_0` to have [2, N, 8], got [1, N, 8]"),
    ("LSTM", {"hidden_size": 8}, [(5, N, 4), (1, N, 8)], "NS110",
     "`LSTM` requires both h_0 and c_0, or neither"),
    ("LSTMCell", {"hidden_size": 8}, [(N, 4), (N, 8)], "NS110",
     "`LSTMCell` requires both h_0 and c_0, or neither"),
    ("GRUCell", {"hidden_size": 8}, [(N, 4), (8,)], "NS205",
     "`GRUCell` expects `hidden` to have [N, 8], got [8]"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4}, [(N, 3, 4)], "NS207",
     "`EmbeddingBag` expects [N, L], or [L] with offsets, but its input [N, 3, 4] has 3 dimensions"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4}, [(6,)], "NS110",
     "`EmbeddingBag` expects an input [6] with offsets"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4}, [(N, 6), (2,)], "NS110",
     "`EmbeddingBag` expects an input [N, 6] with no offsets: each row is a bag"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4},
     [{"input": (N, 6), "per_sample_weights": (N, 6)}], "NS108",
     "`EmbeddingBag` accepts per_sample_weights only with mode: sum, not mean"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4, "mode": "sum"},
     [{"input": (N, 6), "per_sample_weights": (N, 5)}], "NS203",
     "the per_sample_weights of `EmbeddingBag` are [N, 5], but its input is [N, 6]"),
    ("MaxUnpool2d", {"kernel_size": 2}, [(N, 8, 4, 4), (N, 8, 4, 5)], "NS209",
     "`MaxUnpool2d` requires one index per value, but its input is [N, 8, 4, 4] and its indices "
     "are [N, 8, 4, 5]"),
    ("MaxUnpool2d", {"kernel_size": 2, "output_size": [8, 11]}, [(N, 8, 4, 4)] * 2, "NS209",
     "`MaxUnpool2d` cannot return a width of 11: its pool returns 4 for 7 to 9"),
    ("MaxUnpool1d", {"kernel_size": 1, "padding": 1}, [(N, 8, 2)] * 2, "NS206",
     "`MaxUnpool1d` has an empty output: padding=1 reduces the length to 0"),
    ("FractionalMaxPool2d", {"kernel_size": 2, "output_size": 8}, [(N, 3, H, 8)], "NS206",
     "`FractionalMaxPool2d` cannot place 8 windows of 2 in a width of 8"),
    ("Unfold", {"kernel_size": 3}, [(N, 3, H, 2)], "NS206",
     "`Unfold` expects a width of at least 3, but its input has a width of 2"),
    ("Fold", {"output_size": 4, "kernel_size": 2}, [(N, 10, 9)], "NS204",
     "`Fold` requires columns of complete windows: 10 is not divisible by 4"),
    ("Fold", {"output_size": 4, "kernel_size": 2}, [(N, 8, 8)], "NS208",
     "`Fold` requires 9 windows for [4, 4], but receives 8"),
    ("Fold", {"output_size": 4, "kernel_size": 5}, [(N, 25, 8)], "NS206",
     "`Fold` expects a height of at least 5, but its output has a height of 4"),
    ("CosineSimilarity", {"dim": 2}, [(N, 8), (N, 8)], "NS209",
     "`dim` of `CosineSimilarity` is 2, but the input has 2 dimensions"),
    ("PairwiseDistance", {}, [(N, 8), (N, 6)], "NS203",
     "`PairwiseDistance` cannot broadcast its inputs: the number of features differs (8 and 6)"),
    ("CrossMapLRN2d", {"size": 3}, [(N, 8)], "NS207",
     "`CrossMapLRN2d` expects [N, C, H, W], but its input [N, 8] has 2 dimensions"),
    ("SyncBatchNorm", {}, [(8,)], "NS207",
     "`SyncBatchNorm` expects [N, C, …] with at least 2 dimensions, but its input [8] has 1 dimension"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "args", "shapes", "code", "message"), CLASHES)
def test_a_clash_is_explained(
    op: str, args: dict[str, Any], shapes: list[Any], code: str, message: str
) -> None:
    error = rejection(op, args, *shapes)
    assert error.message == message
    assert error.code == code
    assert error.label


def test_groups_that_would_do_are_listed() -> None:
    error = rejection("Conv2d", {"out_channels": 64, "kernel_size": 3, "groups": 4}, (N, 30, H, W))
    assert error.helps == (
        "set `groups` to a common divisor of 30 input channels and 64 output channels: 1, 2",
        "or use an input with 28 or 32 channels",
    )
    assert error.label == "30 / 4 leaves a remainder of 2"
    assert error.axes == ((0, 1),)


def test_the_odd_one_out_of_a_concatenation_is_found() -> None:
    error = rejection("Concat", {}, (N, 16, 12, 12), (N, 24, 10, 12), (N, 24, 12, 12))
    assert error.axes == ((1, 2), (0, 2))
    assert error.notes == ("the other 2 inputs have height 12",)
    assert error.helps == ("make the height equal: only the joined dimension may differ",)


def test_a_wrong_rank_names_the_class_that_would_do() -> None:
    assert rejection("Conv2d", {"out_channels": 8, "kernel_size": 3}, (N, 3, 8, 8, 8)).helps == (
        "use `Conv3d`, which expects [N, C, D, H, W]",
    )
    assert rejection("BatchNorm2d", {}, (N, 3)).helps == (
        "use `BatchNorm1d`, which expects [N, C] or [N, C, L]",
    )


def test_a_size_that_must_be_fixed_says_which_symbol_and_what_helps() -> None:
    error = rejection("Linear", {"out_features": 10}, (N, 88 * (H // 8) * (W // 8)))
    assert error.axes == ((0, 1),)
    assert error.helps == (
        "replace H, W with numbers in `inputs`",
        "or pool to a fixed size first, with `AdaptiveAvgPool2d`",
    )


ARGUMENTS: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": "same", "stride": 2}, "NS108",
     "`Conv2d` cannot keep the size with padding: same and a stride of 2", "padding"),
    ("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": "full"}, "NS108",
     "`padding` of `Conv2d` cannot be full", "padding"),
    ("Conv2d", {"out_channels": 8, "kernel_size": [3, 3, 3]}, "NS108",
     "`kernel_size` of `Conv2d` cannot be [3, 3, 3]", "kernel_size"),
    ("Conv2d", {"out_channels": H, "kernel_size": 3}, "NS125",
     "`out_channels` of `Conv2d` must be a constant, but `H` depends on the input size",
     "out_channels"),
    ("ConvTranspose2d", {"out_channels": 8, "kernel_size": 3, "output_padding": 1}, "NS108",
     "output_padding=1 of `ConvTranspose2d` must be smaller than its stride or its dilation (1)",
     "output_padding"),
    ("MaxPool2d", {"kernel_size": 3, "padding": 2}, "NS108",
     "padding=2 of `MaxPool2d` is more than half of its kernel of 3", "padding"),
    ("LPPool1d", {"norm_type": 0, "kernel_size": 2}, "NS108",
     "norm_type of `LPPool1d` must not be 0", "norm_type"),
    ("AdaptiveAvgPool2d", {"output_size": None}, "NS108",
     "output_size of `AdaptiveAvgPool2d` cannot be null as a whole", "output_size"),
    ("CELU", {"alpha": 0}, "NS108", "alpha=0 of `CELU` divides by zero", "alpha"),
    ("Hardtanh", {"min_val": 2}, "NS108", "min_val=2 of `Hardtanh` is not below max_val=1",
     "min_val"),
    ("RReLU", {"lower": 0.5}, "NS108", "lower=0.5 of `RReLU` is not below upper=0.333333", "lower"),
    ("Dropout", {"p": 1.5}, "NS108", "`p` of `Dropout` cannot be 1.5", "p"),
    ("Unflatten", {"dim": 1, "unflattened_size": [-1, -1]}, "NS108",
     "only one entry of `unflattened_size` may be -1", "unflattened_size"),
    ("Reshape", {"shape": [-1, -1]}, "NS108", "only one entry of `shape` may be -1", "shape"),
    ("Upsample", {}, "NS108", "`Upsample` requires size or scale_factor, but has neither", "size"),
    ("Upsample", {"size": 4, "scale_factor": 2}, "NS108",
     "`Upsample` requires size or scale_factor, but has both", "size"),
    ("Upsample", {"size": 4, "align_corners": True}, "NS108",
     "align_corners is not valid with mode: nearest, only with linear, bilinear, bicubic, trilinear",
     "align_corners"),
    ("Upsample", {"size": 4, "recompute_scale_factor": True}, "NS108",
     "size is set, so there is no factor to recompute", "recompute_scale_factor"),
    ("Interpolate", {"size": 4, "antialias": True}, "NS108",
     "antialias is not valid with mode: nearest", "antialias"),
    ("Pad", {"pad": [1]}, "NS108", "pad of `Pad` has 1 entries, an odd number", "pad"),
    ("Pad", {"pad": [1, 1], "mode": "reflect", "value": 1}, "NS108",
     "value is not valid with mode: reflect", "value"),
    ("Pad", {"pad": [1] * 8, "mode": "reflect"}, "NS108", "mode: reflect pads 1, 2 or 3 dimensions",
     "pad"),
    ("Clamp", {}, "NS109", "`Clamp` requires min or max", ""),
    ("Embedding", {"num_embeddings": 9, "embedding_dim": 4, "padding_idx": 9}, "NS108",
     "padding_idx=9 is out of range for a table of 9 rows", "padding_idx"),
    ("EmbeddingBag", {"num_embeddings": 9, "embedding_dim": 4, "mode": "max", "sparse": True},
     "NS108", "sparse is not valid with mode: max", "sparse"),
    ("LSTM", {"hidden_size": 4, "proj_size": 4}, "NS108",
     "proj_size=4 of `LSTM` must be smaller than hidden_size=4", "proj_size"),
    ("MaxUnpool2d", {"kernel_size": 2, "output_size": [4]}, "NS108",
     "output_size of `MaxUnpool2d` has 1 entries, not 2", "output_size"),
    ("FractionalMaxPool2d", {"kernel_size": 2}, "NS108",
     "`FractionalMaxPool2d` requires output_size or output_ratio, but has neither", "output_size"),
    ("FractionalMaxPool2d", {"kernel_size": 2, "output_size": 2, "output_ratio": 0.5}, "NS108",
     "`FractionalMaxPool2d` requires output_size or output_ratio, but has both", "output_size"),
    ("FractionalMaxPool2d", {"kernel_size": 2, "output_ratio": 1}, "NS108",
     "output_ratio of `FractionalMaxPool2d` must be between 0 and 1", "output_ratio"),
    ("Parameter", {"shape": [1], "init": "zero"}, "NS108", "`init` of `Parameter` cannot be zero",
     "init"),
    ("Constant", {"value": [[1], [1, 2]]}, "NS108", "`value` of `Constant` cannot be [[1], [1, 2]]",
     "value"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "args", "code", "message", "name"), ARGUMENTS)
def test_arguments_that_cannot_be_are_explained(
    op: str, args: dict[str, Any], code: str, message: str, name: str
) -> None:
    cls = find(op)
    assert cls is not None
    layer, errors = cls.make(args)
    assert layer is None
    (error,) = errors
    assert (error.code, error.message, error.name) == (code, message, name)
    assert error.label


def test_a_misspelled_argument_is_one_mistake_even_where_it_was_required() -> None:
    cls = find("Conv2d")
    assert cls is not None
    _, errors = cls.make({"out_channels": 8, "kernal_size": 3})
    (error,) = errors
    assert error.message == "`Conv2d` has no argument `kernal_size`"
    assert error.helps == ("did you mean `kernel_size`?",)
