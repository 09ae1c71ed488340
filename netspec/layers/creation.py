"""Layers that make a tensor from sizes and numbers, on the device of their input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netspec.layer import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    Code,
    ConcreteShape,
    FieldRule,
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
    Window,
    layer,
    optional,
    required,
)
from netspec.layer.calls import primary
from netspec.layers.element_types import DTYPE, dtype_expression
from netspec.layers.promotion import number_type

_DTYPE = OneOf(DTYPE, Null())
_NOTHING = Window(span=0)
"""No element."""


class Creation(Function):
    """A tensor whose elements do not depend on the input, which only determines the device."""

    since = 1.1
    category = "tensor"
    flows = False

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("argument")

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return _NOTHING

    def arguments_text(self, tensor: str, texts: dict[str, str]) -> str:
        """The arguments that give the device and the element type."""
        dtype = texts["dtype"]
        written = "" if dtype == "None" else f", dtype={dtype_expression(dtype)}"
        return f"{written}, device={primary(tensor)}.device"


class _Sequence(Creation):
    """A row of numbers."""

    def length(self, solver: Solver) -> Size:
        """How many numbers there are."""
        raise NotImplementedError

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        length = self.length(solver)
        if not solver.at_least(length, 1):
            raise ShapeError(
                Code.TOO_SMALL,
                f"`{self.op}` has no elements",
                argument="end",
                label=f"{length} elements",
            )
        return (length,)


@layer
class Arange(_Sequence):
    """Makes the numbers from `start` to `end`, without `end`.

    Shape: (*) -> (⌈(end − start) / step⌉)
    Note: The result is on the device of the input. Its elements are int64, or float32 if a number is
        a float.
    Source: `torch.arange`
    """

    torch_name = "torch.arange"

    example = """
        inputs: {tokens: {shape: [N, T], dtype: int64}}
        body:
          - positions: {op: Arange, end: tokens.size(1)}
        outputs: positions
    """

    start: Any = optional(OneOf(INTEGER, SizeValue(), NUMBER), "the first number", 0)
    end: Any = required(OneOf(INTEGER, SizeValue(), NUMBER), "the limit, which is not reached")
    step: Any = optional(OneOf(INTEGER, NUMBER), "the distance between the numbers", 1)
    dtype: Any = optional(_DTYPE, "the element type; null for that of the numbers", None)

    def validate(self) -> None:
        whole = self.dtype is not None and "int" in self.dtype
        if self.step == 0 or (whole and int(self.step) == 0):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                "`step` of `Arange` must not be 0",
                argument="step",
                label=f"0 as {self.dtype}" if self.step else "is 0",
            )

    def length(self, solver: Solver) -> Size:
        values: tuple[Any, ...] = (self.start, self.end, self.step)
        if self.dtype == "int64":
            values = tuple(int(v) if isinstance(v, float) else v for v in values)
        if any(isinstance(value, float) for value in values):
            if all(isinstance(value, int | float) for value in values):
                length: int = math.ceil((values[1] - values[0]) / values[2])
                return length
            raise ShapeError(
                Code.NOT_FIXED,
                "`Arange` cannot count floats up to a size that depends on the input",
                argument="end",
                label=f"{self.end} depends on the input",
                helps=("count integers, and multiply the result",),
            )
        start, end, step = values
        distance = end - start if step > 0 else start - end
        step = abs(step)
        count: Size = (distance + (step - 1)) // step
        return count

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        if self.dtype is not None:
            return str(self.dtype)
        floats = any(isinstance(v, float) for v in (self.start, self.end, self.step))
        return "float32" if floats else "int64"

    def write(self, *inputs: str, **arguments: str) -> str:
        start, end, step = (arguments[name] for name in ("start", "end", "step"))
        numbers = end if start == "0" else f"{start}, {end}"
        if step != "1":
            numbers = f"{start}, {end}, {step}"
        return f"torch.arange({numbers}{self.arguments_text(inputs[0], arguments)})"


@layer
class Linspace(_Sequence):
    """Makes a number of equidistant numbers from `start` to `end`.

    Shape: (*) -> (steps)
    Note: The result is on the device of the input. Its elements are float32 unless `dtype` is set.
    Source: `torch.linspace`
    """

    torch_name = "torch.linspace"

    example = """
        inputs: {image: [N, 3, H, W]}
        body:
          - rows: {op: Linspace, start: -1, end: 1, steps: image.height}
        outputs: rows
    """

    start: float = required(NUMBER, "the first number")
    end: float = required(NUMBER, "the last number")
    steps: Size = required(SizeValue(1), "the number of numbers")
    dtype: Any = optional(_DTYPE, "the element type; null for float32", None)

    def length(self, solver: Solver) -> Size:
        return self.steps

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(self.dtype or "float32")

    def write(self, *inputs: str, **arguments: str) -> str:
        numbers = ", ".join(arguments[name] for name in ("start", "end", "steps"))
        return f"torch.linspace({numbers}{self.arguments_text(inputs[0], arguments)})"


class _Filled(Creation):
    """A tensor with the same number everywhere."""

    size: tuple[Size, ...] = required(ListOf(SizeValue(1)), "the shape of the result")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return self.size

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(getattr(self, "dtype") or "float32")  # noqa: B009 - an argument, here

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{self.torch_name}({arguments['size']}{self.arguments_text(inputs[0], arguments)})"


@layer
class Zeros(_Filled):
    """Makes a tensor of zeros.

    Shape: (*) -> size
    Note: The result is on the device of the input. Its elements are float32 unless `dtype` is set.
    Source: `torch.zeros`
    """

    torch_name = "torch.zeros"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - state: {op: Zeros, size: [tokens.batch, 128]}
        outputs: state
    """

    dtype: Any = optional(_DTYPE, "the element type; null for float32", None)


@layer
class Ones(_Filled):
    """Makes a tensor of ones.

    Shape: (*) -> size
    Note: The result is on the device of the input. Its elements are float32 unless `dtype` is set.
    Source: `torch.ones`
    """

    torch_name = "torch.ones"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - causal: {op: Ones, size: [tokens.size(1), tokens.size(1)], dtype: bool}
        outputs: causal
    """

    dtype: Any = optional(_DTYPE, "the element type; null for float32", None)


@layer
class Full(_Filled):
    """Makes a tensor with one number everywhere.

    Shape: (*) -> size
    Note: The result is on the device of the input. Its elements have the type of the number unless
        `dtype` is set.
    Source: `torch.full`
    """

    torch_name = "torch.full"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - start: {op: Full, size: [tokens.batch, 1], fill_value: 101}
        outputs: start
    """

    fill_value: Any = required(OneOf(NUMBER, BOOLEAN), "the number")
    dtype: Any = optional(_DTYPE, "the element type; null for that of the number", None)

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(self.dtype or number_type(self.fill_value))

    def write(self, *inputs: str, **arguments: str) -> str:
        size, value = arguments["size"], arguments["fill_value"]
        return f"torch.full({size}, {value}{self.arguments_text(inputs[0], arguments)})"


@layer
class Eye(Creation):
    """Makes an identity matrix.

    Shape: (*) -> (n, m)
    Note: The result is on the device of the input. Its elements are float32 unless `dtype` is set.
    Source: `torch.eye`
    """

    torch_name = "torch.eye"

    example = """
        inputs: {tokens: [N, T, 64]}
        body:
          - same: {op: Eye, n: tokens.size(1)}
        outputs: same
    """

    n: Size = required(SizeValue(1), "the number of rows")
    m: Size | None = optional(
        OneOf(SizeValue(1), Null()), "the number of columns; null for as many as rows", None
    )
    dtype: Any = optional(_DTYPE, "the element type; null for float32", None)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return (self.n, self.n if self.m is None else self.m)

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(self.dtype or "float32")

    def write(self, *inputs: str, **arguments: str) -> str:
        columns = "" if arguments["m"] == "None" else f", {arguments['m']}"
        return f"torch.eye({arguments['n']}{columns}{self.arguments_text(inputs[0], arguments)})"


class _Like(Creation):
    """A tensor with the shape and the device of the input."""

    flows = True

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(getattr(self, "dtype") or dtypes[0])  # noqa: B009 - an argument, here

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((0, axis),))

    def write(self, *inputs: str, **arguments: str) -> str:
        value = f", {arguments['fill_value']}" if "fill_value" in arguments else ""
        dtype = arguments["dtype"]
        written = "" if dtype == "None" else f", dtype={dtype_expression(dtype)}"
        return f"{self.torch_name}({inputs[0]}{value}{written})"


@layer
class ZerosLike(_Like):
    """Makes a tensor of zeros with the shape of the input.

    Shape: (*) -> (*)
    Source: `torch.zeros_like`
    """

    torch_name = "torch.zeros_like"

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - like: ZerosLike
        outputs: like
    """

    dtype: Any = optional(_DTYPE, "the element type; null for that of the input", None)


@layer
class OnesLike(_Like):
    """Makes a tensor of ones with the shape of the input.

    Shape: (*) -> (*)
    Source: `torch.ones_like`
    """

    torch_name = "torch.ones_like"

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - like: OnesLike
        outputs: like
    """

    dtype: Any = optional(_DTYPE, "the element type; null for that of the input", None)


@layer
class FullLike(_Like):
    """Makes a tensor with one number everywhere and the shape of the input.

    Shape: (*) -> (*)
    Source: `torch.full_like`
    """

    torch_name = "torch.full_like"

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - like: {op: FullLike, fill_value: 2}
        outputs: like
    """

    fill_value: Any = required(OneOf(NUMBER, BOOLEAN), "the number")
    dtype: Any = optional(_DTYPE, "the element type; null for that of the input", None)


@layer
class AsType(Function):
    """Converts the elements to another type.

    Shape: (*) -> (*)
    Source: `torch.Tensor.to`
    """

    torch_name = "torch.Tensor.to"

    since = 1.1
    category = "elementwise"
    view = True

    dtype: Any = required(DTYPE, "the element type")

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return str(self.dtype)

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return strides

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.to({dtype_expression(arguments['dtype'])})"
