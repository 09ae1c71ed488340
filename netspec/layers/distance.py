"""The distance or similarity of two inputs."""

from __future__ import annotations

from netspec.layer import (
    BOOLEAN,
    DIM,
    NUMBER,
    Module,
    Number,
    Origin,
    Shape,
    Solver,
    layer,
    optional,
    resolve_dim,
)
from netspec.layers.broadcast import broadcast, stretched


class _Distance(Module):
    """Two inputs, compared along an axis."""

    category = "distance"
    inputs = ("x1", "x2")

    def along(self, rank: int) -> int:
        """The axis that they are compared along."""
        raise NotImplementedError

    def remaining_axes(self, rank: int) -> list[int]:
        """The remaining dimensions of the broadcast inputs, in order."""
        along = self.along(max(rank, 1))
        return [axis for axis in range(rank) if axis != along]

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = broadcast(self.op, solver, inputs)
        return tuple(shape[axis] for axis in self.remaining_axes(len(shape)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = max(map(len, inputs))
        return stretched(self.remaining_axes(rank)[axis], rank, inputs)


@layer
class CosineSimilarity(_Distance):
    """Computes the cosine similarity of two inputs along a dimension.

    Shape: (*₁, D, *₂), (*₁, D, *₂) -> (*₁, *₂), y = x₁ · x₂ / max(‖x₁‖ · ‖x₂‖, eps)
    Note: The inputs broadcast.
    Source: `torch.nn.CosineSimilarity`
    """

    saved_inputs = True
    floating = True
    dim: int = optional(DIM, "the dimension of the vectors", 1)
    eps: float = optional(Number(0), "the lower bound of the denominator", 1e-8)

    def along(self, rank: int) -> int:
        return resolve_dim("CosineSimilarity", self.dim, rank)


@layer
class PairwiseDistance(_Distance):
    """Computes the p-norm distance of two inputs along the last dimension.

    Shape: (*, D), (*, D) -> (*), or (*, 1) with keepdim, y = ‖x₁ − x₂ + eps‖
    Note: The inputs broadcast.
    Source: `torch.nn.PairwiseDistance`
    """

    saved_result = True
    arithmetic = True
    fractional = True
    p: float = optional(NUMBER, "the exponent of the norm", 2.0)
    eps: float = optional(
        NUMBER, "a constant that is added to each difference, for numerical stability", 1e-6
    )
    keepdim: bool = optional(BOOLEAN, "whether to keep the last dimension, with size 1", False)

    def along(self, rank: int) -> int:
        return rank - 1

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = super().infer(solver, *inputs)
        return (*shape, 1) if self.keepdim and max(map(len, inputs)) else shape

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == max(map(len, inputs)) - 1:
            return Origin("argument", "keepdim")
        return super().origin(result, axis, *inputs)
