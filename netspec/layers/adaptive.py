"""Pooling to a fixed size, whatever the input's.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from netspec.layer import (
    BOOLEAN,
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
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
    required,
)
from netspec.layers.pool import Spatial

_EXTENT = "the spatial sizes of the result"


def uneven(size: int, output_size: int, axis: int) -> Window:
    """The windows that cut an axis into so many, as even as can be: they may overlap by one."""
    return Window(size + output_size - 1, size, output_size - 1, output_size, axis)


class _AdaptivePool(Spatial):
    """Pooling to a size that does not depend on the size of the input."""

    floating = True
    positional = ("output_size",)

    output_size: int | tuple[int | None, ...] = required(
        PerAxis(each=OneOf(POSITIVE, Null())), f"{_EXTENT}; null for that of the input"
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

    def looks(self, i: int, axis: int, inputs: tuple[ConcreteShape, ...]) -> FieldRule:
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
    """Applies 1-D average pooling with windows that result in a fixed output size.

    Shape: (N, C, L) -> (N, C, output_size)
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.AdaptiveAvgPool1d`
    """

    axes = 1
    output_size: int | tuple[int, ...] = required(PerAxis(), _EXTENT)


@layer
class AdaptiveAvgPool2d(_AdaptivePool):
    """Applies 2-D average pooling with windows that result in a fixed output size.

    Shape: (N, C, H, W) -> (N, C, output_size[0], output_size[1])
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.AdaptiveAvgPool2d`
    """

    axes = 2


@layer
class AdaptiveAvgPool3d(_AdaptivePool):
    """Applies 3-D average pooling with windows that result in a fixed output size.

    Shape: (N, C, D, H, W) -> (N, C, output_size[0], output_size[1], output_size[2])
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.AdaptiveAvgPool3d`
    """

    axes = 3


class _AdaptiveMaxPool(_AdaptivePool):
    """The largest values, so many of them."""

    indices = True

    return_indices: bool = optional(
        BOOLEAN, "whether to return the indices of the maxima as a second result, `indices`", False
    )

    def saves_input(self, index: int) -> bool:
        return True

    def saves_result(self, result: int) -> bool:
        return result == 1


@layer
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Applies 1-D max pooling with windows that result in a fixed output size.

    Shape: (N, C, L) -> (N, C, output_size)
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.AdaptiveMaxPool1d`
    """

    axes = 1
    order = ("output_size",)
    output_size: int | tuple[int, ...] = required(PerAxis(), _EXTENT)


@layer
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Applies 2-D max pooling with windows that result in a fixed output size.

    Shape: (N, C, H, W) -> (N, C, output_size[0], output_size[1])
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.AdaptiveMaxPool2d`
    """

    axes = 2


@layer
class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Applies 3-D max pooling with windows that result in a fixed output size.

    Shape: (N, C, D, H, W) -> (N, C, output_size[0], output_size[1], output_size[2])
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.AdaptiveMaxPool3d`
    """

    axes = 3
