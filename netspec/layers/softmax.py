"""Functions that look along an axis: softmax and its kin."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape
from netspec.layers.answers import FieldRule
from netspec.layers.arguments import (
    DIM,
    Either,
    Nothing,
    optional,
)
from netspec.layers.base import Axes, Module, Origin, ShapeError, Solver, layer
from netspec.layers.checks import axis_name, axis_of, nearest_multiples, require_rank

_INPLACE = "whether it overwrites its input, to save memory"


class _AlongAxis(Module):
    """A softmax of some kind along an axis."""

    floating = True
    dim: int | None = optional(
        Either(DIM, Nothing()), "axis along which the result sums to 1; better given", None
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        if self.dim is not None:
            axis_of(type(self).__name__, self.dim, max(len(inputs[0]), 1))
        return inputs[0]

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        rank = max(len(inputs[0]), 1)
        along = int(rank not in (1, 3)) if self.dim is None else self.dim % rank
        return "everything" if axis == along else super().sees(result, index, axis, *inputs)


@layer
class Softmax(_AlongAxis):
    """Makes positive numbers that sum to 1 along an axis.

    Shape: (*) -> (*), y = eˣ / Σ eˣ over `dim`
    Source: `torch.nn.Softmax`
    """

    saved_result = True
    example = """
        inputs: {features: [N, 16]}
        body:
          - {op: Softmax, dim: 1}
    """


@layer
class LogSoftmax(_AlongAxis):
    """Is the logarithm of the softmax, computed in one go.

    Shape: (*) -> (*), y = x − ln Σ eˣ over `dim`
    Source: `torch.nn.LogSoftmax`
    """

    saved_result = True
    example = """
        inputs: {features: [N, 16]}
        body:
          - {op: LogSoftmax, dim: 1}
    """


@layer
class Softmin(_AlongAxis):
    """Is the softmax of the negated input.

    Shape: (*) -> (*), y = e⁻ˣ / Σ e⁻ˣ over `dim`
    Source: `torch.nn.Softmin`
    """

    saved_result = True
    example = """
        inputs: {features: [N, 16]}
        body:
          - {op: Softmin, dim: 1}
    """


@layer
class Softmax2d(Module):
    """Makes the channels of each pixel sum to 1.

    Shape: (N, C, H, W) -> (N, C, H, W), y = eˣ / Σ eˣ over the channels
    Source: `torch.nn.Softmax2d`. A single item (C, H, W) works too.
    """

    saved_result = True
    floating = True

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("Softmax2d", inputs[0], (3, 4), "[N, C, H, W] or [C, H, W]")
        return inputs[0]

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        channels = axis == len(inputs[0]) - 3
        return "everything" if channels else super().sees(result, index, axis, *inputs)


@layer
class GLU(Module):
    """Weighs the first half of an axis by the sigmoid of the second.

    Shape: (*₁, F, *₂) -> (*₁, F/2, *₂), y = a · σ(b) for the halves a and b of axis `dim`
    Source: `torch.nn.GLU`, https://arxiv.org/abs/1612.08083
    """

    saved_inputs = True
    floating = True
    dim: int = optional(DIM, "axis that is halved", -1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("GLU", shape, range(1, 100), "at least 1 dimension")
        axis = axis_of("GLU", self.dim, len(shape))
        if not solver.divisible(shape[axis], 2):
            raise ShapeError(
                Code.DIVISIBLE,
                f"`GLU` halves the {axis_name(len(shape), axis)}, but {shape[axis]} is odd",
                argument="dim",
                label=f"{shape[axis]} is odd",
                axes=((0, axis),),
                helps=nearest_multiples(axis_name(len(shape), axis), shape[axis], 2),
            )
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        halved = axis == self.dim % len(inputs[0])
        return Origin("window" if halved else "same", parts=((0, axis),))

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        halved = axis == self.dim % len(inputs[0])
        return "unclear" if halved else super().sees(result, index, axis, *inputs)

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        return f"{inputs[0][axis]} / 2"
