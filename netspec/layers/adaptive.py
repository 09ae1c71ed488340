"""Pooling to a fixed size, whatever the input's.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layers.answers import FieldRule, Window
from netspec.layers.arguments import (
    FLAG,
    POSITIVE,
    Either,
    Nothing,
    PerAxis,
    optional,
    required,
)
from netspec.layers.base import Axes, Origin, ShapeError, Solver, layer
from netspec.layers.pool import Spatial

_EXTENT = "size of each spatial axis of the result"


def uneven(size: int, output_size: int, axis: int) -> Window:
    """The windows that cut an axis into so many, as even as can be: they may overlap by one."""
    return Window(size + output_size - 1, size, output_size - 1, output_size, axis)


class _AdaptivePool(Spatial):
    """Pooling to a size that does not hang on the input's."""

    floating = True
    positional = ("output_size",)

    output_size: int | tuple[int | None, ...] = required(
        PerAxis(each=Either(POSITIVE, Nothing())), f"{_EXTENT}; null keeps the input's"
    )

    def validate(self) -> None:
        if self.output_size is None:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"output_size of `{self.op}` cannot be null as a whole",
                argument="output_size",
                label="null applies to one dimension",
                helps=(
                    f"write one entry per dimension: {[None] * self.axes}".replace("None", "null"),
                ),
            )

    def saves_input(self, index: int) -> bool:
        size = self.output_size
        return any(s != 1 for s in (size if isinstance(size, tuple) else (size,)))

    def window(self, solver: Solver, shape: Shape, first: int, i: int) -> Size:
        """The size of spatial axis `i`: the one given, or the input's."""
        size = self.output_size if isinstance(self.output_size, int) else self.output_size[i]
        return shape[first + i] if size is None else size

    def looks(self, i: int, axis: int, inputs: tuple[Axes, ...]) -> FieldRule:
        size = self.output_size if isinstance(self.output_size, int) else self.output_size[i]
        here = inputs[0][axis]
        if size == 1:
            return "everything"
        return uneven(here, here if size is None else size, axis)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        i = axis - (len(inputs[0]) - self.axes)
        is_unchanged = (
            isinstance(self.output_size, tuple) and i >= 0 and self.output_size[i] is None
        )
        return (
            Origin("same", parts=((0, axis),))
            if i < 0 or is_unchanged
            else Origin("argument", "output_size")
        )


@layer
class AdaptiveAvgPool1d(_AdaptivePool):
    """Takes means along one axis so that a given number of them is left.

    Shape: (N, C, L) -> (N, C, output_size)
    Source: `torch.nn.AdaptiveAvgPool1d`. A single item (C, L) works too.
    """

    axes = 1
    output_size: int | tuple[int, ...] = required(PerAxis(), _EXTENT)


@layer
class AdaptiveAvgPool2d(_AdaptivePool):
    """Takes means over an image so that a map of a given size is left.

    Shape: (N, C, H, W) -> (N, C, output_size[0], output_size[1])
    Source: `torch.nn.AdaptiveAvgPool2d`. A single item (C, H, W) works too.
    """

    axes = 2


@layer
class AdaptiveAvgPool3d(_AdaptivePool):
    """Takes means through a volume so that one of a given size is left.

    Shape: (N, C, D, H, W) -> (N, C, output_size[0], output_size[1], output_size[2])
    Source: `torch.nn.AdaptiveAvgPool3d`. A single item (C, D, H, W) works too.
    """

    axes = 3


class _AdaptiveMaxPool(_AdaptivePool):
    """The largest values, so many of them."""

    indices = True

    return_indices: bool = optional(FLAG, "whether a second result `indices` says where", False)

    def saves_input(self, index: int) -> bool:
        return True

    def saves_result(self, result: int) -> bool:
        return result == 1


@layer
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Keeps the largest values along one axis, a given number of them.

    Shape: (N, C, L) -> (N, C, output_size)
    Source: `torch.nn.AdaptiveMaxPool1d`. A single item (C, L) works too.
    """

    axes = 1
    order = ("output_size",)
    output_size: int | tuple[int, ...] = required(PerAxis(), _EXTENT)


@layer
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Keeps the largest values of an image in a map of a given size.

    Shape: (N, C, H, W) -> (N, C, output_size[0], output_size[1])
    Source: `torch.nn.AdaptiveMaxPool2d`. A single item (C, H, W) works too.
    """

    axes = 2


@layer
class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Keeps the largest values of a volume in one of a given size.

    Shape: (N, C, D, H, W) -> (N, C, output_size[0], output_size[1], output_size[2])
    Source: `torch.nn.AdaptiveMaxPool3d`. A single item (C, D, H, W) works too.
    """

    axes = 3
