"""Normalization over the batch, the channels, or the features.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.dims import as_integer, product
from netspec.layer import (
    BOOLEAN,
    NUMBER,
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
    ListOf,
    Module,
    Null,
    Number,
    OneOf,
    Shape,
    ShapeError,
    Size,
    Solver,
    constant_size,
    inferred,
    layer,
    optional,
    require_rank,
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layer.checks import divisors, not_divisible

EPSILON = "a constant that is added to the variance, for numerical stability"


def require_several(op: str, solver: Solver, sizes: Sequence[Size], what: str) -> None:
    """Reject a single value, whose variance torch cannot compute."""
    if any(as_integer(size) not in (None, 1) for size in sizes):
        return
    if not solver.at_least(product(sizes), 2):
        raise ShapeError(
            Code.TOO_SMALL,
            f"`{op}` normalizes over a single value per {what}",
            label=f"one value per {what}",
            helps=("remove this layer, or normalize a larger feature map: the result is always 0",),
        )


@layer
class GroupNorm(Module):
    """Normalizes each group of channels of each item, with a learned scale and shift for each channel.

    Shape: (N, C, *) -> (N, C, *),
        y = (x − mean) / √(variance + eps) · weight + bias; num_groups divides C
    Source: `torch.nn.GroupNorm`, https://arxiv.org/abs/1803.08494
    """

    category = "normalization"
    saved_inputs = True
    positional = ("num_groups", "num_channels")

    num_groups: int = required(POSITIVE, "the number of groups of channels")
    num_channels: int | None = inferred("the number of channels of the input")
    eps: float = optional(NUMBER, EPSILON, 1e-5)
    affine: bool = optional(BOOLEAN, "whether to learn a scale and a shift for each channel", True)
    bias: bool = optional(BOOLEAN, "whether to learn a shift in addition to the scale", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"num_channels": inputs[0][1]} if len(inputs[0]) > 1 else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("GroupNorm", shape, range(2, 100), "[N, C, …]")
        channels = constant_size("GroupNorm", "channels", shape, 1, self.num_channels)
        if channels % self.num_groups:
            raise ShapeError(
                Code.DIVISIBLE,
                not_divisible("channels", channels, "num_groups", self.num_groups),
                argument="num_groups",
                label=f"{channels} / {self.num_groups} leaves a remainder of "
                f"{channels % self.num_groups}",
                axes=((0, 1),),
                helps=(
                    f"set `num_groups` to a divisor: {divisors(channels, channels, self.num_groups)}",
                ),
            )
        several = (shape[0], channels // self.num_groups, *shape[2:])
        require_several("GroupNorm", solver, several, "group")
        return shape

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "everything" if axis > 0 else super().receptive_field(result, index, axis, *inputs)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        if not self.affine:
            return {}
        each = (constant_size("GroupNorm", "channels", inputs[0], 1, self.num_channels),)
        return {"weight": each, "bias": each} if self.bias else {"weight": each}


class _LastAxesNorm(Module):
    """Statistics over the last axes, one scale for each of their elements."""

    category = "normalization"
    saved_inputs = True
    positional = ("normalized_shape",)

    normalized_shape: int | tuple[int, ...] | None = inferred(
        "the sizes of the dimensions to normalize; the last dimension by default",
        OneOf(POSITIVE, ListOf(POSITIVE, fewest=1)),
    )

    @property
    def count(self) -> int:
        """The number of normalized axes."""
        return len(self.normalized_shape) if isinstance(self.normalized_shape, tuple) else 1

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        if isinstance(self.normalized_shape, tuple):
            return {"normalized_shape": self.normalized_shape}
        return {"normalized_shape": inputs[0][-1]} if inputs[0] else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, written = inputs[0], self.normalized_shape
        takes = "at least 1 dimension" if self.count == 1 else f"[…, {show(written)[1:-1]}]"
        require_rank(self.op, shape, range(self.count, 100), takes)
        for back, size in enumerate(reversed(written) if isinstance(written, tuple) else ()):
            if not solver.equal(shape[-1 - back], size):
                raise ShapeError(
                    Code.FEATURES,
                    f"`{self.op}` declares normalized_shape: {show(written)}, but its input is "
                    f"{show(shape)}",
                    argument="normalized_shape",
                    label=f"the last {self.count} dimensions are {show(shape[-self.count :])}",
                    axes=((0, len(shape) - 1 - back),),
                    shown_shapes=(shape,),
                    **self._fitting(shape[-self.count :]),
                )
        self.tail(shape)
        return shape

    def _fitting(self, tail: Shape) -> dict[str, Any]:
        """The help with the shape that fits, if its sizes are numbers."""
        sizes = [size for size in map(as_integer, tail) if size is not None]
        if len(sizes) < len(tail):
            return {}
        return {
            "helps": (f"write `normalized_shape: {show(tail)}`",),
            "fits": {"normalized_shape": sizes},
        }

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        inner = axis >= len(inputs[0]) - self.count
        return "everything" if inner else super().receptive_field(result, index, axis, *inputs)

    def tail(self, shape: Shape) -> ConcreteShape:
        """The sizes of the normalized axes, as numbers."""
        written = self.normalized_shape
        each = written if isinstance(written, tuple) else (written,)
        first = len(shape) - self.count
        return tuple(
            constant_size(self.op, "features", shape, first + i, one) for i, one in enumerate(each)
        )


@layer
class LayerNorm(_LastAxesNorm):
    """Normalizes the last dimensions of each item, with a learned scale and shift for each element.

    Shape: (*, normalized_shape) -> (*, normalized_shape),
        y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.LayerNorm`, https://arxiv.org/abs/1607.06450
    """

    eps: float = optional(NUMBER, EPSILON, 1e-5)
    elementwise_affine: bool = optional(BOOLEAN, "whether to learn a scale for each element", True)
    bias: bool = optional(BOOLEAN, "whether to learn a shift in addition to the scale", True)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        if not self.elementwise_affine:
            return {}
        each = self.tail(inputs[0])
        return {"weight": each, "bias": each} if self.bias else {"weight": each}


@layer
class RMSNorm(_LastAxesNorm):
    """Divides the last dimensions of each item by their root mean square, with a learned scale.

    Shape: (*, normalized_shape) -> (*, normalized_shape), y = x / √(mean(x²) + eps) · weight
    Source: `torch.nn.RMSNorm`, https://arxiv.org/abs/1910.07467
    """

    eps: float | None = optional(
        OneOf(NUMBER, Null()),
        "a constant that is added to the mean square; null for float32's epsilon (float64's for "
        "float64)",
        None,
    )  # fmt: skip
    elementwise_affine: bool = optional(BOOLEAN, "whether to learn a scale for each element", True)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        return {"weight": self.tail(inputs[0])} if self.elementwise_affine else {}


@layer
class LocalResponseNorm(Module):
    """Applies local response normalization across neighboring channels.

    Shape: (N, C, *) -> (N, C, *), y = x / (k + alpha/size · Σ x²)^beta, the sum over size channels
    Source: `torch.nn.LocalResponseNorm`, Krizhevsky et al. 2012 (AlexNet)
    """

    category = "normalization"
    saved_inputs = True
    fractional = True
    positional = ("size",)

    size: int = required(POSITIVE, "the number of neighboring channels in the sum")
    alpha: float = optional(NUMBER, "the factor of the sum", 1e-4)
    beta: float = optional(NUMBER, "the exponent", 0.75)
    k: float = optional(Number(), "a constant that is added to the sum", 1.0)

    def element(self, name: str) -> str:
        return "averaged"

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank(
            "LocalResponseNorm", inputs[0], range(3, 100), "[N, C, …] with at least 3 dimensions"
        )
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear" if axis == 1 else super().receptive_field(result, index, axis, *inputs)


@layer
class CrossMapLRN2d(Module):
    """Applies local response normalization across neighboring channels of an image.

    Shape: (N, C, H, W) -> (N, C, H, W),
        y = x / (k + alpha/size · Σ x²)^beta, the sum over size channels and channel 0
    Note: PyTorch never removes channel 0 from the sum. `LocalResponseNorm` replaces this layer.
    Source: `torch.nn.CrossMapLRN2d`
    """

    category = "normalization"
    saved_inputs = True
    saved_result = True
    floating = True
    positional = ("size",)

    size: int = required(POSITIVE, "the number of neighboring channels in the sum")
    alpha: float = optional(NUMBER, "the factor of the sum", 1e-4)
    beta: float = optional(NUMBER, "the exponent", 0.75)
    k: float = optional(NUMBER, "a constant that is added to the sum", 1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        helps = ("use `LocalResponseNorm`, which accepts other ranks",)
        require_rank("CrossMapLRN2d", inputs[0], (4,), "[N, C, H, W]", helps)
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear" if axis == 1 else super().receptive_field(result, index, axis, *inputs)
