"""Convolutions, and their transposes.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

from netspec.diagnostics import Suggestion
from netspec.layer import (
    BOOLEAN,
    INTEGER,
    POSITIVE,
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Module,
    OneOf,
    Origin,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    Window,
    constant_size,
    inferred,
    layer,
    optional,
    per_axis,
    require_spatial,
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SPATIAL, divisors
from netspec.layers.sliding import reached, window_count, with_padding
from netspec.layers.small_input import Reach, small_input


class Convolution(Module):
    """The common part of convolutions and transposed convolutions: channels, groups, weights."""

    category = "convolution"
    saved_inputs = True
    positional = ("in_channels", "out_channels", "kernel_size")

    in_channels: int | None = inferred("the number of channels of the input")
    out_channels: int = required(POSITIVE, "the number of channels of the result")
    kernel_size: int | tuple[int, ...] = required(PerAxis(), "the size of the window, in elements")
    stride: int | tuple[int, ...] = optional(PerAxis(), "the stride of the window, in elements", 1)
    dilation: int | tuple[int, ...] = optional(
        PerAxis(), "the spacing between the elements of the window", 1
    )
    groups: int = optional(
        POSITIVE, "the number of groups of channels, each with its own convolution", 1
    )
    bias: bool = optional(BOOLEAN, "whether to add a learned bias to each output channel", True)

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        shape = inputs[0]
        fits = len(shape) in (self.axes + 1, self.axes + 2)
        return {"in_channels": shape[-self.axes - 1]} if fits else {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        self.channels(shape)
        first = len(shape) - self.axes
        spatial = tuple(self.window(solver, shape, first, i) for i in range(self.axes))
        return (*shape[: first - 1], self.out_channels, *spatial)

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial axis `i` of the result."""
        raise NotImplementedError

    def channels(self, shape: Shape) -> int:
        """The channels of the input, which groups must divide."""
        require_spatial(self.op, shape, self.axes)
        axis = len(shape) - self.axes - 1
        channels = constant_size(self.op, "channels", shape, axis, self.in_channels)
        for name, count in (("in_channels", channels), ("out_channels", self.out_channels)):
            if count % self.groups:
                raise self.indivisible(name, count, channels, axis)
        return channels

    def indivisible(self, name: str, count: int, channels: int, axis: int) -> ShapeError:
        """The error for groups that do not divide the channels."""
        down, up = count // self.groups * self.groups, -(-count // self.groups) * self.groups
        nearest = f"{down} or {up}" if down else str(up)
        fit = divisors(channels, self.out_channels, self.groups)
        return ShapeError(
            Code.DIVISIBLE,
            f"{name}={count} of `{self.op}` is not divisible by groups={self.groups}",
            argument="groups",
            label=f"{count} / {self.groups} leaves a remainder of {count % self.groups}",
            axes=((0, axis),) if name == "in_channels" else (),
            helps=(
                f"set `groups` to a common divisor of {channels} input channels and "
                f"{self.out_channels} output channels: {fit}",
                f"or use an input with {nearest} channels"
                if name == "in_channels"
                else f"or set `out_channels` to {nearest}",
            ),
        )

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        spatial = axis - (len(inputs[0]) - self.axes)
        if spatial == -1:
            return Origin("argument", "out_channels")
        return Origin("window" if spatial >= 0 else "same", parts=((0, axis),))

    def weights(self, shape: ConcreteShape) -> dict[str, ConcreteShape]:
        """The weight of that shape, and the bias if there is one."""
        return {"weight": shape} | ({"bias": (self.out_channels,)} if self.bias else {})

    def counted(self, inputs: Sequence[Shape]) -> int:
        """The channels of an input with a valid rank and number of channels."""
        return constant_size(self.op, "channels", inputs[0], -self.axes - 1, self.in_channels)


class _Conv(Convolution):
    """The rule of a convolution over any number of axes."""

    order = (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups",
        "bias", "padding_mode",
    )  # fmt: skip

    padding: int | tuple[int, ...] | Literal["same", "valid"] = optional(
        OneOf(PerAxis(each=INTEGER), Choice("valid", "same")),
        "the elements added to each side; `same` preserves the size, `valid` adds none; negative "
        "padding, with a padding_mode other than zeros, removes elements", 0,
    )  # fmt: skip
    padding_mode: str = optional(
        Choice("zeros", "reflect", "replicate", "circular"), "the values of the padding",
        "zeros",
    )  # fmt: skip

    def saves_input(self, index: int) -> bool:
        return self.padding_mode != "circular"  # then it saves the padded copy

    def validate(self) -> None:
        if self.padding_mode == "zeros" and any(min(self.sides(i)) < 0 for i in range(self.axes)):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`padding` of `{self.op}` cannot be {show(self.padding)}",
                argument="padding",
                label="must not be negative with padding_mode: zeros",
                helps=("crop with a `Pad` before it, `pad: [-1, -1, -1, -1]`",),
            )
        if self.padding == "same" and any(s != 1 for s in per_axis(self.stride, self.axes)):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`{self.op}` cannot keep the size with padding: same and a stride of "
                f"{self.stride}",
                argument="padding",
                label="`same` requires a stride of 1",
                helps=(
                    Suggestion(
                        f"write the padding as a number: {_covering(self)}",
                        _covering(self),
                        safe=False,
                    ),
                ),
            )

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial axis `i` of the result: `⌊(S + padding − span) / stride⌋ + 1`."""
        size, span = shape[first + i], self.span(i)
        low, high = self.sides(i)
        self.check_fill(solver, size, max(low, high), first + i, i)
        free = size + (low + high - span)
        if not solver.at_least(free, 0):
            raise self.too_small(size, low + high, first, i)
        if self.padding == "same":
            return size
        return free // per_axis(self.stride, self.axes)[i] + 1

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        i = axis - (len(inputs[0]) - self.axes)
        if i < 0:
            return super().receptive_field(result, index, axis, *inputs)
        return Window(self.span(i), per_axis(self.stride, self.axes)[i], self.sides(i)[0])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        i = axis - (len(inputs[0]) - self.axes)
        kernel, dilation = per_axis(self.kernel_size, self.axes), per_axis(self.dilation, self.axes)
        free = f"{with_padding(inputs[0][axis], *self.sides(i))} {reached(kernel[i], dilation[i])}"
        return window_count(free, per_axis(self.stride, self.axes)[i])

    def span(self, i: int) -> int:
        """The elements that the window reaches over on axis `i`: `dilation·(kernel − 1) + 1`."""
        kernel, dilation = per_axis(self.kernel_size, self.axes), per_axis(self.dilation, self.axes)
        return dilation[i] * (kernel[i] - 1) + 1

    def sides(self, i: int) -> tuple[int, int]:
        """The padding before and after axis `i`."""
        if self.padding == "same":
            return (self.span(i) - 1) // 2, self.span(i) // 2
        if isinstance(self.padding, str):
            return 0, 0
        padding = per_axis(self.padding, self.axes)[i]
        return padding, padding

    def check_fill(self, solver: Solver, size: Size, padding: int, axis: int, i: int) -> None:
        """Reflected and circular padding copy values of the input, which must have enough."""
        most = {"reflect": padding + 1, "circular": padding}.get(self.padding_mode, 0)
        if most <= 0 or padding == 0 or solver.at_least(size, most):
            return
        name = SPATIAL[self.axes][i]
        raise ShapeError(
            Code.TOO_SMALL,
            f"`{self.op}` pads by {padding} with padding_mode: {self.padding_mode}, "
            f"but the {name} is only {size}",
            argument="padding",
            label=f"{self.padding_mode} padding of {padding} requires a {name} of at least {most}",
            axes=((0, axis),),
            helps=self.less_padding(size, f"use a {name} of at least {most}"),
        )

    def less_padding(self, size: Size, larger: str) -> tuple[str, ...]:
        """The padding that a known size allows, or the larger size."""
        most = size - (self.padding_mode == "reflect") if isinstance(size, int) else 0
        return (f"set `padding` to at most {most}", f"or {larger}") if most > 0 else (larger,)

    def too_small(self, size: Size, padding: int, first: int, i: int) -> ShapeError:
        """The error for an input that is smaller than the window."""
        kernel, dilation = (per_axis(v, self.axes)[i] for v in (self.kernel_size, self.dilation))
        return small_input(
            self.op, size, first + i, SPATIAL[self.axes][i], Reach(kernel, dilation, padding)
        )

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        kernel = per_axis(self.kernel_size, self.axes)
        return self.weights((self.out_channels, self.counted(inputs) // self.groups, *kernel))

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        kernel = prod(per_axis(self.kernel_size, self.axes))
        return prod(outputs[0]) * kernel * (inputs[0][-self.axes - 1] // self.groups)


def _covering(conv: _Conv) -> str:
    """The padding with which a window that moves by s makes ⌈size / s⌉ of every size that s divides."""
    strides = per_axis(conv.stride, conv.axes)
    paddings = [max((conv.span(i) - s + 1) // 2, 0) for i, s in enumerate(strides)]
    return str(paddings[0] if len(set(paddings)) == 1 else paddings)


@layer
class Conv1d(_Conv):
    """Applies a 1-D convolution over several input channels.

    Shape: (N, C_in, L) -> (N, out_channels, L_out),
        L_out = ⌊(L + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1
    Note: The input may be unbatched: (C_in, L).
    Source: `torch.nn.Conv1d`
    """

    axes = 1


@layer
class Conv2d(_Conv):
    """Applies a 2-D convolution over several input channels.

    Shape: (N, C_in, H, W) -> (N, out_channels, H_out, W_out),
        H_out = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; the same for W_out
    Note: The input may be unbatched: (C_in, H, W).
    Source: `torch.nn.Conv2d`
    """

    axes = 2


@layer
class Conv3d(_Conv):
    """Applies a 3-D convolution over several input channels.

    Shape: (N, C_in, D, H, W) -> (N, out_channels, D_out, H_out, W_out),
        D_out = ⌊(D + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1; the same for H_out and W_out
    Note: The input may be unbatched: (C_in, D, H, W).
    Source: `torch.nn.Conv3d`
    """

    axes = 3
