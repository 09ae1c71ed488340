"""Pooling over windows that start at random places.

N batch, C channels, D depth, H height, W width.
"""

from __future__ import annotations

from typing import Any, ClassVar

from netspec.dims import scale
from netspec.layer import (
    BOOLEAN,
    Code,
    Null,
    Number,
    OneOf,
    Origin,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    layer,
    optional,
    per_axis,
    required,
)
from netspec.layer.checks import SPATIAL, amount
from netspec.layers.pool import Spatial

_RATIO = PerAxis(each=Number(0, 1))


class _FractionalMaxPool(Spatial):
    """Max pooling over a fixed number of windows at random positions."""

    saved_inputs = True
    indices = True
    floating = True
    positional = ("kernel_size",)

    spare: ClassVar[int] = 0
    """The number of elements that remain in addition to the windows at their smallest distance."""

    kernel_size: int | tuple[int, ...] = required(PerAxis(), "the size of the window, in elements")
    output_size: Any = optional(
        OneOf(PerAxis(), Null()), "the size of the result; exclusive with output_ratio", None
    )
    output_ratio: Any = optional(
        OneOf(_RATIO, Null()),
        "the size of the result divided by that of the input, between 0 and 1",
        None,
    )
    return_indices: bool = optional(
        BOOLEAN, "whether to return the indices of the maxima as a second result, `indices`", False
    )

    def saves_result(self, result: int) -> bool:
        return result == 1

    def validate(self) -> None:
        size, ratio = self.output_size, self.output_ratio
        if (size is None) == (ratio is None):
            has = "has neither" if size is None else "has both"
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`{self.op}` requires output_size or output_ratio, but {has}",
                argument="output_size",
                label="requires one of the two",
            )
        if ratio is not None and not all(0 < r < 1 for r in self.ratios):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"output_ratio of `{self.op}` must be between 0 and 1",
                argument="output_ratio",
                label="must be between 0 and 1",
            )

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        size = shape[first + i]
        kernel, name = per_axis(self.kernel_size, self.axes)[i], SPATIAL[self.axes][i]
        out = self.output_sizes(size, i)
        if not solver.at_least(out, 1) or not solver.at_least(size - out - kernel + 1, self.spare):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` cannot place {out} windows of {kernel} in {amount(name, size)}",
                argument="kernel_size",
                label=f"window {kernel}, input {name} {size}",
                axes=((0, first + i),),
            )
        return out

    def output_sizes(self, size: Size, i: int) -> Size:
        """How many windows there are along spatial axis `i`."""
        if self.output_size is not None:
            return per_axis(self.output_size, self.axes)[i]
        return scale(size, self.ratios[i])

    @property
    def ratios(self) -> tuple[float, ...]:
        """The ratio for each axis."""
        ratio = self.output_ratio
        return ratio if isinstance(ratio, tuple) else (ratio,) * self.axes

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis < len(inputs[0]) - self.axes:
            return Origin("same", parts=((0, axis),))
        if self.output_size is not None:
            return Origin("argument", "output_size")
        return Origin("window", parts=((0, axis),))


@layer
class FractionalMaxPool2d(_FractionalMaxPool):
    """Applies 2-D max pooling over windows at pseudorandom positions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = output_size or ⌊H · output_ratio⌋; the same for W_out
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.FractionalMaxPool2d`, https://arxiv.org/abs/1412.6071
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: FractionalMaxPool2d, kernel_size: 2, output_ratio: 0.5}
    """

    axes = 2


@layer
class FractionalMaxPool3d(_FractionalMaxPool):
    """Applies 3-D max pooling over windows at pseudorandom positions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = output_size or ⌊D · output_ratio⌋; the same for H_out and W_out
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.FractionalMaxPool3d`, https://arxiv.org/abs/1412.6071
    """

    example = """
        inputs: {volume: [N, 8, D, H, W]}
        body:
          - {op: FractionalMaxPool3d, kernel_size: 2, output_ratio: 0.5}
    """

    axes = 3
    spare = 1
