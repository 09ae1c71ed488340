"""Transposed convolutions, which make a map larger.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netspec.layer import (
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    Window,
    layer,
    optional,
    per_axis,
)
from netspec.layer.checks import SPATIAL, integer_range
from netspec.layers.conv import Convolution
from netspec.layers.sliding import reached


class _ConvTranspose(Convolution):
    """The rule of a transposed convolution over any number of axes."""

    order = (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding",
        "groups", "bias", "dilation", "padding_mode",
    )  # fmt: skip

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "the elements removed from each side of the result", 0
    )
    output_padding: int | tuple[int, ...] = optional(
        PerAxis(0),
        "the elements added to one side of the result; less than the stride or the dilation",
        0,
    )
    padding_mode: str = optional(
        Choice("zeros"), "the values of the padding: only `zeros`", "zeros"
    )

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

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial dimension `i` of the result, by the formula in the docstring of the class."""
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

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        i = axis - (len(inputs[0]) - self.axes)
        if i < 0:
            return super().receptive_field(result, index, axis, *inputs)
        span = self.span(i)
        return Window(span, 1, span - 1 - self.each("padding")[i], self.each("stride")[i])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        i = axis - (len(inputs[0]) - self.axes)
        stride, padding, extra = (self.each(n)[i] for n in ("stride", "padding", "output_padding"))
        spread = f"({inputs[0][axis]} − 1)·{stride}" + f" − 2·{padding}" * (padding > 0)
        reach = reached(self.each("kernel_size")[i], self.each("dilation")[i], "+")
        return f"{spread} {reach}" + f" + {extra}" * (extra > 0)

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        channels = self.counted(inputs)
        return self.weights((channels, self.out_channels // self.groups, *self.each("kernel_size")))

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        kernel = prod(self.each("kernel_size"))
        return prod(inputs[0]) * kernel * (self.out_channels // self.groups)


@layer
class ConvTranspose1d(_ConvTranspose):
    """Applies a 1-D transposed convolution, which increases the spatial size.

    Shape: (N, C_in, L) -> (N, out_channels, L_out),
        L_out = (L − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1
    Note: The input may be unbatched: (C_in, L).
    Source: `torch.nn.ConvTranspose1d`, https://arxiv.org/abs/1603.07285
    """

    axes = 1


@layer
class ConvTranspose2d(_ConvTranspose):
    """Applies a 2-D transposed convolution, which increases the spatial size.

    Shape: (N, C_in, H, W) -> (N, out_channels, H_out, W_out),
        H_out = (H − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1; the same for
        W_out
    Note: The input may be unbatched: (C_in, H, W).
    Source: `torch.nn.ConvTranspose2d`, https://arxiv.org/abs/1603.07285
    """

    axes = 2


@layer
class ConvTranspose3d(_ConvTranspose):
    """Applies a 3-D transposed convolution, which increases the spatial size.

    Shape: (N, C_in, D, H, W) -> (N, out_channels, D_out, H_out, W_out),
        D_out = (D − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1; the same for
        H_out and W_out
    Note: The input may be unbatched: (C_in, D, H, W).
    Source: `torch.nn.ConvTranspose3d`, https://arxiv.org/abs/1603.07285
    """

    axes = 3
