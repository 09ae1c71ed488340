"""Layers that select a range of elements, or one element, along a dimension."""

from __future__ import annotations

from netspec.dims import at_least
from netspec.layer import (
    DIM,
    INTEGER,
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
    Size,
    SizeValue,
    Solver,
    Window,
    layer,
    optional,
    require_rank,
    required,
    resolve_dim,
)
from netspec.layer.argument_kinds import show
from netspec.layer.calls import primary
from netspec.layer.checks import amount, axis_name


class AxisCut(Function):
    """Something done to one axis; the others stay."""

    category = "shape"
    view = True

    dim: int

    def axis(self, shape: Shape) -> int:
        """The axis that is cut, from the front."""
        require_rank(self.op, shape, range(1, 100), "at least 1 dimension")
        return resolve_dim(self.op, self.dim, len(shape))

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        cut = axis == self.dim % len(inputs[0])
        return Origin("window" if cut else "same", parts=((0, axis),))

    def _other_dimensions(self) -> tuple[str, str]:
        """The part of an index before and after the sliced dimension: `:, `."""
        if self.dim >= 0:
            return ":, " * self.dim, ""
        return "..., ", ", :" * (-self.dim - 1)

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        cut = axis == self.dim % len(inputs[0])
        return "unclear" if cut else super().receptive_field(result, index, axis, *inputs)


@layer
class Slice(AxisCut):
    """Selects a range of elements along a dimension.

    Shape: (*₁, F, *₂) -> (*₁, ⌈(end − start) / step⌉, *₂)
    Note: Negative indices count from the end. A range must be inside a symbolic size; a range
        beyond a size that is too small for every input is cut off, as in Python.
    Source: `torch.Tensor` indexing, `x[start:end:step]` in dimension `dim`
    """

    torch_name = "x[start:end:step]"

    dim: int = required(DIM, "the dimension to split")
    start: Size = optional(OneOf(INTEGER, SizeValue()), "the index of the first element", 0)
    end: Size | None = optional(
        OneOf(INTEGER, SizeValue(), Null()),
        "the index after the last element; null for the end",
        None,
    )
    step: int = optional(POSITIVE, "the step between the elements", 1)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        axis = self.axis(shape)
        length = self.length(solver, shape, axis)
        if not solver.at_least(length, 1):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` from {self.start} to {'the end' if self.end is None else show(self.end)} of "
                f"{amount(axis_name(len(shape), axis), shape[axis])} is empty",
                argument="start" if self.end is None else "end",
                label=f"{length} elements",
                axes=((0, axis),),
            )
        return (*shape[:axis], (length + (self.step - 1)) // self.step, *shape[axis + 1 :])

    def length(self, solver: Solver, shape: Shape, axis: int) -> Size:
        """How many elements there are between start and end."""
        size, start, end = shape[axis], self.start, self.end
        if (
            isinstance(size, int)
            and isinstance(start, int)
            and (end is None or isinstance(end, int))
        ):
            first, last, _ = slice(start, end).indices(size)
            return last - first
        first_at = self.counted(solver, size, start)
        last_at = size if end is None else self.counted(solver, size, end)
        if not solver.at_least(first_at, 0):
            first_at = 0
        if not solver.at_least(size - last_at, 0):
            last_at = size
        return last_at - first_at

    def counted(self, solver: Solver, size: Size, place: Size) -> Size:
        """A position in the dimension; negative ones count from the end."""
        if isinstance(place, int):
            return size + place if place < 0 else place
        if not at_least(place, 1).never:
            return place
        solver.at_least(-place, 1)  # at 0 it would count from the front
        return size + place

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        axis = self.dim % len(before)
        return (*strides[:axis], strides[axis] * self.step, *strides[axis + 1 :])

    def bounds(self, size: int) -> tuple[int, int] | None:
        """The start and end within a size; None if they are known at run time only."""
        if isinstance(self.start, int) and (self.end is None or isinstance(self.end, int)):
            return slice(self.start, self.end).indices(size)[:2]
        return None

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        bounds = self.bounds(inputs[0][axis])
        if axis != self.dim % len(inputs[0]) or bounds is None:
            return super().receptive_field(result, index, axis, *inputs)
        return Window(1, self.step, -bounds[0])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        bounds = self.bounds(inputs[0][axis])
        if bounds is None:
            return ""
        length = f"{bounds[1]} − {bounds[0]}"
        return length if self.step == 1 else f"⌈({length}) / {self.step}⌉"

    def write(self, *inputs: str, **arguments: str) -> str:
        start = "" if arguments["start"] == "0" else arguments["start"]
        end = "" if arguments["end"] == "None" else arguments["end"]
        step = "" if arguments["step"] == "1" else f":{arguments['step']}"
        stretch = f"{start}:{end}{step}"
        before, after = self._other_dimensions()
        return f"{primary(inputs[0])}[{before}{stretch}{after}]"


@layer
class Select(AxisCut):
    """Selects the element at an index of a dimension, and removes that dimension.

    Shape: (*₁, F, *₂) -> (*₁, *₂)
    Note: A negative index counts from the end.
    Source: `torch.select`
    """

    torch_name = "torch.select"

    dim: int = required(DIM, "the dimension to remove")
    index: int = required(INTEGER, "the index of the element, from 0")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        axis = self.axis(shape)
        needed = self.index + 1 if self.index >= 0 else -self.index
        if not solver.at_least(shape[axis], needed):
            raise ShapeError(
                Code.VALUE,
                f"`{self.op}` reads index {self.index}, but its input has "
                f"{amount(axis_name(len(shape), axis), shape[axis])}",
                argument="index",
                label=f"requires at least {needed}",
                axes=((0, axis),),
                helps=("elements are counted from 0, and the last one is -1",),
            )
        return (*shape[:axis], *shape[axis + 1 :])

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        axis = self.dim % len(before)
        return strides[:axis] + strides[axis + 1 :]

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        gone = self.dim % len(inputs[0])
        return Origin("same", parts=((0, axis + (axis >= gone)),))

    def write(self, *inputs: str, **arguments: str) -> str:
        if arguments["dim"] != str(self.dim):
            return f"{primary(inputs[0])}.select({arguments['dim']}, {arguments['index']})"
        before, after = self._other_dimensions()
        return f"{primary(inputs[0])}[{before}{arguments['index']}{after}]"
