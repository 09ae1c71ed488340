"""Layers that move elements between channels and space."""

from __future__ import annotations

from netspec.layer import (
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
    Module,
    Origin,
    Shape,
    ShapeError,
    Solver,
    Window,
    layer,
    require_rank,
    required,
)
from netspec.layer.checks import amount, divisors, nearest_multiples, not_divisible


class PixelRearrangement(Module):
    """A layer that moves elements between the channels and the pixels around a position."""

    category = "resampling"

    def window(self) -> Window:
        """The pixels of the input on which an element of the output may depend, in one dimension."""
        raise NotImplementedError

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        moved = axis >= len(inputs[0]) - 3
        return Origin("window" if moved else "same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        channels = len(inputs[0]) - 3
        if axis > channels:
            return self.window()
        return (
            "unclear" if axis == channels else super().receptive_field(result, index, axis, *inputs)
        )


@layer
class PixelShuffle(PixelRearrangement):
    """Rearranges channels into space: r² channels become an r × r block of pixels.

    Shape: (*, C, H, W) -> (*, C/r², H·r, W·r), r = upscale_factor
    Source: `torch.nn.PixelShuffle`, https://arxiv.org/abs/1609.05158
    """

    positional = ("upscale_factor",)

    upscale_factor: int = required(POSITIVE, "the factor by which height and width increase")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, factor = inputs[0], self.upscale_factor
        require_rank("PixelShuffle", shape, range(3, 100), "[…, C, H, W]")
        *batch, channels, height, width = shape
        if not solver.divisible(channels, factor * factor):
            raise ShapeError(
                Code.DIVISIBLE,
                f"`PixelShuffle` requires channels divisible by {factor}² = "
                f"{factor * factor}, but receives {channels}",
                argument="upscale_factor",
                label=amount("channels", channels),
                axes=((0, len(shape) - 3),),
                helps=nearest_multiples("channels", channels, factor * factor),
            )
        return (*batch, channels // (factor * factor), height * factor, width * factor)

    def window(self) -> Window:
        factor = self.upscale_factor
        return Window(factor, 1, factor - 1, factor)

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        size, factor = inputs[0][axis], self.upscale_factor
        return f"{size} / {factor}²" if axis == len(inputs[0]) - 3 else f"{size}·{factor}"


@layer
class PixelUnshuffle(PixelRearrangement):
    """Rearranges space into channels: an r × r block of pixels becomes r² channels.

    Shape: (*, C, H, W) -> (*, C·r², H/r, W/r), r = downscale_factor
    Source: `torch.nn.PixelUnshuffle`, https://arxiv.org/abs/1609.05158
    """

    positional = ("downscale_factor",)

    downscale_factor: int = required(POSITIVE, "the factor by which height and width decrease")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, factor = inputs[0], self.downscale_factor
        require_rank("PixelUnshuffle", shape, range(3, 100), "[…, C, H, W]")
        *batch, channels, height, width = shape
        for i, (name, size) in enumerate((("height", height), ("width", width))):
            if not solver.divisible(size, factor):
                raise ShapeError(
                    Code.DIVISIBLE,
                    f"`PixelUnshuffle` requires a {name} divisible by {factor}, but receives "
                    f"{size}",
                    argument="downscale_factor",
                    label=f"the {name} is {size}",
                    axes=((0, len(shape) - 2 + i),),
                    helps=nearest_multiples(name, size, factor),
                )
        return (*batch, channels * factor * factor, height // factor, width // factor)

    def window(self) -> Window:
        return Window(self.downscale_factor, self.downscale_factor)

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        size, factor = inputs[0][axis], self.downscale_factor
        return f"{size}·{factor}²" if axis == len(inputs[0]) - 3 else f"{size} / {factor}"


@layer
class ChannelShuffle(Module):
    """Rearranges the channels so that each group has channels of all previous groups.

    Shape: (N, C, H, W) -> (N, C, H, W); groups divides C
    Source: `torch.nn.ChannelShuffle`, https://arxiv.org/abs/1707.01083
    """

    category = "resampling"
    positional = ("groups",)

    groups: int = required(POSITIVE, "the number of groups of channels")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("ChannelShuffle", shape, range(3, 100), "[N, C, …] with at least 3 dimensions")
        if not solver.divisible(shape[1], self.groups):
            channels = shape[1]
            raise ShapeError(
                Code.DIVISIBLE,
                not_divisible("channels", channels, "groups", self.groups),
                argument="groups",
                label=f"{channels} channels",
                axes=((0, 1),),
                helps=(f"set `groups` to a divisor: {divisors(channels, channels, self.groups)}",)
                if isinstance(channels, int)
                else (),
            )
        return shape

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear" if axis == 1 else super().receptive_field(result, index, axis, *inputs)
