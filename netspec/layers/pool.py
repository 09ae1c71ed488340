"""Pooling: windows that keep the largest or the mean, and pools to a fixed size.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    NUMBER,
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
    Integer,
    Module,
    Null,
    OneOf,
    Origin,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    Window,
    layer,
    optional,
    per_axis,
    require_spatial,
    required,
)
from netspec.layer.checks import SPATIAL, integer_range
from netspec.layers.sliding import reached, window_count, with_padding
from netspec.layers.small_input import Reach, small_input


class Spatial(Module):
    """A layer that changes the spatial dimensions, and neither batch nor channels."""

    category = "pooling"
    indices: ClassVar[bool] = False
    """Whether it can also return the index of each value."""

    @property
    def results(self) -> tuple[str, ...]:
        if self.indices and getattr(self, "return_indices"):  # noqa: B009 - where it is declared
            return ("output", "indices")
        return ("output",)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        shape = inputs[0]
        require_spatial(self.op, shape, self.axes)
        first = len(shape) - self.axes
        spatial = tuple(self.window(solver, shape, first, i) for i in range(self.axes))
        pooled = (*shape[:first], *spatial)
        return [pooled, pooled] if len(self.results) > 1 else pooled

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial axis `i` of the result."""
        raise NotImplementedError

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        spatial = axis >= len(inputs[0]) - self.axes
        return Origin("window" if spatial else "same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        i = axis - (len(inputs[0]) - self.axes)
        return (
            super().receptive_field(result, index, axis, *inputs)
            if i < 0
            else self.looks(i, axis, inputs)
        )

    def looks(self, i: int, axis: int, inputs: tuple[ConcreteShape, ...]) -> FieldRule:
        """The receptive field of an element along spatial dimension `i`: dimension `axis` of the input."""
        return "unclear"

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64" if result else super().dtype(*dtypes)


class _Pool(Spatial):
    """A window that slides over the spatial axes."""

    saved_inputs = True
    arithmetic = True
    positional: ClassVar[tuple[str, ...]] = ("kernel_size",)

    kernel_size: int | tuple[int, ...] = required(PerAxis(), "the size of the window, in elements")
    stride: int | tuple[int, ...] | None = optional(
        OneOf(PerAxis(), Null()), "the stride of the window; null for the size of the window", None
    )
    ceil_mode: bool = optional(
        BOOLEAN,
        "whether to round the size of the result up, so that the last window may extend beyond "
        "the edge",
        False,
    )

    def each(self, name: str) -> tuple[int, ...]:
        """An argument, one number per axis; those that the layer does not have are neutral."""
        neutral = {"padding": 0, "dilation": 1}
        value = getattr(self, name) if name in self.arguments else neutral[name]
        return per_axis(self.kernel_size if value is None else value, self.axes)

    def validate(self) -> None:
        for kernel, padding in zip(self.each("kernel_size"), self.each("padding"), strict=True):
            if padding > kernel // 2:
                raise ShapeError(
                    Code.BAD_ARGUMENT,
                    f"padding={padding} of `{self.op}` is more than half of its kernel of {kernel}",
                    argument="padding",
                    label=f"must be at most {kernel // 2}",
                    helps=(f"set `padding` to {integer_range(0, kernel // 2)}",),
                )

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial dimension `i`, by the formula in the docstring of the class.

        With `ceil_mode` torch rounds up and then drops a last window that would begin beyond the
        padded input: the smaller of two floors with one divisor, which is one floor again.
        """
        size, stride, padding = shape[first + i], self.each("stride")[i], self.each("padding")[i]
        span = self.each("dilation")[i] * (self.each("kernel_size")[i] - 1) + 1
        added = 2 * padding - span + stride
        if self.ceil_mode:
            added = min(added + stride - 1, padding + stride - 1)
        out = (size + added) // stride
        if not solver.at_least(size, self.smallest(i, span, padding, added, stride)):
            raise self.too_small(shape, first + i, i, span)
        return out

    def looks(self, i: int, axis: int, inputs: tuple[ConcreteShape, ...]) -> FieldRule:
        span = self.each("dilation")[i] * (self.each("kernel_size")[i] - 1) + 1
        return Window(span, self.each("stride")[i], self.each("padding")[i])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        i, size = axis - (len(inputs[0]) - self.axes), inputs[0][axis]
        kernel, dilation = self.each("kernel_size")[i], self.each("dilation")[i]
        padding, stride = self.each("padding")[i], self.each("stride")[i]
        free = f"{with_padding(size, padding, padding)} {reached(kernel, dilation)}"
        up = -(-(size + 2 * padding - dilation * (kernel - 1) - 1) // stride)
        overhangs = self.ceil_mode and up * stride >= size + padding
        return window_count(free, stride, up=self.ceil_mode) + " − 1" * overhangs

    def smallest(self, i: int, span: int, padding: int, added: int, stride: int) -> int:
        """The smallest size of dimension `i` with a nonempty result."""
        return stride - added

    def too_small(self, shape: Shape, axis: int, i: int, span: int) -> ShapeError:
        """The error for an input that is smaller than the window."""
        padding, dilation = self.each("padding")[i], self.each("dilation")[i]
        reach = Reach(self.each("kernel_size")[i], dilation, 2 * padding)
        return small_input(self.op, shape[axis], axis, SPATIAL[self.axes][i], reach)


class MaxPool(_Pool):
    """The largest value under the window."""

    indices = True
    order = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "the elements of −∞ added to each side, at most half of the window", 0
    )
    dilation: int | tuple[int, ...] = optional(
        PerAxis(), "the spacing between the elements of the window", 1
    )
    return_indices: bool = optional(
        BOOLEAN, "whether to return the indices of the maxima as a second result, `indices`", False
    )

    def saves_result(self, result: int) -> bool:
        return result == 1


@layer
class MaxPool1d(MaxPool):
    """Applies 1-D max pooling: the maximum over each window.

    Shape: (N, C, L) -> (N, C, L_out),
        L_out = ⌊(L + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, rounded up with ceil_mode
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.MaxPool1d`
    """

    axes = 1

    def element(self, name: str) -> str:
        return "numbers" if self.return_indices else "floating"


@layer
class MaxPool2d(MaxPool):
    """Applies 2-D max pooling: the maximum over each window.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, rounded up with ceil_mode;
        the same for W_out
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.MaxPool2d`
    """

    axes = 2


@layer
class MaxPool3d(MaxPool):
    """Applies 3-D max pooling: the maximum over each window.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = ⌊(D + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, rounded up with ceil_mode;
        the same for H_out and W_out
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.MaxPool3d`
    """

    axes = 3


class _AvgPool(_Pool):
    """The mean of the values under the window."""

    order = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "the zeros added to each side, at most half of the window", 0
    )
    count_include_pad: bool = optional(BOOLEAN, "whether to include the padding in the mean", True)

    def element(self, name: str) -> str:
        return "averaged"


@layer
class AvgPool1d(_AvgPool):
    """Applies 1-D average pooling: the mean over each window.

    Shape: (N, C, L) -> (N, C, L_out),
        L_out = ⌊(L + 2·padding − kernel_size) / stride⌋ + 1, rounded up with ceil_mode
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.AvgPool1d`
    """

    axes = 1


_NOT_ZERO = OneOf(POSITIVE, Integer(most=-1), Null())
_DIVISOR = "the divisor, in place of the number of elements"


@layer
class AvgPool2d(_AvgPool):
    """Applies 2-D average pooling: the mean over each window.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1, rounded up with ceil_mode; the same for W_out
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.AvgPool2d`
    """

    axes = 2
    divisor_override: int | None = optional(_NOT_ZERO, _DIVISOR, None)


@layer
class AvgPool3d(_AvgPool):
    """Applies 3-D average pooling: the mean over each window.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = ⌊(D + 2·padding − kernel_size) / stride⌋ + 1, rounded up with ceil_mode; the same for H_out
        and W_out
    Note: The input may be unbatched: (C, D, H, W). Each window must fit into the input without
        its padding.
    Source: `torch.nn.AvgPool3d`
    """

    axes = 3
    divisor_override: int | None = optional(_NOT_ZERO, _DIVISOR, None)

    def smallest(self, i: int, span: int, padding: int, added: int, stride: int) -> int:
        return span


class _LPPool(_Pool):
    """The power mean of the values under the window."""

    arithmetic = False
    fractional = True
    positional = ("norm_type", "kernel_size")
    order = ("norm_type", "kernel_size", "stride", "ceil_mode")

    norm_type: float = required(
        NUMBER, "the exponent of the norm; 1 for sum pooling, .inf for max pooling"
    )

    def validate(self) -> None:
        if self.norm_type == 0:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"norm_type of `{self.op}` must not be 0",
                argument="norm_type",
                label="must not be 0",
            )


@layer
class LPPool1d(_LPPool):
    """Applies 1-D power-average pooling: the p-norm over each window.

    Shape: (N, C, L) -> (N, C, L_out),
        L_out = ⌊(L − kernel_size) / stride⌋ + 1, rounded up with ceil_mode
    Note: The input may be unbatched: (C, L). With `ceil_mode`, a window over the edge counts as
        if it were full: missing elements count as the mean of the others.
    Source: `torch.nn.LPPool1d`
    """

    axes = 1
    kernel_size: int = required(POSITIVE, "the size of the window, in elements")


@layer
class LPPool2d(_LPPool):
    """Applies 2-D power-average pooling: the p-norm over each window.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = ⌊(H − kernel_size) / stride⌋ + 1, rounded up with ceil_mode; the same for W_out
    Note: The input may be unbatched: (C, H, W). With `ceil_mode`, a window over the edge counts
        as if it were full: missing elements count as the mean of the others.
    Source: `torch.nn.LPPool2d`
    """

    axes = 2


@layer
class LPPool3d(_LPPool):
    """Applies 3-D power-average pooling: the p-norm over each window.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = ⌊(D − kernel_size) / stride⌋ + 1, rounded up with ceil_mode; the same for H_out and W_out
    Note: The input may be unbatched: (C, D, H, W). Each window must fit into the input. With
        `ceil_mode`, a window over the edge counts as if it were full: missing elements count as
        the mean of the others.
    Source: `torch.nn.LPPool3d`
    """

    axes = 3

    def smallest(self, i: int, span: int, padding: int, added: int, stride: int) -> int:
        return span
