"""Normalization of each channel: over the batch, or over one item.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NUMBER,
    ConcreteShape,
    FieldRule,
    Module,
    Null,
    Number,
    OneOf,
    Shape,
    Size,
    Solver,
    constant_size,
    inferred,
    layer,
    optional,
    require_rank,
    require_spatial,
)
from netspec.layer.checks import expected_layout
from netspec.layers.norm import EPSILON, require_several


class _ChannelNorm(Module):
    """Statistics for each channel, optionally with running means."""

    category = "normalization"
    saved_inputs = True
    positional = ("num_features",)

    num_features: int | None = inferred("the number of channels of the input")
    eps: float = optional(NUMBER, EPSILON, 1e-5)
    momentum: float | None = optional(
        OneOf(NUMBER, Null()),
        "the weight of the current batch in the running statistics; null for a cumulative average",
        0.1,
    )
    affine: bool = optional(BOOLEAN, "whether to learn a scale and a shift for each channel", True)
    track_running_stats: bool = optional(
        BOOLEAN, "whether to track running statistics in training and use them in evaluation", True
    )
    bias: bool = optional(BOOLEAN, "whether to learn a shift in addition to the scale", True)

    def channel_axis(self, shape: Shape) -> int | None:
        """The dimension of the channels; None for a rank that the layer does not accept."""
        raise NotImplementedError

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        axis = self.channel_axis(inputs[0])
        return {} if axis is None else {"num_features": inputs[0][axis]}

    def counted(self, shape: Shape) -> int:
        """The channels of an input, as a number."""
        axis = self.channel_axis(shape)
        assert axis is not None
        return constant_size(self.op, "channels", shape, axis, self.num_features)

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if self.track_running_stats or axis == self.channel_axis(inputs[0]):
            return super().receptive_field(result, index, axis, *inputs)
        return "everything"

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        if not self.affine:
            return {}
        each = (self.counted(inputs[0]),)
        return {"weight": each, "bias": each} if self.bias else {"weight": each}

    def buffers(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        if not self.track_running_stats:
            return {}
        each = (self.counted(inputs[0]),)
        return {"running_mean": each, "running_var": each, "num_batches_tracked": ()}


class _BatchNorm(_ChannelNorm):
    """The rule of batch normalization, which needs a batch axis."""

    eps: float = optional(Number(above=0), EPSILON, 1e-5)

    ranks: ClassVar[Sequence[int]]
    takes: ClassVar[str]

    def channel_axis(self, shape: Shape) -> int | None:
        return 1 if len(shape) in self.ranks else None

    def normalized_sizes(self, shape: Shape) -> tuple[Size, ...]:
        return _not_one((shape[0], *shape[2:]))

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank(self.op, shape, self.ranks, self.takes, _fitting("BatchNorm", shape))
        self.counted(shape)
        if not self.track_running_stats:
            require_several(self.op, solver, (shape[0], *shape[2:]), "channel")
        return shape


def _not_one(shape: Shape) -> tuple[Size, ...]:
    return tuple([size for size in shape if not isinstance(size, int) or size != 1])


def _fitting(family: str, shape: Shape) -> tuple[str, ...]:
    axes = {2: 1, 3: 1, 4: 2, 5: 3}.get(len(shape))
    if axes is None:
        return ()
    takes = "[N, C] or [N, C, L]" if axes == 1 else expected_layout(axes, unbatched=False)
    return (f"use `{family}{axes}d`, which expects {takes}",)


@layer
class BatchNorm1d(_BatchNorm):
    """Normalizes each channel over the batch and the length, with a learned scale and shift.

    Shape: (N, C) -> (N, C) or (N, C, L) -> (N, C, L),
        y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm1d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (2, 3)
    takes = "[N, C] or [N, C, L]"


@layer
class BatchNorm2d(_BatchNorm):
    """Normalizes each channel over the batch, the height and the width, with a learned scale and shift.

    Shape: (N, C, H, W) -> (N, C, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm2d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (4,)
    takes = "[N, C, H, W]"


@layer
class BatchNorm3d(_BatchNorm):
    """Normalizes each channel over the batch and the spatial dimensions, with a learned scale and shift.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm3d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (5,)
    takes = "[N, C, D, H, W]"


@layer
class SyncBatchNorm(_BatchNorm):
    """Normalizes each channel over the batches of all processes of a distributed training.

    Shape: (N, C, *) -> (N, C, *), y = (x − mean) / √(variance + eps) · weight + bias
    Note: In a single process, or on a CPU, it is the same as `BatchNorm`.
    Source: `torch.nn.SyncBatchNorm`, https://arxiv.org/abs/1502.03167
    """

    ranks = range(2, 100)
    takes = "[N, C, …] with at least 2 dimensions"


class _InstanceNorm(_ChannelNorm):
    """The rule of instance normalization: the statistics of one item's channel."""

    momentum: float = optional(
        NUMBER,
        "the weight of the current batch in the running statistics; null for a cumulative average",
        0.1,
    )
    affine: bool = optional(BOOLEAN, "whether to learn a scale and a shift for each channel", False)
    track_running_stats: bool = optional(
        BOOLEAN, "whether to track running statistics in training and use them in evaluation", False
    )
    order = ("num_features", "eps", "momentum", "affine", "track_running_stats", "bias")

    def channel_axis(self, shape: Shape) -> int | None:
        fits = len(shape) in (self.axes + 1, self.axes + 2)
        return len(shape) - self.axes - 1 if fits else None

    def normalized_sizes(self, shape: Shape) -> tuple[Size, ...]:
        return _not_one(shape[-self.axes :])

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_spatial(self.op, shape, self.axes)
        self.counted(shape)
        if not self.track_running_stats:
            require_several(self.op, solver, shape[-self.axes :], "channel")
        return shape


@layer
class InstanceNorm1d(_InstanceNorm):
    """Normalizes each channel of each sequence by itself.

    Shape: (N, C, L) -> (N, C, L), y = (x − mean) / √(variance + eps) · weight + bias
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.InstanceNorm1d`, https://arxiv.org/abs/1607.08022
    """

    axes = 1


@layer
class InstanceNorm2d(_InstanceNorm):
    """Normalizes each channel of each image by itself.

    Shape: (N, C, H, W) -> (N, C, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.InstanceNorm2d`, https://arxiv.org/abs/1607.08022
    """

    axes = 2


@layer
class InstanceNorm3d(_InstanceNorm):
    """Normalizes each channel of each volume by itself.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.InstanceNorm3d`, https://arxiv.org/abs/1607.08022
    """

    axes = 3
