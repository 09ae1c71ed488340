"""Normalisation of each channel: over the batch, or over one item.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.dims import Shape, Size
from netspec.layers.answers import FieldRule
from netspec.layers.arguments import (
    FLAG,
    NUMBER,
    Either,
    Nothing,
    Number,
    inferred,
    optional,
)
from netspec.layers.base import Axes, Module, Solver, layer
from netspec.layers.checks import fixed, layout, require_rank, require_spatial
from netspec.layers.norm import EPSILON, require_several


class _ChannelNorm(Module):
    """Statistics for each channel, kept as running means if asked for."""

    saved_inputs = True
    positional = ("num_features",)

    num_features: int | None = inferred("channels of the input")
    eps: float = optional(NUMBER, EPSILON, 1e-5)
    momentum: float | None = optional(
        Either(NUMBER, Nothing()), "weight of the newest batch in the running statistics", 0.1
    )
    affine: bool = optional(FLAG, "whether each channel gets a learned scale and shift", True)
    track_running_stats: bool = optional(
        FLAG, "whether running statistics are kept and used in evaluation", True
    )
    bias: bool = optional(FLAG, "whether there is a learned shift besides the scale", True)

    @property
    def op(self) -> str:
        """Its name, for messages."""
        return type(self).__name__

    def channel_axis(self, shape: Shape) -> int | None:
        """Where the channels are, or None for a rank that it does not take."""
        raise NotImplementedError

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        axis = self.channel_axis(inputs[0])
        return {} if axis is None else {"num_features": inputs[0][axis]}

    def counted(self, shape: Shape) -> int:
        """The channels of an input, as a number."""
        axis = self.channel_axis(shape)
        assert axis is not None
        return fixed(self.op, "channels", shape, axis, self.num_features)

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        if self.track_running_stats or axis == self.channel_axis(inputs[0]):
            return super().sees(result, index, axis, *inputs)
        return "everything"

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        if not self.affine:
            return {}
        each = (self.counted(inputs[0]),)
        return {"weight": each, "bias": each} if self.bias else {"weight": each}

    def buffers(self, *inputs: Shape) -> dict[str, Axes]:
        if not self.track_running_stats:
            return {}
        each = (self.counted(inputs[0]),)
        return {"running_mean": each, "running_var": each, "num_batches_tracked": ()}


class _BatchNorm(_ChannelNorm):
    """The rule of batch normalisation, which needs a batch axis."""

    eps: float = optional(Number(above=0), EPSILON, 1e-5)

    ranks: ClassVar[Sequence[int]]
    takes: ClassVar[str]

    def channel_axis(self, shape: Shape) -> int | None:
        return 1 if len(shape) in self.ranks else None

    def together(self, shape: Shape) -> tuple[Size, ...]:
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
    takes = "[N, C] or [N, C, L]" if axes == 1 else layout(axes, unbatched=False)
    return (f"use `{family}{axes}d`, which expects {takes}",)


@layer
class BatchNorm1d(_BatchNorm):
    """Brings each channel of a batch to mean 0 and variance 1, then scales it.

    Shape: (N, C) -> (N, C) or (N, C, L) -> (N, C, L),
    y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm1d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (2, 3)
    takes = "[N, C] or [N, C, L]"


@layer
class BatchNorm2d(_BatchNorm):
    """Brings each channel of a batch of images to mean 0 and variance 1, then scales it.

    Shape: (N, C, H, W) -> (N, C, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm2d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (4,)
    takes = "[N, C, H, W]"


@layer
class BatchNorm3d(_BatchNorm):
    """Brings each channel of a batch of volumes to mean 0 and variance 1, then scales it.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.BatchNorm3d`, https://arxiv.org/abs/1502.03167
    """

    ranks = (5,)
    takes = "[N, C, D, H, W]"


@layer
class SyncBatchNorm(_BatchNorm):
    """Brings each channel of a batch to mean 0 and variance 1, over all processes that train it.

    Shape: (N, C, *) -> (N, C, *), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.SyncBatchNorm`, https://arxiv.org/abs/1502.03167. One process alone, or on a
    CPU, does what `BatchNorm` does.
    """

    ranks = range(2, 100)
    takes = "[N, C, …] with at least 2 dimensions"


class _InstanceNorm(_ChannelNorm):
    """The rule of instance normalisation: the statistics of one item's channel."""

    momentum: float = optional(NUMBER, "weight of the newest batch in the running statistics", 0.1)
    affine: bool = optional(FLAG, "whether each channel gets a learned scale and shift", False)
    track_running_stats: bool = optional(
        FLAG, "whether running statistics are kept and used in evaluation", False
    )
    order = ("num_features", "eps", "momentum", "affine", "track_running_stats", "bias")

    def channel_axis(self, shape: Shape) -> int | None:
        fits = len(shape) in (self.axes + 1, self.axes + 2)
        return len(shape) - self.axes - 1 if fits else None

    def together(self, shape: Shape) -> tuple[Size, ...]:
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
    """Brings each channel of each sequence to mean 0 and variance 1.

    Shape: (N, C, L) -> (N, C, L), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.InstanceNorm1d`, https://arxiv.org/abs/1607.08022. A single item (C,
    L) works too.
    """

    axes = 1


@layer
class InstanceNorm2d(_InstanceNorm):
    """Brings each channel of each image to mean 0 and variance 1.

    Shape: (N, C, H, W) -> (N, C, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.InstanceNorm2d`, https://arxiv.org/abs/1607.08022. A single item (C, H,
    W) works too.
    """

    axes = 2


@layer
class InstanceNorm3d(_InstanceNorm):
    """Brings each channel of each volume to mean 0 and variance 1.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.InstanceNorm3d`, https://arxiv.org/abs/1607.08022. A single item (C, D, H,
    W) works too.
    """

    axes = 3
