"""Layers that rearrange the elements of a tensor: other sizes, or another order of dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from netspec.dims import as_integer, divide_exactly, product
from netspec.layer import (
    DIM,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Integer,
    ListOf,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Size,
    SizeValue,
    Solver,
    Window,
    layer,
    required,
    resolve_dim,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary

REST = Integer(-1, -1)


@layer
class Reshape(Function):
    """Changes the shape without changing the elements or their order.

    Shape: (*) -> shape, with as many elements; one entry may be -1
    Source: `torch.reshape`
    """

    torch_name = "torch.reshape"

    category = "shape"
    view = True
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Reshape, shape: [x.batch, 8, -1]}
    """

    shape: tuple[Size, ...] = required(
        ListOf(OneOf(SizeValue(1), REST)), "the new shape; one size may be -1, which is inferred"
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
        """The size for -1, if it is not obvious that nothing remains."""
        divisor = as_integer(known)
        left = total // known
        fits = (
            solver.equal(left * known, total) if divisor is None
            else solver.divisible(total, divisor)
        )  # fmt: skip
        if not fits or not solver.at_least(left, 1):
            raise self.mismatch(shape, total, known, f"{known} does not divide {total}")
        return left

    def mismatch(self, shape: Shape, total: Size, known: Size, reason: str) -> ShapeError:
        """The error for a shape with a different number of elements."""
        return ShapeError(
            Code.ELEMENT_COUNT,
            f"`Reshape` cannot reshape {show(shape)} to {show(self.shape)}: {reason}",
            argument="shape",
            label=f"{known} elements, the input has {total}",
            axes=tuple((0, axis) for axis in range(len(shape))),
            shown_shapes=(shape,),
            notes=(f"{total} = {' × '.join(map(str, shape))}",) if len(shape) > 1 else (),
        )

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        from netspec.layers.strides import reshaped

        return reshaped(before, strides, after)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        size = self.shape[axis]
        if size != -1 and as_integer(size) is None:
            for input_axis, other in enumerate(inputs[0]):
                if other == size:
                    return Origin("same", parts=((0, input_axis),))
        if size != -1:
            return Origin("argument", "shape")
        return Origin(
            "product", parts=tuple((0, input_axis) for input_axis in range(len(inputs[0])))
        )

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
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


class AxisSelection(Function):
    """A view with dimensions of the input in a new order; some may be dropped."""

    category = "shape"
    view = True

    def source_axes(self, shape: Shape) -> Sequence[int]:
        """The dimension of the input that each dimension of the result is, from the front."""
        raise NotImplementedError

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        return tuple(shape[axis] for axis in self.source_axes(shape))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return tuple(strides[axis] for axis in self.source_axes(before))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.source_axes(inputs[0])[axis]),))


@layer
class Permute(AxisSelection):
    """Reorders the dimensions.

    Shape: (*) -> (*), dimension i of the result is dimension dims[i] of the input
    Source: `torch.permute`
    """

    torch_name = "torch.permute"
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Permute, dims: [0, 2, 3, 1]}
    """

    dims: tuple[int, ...] = required(ListOf(DIM), "the dimensions of the input in their new order")

    def source_axes(self, shape: Shape) -> tuple[int, ...]:
        rank = len(shape)
        order = tuple(resolve_dim("Permute", dim, rank, "dims") for dim in self.dims)
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

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.permute({arguments['dims']})"


@layer
class Transpose(AxisSelection):
    """Swaps two dimensions.

    Shape: (*₁, a, *₂, b, *₃) -> (*₁, b, *₂, a, *₃), the dimensions dim0 and dim1
    Source: `torch.transpose`
    """

    torch_name = "torch.transpose"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Transpose, dim0: 1, dim1: 2}
    """

    dim0: int = required(DIM, "the first dimension")
    dim1: int = required(DIM, "the second dimension")

    def source_axes(self, shape: Shape) -> list[int]:
        rank = len(shape)
        a, b = (
            resolve_dim("Transpose", self.dim0, max(rank, 1), "dim0"),
            resolve_dim("Transpose", self.dim1, max(rank, 1), "dim1"),
        )
        order = list(range(max(rank, 1)))
        order[a], order[b] = b, a
        return order[:rank]

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.transpose({arguments['dim0']}, {arguments['dim1']})"
