"""Larger and smaller maps: interpolation, and channels traded for pixels.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from typing import Any

from netspec.dims import scale
from netspec.layer import (
    BOOLEAN,
    POSITIVE,
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Kind,
    Layer,
    ListOf,
    Module,
    Null,
    Number,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Size,
    SizeValue,
    Solver,
    layer,
    optional,
    require_rank,
)
from netspec.layer.calls import keywords
from netspec.layer.checks import SPATIAL

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
    return OneOf(each, ListOf(each, fewest=1), Null())


class _Resize(Layer):
    """The rule of interpolation: to a size, or by a factor."""

    category = "resampling"
    floating = True
    size: Size | Shape | None
    scale_factor: float | tuple[float, ...] | None
    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def saves_input(self, index: int) -> bool:
        return self.mode == "area"

    def validate(self) -> None:
        if (self.size is None) == (self.scale_factor is None):
            which = "neither" if self.size is None else "both"
            help_ = (
                "add `scale_factor: 2`, or a `size`" if which == "neither" else "remove one of them"
            )
            raise self.rejection(
                "size", f"`{self.op}` requires size or scale_factor, but has {which}", help_
            )
        if self.align_corners is not None and self.mode not in _RANKS:
            listed = ", ".join(_RANKS)
            raise self.rejection(
                "align_corners",
                f"align_corners is not valid with mode: {self.mode}, only with {listed}",
            )
        if self.recompute_scale_factor and self.size is not None:
            raise self.rejection(
                "recompute_scale_factor", "size is set, so there is no factor to recompute"
            )

    def rejection(self, argument: str, message: str, *helps: str) -> ShapeError:
        """The error for an argument that contradicts the others."""
        label = f"{argument} of `{self.op}`"
        return ShapeError(Code.BAD_ARGUMENT, message, argument=argument, label=label, helps=helps)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        ranks = _RANKS.get(self.mode, (3, 4, 5))
        mode = f" with mode: {self.mode}" if self.mode in _RANKS else ""
        takes = _TAKES.get(ranks, "[N, C, L], [N, C, H, W] or [N, C, D, H, W]")
        modes = (
            f"use mode: {m}, which expects {_TAKES[r]}" for m, r in _RANKS.items()
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
                f"`{self.op}` has an empty output: the {name} is {shape[2 + i]} times {factor:g}",
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
                f"{name} of `{self.op}` has {len(value)} "
                f"entr{'y' if len(value) == 1 else 'ies'} for {spatial} spatial dimension{'s' * (spatial != 1)}",
                argument=name,
                label=f"must be one number or {spatial}",
            )
        return value

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        from fractions import Fraction

        from netspec.layers.interpolation import looks

        shape = inputs[0]
        if axis < 2:
            return super().receptive_field(result, index, axis, *inputs)
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

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        size = inputs[0][axis]
        factor = self.each("scale_factor", self.scale_factor, len(inputs[0]) - 2)[axis - 2]
        whole = size * factor == int(size * factor)
        return f"{size}·{factor:g}" if whole else f"⌊{size}·{factor}⌋"

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis >= 2 and self.size is not None:
            return Origin("argument", "size")
        return Origin("window" if axis >= 2 else "same", parts=((0, axis),))


_SIZE = "the spatial sizes of the result: one for all dimensions, or one for each"
_BY = "the factors of the spatial sizes: one for all dimensions, or one for each"


class _Upsample(_Resize, Module):
    """Interpolation as a module, to a size that is a fixed number."""

    size: int | tuple[int, ...] | None = optional(_several(POSITIVE), _SIZE, None)
    scale_factor: float | tuple[float, ...] | None = optional(_several(_FACTOR), _BY, None)


@layer
class Upsample(_Upsample):
    """Resizes the spatial dimensions by interpolation.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = size or ⌊H · scale_factor⌋; the same for W_out
    Note: The input may also be a sequence (N, C, L) or a volume (N, C, D, H, W).
    Source: `torch.nn.Upsample`
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Upsample, scale_factor: 2, mode: bilinear}
    """

    mode: str = optional(Choice(*_MODES), "the interpolation method", "nearest")
    align_corners: bool | None = optional(
        OneOf(BOOLEAN, Null()), "whether to align the corner pixels of input and result", None
    )
    recompute_scale_factor: bool | None = optional(
        OneOf(BOOLEAN, Null()), "whether to recompute the scale factor from the sizes", None
    )


@layer
class UpsamplingNearest2d(_Upsample):
    """Resizes an image by nearest-neighbor interpolation.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = size or ⌊H · scale_factor⌋; the same for W_out
    Source: `torch.nn.UpsamplingNearest2d`
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: UpsamplingNearest2d, scale_factor: 2}
    """


@layer
class UpsamplingBilinear2d(_Upsample):
    """Resizes an image by bilinear interpolation with aligned corners.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = size or ⌊H · scale_factor⌋; the same for W_out
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
    """Resizes the spatial dimensions by interpolation, to a size that may depend on another tensor.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out),
        H_out = size or ⌊H · scale_factor⌋; the same for W_out
    Note: The input may also be a sequence (N, C, L) or a volume (N, C, D, H, W).
    Source: `torch.nn.functional.interpolate`
    """

    torch_name = "torch.nn.functional.interpolate"

    example = """
        inputs: {image: [N, 8, H, W], small: [N, 8, H2, W2]}
        body:
          - {op: Interpolate, size: [image.height, image.width], mode: bilinear, from: small}
    """

    size: Size | Shape | None = optional(_several(SizeValue(1)), _SIZE, None)
    scale_factor: float | tuple[float, ...] | None = optional(_several(_FACTOR), _BY, None)
    mode: str = optional(Choice(*_MODES), "the interpolation method", "nearest")
    align_corners: bool | None = optional(
        OneOf(BOOLEAN, Null()), "whether to align the corner pixels of input and result", None
    )
    recompute_scale_factor: bool | None = optional(
        OneOf(BOOLEAN, Null()), "whether to recompute the scale factor from the sizes", None
    )
    antialias: bool = optional(
        BOOLEAN, "whether to apply an anti-aliasing filter when the result is smaller", False
    )

    def validate(self) -> None:
        super().validate()
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise self.rejection("antialias", f"antialias is not valid with mode: {self.mode}")

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
