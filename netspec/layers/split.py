"""Layers that split a tensor into parts along a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from netspec.dims import as_integer
from netspec.layer import (
    DIM,
    POSITIVE,
    Code,
    ConcreteShape,
    Integer,
    ListOf,
    OneOf,
    Shape,
    ShapeError,
    Size,
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


@lru_cache(maxsize=64)
def _numbers(count: int) -> tuple[str, ...]:
    """The names of that many parts; requested for each of them."""
    return tuple(map(str, range(count)))


class _Parts(AxisCut):
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
        size = as_integer(shape[axis])
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
        """The error for a size that does not split into that many parts."""
        name, size = axis_name(len(shape), axis), as_integer(shape[axis])
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
        """The number of parts, known with the input if one number is the size of every part."""
        return _numbers(self.count)

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        shape = inputs[0]
        axis = self.axis(shape)
        if isinstance(self.split_size, tuple):
            if not solver.equal(shape[axis], sum(self.split_size)):
                raise self.unequal(shape, axis, self.split_size)
            return self.put(shape, axis, list(self.split_size))
        size = as_integer(shape[axis])
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
        """The error for sizes with the wrong sum."""
        first = sizes[:-1]
        rest = as_integer(shape[axis] - sum(first))
        parts = [*first, rest] if rest is not None and rest > 0 else []
        return ShapeError(
            Code.ELEMENT_COUNT,
            f"the parts {show(sizes)} of `Split` sum to {sum(sizes)}, but its input has "
            f"{amount(axis_name(len(shape), axis), shape[axis])}",
            argument="split_size",
            label=f"{' + '.join(map(str, sizes))} = {sum(sizes)}",
            axes=((0, axis),),
            helps=(f"set the last part to {rest}: `split_size: {show(parts)}`",) if parts else (),
            fits={"split_size": parts} if parts else None,
        )

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.split({arguments['split_size']}, dim={arguments['dim']})"
