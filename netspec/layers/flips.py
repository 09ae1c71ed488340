"""Layers that keep every element and change its place, or keep a triangle of them."""

from __future__ import annotations

from netspec.layer import (
    DIM,
    INTEGER,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    ListOf,
    OneOf,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    require_rank,
    required,
    resolve_dim,
    resolve_dims,
)
from netspec.layer.calls import keywords, primary
from netspec.layers.rearrange import AxisSelection


@layer
class Flip(Function):
    """Reverses the order of the elements along dimensions.

    Shape: (*) -> (*), y[i] = x[size − 1 − i] along each of dims
    Source: `torch.flip`
    """

    torch_name = "torch.flip"

    since = 1.1
    category = "shape"
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Flip, dims: [3]}
    """

    dims: tuple[int, ...] = required(ListOf(DIM), "the dimensions")

    def axes_of(self, shape: Shape) -> list[int]:
        """The dimensions, from the front."""
        return resolve_dims("Flip", self.dims, max(len(shape), 1), "dims")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        self.axes_of(inputs[0])
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if axis in self.axes_of(inputs[0]):
            return "unclear"
        return super().receptive_field(result, index, axis, *inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.flip({inputs[0]}, {arguments['dims']})"


class _Triangle(Function):
    """A part of each matrix; the other elements are 0."""

    since = 1.1
    category = "shape"

    diagonal: int = optional(
        INTEGER, "the diagonal at the edge: 0 for the main one, 1 for the one above it", 0
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank(self.op, inputs[0], range(2, 100), "at least 2 dimensions")
        return inputs[0]

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{self.torch_name}({inputs[0]}{keywords(self, arguments, 'diagonal')})"


@layer
class Tril(_Triangle):
    """Keeps the lower triangle of each matrix, and sets the other elements to 0.

    Shape: (*, n, m) -> (*, n, m)
    Source: `torch.tril`
    """

    torch_name = "torch.tril"


@layer
class Triu(_Triangle):
    """Keeps the upper triangle of each matrix, and sets the other elements to 0.

    Shape: (*, n, m) -> (*, n, m)
    Source: `torch.triu`
    """

    torch_name = "torch.triu"


@layer
class Movedim(AxisSelection):
    """Moves dimensions to other positions; the other dimensions keep their order.

    Shape: (*) -> (*), dimension source[i] of the input is dimension destination[i] of the result
    Source: `torch.movedim`
    """

    torch_name = "torch.movedim"

    since = 1.1
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Movedim, source: 1, destination: -1}
    """

    source: int | tuple[int, ...] = required(OneOf(DIM, ListOf(DIM)), "the dimensions to move")
    destination: int | tuple[int, ...] = required(
        OneOf(DIM, ListOf(DIM)), "their positions in the result"
    )

    def validate(self) -> None:
        if len(_listed(self.source)) != len(_listed(self.destination)):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`Movedim` moves {len(_listed(self.source))} dimensions to "
                f"{len(_listed(self.destination))} positions",
                argument="destination",
                label="expected one position for each dimension",
            )

    def source_axes(self, shape: Shape) -> list[int]:
        rank = max(len(shape), 1)
        sources = resolve_dims("Movedim", self.source, rank, "source")
        destinations = resolve_dims("Movedim", self.destination, rank, "destination")
        rest = iter([axis for axis in range(rank) if axis not in sources])
        moved = dict(zip(destinations, sources, strict=True))
        order = [moved[axis] if axis in moved else next(rest) for axis in range(rank)]
        return order[: len(shape)]

    def write(self, *inputs: str, **arguments: str) -> str:
        source, destination = arguments["source"], arguments["destination"]
        return f"{primary(inputs[0])}.movedim({source}, {destination})"


@layer
class Swapaxes(AxisSelection):
    """Swaps two dimensions; another name of `Transpose`.

    Shape: (*₁, a, *₂, b, *₃) -> (*₁, b, *₂, a, *₃), the dimensions axis0 and axis1
    Source: `torch.swapaxes`
    """

    torch_name = "torch.swapaxes"

    since = 1.1
    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Swapaxes, axis0: 1, axis1: 2}
    """

    axis0: int = required(DIM, "the first dimension")
    axis1: int = required(DIM, "the second dimension")

    def source_axes(self, shape: Shape) -> list[int]:
        rank = max(len(shape), 1)
        a = resolve_dim("Swapaxes", self.axis0, rank, "axis0")
        b = resolve_dim("Swapaxes", self.axis1, rank, "axis1")
        order = list(range(rank))
        order[a], order[b] = b, a
        return order[: len(shape)]

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.swapaxes({arguments['axis0']}, {arguments['axis1']})"


def _listed(dims: int | tuple[int, ...]) -> tuple[int, ...]:
    return (dims,) if isinstance(dims, int) else dims
