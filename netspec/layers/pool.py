"""Pooling: windows that keep the largest or the mean, and pools to a fixed size.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from typing import ClassVar

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layers.answers import FieldRule, Window
from netspec.layers.arguments import (
    FLAG,
    NUMBER,
    POSITIVE,
    Either,
    Nothing,
    PerAxis,
    Whole,
    optional,
    required,
)
from netspec.layers.base import Axes, Module, Origin, ShapeError, Solver, layer, per_axis
from netspec.layers.checks import SPATIAL, integer_range, require_spatial
from netspec.layers.sliding import counted, padded, reached


class Spatial(Module):
    """A layer that works on the spatial axes and leaves batch and channels alone."""

    indices: ClassVar[bool] = False
    """Whether it can also say where each value came from."""

    @property
    def op(self) -> str:
        """Its name, for messages."""
        return type(self).__name__

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

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        i = axis - (len(inputs[0]) - self.axes)
        return super().sees(result, index, axis, *inputs) if i < 0 else self.looks(i, axis, inputs)

    def looks(self, i: int, axis: int, inputs: tuple[Axes, ...]) -> FieldRule:
        """What an element sees of spatial axis `i`, which is axis `axis` of the input."""
        return "unclear"

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64" if result else super().dtype(*dtypes)


class _Pool(Spatial):
    """A window that slides over the spatial axes."""

    saved_inputs = True
    arithmetic = True
    positional: ClassVar[tuple[str, ...]] = ("kernel_size",)

    kernel_size: int | tuple[int, ...] = required(PerAxis(), "size of the window, in elements")
    stride: int | tuple[int, ...] | None = optional(
        Either(PerAxis(), Nothing()), "step of the window; the window's size if left out", None
    )
    ceil_mode: bool = optional(FLAG, "whether a last window may hang over the edge", False)

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
        """The size of spatial axis `i`, as the class says under `Shape:`.

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

    def looks(self, i: int, axis: int, inputs: tuple[Axes, ...]) -> FieldRule:
        span = self.each("dilation")[i] * (self.each("kernel_size")[i] - 1) + 1
        return Window(span, self.each("stride")[i], self.each("padding")[i])

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        i, size = axis - (len(inputs[0]) - self.axes), inputs[0][axis]
        kernel, dilation = self.each("kernel_size")[i], self.each("dilation")[i]
        padding, stride = self.each("padding")[i], self.each("stride")[i]
        free = f"{padded(size, padding, padding)} {reached(kernel, dilation)}"
        up = -(-(size + 2 * padding - dilation * (kernel - 1) - 1) // stride)
        overhangs = self.ceil_mode and up * stride >= size + padding
        return counted(free, stride, up=self.ceil_mode) + " − 1" * overhangs

    def smallest(self, i: int, span: int, padding: int, added: int, stride: int) -> int:
        """The smallest size of axis `i` that leaves something."""
        return stride - added

    def too_small(self, shape: Shape, axis: int, i: int, span: int) -> ShapeError:
        """The refusal of an input that the window does not fit into."""
        name, size, padding = SPATIAL[self.axes][i], shape[axis], self.each("padding")[i]
        padded = f" plus {2 * padding} of padding" if padding else ""
        return ShapeError(
            Code.TOO_SMALL,
            f"the input of `{self.op}` is too small: its window spans {span}, but the {name} "
            f"is {size}{padded}",
            argument="kernel_size",
            label=f"window {span}, input {name} {size}",
            axes=((0, axis),),
            helps=(f"use a larger input {name}, a smaller window, or remove this pooling step",),
        )


class MaxPool(_Pool):
    """The largest value under the window."""

    indices = True
    order = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "elements added on each side, at most half of the window; never the largest", 0
    )
    dilation: int | tuple[int, ...] = optional(
        PerAxis(), "distance between the elements of the window", 1
    )
    return_indices: bool = optional(FLAG, "whether a second result `indices` says where", False)

    def saves_result(self, result: int) -> bool:
        return result == 1


@layer
class MaxPool1d(MaxPool):
    """Keeps the largest value under a window that slides along one axis.

    Shape: (N, C, L) -> (N, C, L'),
    L' = ⌊(L + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1,
    rounded up with `ceil_mode`
    Source: `torch.nn.MaxPool1d`. A single item (C, L) works too.
    """

    axes = 1

    def element(self, name: str) -> str:
        return "numbers" if self.return_indices else "floating"


@layer
class MaxPool2d(MaxPool):
    """Keeps the largest value under a window that slides over an image.

    Shape: (N, C, H, W) -> (N, C, H', W'),
    H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1,
    rounded up with `ceil_mode`, W' likewise
    Source: `torch.nn.MaxPool2d`. A single item (C, H, W) works too.
    """

    axes = 2


@layer
class MaxPool3d(MaxPool):
    """Keeps the largest value under a window that slides through a volume.

    Shape: (N, C, D, H, W) -> (N, C, D', H', W'),
    D' = ⌊(D + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1,
    rounded up with `ceil_mode`, H' and W' likewise
    Source: `torch.nn.MaxPool3d`. A single item (C, D, H, W) works too.
    """

    axes = 3


class _AvgPool(_Pool):
    """The mean of the values under the window."""

    order = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")

    padding: int | tuple[int, ...] = optional(
        PerAxis(0), "zeros added on each side, at most half of the window", 0
    )
    count_include_pad: bool = optional(FLAG, "whether the padding counts in the mean", True)

    def element(self, name: str) -> str:
        return "averaged"


@layer
class AvgPool1d(_AvgPool):
    """Takes the mean under a window that slides along one axis.

    Shape: (N, C, L) -> (N, C, L'), L' = ⌊(L + 2·padding − kernel_size) / stride⌋ + 1,
    rounded up with `ceil_mode`
    Source: `torch.nn.AvgPool1d`. A single item (C, L) works too.
    """

    axes = 1


_NOT_ZERO = Either(POSITIVE, Whole(most=-1), Nothing())
_DIVISOR = "what the sum is divided by, in place of the number of elements"


@layer
class AvgPool2d(_AvgPool):
    """Takes the mean under a window that slides over an image.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = ⌊(H + 2·padding − kernel_size) / stride⌋ + 1,
    rounded up with `ceil_mode`, W' likewise
    Source: `torch.nn.AvgPool2d`. A single item (C, H, W) works too.
    """

    axes = 2
    divisor_override: int | None = optional(_NOT_ZERO, _DIVISOR, None)


@layer
class AvgPool3d(_AvgPool):
    """Takes the mean under a window that slides through a volume.

    Shape: (N, C, D, H, W) -> (N, C, D', H', W'),
    D' = ⌊(D + 2·padding − kernel_size) / stride⌋ + 1, rounded up with `ceil_mode`,
    H' and W' likewise
    Source: `torch.nn.AvgPool3d`. A single item (C, D, H,
    W) works too; the window must fit without padding.
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

    norm_type: float = required(NUMBER, "the exponent; 1 sums, large ones tend to the largest")

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
    """Takes the root of the summed powers under a window that slides along one axis.

    Shape: (N, C, L) -> (N, C, L'), L' = ⌊(L − kernel_size) / stride⌋ + 1,
    rounded up with `ceil_mode`, where a window over the edge counts as if it were full
    Source: `torch.nn.LPPool1d`. A single item (C, L) works too.
    A window over the edge counts elements that are not there, as the mean of those that are.
    """

    axes = 1
    kernel_size: int = required(POSITIVE, "size of the window, in elements")


@layer
class LPPool2d(_LPPool):
    """Takes the root of the summed powers under a window that slides over an image.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = ⌊(H − kernel_size) / stride⌋ + 1,
    rounded up with `ceil_mode`, where a window over the edge counts as if it were full, W' likewise
    Source: `torch.nn.LPPool2d`. A single item (C, H, W) works too.
    A window over the edge counts elements that are not there, as the mean of those that are.
    """

    axes = 2


@layer
class LPPool3d(_LPPool):
    """Takes the root of the summed powers under a window that slides through a volume.

    Shape: (N, C, D, H, W) -> (N, C, D', H', W'), D' = ⌊(D − kernel_size) / stride⌋ + 1,
    rounded up with `ceil_mode`, where a window over the edge counts as if it were full, H' and W' likewise
    Source: `torch.nn.LPPool3d`. A single item (C, D, H, W) works too; the window must fit whole.
    A window over the edge counts elements that are not there, as the mean of those that are.
    """

    axes = 3

    def smallest(self, i: int, span: int, padding: int, added: int, stride: int) -> int:
        return span
