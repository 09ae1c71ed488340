"""Layers that sample an image at the places of a grid, and that make such a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    ListOf,
    Null,
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
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import keywords
from netspec.layers.element_types import require_one_dtype

_ALIGNED = "whether -1 and 1 are the centers of the corner pixels, not their outer edges"


@layer
class GridSample(Function):
    """Samples an image or a volume at the places of a grid, whose coordinates are from -1 to 1.

    Shape: (N, C, H, W), grid (N, Hₒ, Wₒ, 2) -> (N, C, Hₒ, Wₒ);
        (N, C, D, H, W), grid (N, Dₒ, Hₒ, Wₒ, 3) -> (N, C, Dₒ, Hₒ, Wₒ)
    Source: `torch.nn.functional.grid_sample`
    """

    torch_name = "torch.nn.functional.grid_sample"

    since = 1.1
    category = "resampling"
    inputs = ("input", "grid")
    floating = True
    saved_inputs = True
    example = """
        inputs: {image: [N, 3, H, W], grid: [N, 32, 32, 2]}
        body:
          - {op: GridSample, from: [image, grid]}
    """

    mode: str = optional(
        Choice("bilinear", "nearest", "bicubic"),
        "how values between pixels are computed",
        "bilinear",
    )
    padding_mode: str = optional(
        Choice("zeros", "border", "reflection"), "the values outside the image", "zeros"
    )
    align_corners: bool | None = optional(
        OneOf(BOOLEAN, Null()), f"{_ALIGNED}; null for false", None
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        image, grid = inputs
        require_rank("GridSample", image, (4, 5), "[N, C, H, W] or [N, C, D, H, W]")
        axes = len(image) - 2
        if len(grid) != len(image) or not solver.equal(grid[-1], axes):
            raise ShapeError(
                Code.RANK,
                f"`GridSample` of {show(image)} requires a grid of {axes + 2} dimensions, the last "
                f"of size {axes}, but it is {show(grid)}",
                label=f"the grid is {show(grid)}",
                axes=((1, len(grid) - 1),) if grid else (),
            )
        if self.mode == "bicubic" and axes == 3:
            raise ShapeError(
                Code.VALUE,
                "mode bicubic of `GridSample` requires an image, not a volume",
                argument="mode",
                label=f"the input is {show(image)}",
            )
        if not solver.equal(image[0], grid[0]):
            raise ShapeError(
                Code.BROADCAST,
                f"`GridSample` requires an image for each grid, but the batches have {image[0]} and "
                f"{grid[0]} items",
                label=f"{show(image)} and {show(grid)}",
                axes=((0, 0), (1, 0)),
            )
        return (image[0], image[1], *grid[1:-1])

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        require_one_dtype(self.op, dtypes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, axis),) if axis < 2 else ((1, axis - 1),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if index == 0 and axis < 2:
            return super().receptive_field(result, index, axis, *inputs)
        return "unclear" if index else "everything"

    def write(self, *inputs: str, **arguments: str) -> str:
        aligned = arguments["align_corners"]
        aligned = "False" if aligned == "None" else aligned
        other = keywords(self, arguments, "mode", "padding_mode")
        return f"F.grid_sample({inputs[0]}, {inputs[1]}{other}, align_corners={aligned})"


@layer
class AffineGrid(Function):
    """Makes the grid of an affine map for `GridSample`.

    Shape: (N, 2, 3) -> (N, H, W, 2) for a size [N, C, H, W];
        (N, 3, 4) -> (N, D, H, W, 3) for a size [N, C, D, H, W]
    Source: `torch.nn.functional.affine_grid`
    """

    torch_name = "torch.nn.functional.affine_grid"

    since = 1.1
    category = "resampling"
    inputs = ("theta",)
    floating = True
    elements: ClassVar = {}
    example = """
        inputs: {theta: [N, 2, 3]}
        body:
          - {op: AffineGrid, size: [theta.batch, 3, 32, 32]}
    """

    size: tuple[Size, ...] = required(
        ListOf(SizeValue(1), fewest=4, most=5), "the shape of the image that the grid samples"
    )
    align_corners: bool | None = optional(
        OneOf(BOOLEAN, Null()), f"{_ALIGNED}; null for false", None
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        theta = inputs[0]
        axes = len(self.size) - 2
        expected = (self.size[0], axes, axes + 1)
        if len(theta) != 3 or not all(map(solver.equal, theta, expected)):
            raise ShapeError(
                Code.RANK if len(theta) != 3 else Code.FEATURES,
                f"`AffineGrid` for the size {show(self.size)} requires {show(expected)}, but its "
                f"input is {show(theta)}",
                argument="size",
                label=f"requires {show(expected)}",
            )
        return (theta[0], *self.size[2:], axes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, 0),)) if axis == 0 else Origin("argument", "size")

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if axis == 0:
            return super().receptive_field(result, index, axis, *inputs)
        return "everything"

    def write(self, *inputs: str, **arguments: str) -> str:
        aligned = arguments["align_corners"]
        aligned = "False" if aligned == "None" else aligned
        return f"F.affine_grid({inputs[0]}, {arguments['size']}, align_corners={aligned})"
