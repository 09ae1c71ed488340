"""Layers that take a part of a dimension by its length, or every element of it."""

from __future__ import annotations

from netspec.dims import as_integer
from netspec.layer import (
    DIM,
    INTEGER,
    Code,
    ConcreteShape,
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
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary
from netspec.layer.checks import amount, axis_name
from netspec.layers.slice import AxisCut
from netspec.limits import MOST_RESULTS


@layer
class Narrow(AxisCut):
    """Selects a number of elements along a dimension.

    Shape: (*₁, F, *₂) -> (*₁, length, *₂)
    Note: A negative start counts from the end.
    Source: `torch.narrow`
    """

    torch_name = "torch.narrow"

    since = 1.1
    example = """
        inputs: {tokens: [N, 16, 64]}
        body:
          - {op: Narrow, dim: 1, start: 0, length: 4}
    """

    dim: int = required(DIM, "the dimension")
    start: Size = required(OneOf(INTEGER, SizeValue()), "the index of the first element")
    length: Size = required(SizeValue(1), "the number of elements")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        axis = self.axis(shape)
        size, start = shape[axis], self.start
        if isinstance(start, int) and start < 0:
            start = size + start
        if not solver.at_least(start, 0) or not solver.at_least(size - start - self.length, 0):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`Narrow` selects {show(self.length)} elements from {show(self.start)} of "
                f"{amount(axis_name(len(shape), axis), size)}",
                argument="length",
                label=f"beyond {size}",
                axes=((0, axis),),
            )
        return (*shape[:axis], self.length, *shape[axis + 1 :])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        if axis == self.dim % len(inputs[0]):
            return Origin("argument", "length")
        return Origin("same", parts=((0, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        numbers = ", ".join(arguments[name] for name in ("dim", "start", "length"))
        return f"{primary(inputs[0])}.narrow({numbers})"


@layer
class Unbind(AxisCut):
    """Splits a dimension into its elements.

    Shape: (*₁, F, *₂) -> F tensors (*₁, *₂)
    Source: `torch.unbind`
    """

    torch_name = "torch.unbind"

    since = 1.1
    splits = True
    example = """
        inputs: {qkv: [N, 3, T, 64]}
        body:
          - parts: {op: Unbind, dim: 1}
          - {op: Add, from: [parts.0, parts.1, parts.2]}
    """

    dim: int = optional(DIM, "the dimension", 0)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.count = 1

    @property
    def results(self) -> tuple[str, ...]:
        """Known once the input is."""
        return tuple(map(str, range(self.count)))

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        axis = self.axis(shape)
        size = as_integer(shape[axis])
        if size is None:
            raise ShapeError(
                Code.NOT_FIXED,
                f"`Unbind` has an unknown number of results: {shape[axis]} depends on the input size",
                argument="dim",
                label=f"{shape[axis]} depends on the input size",
                axes=((0, axis),),
                helps=("use `Select` for one of them",),
            )
        if size > MOST_RESULTS:
            raise ShapeError(
                Code.BOUNDS,
                f"`Unbind` splits {amount(axis_name(len(shape), axis), size)} into {size:,} results",
                argument="dim",
                label=f"more than {MOST_RESULTS:,} results",
                axes=((0, axis),),
            )
        self.count = size
        return [(*shape[:axis], *shape[axis + 1 :])] * size

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        gone = self.dim % len(inputs[0])
        return Origin("same", parts=((0, axis + (axis >= gone)),))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        axis = self.dim % len(before)
        return (*strides[:axis], *strides[axis + 1 :])

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.unbind({arguments['dim']})"
