"""Layers that take each element from one of two places, by a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from netspec.layer import (
    BOOLEAN,
    Code,
    Function,
    Null,
    Number,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    required,
)
from netspec.layer.calls import primary
from netspec.layers.broadcast import broadcast, stretched
from netspec.layers.element_types import require_fit
from netspec.layers.promotion import number_type, result_type, tensor_operands

_VALUE = OneOf(Number(infinite=True), BOOLEAN, Null())


@layer
class Where(Function):
    """Takes each element from `input` where the condition is true, and from `other` where it is false.

    Shape: (*), (*), (*) -> (*), the shapes broadcast
    Note: The condition has booleans. A number `input` or `other` takes the place of that input.
    Source: `torch.where`
    """

    torch_name = "torch.where"

    since = 1.1
    category = "join"
    inputs = ("condition", "input", "other")
    elements: ClassVar = {"condition": "boolean"}
    optional_inputs = 2
    saved_inputs = True
    example = """
        inputs: {mask: {shape: [N, T, 1], dtype: bool}, hidden: [N, T, 64]}
        body:
          - {op: Where, from: [mask, hidden], other: 0.0}
    """

    input: Any = optional(_VALUE, "the number that takes the place of `input`", None)
    other: Any = optional(_VALUE, "the number that takes the place of `other`", None)

    def saves_input(self, index: int) -> bool:
        return index == 0

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        names = self.by_name(inputs)
        for name in self.inputs[1:]:
            if (name in names) == (getattr(self, name) is not None):
                raise ShapeError(
                    Code.BAD_ARGUMENT if name in names else Code.MISSING_ARGUMENT,
                    f"`Where` requires `{name}` once: as an input, or as a number",
                    argument=name if name in names else "",
                    label=f"{'two values' if name in names else 'no value'} for `{name}`",
                    helps=(f"pass `from: {{{', '.join(f'{n}: …' for n in self.inputs)}}}`",),
                )
        return broadcast("Where", solver, inputs)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return stretched(axis, max(map(len, inputs)), inputs)

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        return self.result_dtype(dtypes, [(1,)] * len(dtypes), result)

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        tensors = self.by_name(tensor_operands(dtypes, shapes))
        return result_type(
            tensors[name] if name in tensors else (number_type(getattr(self, name)), "number")
            for name in self.inputs[1:]
        )

    def write(self, *inputs: str, **arguments: str) -> str:
        texts = {**arguments, **self.by_name(inputs)}
        return f"torch.where({', '.join(texts[name] for name in self.inputs)})"


@layer
class MaskedFill(Function):
    """Replaces the elements where a mask is true by a number.

    Shape: (*), (*) -> (*), the shapes broadcast
    Note: The mask has booleans.
    Source: `torch.Tensor.masked_fill`
    """

    torch_name = "torch.Tensor.masked_fill"

    since = 1.1
    category = "elementwise"
    inputs = ("input", "mask")
    elements: ClassVar = {"mask": "boolean"}
    example = """
        inputs: {scores: [N, 8, T, T], mask: {shape: [N, 1, T, T], dtype: bool}}
        body:
          - {op: MaskedFill, from: [scores, mask], value: -.inf}
    """

    value: Any = required(OneOf(Number(infinite=True), BOOLEAN), "the number")

    def saves_input(self, index: int) -> bool:
        return index == 1

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        return broadcast("MaskedFill", solver, inputs)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return stretched(axis, max(map(len, inputs)), inputs)

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        require_fit(self.op, self.value, dtypes[0])

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"{primary(inputs[0])}.masked_fill({inputs[1]}, {arguments['value']})"
