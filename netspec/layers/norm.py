"""Normalisation over the batch, the channels, or the features.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, constant, product
from netspec.layers.answers import FieldRule
from netspec.layers.arguments import (
    FLAG,
    NUMBER,
    POSITIVE,
    Either,
    Many,
    Nothing,
    Number,
    inferred,
    optional,
    required,
)
from netspec.layers.base import Axes, Module, ShapeError, Solver, layer, show
from netspec.layers.checks import (
    divisors,
    fixed,
    not_divisible,
    require_rank,
)

EPSILON = "what is added to the variance before the root"


def require_several(op: str, solver: Solver, sizes: Sequence[Size], what: str) -> None:
    """Refuse a mean over a single value, where torch knows no variance."""
    if any(constant(size) not in (None, 1) for size in sizes):
        return
    if not solver.at_least(product(sizes), 2):
        raise ShapeError(
            Code.TOO_SMALL,
            f"`{op}` has only one value to normalise over for each {what}",
            label=f"one value for each {what}",
            helps=("the result would always be 0: drop this layer, or normalise a larger map",),
        )


@layer
class GroupNorm(Module):
    """Brings each group of channels of each item to mean 0 and variance 1.

    Shape: (N, C, *) -> (N, C, *),
    y = (x − mean) / √(variance + eps) · weight + bias; num_groups divides C
    Source: `torch.nn.GroupNorm`, https://arxiv.org/abs/1803.08494
    """

    saved_inputs = True
    positional = ("num_groups", "num_channels")

    num_groups: int = required(POSITIVE, "groups that the channels fall into")
    num_channels: int | None = inferred("channels of the input")
    eps: float = optional(NUMBER, EPSILON, 1e-5)
    affine: bool = optional(FLAG, "whether each channel gets a learned scale and shift", True)
    bias: bool = optional(FLAG, "whether there is a learned shift besides the scale", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        return {"num_channels": inputs[0][1]} if len(inputs[0]) > 1 else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("GroupNorm", shape, range(2, 100), "[N, C, …]")
        channels = fixed("GroupNorm", "channels", shape, 1, self.num_channels)
        if channels % self.num_groups:
            raise ShapeError(
                Code.DIVISIBLE,
                not_divisible("channels", channels, "num_groups", self.num_groups),
                argument="num_groups",
                label=f"{channels} / {self.num_groups} leaves a remainder of "
                f"{channels % self.num_groups}",
                axes=((0, 1),),
                helps=(f"num_groups may be {divisors(channels, channels, self.num_groups)}",),
            )
        several = (shape[0], channels // self.num_groups, *shape[2:])
        require_several("GroupNorm", solver, several, "group")
        return shape

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        return "everything" if axis > 0 else super().sees(result, index, axis, *inputs)

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        if not self.affine:
            return {}
        each = (fixed("GroupNorm", "channels", inputs[0], 1, self.num_channels),)
        return {"weight": each, "bias": each} if self.bias else {"weight": each}


class _LastAxesNorm(Module):
    """Statistics over the last axes, one scale for each of their elements."""

    saved_inputs = True
    positional = ("normalized_shape",)

    normalized_shape: int | tuple[int, ...] | None = inferred(
        "the last axes, over which it normalises; the last one if left out",
        Either(POSITIVE, Many(POSITIVE, fewest=1)),
    )

    @property
    def op(self) -> str:
        """Its name, for messages."""
        return type(self).__name__

    @property
    def count(self) -> int:
        """How many axes it normalises over."""
        return len(self.normalized_shape) if isinstance(self.normalized_shape, tuple) else 1

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        if isinstance(self.normalized_shape, tuple):
            return {"normalized_shape": self.normalized_shape}
        return {"normalized_shape": inputs[0][-1]} if inputs[0] else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, written = inputs[0], self.normalized_shape
        takes = "at least 1 axis" if self.count == 1 else f"[…, {show(written)[1:-1]}]"
        require_rank(self.op, shape, range(self.count, 100), takes)
        for back, size in enumerate(reversed(written) if isinstance(written, tuple) else ()):
            if not solver.equal(shape[-1 - back], size):
                raise ShapeError(
                    Code.FEATURES,
                    f"`{self.op}` declares normalized_shape: {show(written)}, but its input is "
                    f"{show(shape)}",
                    argument="normalized_shape",
                    label=f"the last {self.count} axes are {show(shape[-self.count :])}",
                    axes=((0, len(shape) - 1 - back),),
                    **self._fitting(shape[-self.count :]),
                )
        self.tail(shape)
        return shape

    def _fitting(self, tail: Shape) -> dict[str, Any]:
        """The help that names the shape which fits, where it is one of numbers."""
        sizes = [size for size in map(constant, tail) if size is not None]
        if len(sizes) < len(tail):
            return {}
        return {
            "helps": (f"write `normalized_shape: {show(tail)}`",),
            "fits": {"normalized_shape": sizes},
        }

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        inner = axis >= len(inputs[0]) - self.count
        return "everything" if inner else super().sees(result, index, axis, *inputs)

    def tail(self, shape: Shape) -> Axes:
        """The axes that it normalises over, as numbers."""
        written = self.normalized_shape
        each = written if isinstance(written, tuple) else (written,)
        first = len(shape) - self.count
        return tuple(
            fixed(self.op, "features", shape, first + i, one) for i, one in enumerate(each)
        )


@layer
class LayerNorm(_LastAxesNorm):
    """Brings the last axes of each item to mean 0 and variance 1, then scales each element.

    Shape: (*, normalized_shape) -> the same, y = (x − mean) / √(variance + eps) · weight + bias
    Source: `torch.nn.LayerNorm`, https://arxiv.org/abs/1607.06450
    """

    eps: float = optional(NUMBER, EPSILON, 1e-5)
    elementwise_affine: bool = optional(FLAG, "whether each element gets a learned scale", True)
    bias: bool = optional(FLAG, "whether there is a learned shift besides the scale", True)

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        if not self.elementwise_affine:
            return {}
        each = self.tail(inputs[0])
        return {"weight": each, "bias": each} if self.bias else {"weight": each}


@layer
class RMSNorm(_LastAxesNorm):
    """Brings the last axes of each item to root mean square 1, then scales each element.

    Shape: (*, normalized_shape) -> the same, y = x / √(mean(x²) + eps) · weight
    Source: `torch.nn.RMSNorm`, https://arxiv.org/abs/1910.07467
    """

    eps: float | None = optional(
        Either(NUMBER, Nothing()),
        "what is added to the mean square; if null, float32's epsilon (float64's for float64)",
        None,
    )  # fmt: skip
    elementwise_affine: bool = optional(FLAG, "whether each element gets a learned scale", True)

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        return {"weight": self.tail(inputs[0])} if self.elementwise_affine else {}


@layer
class LocalResponseNorm(Module):
    """Divides each value by what its neighbouring channels have at the same place.

    Shape: (N, C, *) -> (N, C, *), y = x / (k + alpha/size · Σ x²)^beta,
    the sum over `size` channels
    Source: `torch.nn.LocalResponseNorm`, Krizhevsky et al. 2012 (AlexNet)
    """

    saved_inputs = True
    fractional = True
    positional = ("size",)

    size: int = required(POSITIVE, "neighbouring channels that count")
    alpha: float = optional(NUMBER, "weight of the neighbours", 1e-4)
    beta: float = optional(NUMBER, "the exponent", 0.75)
    k: float = optional(Number(), "what is added before the exponent", 1.0)

    def element(self, name: str) -> str:
        return "averaged"

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("LocalResponseNorm", inputs[0], range(3, 100), "[N, C, …] with 3 axes or more")
        return inputs[0]

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        return "unclear" if axis == 1 else super().sees(result, index, axis, *inputs)


@layer
class CrossMapLRN2d(Module):
    """Divides each value by what its neighbouring channels have at the same place of an image.

    Shape: (N, C, H, W) -> (N, C, H, W), y = x / (k + alpha/size · Σ x²)^beta,
    the sum over `size` channels and channel 0, which torch never takes out of it
    Source: `torch.nn.CrossMapLRN2d`, which `LocalResponseNorm` took the place of
    """

    saved_inputs = True
    saved_result = True
    floating = True
    positional = ("size",)

    size: int = required(POSITIVE, "neighbouring channels that count")
    alpha: float = optional(NUMBER, "weight of the neighbours", 1e-4)
    beta: float = optional(NUMBER, "the exponent", 0.75)
    k: float = optional(NUMBER, "what is added before the exponent", 1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        helps = ("`LocalResponseNorm` takes other ranks too",)
        require_rank("CrossMapLRN2d", inputs[0], (4,), "[N, C, H, W]", helps)
        return inputs[0]

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        return "unclear" if axis == 1 else super().sees(result, index, axis, *inputs)
