"""Transposed convolutions, which make a map larger.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layers.answers import FieldRule, Window
from netspec.layers.arguments import (
    Choice,
    PerAxis,
    optional,
)
from netspec.layers.base import (
    Axes,
    ShapeError,
    Solver,
    layer,
    per_axis,
)
from netspec.layers.checks import SPATIAL, integer_range
from netspec.layers.conv import Convolution
from netspec.layers.sliding import reached


class _ConvTranspose(Convolution):
    """The rule of a transposed convolution over any number of axes."""

    order = (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding",
        "groups", "bias", "dilation", "padding_mode",
    )  # fmt: skip

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "elements that are cut off each side of the result", 0
    )
    output_padding: int | tuple[int, ...] = optional(
        PerAxis(0), "elements added on one side of the result; less than stride or dilation", 0
    )
    padding_mode: str = optional(Choice("zeros"), "only `zeros`", "zeros")

    def validate(self) -> None:
        for i, extra in enumerate(self.each("output_padding")):
            most = max(self.each("stride")[i], self.each("dilation")[i])
            if extra >= most:
                raise ShapeError(
                    Code.BAD_ARGUMENT,
                    f"output_padding={extra} of `{self.op}` must be smaller than its stride "
                    f"or its dilation ({most})",
                    argument="output_padding",
                    label=f"must be less than {most}",
                    helps=(f"set `output_padding` to {integer_range(0, most - 1)}",),
                )

    def each(self, name: str) -> tuple[int, ...]:
        """An argument, one number per axis."""
        return per_axis(getattr(self, name), self.axes)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        self.channels(shape)
        first = len(shape) - self.axes
        spatial = tuple(self.window(solver, shape, first, i) for i in range(self.axes))
        return (*shape[: first - 1], self.out_channels, *spatial)

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial axis `i` of the result, as the class says under `Shape:`."""
        size, padding = shape[first + i], self.each("padding")[i]
        added = self.span(i) + self.each("output_padding")[i]
        out = (size - 1) * self.each("stride")[i] + (added - 2 * padding)
        if not solver.at_least(out, 1):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` has an empty output: padding={padding} removes {2 * padding} "
                f"from a {SPATIAL[self.axes][i]} of {out + 2 * padding}",
                argument="padding",
                label=f"the result would have a {SPATIAL[self.axes][i]} of {out}",
                axes=((0, first + i),),
            )
        return out

    def span(self, i: int) -> int:
        """The elements that the window reaches over on axis `i`: `dilation·(kernel − 1) + 1`."""
        return self.each("dilation")[i] * (self.each("kernel_size")[i] - 1) + 1

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        i = axis - (len(inputs[0]) - self.axes)
        if i < 0:
            return super().sees(result, index, axis, *inputs)
        span = self.span(i)
        return Window(span, 1, span - 1 - self.each("padding")[i], self.each("stride")[i])

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        i = axis - (len(inputs[0]) - self.axes)
        stride, padding, extra = (self.each(n)[i] for n in ("stride", "padding", "output_padding"))
        spread = f"({inputs[0][axis]} − 1)·{stride}" + f" − 2·{padding}" * (padding > 0)
        reach = reached(self.each("kernel_size")[i], self.each("dilation")[i], "+")
        return f"{spread} {reach}" + f" + {extra}" * (extra > 0)

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        channels = self.counted(inputs)
        return self.weights((channels, self.out_channels // self.groups, *self.each("kernel_size")))

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        kernel = prod(self.each("kernel_size"))
        return prod(inputs[0]) * kernel * (self.out_channels // self.groups)


@layer
class ConvTranspose1d(_ConvTranspose):
    """Spreads each element over a window along one axis: `Conv1d` backwards, to upsample.

    Shape: (N, C, L) -> (N, out_channels, L'),
    L' = (L − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1
    Source: `torch.nn.ConvTranspose1d`. A single item (C, L) works too.
    """

    axes = 1


@layer
class ConvTranspose2d(_ConvTranspose):
    """Spreads each pixel over a window: `Conv2d` backwards, to upsample.

    Shape: (N, C, H, W) -> (N, out_channels, H', W'),
    H' = (H − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1, W' likewise
    Source: `torch.nn.ConvTranspose2d`. A single item (C, H, W) works too.
    """

    axes = 2


@layer
class ConvTranspose3d(_ConvTranspose):
    """Spreads each voxel over a window: `Conv3d` backwards, to upsample.

    Shape: (N, C, D, H, W) -> (N, out_channels, D', H', W'),
    D' = (D − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1,
    H' and W' likewise
    Source: `torch.nn.ConvTranspose3d`. A single item (C, D, H, W) works too.
    """

    axes = 3
