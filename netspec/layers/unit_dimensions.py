"""Layers that remove, insert or expand dimensions of size 1."""

from __future__ import annotations

from netspec.dims import as_integer
from netspec.layer import (
    DIM,
    Code,
    ConcreteShape,
    Function,
    ListOf,
    Null,
    OneOf,
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
    resolve_dims,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary
from netspec.layers.rearrange import REST, AxisSelection


@layer
class Squeeze(AxisSelection):
    """Removes dimensions of size 1.

    Shape: (*₁, 1, *₂) -> (*₁, *₂), the dimensions dim, or all of size 1; other sizes remain
    Note: A symbolic size in `dim` must be 1. Without `dim`, a symbolic size remains and must be
        at least 2.
    Source: `torch.squeeze`
    """

    torch_name = "torch.squeeze"

    dim: int | tuple[int, ...] | None = optional(
        OneOf(DIM, ListOf(DIM), Null()), "the dimension or dimensions; null for all", None
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.dropped: dict[Shape, frozenset[int]] = {}
        """Of each input, the axes of symbolic size that have to be 1."""

    def source_axes(self, shape: Shape) -> list[int]:
        """The axes of the input that stay."""
        rank = len(shape)
        gone = self.dropped.get(shape, frozenset())
        if self.dim is None:
            return [axis for axis in range(rank) if shape[axis] != 1 and axis not in gone]
        squeezed = resolve_dims("Squeeze", self.dim, max(rank, 1))
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
            named = open_axes - set(self.source_axes((1,) * len(shape)))
            gone = {axis for axis in named if solver.equal(shape[axis], 1)}
        self.dropped[shape] = frozenset(gone)
        return super().infer(solver, shape)

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
        ListOf(OneOf(SizeValue(1), REST)), "the new shape; -1 keeps the size of a dimension"
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
                shown_shapes=(shape,),
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
