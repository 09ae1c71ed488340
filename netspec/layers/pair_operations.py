"""The base of operations on two tensors, or on a tensor and a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from netspec.layer import (
    NUMBER,
    Code,
    Function,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    optional,
)
from netspec.layer.calls import primary
from netspec.layers.broadcast import broadcast, stretched
from netspec.layers.promotion import Kind, is_floating, number_type, result_type, tensor_operands

if TYPE_CHECKING:
    from netspec.layer.categories import Category


class Pair(Function):
    """An operation on the elements of two tensors at the same place."""

    since = 1.1
    category: ClassVar[Category] = "join"
    inputs = ("input", "other")
    sign: ClassVar[str] = ""
    """The operator in generated code; empty for a call of `torch_name`."""
    takes_booleans: ClassVar[bool] = True
    """Whether two tensors of booleans can be its inputs."""
    needs_floating: ClassVar[bool] = False
    """Whether one of its inputs must have floating-point elements."""

    def second(self) -> float | None:
        """The number that takes the place of the second input."""
        return None

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return broadcast(self.op, solver, inputs)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return stretched(axis, max(map(len, inputs)), inputs)

    def operands(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> list[tuple[str, Kind]]:
        """The element types of the operands, each with what it is."""
        operands = tensor_operands(dtypes, shapes)
        if (number := self.second()) is not None:
            operands.append((number_type(number), "number"))
        return operands

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return self.result_dtype(dtypes, [(1,)] * len(dtypes), result)

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        dtype = result_type(self.operands(dtypes, shapes))
        return "float32" if self.fractional and not is_floating(dtype) else dtype

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        if not self.takes_booleans and {*dtypes} == {"bool"} and self.second() is None:
            raise ShapeError(
                Code.DTYPE, f"`{self.op}` requires numbers, but both inputs have booleans"
            )
        if self.needs_floating and not any(map(is_floating, dtypes)):
            raise ShapeError(
                Code.DTYPE,
                f"`{self.op}` requires floating-point numbers in one of its inputs, but they have "
                f"{' and '.join(dict.fromkeys(dtypes))}",
            )

    def write(self, *inputs: str, **arguments: str) -> str:
        second = inputs[1] if len(inputs) > 1 else arguments[self.inputs[1]]
        if self.sign:
            return f"{primary(inputs[0])} {self.sign} {primary(second)}"
        return f"{self.torch_name}({inputs[0]}, {second})"


class PairOrNumber(Pair):
    """An operation whose second input may be a number, an argument of the same name."""

    optional_inputs = 1

    def second(self) -> float | None:
        number: float | None = getattr(self, self.inputs[1])
        return number

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        self.check_operands(len(inputs))
        return super().infer(solver, *inputs)

    def check_operands(self, count: int) -> None:
        """Reject a call without a second operand, or with two.

        Raises:
            ShapeError: Neither an input nor a number is the second operand, or both are.
        """
        name = self.inputs[1]
        if count == 1 and self.second() is None:
            raise ShapeError(
                Code.MISSING_ARGUMENT,
                f"`{self.op}` requires a second input or the number `{name}`",
                label=f"missing `{name}`",
                helps=(f"pass two inputs with `from: [a, b]`, or set `{name}` to a number",),
            )
        if count > 1 and self.second() is not None:
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`{self.op}` has two inputs and the number `{name}`",
                argument=name,
                label="the second input is in its place",
                helps=(f"remove `{name}`, or the second input",),
            )


class PairOrOther(PairOrNumber):
    """An operation whose second input may be the number `other`."""

    other: Any = optional(
        OneOf(NUMBER, Null()), "the number that takes the place of the second input", None
    )
