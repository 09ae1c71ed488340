"""Layers that select elements along a dimension by their rank: the largest, the k-th, the median."""

from __future__ import annotations

from netspec.layer import (
    BOOLEAN,
    DIM,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Origin,
    Shape,
    ShapeError,
    Size,
    SizeValue,
    Solver,
    layer,
    optional,
    required,
    resolve_dim,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import keywords


class _Ranked(Function):
    """Elements of some ranks along a dimension, with their indices."""

    since = 1.1
    category = "reduction"
    arithmetic = True

    dim: int

    @property
    def results(self) -> tuple[str, ...]:
        return ("values", "indices")

    def axis(self, shape: Shape) -> int:
        """The dimension, from the front."""
        return resolve_dim(self.op, self.dim, max(len(shape), 1))

    def hold(self, solver: Solver, shape: Shape, axis: int, k: Size) -> None:
        """Require at least k elements along the dimension.

        Raises:
            ShapeError: There are fewer.
        """
        size: Size = shape[axis] if shape else 1
        if not solver.at_least(size - k, 0):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` requires {show(k)} elements in dimension {axis}, but its input "
                f"{show(shape)} has {size}",
                argument="k",
                label=f"more than {size}",
                axes=((0, axis),) if shape else (),
            )

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return "int64" if result else dtypes[0]

    def saves_result(self, result: int) -> bool:
        return result == 1

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if axis == self.axis(inputs[0]):
            return "everything"
        return super().receptive_field(result, index, axis, *inputs)


@layer
class TopK(_Ranked):
    """Selects the k largest elements along a dimension.

    Shape: (*₁, F, *₂) -> values (*₁, k, *₂), indices (*₁, k, *₂)
    Source: `torch.topk`
    """

    torch_name = "torch.topk"

    example = """
        inputs: {scores: [N, 100]}
        body:
          - top: {op: TopK, k: 5}
        outputs: [top.values, top.indices]
    """

    k: Size = required(SizeValue(1), "the number of elements")
    dim: int = optional(DIM, "the dimension", -1)
    largest: bool = optional(BOOLEAN, "whether to select the largest, not the smallest", True)
    sorted: bool = optional(BOOLEAN, "whether the results are sorted", True)

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        axis = self.axis(shape)
        self.hold(solver, shape, axis, self.k)
        selected = (*shape[:axis], self.k, *shape[axis + 1 :]) if shape else shape
        return [selected, selected]

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == self.axis(inputs[0]):
            return Origin("argument", "k")
        return Origin("same", parts=((0, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        other = keywords(self, arguments, "dim", "largest", "sorted")
        return f"torch.topk({inputs[0]}, {arguments['k']}{other})"


class _OneRank(_Ranked):
    """The element of one rank."""

    keepdim: bool = optional(BOOLEAN, "whether to keep the dimension, with size 1", False)

    def reduced(self, shape: Shape) -> list[Shape]:
        """The shapes of both results."""
        axis = self.axis(shape)
        reduced = (1,) if self.keepdim and shape else ()
        return [(*shape[:axis], *reduced, *shape[axis + 1 :])] * 2

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        gone = self.axis(inputs[0])
        if self.keepdim:
            return Origin("argument") if axis == gone else Origin("same", parts=((0, axis),))
        return Origin("same", parts=((0, axis + (axis >= gone)),))


@layer
class KthValue(_OneRank):
    """Selects the k-th smallest element along a dimension.

    Shape: (*₁, F, *₂) -> values (*₁, *₂), indices (*₁, *₂), or with size 1 in its place
    Source: `torch.kthvalue`
    """

    torch_name = "torch.kthvalue"

    example = """
        inputs: {scores: [N, 100]}
        body:
          - second: {op: KthValue, k: 2}
        outputs: [second.values, second.indices]
    """
    order = ("k", "dim", "keepdim")

    k: Size = required(SizeValue(1), "the rank, from 1 for the smallest element")
    dim: int = optional(DIM, "the dimension", -1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        self.hold(solver, inputs[0], self.axis(inputs[0]), self.k)
        return self.reduced(inputs[0])

    def write(self, *inputs: str, **arguments: str) -> str:
        other = keywords(self, arguments, "dim", "keepdim")
        return f"torch.kthvalue({inputs[0]}, {arguments['k']}{other})"


@layer
class Median(_OneRank):
    """Selects the median along a dimension; of two, the smaller one.

    Shape: (*₁, F, *₂) -> values (*₁, *₂), indices (*₁, *₂), or with size 1 in its place
    Source: `torch.median`
    """

    torch_name = "torch.median"

    example = """
        inputs: {scores: [N, 100]}
        body:
          - middle: {op: Median, dim: 1}
        outputs: [middle.values, middle.indices]
    """
    order = ("dim", "keepdim")

    dim: int = required(DIM, "the dimension")

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        return self.reduced(inputs[0])

    def write(self, *inputs: str, **arguments: str) -> str:
        other = keywords(self, arguments, "keepdim")
        return f"torch.median({inputs[0]}, {arguments['dim']}{other})"
