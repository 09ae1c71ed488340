"""Images as columns of overlapping windows, and back.

N batch, C channels, H height, W width, K elements in a window, L windows.
"""

from __future__ import annotations

from math import prod

from netspec.dims import divide_exactly, product
from netspec.layer import (
    Code,
    ConcreteShape,
    FieldRule,
    Module,
    Origin,
    PerAxis,
    Shape,
    ShapeError,
    Size,
    Solver,
    layer,
    optional,
    per_axis,
    require_rank,
    require_spatial,
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SPATIAL
from netspec.layers.sliding import reached, window_count, with_padding
from netspec.layers.small_input import Reach, small_input


class _Windows(Module):
    """Windows that slide over an image."""

    category = "shape"
    axes = 2

    kernel_size: int | tuple[int, ...] = required(PerAxis(), "the size of the window, in elements")
    dilation: int | tuple[int, ...] = optional(
        PerAxis(), "the spacing between the elements of the window", 1
    )
    padding: int | tuple[int, ...] = optional(PerAxis(0), "the zeros added to each side", 0)
    stride: int | tuple[int, ...] = optional(PerAxis(), "the stride of the window, in elements", 1)

    def element(self, name: str) -> str:
        return "bool or floating"

    @property
    def per_window(self) -> int:
        """How many elements a window has."""
        return prod(per_axis(self.kernel_size, 2))

    def count(self, solver: Solver, size: Size, i: int, axis: int = 0) -> Size:
        """How many windows there are along spatial axis `i`, of that size."""
        kernel, dilation = per_axis(self.kernel_size, 2)[i], per_axis(self.dilation, 2)[i]
        padding, stride = per_axis(self.padding, 2)[i], per_axis(self.stride, 2)[i]
        span = dilation * (kernel - 1) + 1
        if not solver.at_least(size, span - 2 * padding):
            whose = "input" if self.op == "Unfold" else "output"
            reach = Reach(kernel, dilation, 2 * padding)
            error = small_input(self.op, size, axis, SPATIAL[2][i], reach, whose=whose)
            error.axes = error.axes if self.op == "Unfold" else ()
            raise error
        return (size + 2 * padding - span) // stride + 1

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear"


@layer
class Unfold(_Windows):
    """Extracts sliding windows of an image as columns.

    Shape: (N, C, H, W) -> (N, C · K, L), K elements in a window and L windows,
        along the height ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.Unfold`
    """

    positional = ("kernel_size",)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_spatial("Unfold", shape, 2)
        first = len(shape) - 2
        windows = [self.count(solver, shape[first + i], i, first + i) for i in range(2)]
        return (*shape[: first - 1], shape[first - 1] * self.per_window, product(windows))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = len(inputs[0])
        if axis < rank - 3:
            return Origin("same", parts=((0, axis),))
        places = (rank - 3,) if axis == rank - 3 else (rank - 2, rank - 1)
        return Origin("window", parts=tuple((0, p) for p in places))

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        *_, channels, height, width = inputs[0]
        if axis == len(inputs[0]) - 3:
            return f"{channels}·{self.per_window}"
        return " · ".join(f"({self.steps(size, i)})" for i, size in enumerate((height, width)))

    def steps(self, size: int, i: int) -> str:
        """The number of windows along a spatial dimension, with the numbers inserted."""
        kernel, dilation = per_axis(self.kernel_size, 2)[i], per_axis(self.dilation, 2)[i]
        padding, stride = per_axis(self.padding, 2)[i], per_axis(self.stride, 2)[i]
        return window_count(
            f"{with_padding(size, padding, padding)} {reached(kernel, dilation)}", stride
        )


@layer
class Fold(_Windows):
    """Sums columns of sliding windows into an image.

    Shape: (N, C · K, L) -> (N, C, *output_size), K elements in a window and L windows
    Note: The input may be unbatched: (C · K, L).
    Source: `torch.nn.Fold`, the counterpart of `Unfold`
    """

    example = """
        inputs: {columns: [N, 72, 1024]}
        body:
          - {op: Fold, output_size: 32, kernel_size: 3, padding: 1}
    """

    positional = ("output_size", "kernel_size")
    order = ("output_size", "kernel_size")

    output_size: int | tuple[int, ...] = required(
        PerAxis(), "the height and the width of the image"
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("Fold", shape, (2, 3), "[N, C·K, L] or [C·K, L], columns of windows")
        rows, columns = shape[-2:]
        each = self.per_window
        if not solver.divisible(rows, each):
            raise ShapeError(
                Code.DIVISIBLE,
                f"`Fold` requires columns of complete windows: {rows} is not divisible by {each}",
                argument="kernel_size",
                label=f"a window has {each} elements",
                axes=((0, len(shape) - 2),),
            )
        size = per_axis(self.output_size, 2)
        windows = [self.count(solver, size[i], i) for i in range(2)]
        if not solver.equal(columns, product(windows)):
            raise ShapeError(
                Code.ELEMENT_COUNT,
                f"`Fold` requires {show(product(windows))} windows for {show(size)}, but "
                f"receives {columns}",
                argument="output_size",
                label=f"{' × '.join(map(str, windows))} windows",
                axes=((0, len(shape) - 1),),
            )
        exact = divide_exactly(rows, each)
        return (*shape[:-2], rows // each if exact is None else exact, *size)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = len(inputs[0])
        if axis == rank - 2:
            return Origin("window", parts=((0, rank - 2),))
        return (
            Origin("same", parts=((0, axis),))
            if axis < rank - 2
            else Origin("argument", "output_size")
        )

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        return f"{inputs[0][-2]} / {self.per_window}"
