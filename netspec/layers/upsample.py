"""Larger and smaller maps: interpolation, and channels traded for pixels.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from typing import Any

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, scale
from netspec.layers.answers import FieldRule, Window
from netspec.layers.arguments import (
    FLAG,
    POSITIVE,
    Choice,
    Either,
    Extent,
    Kind,
    Many,
    Nothing,
    Number,
    optional,
    required,
)
from netspec.layers.base import Axes, Function, Layer, Module, Origin, ShapeError, Solver, layer
from netspec.layers.checks import (
    SPATIAL,
    amount,
    divisors,
    nearest_multiples,
    not_divisible,
    require_rank,
)
from netspec.layers.writing import keywords

_RANKS: dict[str, tuple[int, ...]] = {
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "trilinear": (5,),
}
_TAKES: dict[tuple[int, ...], str] = {
    (3,): "[N, C, L]",
    (4,): "[N, C, H, W]",
    (5,): "[N, C, D, H, W]",
}
_MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact", "area")
_FACTOR = Number(above=0)
_AXES = (1, 2, 3)


def _several(each: Kind) -> Kind:
    return Either(each, Many(each, fewest=1), Nothing())


class _Resize(Layer):
    """The rule of interpolation: to a size, or by a factor."""

    floating = True
    size: Size | Shape | None
    scale_factor: float | tuple[float, ...] | None
    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    @property
    def op(self) -> str:
        """Its name, for messages."""
        return type(self).__name__

    def saves_input(self, index: int) -> bool:
        return self.mode == "area"

    def validate(self) -> None:
        if (self.size is None) == (self.scale_factor is None):
            which = "neither" if self.size is None else "both"
            raise self.refusal("size", f"`{self.op}` needs size or scale_factor, but has {which}")
        if self.align_corners is not None and self.mode not in _RANKS:
            listed = ", ".join(_RANKS)
            raise self.refusal(
                "align_corners", f"align_corners does not go with mode: {self.mode}, only {listed}"
            )
        if self.recompute_scale_factor and self.size is not None:
            raise self.refusal(
                "recompute_scale_factor", "there is no factor to recompute: size is given"
            )

    def refusal(self, argument: str, message: str) -> ShapeError:
        """The refusal of an argument that does not go with the others."""
        return ShapeError(
            Code.BAD_ARGUMENT, message, argument=argument, label=f"{argument} of `{self.op}`"
        )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        ranks = _RANKS.get(self.mode, (3, 4, 5))
        mode = f" with mode: {self.mode}" if self.mode in _RANKS else ""
        takes = _TAKES.get(ranks, "[N, C, L], [N, C, H, W] or [N, C, D, H, W]")
        modes = (
            f"mode: {m} takes {_TAKES[r]}" for m, r in _RANKS.items()
            if r == (len(shape),) and m != "bicubic"
        )  # fmt: skip
        require_rank(self.op, shape, ranks, takes + mode, tuple(modes))
        return (*shape[:2], *(self.resized(solver, shape, i) for i in range(len(shape) - 2)))

    def resized(self, solver: Solver, shape: Shape, i: int) -> Size:
        """The size of spatial axis `i` of the result."""
        spatial = len(shape) - 2
        if self.size is not None:
            requested: Size = self.each("size", self.size, spatial)[i]
            return requested
        assert self.scale_factor is not None
        factor = self.each("scale_factor", self.scale_factor, spatial)[i]
        size = scale(shape[2 + i], factor)
        if not solver.at_least(size, 1):
            name = SPATIAL[spatial][i]
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` would make the {name} 0: {shape[2 + i]} times {factor:g}",
                argument="scale_factor",
                label=f"the {name} is {shape[2 + i]}",
                axes=((0, 2 + i),),
            )
        return size

    def each(self, name: str, value: Any, spatial: int) -> tuple[Any, ...]:
        """A value for every spatial axis."""
        if not isinstance(value, tuple):
            return (value,) * spatial
        if len(value) != spatial:
            raise ShapeError(
                Code.VALUE,
                f"{name} of `{self.op}` has {len(value)} entr{'y' if len(value) == 1 else 'ies'} for "
                f"{spatial} spatial axes",
                argument=name,
                label=f"must be one number or {spatial}",
            )
        return value

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        from fractions import Fraction

        from netspec.layers.interpolation import looks

        shape = inputs[0]
        if axis < 2:
            return super().sees(result, index, axis, *inputs)
        if self.size is not None:
            size = self.each("size", self.size, len(shape) - 2)[axis - 2]
            ratio = Fraction(size, shape[axis]) if isinstance(size, int) else None
        else:
            ratio = Fraction(self.each("scale_factor", self.scale_factor, len(shape) - 2)[axis - 2])
            if self.recompute_scale_factor or self.align_corners or self.mode == "area":
                ratio = Fraction(int(shape[axis] * ratio), shape[axis])
        if ratio is None or getattr(self, "antialias", False):
            return "unclear"
        return looks(self.mode, shape[axis], ratio, axis, corners=bool(self.align_corners))

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        size = inputs[0][axis]
        factor = self.each("scale_factor", self.scale_factor, len(inputs[0]) - 2)[axis - 2]
        whole = size * factor == int(size * factor)
        return f"{size}·{factor:g}" if whole else f"⌊{size}·{factor}⌋"

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis >= 2 and self.size is not None:
            return Origin("argument", "size")
        return Origin("window" if axis >= 2 else "same", parts=((0, axis),))


_SIZE = "size of the spatial axes of the result: one for all, or one for each"
_BY = "what each spatial axis is multiplied by: one for all, or one for each"


class _Upsample(_Resize, Module):
    """Interpolation as a module, to a size that is a fixed number."""

    size: int | tuple[int, ...] | None = optional(_several(POSITIVE), _SIZE, None)
    scale_factor: float | tuple[float, ...] | None = optional(_several(_FACTOR), _BY, None)


@layer
class Upsample(_Upsample):
    """Makes a map larger or smaller by interpolation.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = size, or ⌊H · scale_factor⌋, W' likewise
    Source: `torch.nn.Upsample`. Sequences and volumes too.
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Upsample, scale_factor: 2, mode: bilinear}
    """

    mode: str = optional(Choice(*_MODES), "how values between the given ones are found", "nearest")
    align_corners: bool | None = optional(
        Either(FLAG, Nothing()), "whether the corner pixels keep their values", None
    )
    recompute_scale_factor: bool | None = optional(
        Either(FLAG, Nothing()), "whether the factor is computed anew from the sizes", None
    )


@layer
class UpsamplingNearest2d(_Upsample):
    """Makes a map larger by repeating its nearest values.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = size, or ⌊H · scale_factor⌋, W' likewise
    Source: `torch.nn.UpsamplingNearest2d`
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: UpsamplingNearest2d, scale_factor: 2}
    """


@layer
class UpsamplingBilinear2d(_Upsample):
    """Makes a map larger by interpolating between its values, corners kept.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = size, or ⌊H · scale_factor⌋, W' likewise
    Source: `torch.nn.UpsamplingBilinear2d`
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: UpsamplingBilinear2d, scale_factor: 2}
    """

    mode = "bilinear"
    align_corners = True


@layer
class Interpolate(_Resize, Function):
    """Makes a map larger or smaller by interpolation, to a size that may hang on another tensor's.

    Shape: (N, C, H, W) -> (N, C, H', W'), H' = size, or ⌊H · scale_factor⌋, W' likewise
    Source: `torch.nn.functional.interpolate`
    """

    example = """
        inputs: {image: [N, 8, H, W], small: [N, 8, H2, W2]}
        body:
          - {op: Interpolate, size: [image.height, image.width], mode: bilinear, from: small}
    """

    size: Size | Shape | None = optional(_several(Extent(1)), _SIZE, None)
    scale_factor: float | tuple[float, ...] | None = optional(_several(_FACTOR), _BY, None)
    mode: str = optional(Choice(*_MODES), "how values between the given ones are found", "nearest")
    align_corners: bool | None = optional(
        Either(FLAG, Nothing()), "whether the corner pixels keep their values", None
    )
    recompute_scale_factor: bool | None = optional(
        Either(FLAG, Nothing()), "whether the factor is computed anew from the sizes", None
    )
    antialias: bool = optional(FLAG, "whether it smooths before it makes smaller", False)

    def validate(self) -> None:
        super().validate()
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise self.refusal("antialias", f"antialias does not go with mode: {self.mode}")

    def resized(self, solver: Solver, shape: Shape, i: int) -> Size:
        size = super().resized(solver, shape, i)
        if self.size is not None and not solver.at_least(size, 1):
            raise ShapeError(
                Code.TOO_SMALL, f"size of `Interpolate` is {size}", argument="size",
                label="must be at least 1",
            )  # fmt: skip
        return size

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"F.interpolate({inputs[0]}{keywords(self, arguments, *self.arguments)})"


@layer
class PixelShuffle(Module):
    """Spreads channels out over pixels: a map r times as large of C/r² channels.

    Shape: (*, C, H, W) -> (*, C/r², H·r, W·r), r = upscale_factor
    Source: `torch.nn.PixelShuffle`, https://arxiv.org/abs/1609.05158
    """

    positional = ("upscale_factor",)

    upscale_factor: int = required(POSITIVE, "how many times larger the map becomes")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, factor = inputs[0], self.upscale_factor
        require_rank("PixelShuffle", shape, range(3, 100), "[…, C, H, W]")
        *batch, channels, height, width = shape
        if not solver.divisible(channels, factor * factor):
            raise ShapeError(
                Code.DIVISIBLE,
                f"`PixelShuffle` needs channels divisible by {factor}² = {factor * factor}, "
                f"but gets {channels}",
                argument="upscale_factor",
                label=amount("channels", channels),
                axes=((0, len(shape) - 3),),
                helps=nearest_multiples("channels", channels, factor * factor),
            )
        return (*batch, channels // (factor * factor), height * factor, width * factor)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        moved = axis >= len(inputs[0]) - 3
        return Origin("window" if moved else "same", parts=((0, axis),))

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        factor, channels = self.upscale_factor, len(inputs[0]) - 3
        if axis > channels:
            return Window(factor, 1, factor - 1, factor)
        return "unclear" if axis == channels else super().sees(result, index, axis, *inputs)

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        size, factor = inputs[0][axis], self.upscale_factor
        return f"{size} / {factor}²" if axis == len(inputs[0]) - 3 else f"{size}·{factor}"


@layer
class PixelUnshuffle(Module):
    """Gathers pixels into channels: a map r times smaller of C·r² channels.

    Shape: (*, C, H, W) -> (*, C·r², H/r, W/r), r = downscale_factor
    Source: `torch.nn.PixelUnshuffle`, https://arxiv.org/abs/1609.05158
    """

    positional = ("downscale_factor",)

    downscale_factor: int = required(POSITIVE, "how many times smaller the map becomes")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, factor = inputs[0], self.downscale_factor
        require_rank("PixelUnshuffle", shape, range(3, 100), "[…, C, H, W]")
        *batch, channels, height, width = shape
        for i, (name, size) in enumerate((("height", height), ("width", width))):
            if not solver.divisible(size, factor):
                raise ShapeError(
                    Code.DIVISIBLE,
                    f"`PixelUnshuffle` needs a {name} divisible by {factor}, but gets {size}",
                    argument="downscale_factor",
                    label=f"the {name} is {size}",
                    axes=((0, len(shape) - 2 + i),),
                    helps=nearest_multiples(name, size, factor),
                )
        return (*batch, channels * factor * factor, height // factor, width // factor)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        moved = axis >= len(inputs[0]) - 3
        return Origin("window" if moved else "same", parts=((0, axis),))

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        factor, channels = self.downscale_factor, len(inputs[0]) - 3
        if axis > channels:
            return Window(factor, factor)
        return "unclear" if axis == channels else super().sees(result, index, axis, *inputs)

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        size, factor = inputs[0][axis], self.downscale_factor
        return f"{size}·{factor}²" if axis == len(inputs[0]) - 3 else f"{size} / {factor}"


@layer
class ChannelShuffle(Module):
    """Deals the channels of several groups out anew, so that the next grouped layer mixes them.

    Shape: (N, C, H, W) -> (N, C, H, W); groups divides C
    Source: `torch.nn.ChannelShuffle`, https://arxiv.org/abs/1707.01083
    """

    positional = ("groups",)

    groups: int = required(POSITIVE, "groups that the channels fall into")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("ChannelShuffle", shape, range(3, 100), "[N, C, …] with 3 axes or more")
        if not solver.divisible(shape[1], self.groups):
            channels = shape[1]
            raise ShapeError(
                Code.DIVISIBLE,
                not_divisible("channels", channels, "groups", self.groups),
                argument="groups",
                label=f"{channels} channels",
                axes=((0, 1),),
                helps=(f"groups may be {divisors(channels, channels, self.groups)}",)
                if isinstance(channels, int)
                else (),
            )
        return shape

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        return "unclear" if axis == 1 else super().sees(result, index, axis, *inputs)
