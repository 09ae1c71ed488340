"""Layers that repeat a tensor, or each of its elements."""

from __future__ import annotations

from netspec.dims import product
from netspec.layer import (
    DIM,
    POSITIVE,
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
    Solver,
    Window,
    layer,
    optional,
    required,
    resolve_dim,
)
from netspec.layer.calls import primary


class _Copies(Function):
    """Copies of the whole tensor along its last dimensions."""

    since = 1.1
    category = "shape"

    def counts(self, rank: int) -> tuple[int, ...]:
        """The number of copies along each dimension of the result."""
        raise NotImplementedError

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        counts = self.counts(len(inputs[0]))
        shape = (*(1,) * (len(counts) - len(inputs[0])), *inputs[0])
        return tuple(size * count for size, count in zip(shape, counts, strict=True))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        counts = self.counts(len(inputs[0]))
        source = axis - (len(counts) - len(inputs[0]))
        if source < 0:
            return Origin("argument")
        return Origin("same" if counts[axis] == 1 else "product", parts=((0, source),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        counts = self.counts(len(inputs[0]))
        if counts[axis + len(counts) - len(inputs[0])] != 1:
            return "unclear"
        return super().receptive_field(result, index, axis, *inputs)


@layer
class Repeat(_Copies):
    """Repeats the tensor along its dimensions.

    Shape: (*) -> (*), each size times its number of copies
    Note: More numbers than dimensions add dimensions in front.
    Source: `torch.Tensor.repeat`
    """

    torch_name = "torch.Tensor.repeat"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Repeat, repeats: [1, 2, 1]}
    """

    repeats: tuple[int, ...] = required(
        ListOf(POSITIVE), "the number of copies along each dimension"
    )

    def counts(self, rank: int) -> tuple[int, ...]:
        if len(self.repeats) < rank:
            raise ShapeError(
                Code.RANK,
                f"`Repeat` has {len(self.repeats)} numbers of copies for {rank} dimensions",
                argument="repeats",
                label=f"the input has {rank} dimensions",
            )
        return self.repeats

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.repeat({arguments['repeats']})"


@layer
class Tile(_Copies):
    """Repeats the tensor along its last dimensions.

    Shape: (*) -> (*), each size times its number of copies
    Note: Fewer numbers than dimensions are those of the last dimensions.
    Source: `torch.tile`
    """

    torch_name = "torch.tile"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Tile, dims: [2, 1]}
    """

    dims: tuple[int, ...] = required(ListOf(POSITIVE), "the number of copies along each dimension")

    def counts(self, rank: int) -> tuple[int, ...]:
        return (*(1,) * (rank - len(self.dims)), *self.dims)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.tile({inputs[0]}, {arguments['dims']})"


@layer
class RepeatInterleave(Function):
    """Repeats each element along a dimension.

    Shape: (*₁, L, *₂) -> (*₁, repeats · L, *₂)
    Note: Without `dim`, the input is flattened.
    Source: `torch.repeat_interleave`
    """

    torch_name = "torch.repeat_interleave"

    since = 1.1
    category = "shape"

    repeats: int = required(POSITIVE, "the number of copies of each element")
    dim: int | None = optional(OneOf(DIM, Null()), "the dimension; null to flatten the input", None)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        if self.dim is None:
            return (product(shape) * self.repeats,)
        axis = resolve_dim("RepeatInterleave", self.dim, len(shape))
        return (*shape[:axis], shape[axis] * self.repeats, *shape[axis + 1 :])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        rank = len(inputs[0])
        if self.dim is None:
            parts = tuple((0, k) for k in range(rank))
            return Origin("product", parts=parts) if parts else Origin("argument", "repeats")
        return Origin("product" if axis == self.dim % rank else "same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if self.dim is None:
            return "unclear"
        if axis == self.dim % len(inputs[0]):
            return Window(span=self.repeats, before=self.repeats - 1, every=self.repeats)
        return super().receptive_field(result, index, axis, *inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        dim = "" if arguments["dim"] == "None" else f", dim={arguments['dim']}"
        return f"torch.repeat_interleave({inputs[0]}, {arguments['repeats']}{dim})"
