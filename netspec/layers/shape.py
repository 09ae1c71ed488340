"""Layers that move, cut and regroup axes."""

from __future__ import annotations

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
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Size,
    SizeValue,
    Solver,
    Window,
    layer,
    optional,
    required,
    resolve_dim,
)
from netspec.layers.base import show
from netspec.layers.calls import primary

_REST = Integer(-1, -1)


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
        ListOf(OneOf(SizeValue(1), _REST)), "the new shape; one size may be -1, which is inferred"
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
        """The refusal of a shape with another number of elements."""
        return ShapeError(
            Code.ELEMENT_COUNT,
            f"`Reshape` cannot reshape {show(shape)} to {show(self.shape)}: {reason}",
            argument="shape",
            label=f"{known} elements, the input has {total}",
            axes=tuple((0, axis) for axis in range(len(shape))),
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


@layer
class Permute(Function):
    """Reorders the dimensions.

    Shape: (*) -> (*), dimension i of the result is dimension dims[i] of the input
    Source: `torch.permute`
    """

    torch_name = "torch.permute"

    category = "shape"
    view = True
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Permute, dims: [0, 2, 3, 1]}
    """

    dims: tuple[int, ...] = required(ListOf(DIM), "the dimensions of the input in their new order")

    def order_of(self, rank: int) -> tuple[int, ...]:
        """The axes of the input, from the front, in their new order."""
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

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return tuple(inputs[0][axis] for axis in self.order_of(len(inputs[0])))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return tuple(strides[axis] for axis in self.order_of(len(before)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.order_of(len(inputs[0]))[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.permute({arguments['dims']})"


@layer
class Transpose(Function):
    """Swaps two dimensions.

    Shape: (*₁, a, *₂, b, *₃) -> (*₁, b, *₂, a, *₃), the dimensions dim0 and dim1
    Source: `torch.transpose`
    """

    torch_name = "torch.transpose"

    category = "shape"
    view = True
    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - {op: Transpose, dim0: 1, dim1: 2}
    """

    dim0: int = required(DIM, "the first dimension")
    dim1: int = required(DIM, "the second dimension")

    def order_of(self, rank: int) -> list[int]:
        """The axes of the input, from the front, in their new order."""
        a, b = (
            resolve_dim("Transpose", self.dim0, max(rank, 1), "dim0"),
            resolve_dim("Transpose", self.dim1, max(rank, 1), "dim1"),
        )
        order = list(range(max(rank, 1)))
        order[a], order[b] = b, a
        return order[:rank]

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return tuple(inputs[0][axis] for axis in self.order_of(len(inputs[0])))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return tuple(strides[axis] for axis in self.order_of(len(before)))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.order_of(len(inputs[0]))[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.transpose({arguments['dim0']}, {arguments['dim1']})"


@layer
class Squeeze(Function):
    """Removes dimensions of size 1.

    Shape: (*₁, 1, *₂) -> (*₁, *₂), the dimensions dim, or all of size 1; other sizes remain
    Note: A symbolic size in `dim` must be 1. Without `dim`, a symbolic size remains and must be
        at least 2.
    Source: `torch.squeeze`
    """

    torch_name = "torch.squeeze"

    category = "shape"
    view = True

    dim: int | tuple[int, ...] | None = optional(
        OneOf(DIM, ListOf(DIM), Null()), "the dimension or dimensions; null for all", None
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
        squeezed = [resolve_dim("Squeeze", dim, max(rank, 1)) for dim in dims]
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
        open_axes = {axis for axis, size in enumerate(shape) if as_integer(size) is None}
        self.dropped.pop(shape, None)
        if self.dim is None:
            gone = {axis for axis in open_axes if not solver.at_least(shape[axis], 2)}
        else:
            named = open_axes - set(self.remaining_axes((1,) * len(shape)))
            gone = {axis for axis in named if solver.equal(shape[axis], 1)}
        self.dropped[shape] = frozenset(gone)
        return tuple(shape[axis] for axis in self.remaining_axes(shape))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return tuple(strides[axis] for axis in self.remaining_axes(before))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, self.remaining_axes(inputs[0])[axis]),))

    def write(self, *inputs: str, **arguments: str) -> str:
        dim = "" if arguments["dim"] == "None" else arguments["dim"]
        return f"{primary(inputs[0])}.squeeze({dim})"


@layer
class Unsqueeze(Function):
    """Inserts a dimension of size 1.

    Shape: (*₁, *₂) -> (*₁, 1, *₂), the new dimension at dim
    Source: `torch.unsqueeze`
    """

    torch_name = "torch.unsqueeze"

    category = "shape"
    view = True

    dim: int = required(DIM, "the position of the new dimension")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        new_axis = resolve_dim("Unsqueeze", self.dim, len(shape) + 1, new=1)
        return (*shape[:new_axis], 1, *shape[new_axis:])

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
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
    """Expands dimensions of size 1 to a larger size without copying; may add leading dimensions.

    Shape: (*) -> size, where the size of the input is equal or 1; -1 keeps the size of the input
    Source: `torch.Tensor.expand`
    """

    torch_name = "torch.Tensor.expand"

    category = "shape"
    view = True
    example = """
        inputs: {image: [N, 1, H, W]}
        body:
          - {op: Expand, size: [-1, 3, -1, -1]}
    """

    size: tuple[Size, ...] = required(
        ListOf(OneOf(SizeValue(1), _REST)), "the new shape; -1 keeps the size of a dimension"
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

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
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
