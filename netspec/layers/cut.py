"""Layers that take parts of a tensor, or add to its edges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from netspec.dims import at_least, constant
from netspec.layer import (
    DIM,
    INTEGER,
    NUMBER,
    POSITIVE,
    Choice,
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
    require_rank,
    required,
    resolve_dim,
)
from netspec.layers.base import show
from netspec.layers.calls import keywords, primary
from netspec.layers.checks import amount, axis_name
from netspec.layers.padding import padded
from netspec.layers.sliding import padded as sum_of
from netspec.limits import MOST_RESULTS


class _Cut(Function):
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
        """What an index has before and after the dimension that is cut: `:, `."""
        if self.dim >= 0:
            return ":, " * self.dim, ""
        return "..., ", ", :" * (-self.dim - 1)

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        cut = axis == self.dim % len(inputs[0])
        return "unclear" if cut else super().receptive_field(result, index, axis, *inputs)


@lru_cache(maxsize=64)
def _numbers(count: int) -> tuple[str, ...]:
    """The names of so many parts; asked for at each of them."""
    return tuple(map(str, range(count)))


class _Parts(_Cut):
    """A cut into several results, numbered from 0."""

    splits = True

    def put(self, shape: Shape, axis: int, sizes: Sequence[Size]) -> list[Shape]:
        """The shapes of the parts."""
        return [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]


@layer
class Chunk(_Parts):
    """Splits a dimension into a number of equal parts; the last part may be smaller.

    Shape: (*₁, F, *₂) -> chunks tensors (*₁, ⌈F/chunks⌉, *₂)
    Note: A symbolic size must be divisible by `chunks`, so that all parts are equal.
    Source: `torch.chunk`
    """

    torch_name = "torch.chunk"

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - halves: {op: Chunk, chunks: 2, dim: 1}
          - {op: Mul, from: [halves.0, halves.1]}
    """

    chunks: int = required(Integer(1, MOST_RESULTS), "the number of parts")
    dim: int = optional(DIM, "the dimension to split", 0)

    @property
    def results(self) -> tuple[str, ...]:
        return _numbers(self.chunks)

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        axis = self.axis(shape)
        size = constant(shape[axis])
        if size is None:
            if not solver.divisible(shape[axis], self.chunks):
                raise self.uneven(shape, axis)
            return self.put(shape, axis, [shape[axis] // self.chunks] * self.chunks)
        each = -(-size // self.chunks)
        last = size - each * (self.chunks - 1)
        if last < 1:
            raise self.uneven(shape, axis)
        return self.put(shape, axis, [each] * (self.chunks - 1) + [last])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        each = f"⌈{inputs[0][axis]} / {self.chunks}⌉"
        return each if result < self.chunks - 1 else f"{inputs[0][axis]} − {result}·{each}"

    def uneven(self, shape: Shape, axis: int) -> ShapeError:
        """The refusal of a size that does not give so many parts."""
        name, size = axis_name(len(shape), axis), constant(shape[axis])
        each = 0 if size is None else -(-size // self.chunks)
        fewer = (
            f"parts of {each} give only {-(-size // each)} parts"
            if size
            else ("the parts have different sizes")
        )
        return ShapeError(
            Code.DIVISIBLE,
            f"`Chunk` cannot split {amount(name, shape[axis])} into {self.chunks} parts",
            argument="chunks",
            label=fewer,
            axes=((0, axis),),
        )

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.chunk({arguments['chunks']}, dim={arguments['dim']})"


@layer
class Split(_Parts):
    """Splits a dimension into parts of given sizes.

    Shape: (*₁, F, *₂) -> (*₁, split_size[i], *₂) for each i; the sizes sum to F
    Note: An integer is the size of every part; the last part may be smaller.
    Source: `torch.split`
    """

    torch_name = "torch.split"

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - parts: {op: Split, split_size: [2, 6], dim: 1}
        outputs: [parts.0, parts.1]
    """

    split_size: int | tuple[int, ...] = required(
        OneOf(POSITIVE, ListOf(POSITIVE, fewest=1, most=MOST_RESULTS)),
        "the size of each part, in elements",
    )
    dim: int = optional(DIM, "the dimension to split", 0)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.count = len(self.split_size) if isinstance(self.split_size, tuple) else 1

    @property
    def results(self) -> tuple[str, ...]:
        """Known once the input is, where one number stands for every part."""
        return _numbers(self.count)

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        axis = self.axis(shape)
        if isinstance(self.split_size, tuple):
            if not solver.equal(shape[axis], sum(self.split_size)):
                raise self.unequal(shape, axis, self.split_size)
            return self.put(shape, axis, list(self.split_size))
        size = constant(shape[axis])
        if size is None:
            raise ShapeError(
                Code.NOT_FIXED,
                f"`Split` has an unknown number of parts: {shape[axis]} depends on the input size",
                argument="split_size",
                label=f"{shape[axis]} depends on the input size",
                axes=((0, axis),),
                helps=(
                    "list the sizes of the parts, or use `Chunk` for a fixed number of equal parts",
                ),
            )
        count = -(-size // self.split_size)
        if count > MOST_RESULTS:
            raise ShapeError(
                Code.BOUNDS,
                f"`Split` splits {amount(axis_name(len(shape), axis), size)} into {count:,} parts",
                argument="split_size",
                label=f"more than {MOST_RESULTS:,} results",
                axes=((0, axis),),
            )
        self.count = count
        last = size - self.split_size * (self.count - 1)
        return self.put(shape, axis, [self.split_size] * (self.count - 1) + [last])

    def unequal(self, shape: Shape, axis: int, sizes: tuple[int, ...]) -> ShapeError:
        """The refusal of sizes that do not sum up."""
        return ShapeError(
            Code.ELEMENT_COUNT,
            f"the parts {show(sizes)} of `Split` sum to {sum(sizes)}, but its input has "
            f"{amount(axis_name(len(shape), axis), shape[axis])}",
            argument="split_size",
            label=f"{' + '.join(map(str, sizes))} = {sum(sizes)}",
            axes=((0, axis),),
        )

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.split({arguments['split_size']}, dim={arguments['dim']})"


@layer
class Slice(_Cut):
    """Selects a range of elements along a dimension.

    Shape: (*₁, F, *₂) -> (*₁, ⌈(end − start) / step⌉, *₂)
    Note: Negative indices count from the end. A range must be inside a symbolic size; a range
        beyond a size that is too small for every input is cut off, as in Python.
    Source: `x[start:end:step]` in dimension `dim`
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
                f"`Slice` from {self.start} to {'the end' if self.end is None else show(self.end)} of "
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
        """A place within the axis, counted from the front where it is negative."""
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
        """Where it starts and ends within a size; None where that is known at run time only."""
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
class Select(_Cut):
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
                f"`Select` reads index {self.index}, but its input has "
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


@layer
class Pad(Function):
    """Pads the edges of any number of dimensions; negative padding removes elements.

    Shape: (*, H, W) -> (*, H + top + bottom, W + left + right), pad = [left, right, top, bottom, …]
    Note: The padding of the last dimension comes first. The numbers may depend on sizes.
    Source: `torch.nn.functional.pad`
    """

    torch_name = "torch.nn.functional.pad"

    category = "padding"
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Pad, pad: [1, 1, 2, 2], mode: reflect}
    """

    pad: tuple[Size, ...] = required(
        ListOf(OneOf(INTEGER, SizeValue())),
        "the elements added before and after each dimension, from the last dimension on",
    )
    mode: str = optional(
        Choice("constant", "reflect", "replicate", "circular"), "the values of the padding",
        "constant",
    )  # fmt: skip
    value: float | None = optional(
        OneOf(NUMBER, Null()), "the constant for `mode: constant`; null for 0", None
    )

    def saves_input(self, index: int) -> bool:
        return self.mode in ("reflect", "replicate")

    def element(self, name: str) -> str:
        return "numbers" if self.mode in ("reflect", "replicate") else ""

    def validate(self) -> None:
        if len(self.pad) % 2:
            raise self.refusal("pad", f"pad of `Pad` has {len(self.pad)} entries, an odd number")
        if self.mode == "constant":
            return
        if self.value:
            raise self.refusal("value", f"value is not valid with mode: {self.mode}")
        if len(self.pad) not in (2, 4, 6):
            raise self.refusal("pad", f"mode: {self.mode} pads 1, 2 or 3 dimensions")

    def refusal(self, argument: str, message: str) -> ShapeError:
        """The refusal of an argument."""
        return ShapeError(Code.BAD_ARGUMENT, message, argument=argument, label="in `Pad`")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, axes = inputs[0], len(self.pad) // 2
        ranks = range(axes, 100) if self.mode == "constant" else (axes + 1, axes + 2)
        takes = (
            f"at least {axes} dimensions"
            if self.mode == "constant"
            else (f"{axes + 1} or {axes + 2} dimensions")
        )
        require_rank("Pad", shape, ranks, f"{takes} with a pad of {len(self.pad)} entries")
        first = len(shape) - axes
        tail = []
        for axis in range(first, len(shape)):
            i = 2 * (len(shape) - 1 - axis)
            name = axis_name(len(shape), axis)
            tail.append(
                padded("Pad", solver, shape, axis, name, self.pad[i : i + 2], mode=self.mode)
            )
        return (*shape[:first], *tail)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        inner = axis >= len(inputs[0]) - len(self.pad) // 2
        return Origin("window" if inner else "same", parts=((0, axis),))

    def sides(self, from_last: int) -> tuple[int, int] | None:
        """What is added before and after an axis; None where that is known at run time only."""
        low, high = self.pad[2 * from_last : 2 * from_last + 2] or (0, 0)
        return (low, high) if isinstance(low, int) and isinstance(high, int) else None

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        sides = self.sides(len(inputs[0]) - 1 - axis)
        return "unclear" if sides is None else Window(before=sides[0])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        sides = self.sides(len(inputs[0]) - 1 - axis)
        return "" if sides is None else sum_of(inputs[0][axis], *sides)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"F.pad({inputs[0]}, {arguments['pad']}{keywords(self, arguments, 'mode', 'value')})"
