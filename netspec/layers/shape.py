"""Layers that move, cut and regroup axes."""

from __future__ import annotations

from math import prod

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, constant, divide_exactly, product
from netspec.layers.answers import FieldRule, Window
from netspec.layers.arguments import (
    DIM,
    Either,
    Extent,
    Many,
    Nothing,
    Whole,
    optional,
    required,
)
from netspec.layers.base import Axes, Function, Origin, ShapeError, Solver, layer, show
from netspec.layers.checks import axis_of
from netspec.layers.writing import primary

_REST = Whole(-1, -1)


@layer
class Reshape(Function):
    """Reads the same elements, in the same order, as another shape.

    Shape: (*) -> shape, with as many elements; one entry may be -1
    Source: `torch.reshape`
    """

    view = True
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Reshape, shape: [x.batch, 8, -1]}
    """

    shape: tuple[Size, ...] = required(
        Many(Either(Extent(1), _REST)), "the new shape; -1, at most once, is what is left"
    )

    def validate(self) -> None:
        if self.shape.count(-1) > 1:
            raise ShapeError(
                Code.BAD_ARGUMENT, "only one entry of `shape` may be -1", argument="shape",
                label="more than one -1",
            )  # fmt: skip

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        total = product(inputs[0])
        known = product([s for s in self.shape if s != -1])
        if -1 not in self.shape:
            if total != known and not solver.equal(total, known):
                raise self.mismatch(inputs[0], total, known, f"{known} elements, not {total}")
            return self.shape
        left = divide_exactly(total, known)
        if left is None:
            left = self.quotient(solver, inputs[0], total, known)
        return tuple(left if s == -1 else s for s in self.shape)

    def quotient(self, solver: Solver, shape: Shape, total: Size, known: Size) -> Size:
        """What is left for -1, where it is not plain that nothing remains."""
        divisor = constant(known)
        left = total // known
        fits = (
            solver.equal(left * known, total) if divisor is None
            else solver.divisible(total, divisor)
        )  # fmt: skip
        if not fits or not solver.at_least(left, 1):
            raise self.mismatch(shape, total, known, f"{known} does not divide {total}")
        return left

    def mismatch(self, shape: Shape, total: Size, known: Size, reason: str) -> ShapeError:
        """The refusal of a shape with another number of elements."""
        return ShapeError(
            Code.ELEMENT_COUNT,
            f"`Reshape` cannot reshape {show(shape)} to {show(self.shape)}: {reason}",
            argument="shape",
            label=f"{known} elements, the input has {total}",
            axes=tuple((0, axis) for axis in range(len(shape))),
            notes=(f"{total} = {' × '.join(map(str, shape))}",) if len(shape) > 1 else (),
        )

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        from netspec.layers.strides import reshaped

        return reshaped(before, strides, after)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        size = self.shape[axis]
        if size != -1 and constant(size) is None:
            for input_axis, other in enumerate(inputs[0]):
                if other == size:
                    return Origin("same", parts=((0, input_axis),))
        if size != -1:
            return Origin("argument", "shape")
        return Origin(
            "product", parts=tuple((0, input_axis) for input_axis in range(len(inputs[0])))
        )

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        before = inputs[0]
        known = abs(prod(s for s in self.shape if isinstance(s, int)))
        after = [prod(before) // known if s == -1 else s for s in self.shape]
        if after[: axis + 1] == [*before[: axis + 1]]:
            return Window(axis=axis)
        if after[axis - len(before) :] == [*before[axis:]]:
            return Window(axis=len(after) - len(before) + axis)
        return "unclear"

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.reshape({arguments['shape']})"


@layer
class Permute(Function):
    """Puts the axes into another order.

    Shape: (*) -> (*), axis i of the result is axis dims[i] of the input
    Source: `torch.permute`
    """

    view = True
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Permute, dims: [0, 2, 3, 1]}
    """

    dims: tuple[int, ...] = required(Many(DIM), "the input's axes, in their new order")

    def order_of(self, rank: int) -> tuple[int, ...]:
        """The axes of the input, from the front, in their new order."""
        order = tuple(axis_of("Permute", dim, rank, "dims") for dim in self.dims)
        if sorted(order) != list(range(rank)):
            raise ShapeError(
                Code.VALUE,
                f"dims {show(self.dims)} of `Permute` must contain each of the {rank} "
                "dimensions once",
                argument="dims",
                label=f"the input has {rank} dimensions",
                helps=(f"set `dims` to a permutation of {show(list(range(rank)))}",),
            )
        return order

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return tuple(inputs[0][axis] for axis in self.order_of(len(inputs[0])))

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        return tuple(strides[axis] for axis in self.order_of(len(before)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.order_of(len(inputs[0]))[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.permute({arguments['dims']})"


@layer
class Transpose(Function):
    """Swaps two axes.

    Shape: (*₁, a, *₂, b, *₃) -> (*₁, b, *₂, a, *₃), the axes dim0 and dim1
    Source: `torch.transpose`
    """

    view = True
    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Transpose, dim0: 1, dim1: 2}
    """

    dim0: int = required(DIM, "one of the two axes")
    dim1: int = required(DIM, "the other axis")

    def order_of(self, rank: int) -> list[int]:
        """The axes of the input, from the front, in their new order."""
        a, b = (
            axis_of("Transpose", self.dim0, max(rank, 1), "dim0"),
            axis_of("Transpose", self.dim1, max(rank, 1), "dim1"),
        )
        order = list(range(max(rank, 1)))
        order[a], order[b] = b, a
        return order[:rank]

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return tuple(inputs[0][axis] for axis in self.order_of(len(inputs[0])))

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        return tuple(strides[axis] for axis in self.order_of(len(before)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.order_of(len(inputs[0]))[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.transpose({arguments['dim0']}, {arguments['dim1']})"


@layer
class Squeeze(Function):
    """Drops axes of size 1.

    Shape: (*₁, 1, *₂) -> (*₁, *₂), the axes `dim`, or all of size 1; another size stays
    Source: `torch.squeeze`. An axis that is named and of open size must be 1; one that nobody named
    stays, and must be 2 or more.
    """

    view = True

    dim: int | tuple[int, ...] | None = optional(
        Either(DIM, Many(DIM), Nothing()), "the axis or axes; all if left out", None
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.dropped: dict[Shape, frozenset[int]] = {}
        """Of each input, the axes of symbolic size that have to be 1."""

    def remaining_axes(self, shape: Shape) -> list[int]:
        """The axes of the input that stay."""
        rank = len(shape)
        gone = self.dropped.get(shape, frozenset())
        if self.dim is None:
            return [axis for axis in range(rank) if shape[axis] != 1 and axis not in gone]
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        squeezed = [axis_of("Squeeze", dim, max(rank, 1)) for dim in dims]
        if len(set(squeezed)) < len(squeezed):
            raise ShapeError(
                Code.VALUE, f"dim {show(self.dim)} of `Squeeze` contains a dimension twice",
                argument="dim", label="duplicate dimension",
            )  # fmt: skip
        return [
            axis
            for axis in range(rank)
            if axis not in squeezed or (shape[axis] != 1 and axis not in gone)
        ]

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        open_axes = {axis for axis, size in enumerate(shape) if constant(size) is None}
        self.dropped.pop(shape, None)
        if self.dim is None:
            gone = {axis for axis in open_axes if not solver.at_least(shape[axis], 2)}
        else:
            named = open_axes - set(self.remaining_axes((1,) * len(shape)))
            gone = {axis for axis in named if solver.equal(shape[axis], 1)}
        self.dropped[shape] = frozenset(gone)
        return tuple(shape[axis] for axis in self.remaining_axes(shape))

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        return tuple(strides[axis] for axis in self.remaining_axes(before))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.remaining_axes(inputs[0])[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        dim = "" if arguments["dim"] == "None" else arguments["dim"]
        return f"{primary(inputs[0])}.squeeze({dim})"


@layer
class Unsqueeze(Function):
    """Puts in an axis of size 1.

    Shape: (*₁, *₂) -> (*₁, 1, *₂), the new axis at `dim`
    Source: `torch.unsqueeze`
    """

    view = True

    dim: int = required(DIM, "where the new axis goes")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        new_axis = axis_of("Unsqueeze", self.dim, len(shape) + 1, new=1)
        return (*shape[:new_axis], 1, *shape[new_axis:])

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        new_axis = self.dim % len(after)
        return (*strides[:new_axis], 1, *strides[new_axis:])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        new_axis = self.dim % (len(inputs[0]) + 1)
        if axis == new_axis:
            return Origin("argument")
        return Origin("same", parts=((0, axis - (axis > new_axis)),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.unsqueeze({arguments['dim']})"


@layer
class Expand(Function):
    """Repeats axes of size 1, without copying, and may put new ones in front.

    Shape: (*) -> size, where the input's axis is that size or 1; -1 keeps the input's
    Source: `torch.Tensor.expand`
    """

    view = True
    example = """
        inputs: {image: [N, 1, H, W]}
        body:
          - {op: Expand, size: [-1, 3, -1, -1]}
    """

    size: tuple[Size, ...] = required(
        Many(Either(Extent(1), _REST)), "the new shape; -1 keeps an axis as it is"
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        new = len(self.size) - len(shape)
        if new < 0:
            raise ShapeError(
                Code.RANK,
                f"size {show(self.size)} of `Expand` has fewer dimensions than the input "
                f"{show(shape)}",
                argument="size",
                label=f"the input has {len(shape)} dimensions",
            )
        return tuple(
            self.expanded(solver, shape, axis, axis - new) for axis in range(len(self.size))
        )

    def expanded(self, solver: Solver, shape: Shape, axis: int, source: int) -> Size:
        """The size of an axis of the result; `source` is the input's, negative for a new one."""
        size = self.size[axis]
        if source < 0:
            if size != -1:
                return size
            raise ShapeError(
                Code.VALUE, f"`Expand` adds dimension {axis}, so its size cannot be -1",
                argument="size", label="-1 keeps the size of an existing dimension",
            )  # fmt: skip
        if size == -1 or size == shape[source]:
            return shape[source]
        if shape[source] == 1 or solver.equal(shape[source], size):
            return size
        raise ShapeError(
            Code.BROADCAST,
            f"`Expand` cannot expand {shape[source]} to {size} in dimension {source}: only "
            "size 1 can be expanded",
            argument="size",
            label=f"dimension {source} is {shape[source]}",
            axes=((0, source),),
        )

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        new = len(after) - len(before)
        there = zip(before, strides, after[new:], strict=True)
        return (0,) * new + tuple(stride * (size == grown) for size, stride, grown in there)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        source = axis - (len(self.size) - len(inputs[0]))
        if source >= 0 and (inputs[0][source] != 1 or self.size[axis] == -1):
            return Origin("same", parts=((0, source),))
        return Origin("argument", "size")

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.expand({arguments['size']})"
