"""Layers that read or write elements at the places that a tensor of indices names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from netspec.layer import (
    DIM,
    NUMBER,
    POSITIVE,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    require_rank,
    required,
    resolve_dim,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary
from netspec.layers.broadcast import broadcast, stretched
from netspec.layers.element_types import require_fit


class Indexed(Function):
    """A function of a tensor and a tensor of indices along one dimension."""

    since = 1.1
    category = "shape"
    elements: ClassVar = {"index": "integer", "indices": "int64"}

    dim: Any

    def axis(self, shape: Shape) -> int:
        """The dimension, from the front."""
        return resolve_dim(self.op, self.dim, max(len(shape), 1))

    def saves_input(self, index: int) -> bool:
        return index == 1 or self.saved_inputs

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear"

    def hold_rank(self, first: Shape, second: Shape, name: str) -> None:
        """Require the rank of the input.

        Raises:
            ShapeError: The other input has another rank.
        """
        if max(len(first), 1) != max(len(second), 1):
            raise ShapeError(
                Code.RANK,
                f"`{self.op}` requires `{name}` of the rank of its input, but their shapes are "
                f"{show(second)} and {show(first)}",
                label=f"{show(first)} and {show(second)}",
            )

    def hold_within(
        self, solver: Solver, index: Shape, other: Shape, name: str, free: int | None
    ) -> None:
        """Require that the index is nowhere larger than another input, except along a dimension.

        Raises:
            ShapeError: The index is larger.
        """
        for axis, (size, most) in enumerate(zip(index, other, strict=False)):
            if axis != free and not solver.at_least(most - size, 0):
                raise ShapeError(
                    Code.BROADCAST,
                    f"the index of `{self.op}` has size {size} in dimension {axis}, more than "
                    f"{most} of `{name}`",
                    label=f"{show(other)} and {show(index)}",
                    axes=((1, axis),),
                )


@layer
class Gather(Indexed):
    """Reads the elements that an index names along a dimension.

    Shape: (*), index (*) -> the shape of the index
    Note: The index has integers. Apart from dim, it is nowhere larger than the input.
    Source: `torch.gather`
    """

    torch_name = "torch.gather"

    saved_inputs = True
    inputs = ("input", "index")
    example = """
        inputs: {scores: [N, 100], index: {shape: [N, 5], dtype: int64}}
        body:
          - {op: Gather, from: [scores, index], dim: 1}
    """

    dim: int = required(DIM, "the dimension that the index counts along")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        tensor, index = inputs
        axis = self.axis(tensor)
        self.hold_rank(tensor, index, "index")
        self.hold_within(solver, index, tensor, "input", axis)
        return index

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((1, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.gather({inputs[0]}, {arguments['dim']}, {inputs[1]})"


@layer
class IndexSelect(Indexed):
    """Selects the elements along a dimension that a row of indices names.

    Shape: (*₁, F, *₂), index (k) -> (*₁, k, *₂)
    Note: The index has integers.
    Source: `torch.index_select`
    """

    torch_name = "torch.index_select"

    inputs = ("input", "index")
    example = """
        inputs: {image: [N, 8, H, W], channels: {shape: [4], dtype: int64}}
        body:
          - {op: IndexSelect, from: [image, channels], dim: 1}
    """

    dim: int = required(DIM, "the dimension")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        tensor, index = inputs
        require_rank("IndexSelect", index, (0, 1), "an index of 1 dimension")
        axis = self.axis(tensor)
        if not tensor:
            if not solver.equal(index[0] if index else 1, 1):
                raise ShapeError(
                    Code.RANK, "`IndexSelect` selects 1 element of an input without dimensions"
                )
            return ()
        return (*tensor[:axis], index[0] if index else 1, *tensor[axis + 1 :])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == self.axis(inputs[0]):
            return Origin("same", parts=((1, 0),)) if inputs[1] else Origin("argument")
        return Origin("same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        if index == 0 and axis != self.axis(inputs[0]):
            return Function.receptive_field(self, result, index, axis, *inputs)
        return "unclear"

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.index_select({inputs[0]}, {arguments['dim']}, {inputs[1]})"


@layer
class TakeAlongDim(Indexed):
    """Reads the elements that indices name along a dimension; the other dimensions broadcast.

    Shape: (*₁, F, *₂), indices (*₁, k, *₂) -> (*₁, k, *₂)
    Note: The indices have int64. Without `dim`, they count in the flattened input.
    Source: `torch.take_along_dim`
    """

    torch_name = "torch.take_along_dim"

    saved_inputs = True
    inputs = ("input", "indices")
    example = """
        inputs: {values: [N, 100, 8], order: {shape: [N, 100, 1], dtype: int64}}
        body:
          - {op: TakeAlongDim, from: [values, order], dim: 1}
    """

    dim: int | None = optional(OneOf(DIM, Null()), "the dimension; null to flatten the input", None)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        tensor, indices = inputs
        if self.dim is None:
            from netspec.dims import product

            return (product(indices),)
        self.hold_rank(tensor, indices, "indices")
        if len(tensor) != len(indices):
            raise ShapeError(Code.RANK, "`TakeAlongDim` requires indices of the rank of its input")
        axis = resolve_dim("TakeAlongDim", self.dim, len(tensor))
        alike = [(*shape[:axis], 1, *shape[axis + 1 :]) if shape else shape for shape in inputs]
        shape = broadcast("TakeAlongDim", solver, alike)
        return (*shape[:axis], indices[axis], *shape[axis + 1 :]) if shape else shape

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if self.dim is None:
            parts = tuple((1, k) for k in range(len(inputs[1])))
            return Origin("product", parts=parts) if parts else Origin("argument")
        if axis == self.axis(inputs[0]):
            return Origin("same", parts=((1, axis),))
        return stretched(axis, len(inputs[0]), inputs)

    def write(self, *inputs: str, **arguments: str) -> str:
        dim = "" if arguments["dim"] == "None" else f", dim={arguments['dim']}"
        return f"torch.take_along_dim({inputs[0]}, {inputs[1]}{dim})"


class _Scatter(Indexed):
    """A copy of the input that is written to where an index says."""

    inputs = ("input", "index", "src")

    dim: int = required(DIM, "the dimension that the index counts along")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        tensor, index = inputs[:2]
        axis = self.axis(tensor)
        self.hold_rank(tensor, index, "index")
        self.hold_within(solver, index, tensor, "input", axis)
        if len(inputs) > 2:
            self.hold_rank(tensor, inputs[2], "src")
            self.hold_within(solver, index, inputs[2], "src", None)
        return tensor

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        if len(dtypes) > 2 and dtypes[0] != dtypes[2]:
            raise ShapeError(
                Code.DTYPE,
                f"`{self.op}` requires `src` of the element type of its input, but they have "
                f"{dtypes[2]} and {dtypes[0]}",
                helps=(f"convert it: `{{op: AsType, dtype: {dtypes[0]}}}`",),
            )

    def write(self, *inputs: str, **arguments: str) -> str:
        method = self.torch_name.rpartition(".")[2]
        source = inputs[2] if len(inputs) > 2 else arguments["value"]
        return f"{primary(inputs[0])}.{method}({arguments['dim']}, {inputs[1]}, {source})"


@layer
class Scatter(_Scatter):
    """Writes elements of `src`, or a number, to the places that an index names along a dimension.

    Shape: (*), index (*), src (*) -> (*)
    Note: The index has integers. It is nowhere larger than src, and apart from dim than the input.
    Source: `torch.Tensor.scatter`
    """

    torch_name = "torch.Tensor.scatter"

    optional_inputs = 1
    example = """
        inputs: {scores: [N, 100], index: {shape: [N, 5], dtype: int64}}
        body:
          - {op: Scatter, from: [scores, index], dim: 1, value: 0}
    """

    value: Any = optional(
        OneOf(NUMBER, Null()), "the number that is written, if there is no `src`", None
    )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        if (len(inputs) > 2) == (self.value is not None):
            raise ShapeError(
                Code.BAD_ARGUMENT if self.value is not None else Code.MISSING_ARGUMENT,
                "`Scatter` requires either a third input `src`, or the number `value`",
                argument="value" if self.value is not None else "",
                label="next to `src`" if self.value is not None else "missing `src` or `value`",
            )
        return super().infer(solver, *inputs)

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        super().check_dtypes(dtypes, shapes)
        if self.value is not None:
            require_fit(self.op, self.value, dtypes[0])


@layer
class ScatterAdd(_Scatter):
    """Adds elements of `src` to the places that an index names along a dimension.

    Shape: (*), index (*), src (*) -> (*)
    Note: The index has int64. It is nowhere larger than src, and apart from dim than the input.
    Source: `torch.Tensor.scatter_add`
    """

    torch_name = "torch.Tensor.scatter_add"

    example = """
        inputs:
          sums: [N, 10]
          index: {shape: [N, 5], dtype: int64}
          values: [N, 5]
        body:
          - {op: ScatterAdd, from: [sums, index, values], dim: 1}
    """


@layer
class OneHot(Function):
    """Makes a vector for each class index, with 1 at the class and 0 elsewhere.

    Shape: (*) -> (*, num_classes)
    Note: The input has int64, and so has the result.
    Source: `torch.nn.functional.one_hot`
    """

    torch_name = "torch.nn.functional.one_hot"

    since = 1.1
    category = "embedding"
    elements: ClassVar = {"input": "int64"}
    example = """
        inputs: {classes: {shape: [N], dtype: int64}}
        body:
          - {op: OneHot, num_classes: 10}
    """

    num_classes: int = required(POSITIVE, "the number of classes")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return (*inputs[0], self.num_classes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == len(inputs[0]):
            return Origin("argument", "num_classes")
        return Origin("same", parts=((0, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"F.one_hot({inputs[0]}, {arguments['num_classes']})"
