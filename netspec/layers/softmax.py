"""Functions that look along an axis: softmax and its kin."""

from __future__ import annotations

from netspec.layer import (
    DIM,
    Code,
    ConcreteShape,
    FieldRule,
    Module,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    require_rank,
    resolve_dim,
)
from netspec.layer.checks import axis_name, nearest_multiples

_INPLACE = "whether to compute the result in place, which saves memory"


class _AlongAxis(Module):
    """A softmax of some kind along an axis."""

    category = "activation"
    floating = True
    dim: int | None = optional(
        OneOf(DIM, Null()),
        "the dimension along which the result sums to 1; always set it, because the default "
        "depends on the rank",
        None,
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        if self.dim is not None:
            resolve_dim(self.op, self.dim, max(len(inputs[0]), 1))
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        rank = max(len(inputs[0]), 1)
        along = int(rank not in (1, 3)) if self.dim is None else self.dim % rank
        return (
            "everything" if axis == along else super().receptive_field(result, index, axis, *inputs)
        )


@layer
class Softmax(_AlongAxis):
    """Applies the softmax function along a dimension, so that the elements sum to 1.

    Shape: (*) -> (*), y = eˣ / Σ eˣ over dim
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
    """Applies the logarithm of the softmax function along a dimension.

    Shape: (*) -> (*), y = x − ln Σ eˣ over dim
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
    """Applies the softmin function, the softmax of the negated input, along a dimension.

    Shape: (*) -> (*), y = e⁻ˣ / Σ e⁻ˣ over dim
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
    """Applies the softmax function over the channels at each position of an image.

    Shape: (N, C, H, W) -> (N, C, H, W), y = eˣ / Σ eˣ over the channels
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.Softmax2d`
    """

    category = "activation"
    saved_result = True
    floating = True

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("Softmax2d", inputs[0], (3, 4), "[N, C, H, W] or [C, H, W]")
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        channels = axis == len(inputs[0]) - 3
        return "everything" if channels else super().receptive_field(result, index, axis, *inputs)


@layer
class GLU(Module):
    """Applies the gated linear unit: one half of a dimension gates the other half.

    Shape: (*₁, F, *₂) -> (*₁, F/2, *₂), y = a · σ(b) for the halves a and b of dim
    Source: `torch.nn.GLU`, https://arxiv.org/abs/1612.08083
    """

    category = "activation"
    saved_inputs = True
    floating = True
    dim: int = optional(DIM, "the dimension to split in halves", -1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        require_rank("GLU", shape, range(1, 100), "at least 1 dimension")
        axis = resolve_dim("GLU", self.dim, len(shape))
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

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        halved = axis == self.dim % len(inputs[0])
        return "unclear" if halved else super().receptive_field(result, index, axis, *inputs)

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        return f"{inputs[0][axis]} / 2"
