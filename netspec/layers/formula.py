"""A formula over tensors as one layer: `hidden * (1 + scale)`, `x[:, 0]`.

The elaborator makes a subclass of `Formula` for each formula, with the tensors that it reads as inputs and the
numbers that it computes from parameters as arguments. An operation has the rules of the layer that it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar, Final

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, is_symbolic
from netspec.layer.argument_kinds import ANY
from netspec.layer.arguments import required
from netspec.layer.base import Function, Layer
from netspec.layer.memory import ConcreteShape
from netspec.layer.shape_rules import FieldRule, Origin, ShapeError, Solver
from netspec.layers.broadcast import broadcast, stretched
from netspec.layers.formula_index import Indexing
from netspec.layers.formula_tree import (
    Index,
    NumberOperand,
    Operand,
    Operation,
    SliceItem,
    TensorOperand,
    is_view,
    viewed_inputs,
    walk_operands,
)
from netspec.layers.formula_types import OperandType, check_indices, operation_type
from netspec.layers.promotion import number_type, tensor_operands

Axes = tuple[tuple[int, int], ...]
"""Pairs of an input and a dimension."""


class _Inferred:
    """The solver for shapes that were inferred before: their relations hold."""

    def at_least(self, size: Size, bound: int) -> bool:
        return not isinstance(size, int) or size >= bound

    def equal(self, a: Size, b: Size) -> bool:
        return True

    def divisible(self, size: Size, divisor: int) -> bool:
        return True


_INFERRED: Final = _Inferred()


class Formula(Function):
    """Computes a formula of tensors.

    Shape: as the operations broadcast
    Source: the operators of `torch.Tensor`
    """

    category = "elementwise"
    root: ClassVar[Operand]
    """The tree of operations."""

    def validate(self) -> None:
        for name in self.arguments:
            value = getattr(self, name)
            if not isinstance(value, int | float) and not is_symbolic(value):
                raise ShapeError(
                    Code.EXPRESSION_TYPE,
                    f"a formula computes with tensors and numbers, not with {_kind(value)}",
                    argument=name,
                    label=f"this is {_kind(value)}",
                )

    # ---- shapes -----------------------------------------------------------------------------------

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = self._shape(self.root, inputs, solver)
        assert shape is not None
        return shape

    def value(self, number: NumberOperand) -> Any:
        """The value of a number in the formula."""
        return getattr(self, number.argument) if number.argument else number.value

    def _shape(
        self, operand: Operand, inputs: Sequence[Shape], solver: Solver = _INFERRED
    ) -> Shape | None:
        """The shape of an operand; None for a number."""
        if isinstance(operand, TensorOperand):
            return inputs[operand.number]
        if isinstance(operand, NumberOperand):
            return None
        shapes = [self._shape(each, inputs, solver) for each in operand.operands()]
        tensors = [shape for shape in shapes if shape is not None]
        try:
            return self._applied(operand, tensors, solver)
        except ShapeError as error:
            self._locate(error, operand, inputs)
            raise

    def _applied(self, operation: Operation | Index, tensors: list[Shape], solver: Solver) -> Shape:
        """The shape of an operation on operands of these shapes."""
        if isinstance(operation, Index):
            return Indexing(operation, self.value).infer(tensors[0], tensors[1:], solver)
        if operation.sign == "@":
            from netspec.layers.join import MatMul

            return MatMul().infer(solver, *tensors)
        if len(tensors) == 1:
            return tensors[0]
        return broadcast(operation.text, solver, tensors)

    def _locate(
        self, error: ShapeError, operation: Operation | Index, inputs: Sequence[Shape]
    ) -> None:
        """Describe the error of an operation in terms of the inputs of the formula."""
        tensors = [o for o in operation.operands() if not isinstance(o, NumberOperand)]
        axes = [
            next(iter(self._axes(tensors[number], axis, inputs)), None)
            for number, axis in error.axes
        ]
        error.axes = tuple(place for place in axes if place is not None)
        error.argument = ""
        error.operation = operation.span

    # ---- where sizes come from ----------------------------------------------------------------------

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        axes = self._axes(self.root, axis, inputs)
        if not axes:
            return Origin("argument")
        shape = self._shape(self.root, inputs)
        assert shape is not None
        unchanged = all(inputs[number][k] == shape[axis] for number, k in axes)
        return Origin("same" if unchanged else "window", parts=axes)

    def _axes(self, operand: Operand, axis: int, inputs: Sequence[Shape]) -> Axes:
        """The dimensions of the inputs that a dimension of an operand comes from."""
        if isinstance(operand, TensorOperand):
            return ((operand.number, axis),)
        if isinstance(operand, NumberOperand):
            return ()
        tensors = [o for o in operand.operands() if not isinstance(o, NumberOperand)]
        shapes = [s for o in tensors if (s := self._shape(o, inputs)) is not None]
        parts: Axes
        if isinstance(operand, Index):
            source = Indexing(operand, self.value).sources(shapes[0], shapes[1:])[axis]
            parts = () if source is None else (source,)
        elif operand.sign == "@":
            from netspec.layers.join import MatMul

            parts = MatMul().origin(0, axis, *shapes).parts
        elif len(shapes) == 1:
            parts = ((0, axis),)
        else:
            parts = stretched(axis, max(map(len, shapes)), shapes).parts
        places = [place for k, a in parts for place in self._axes(tensors[k], a, inputs)]
        return tuple(dict.fromkeys(places))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        moved = any(
            isinstance(operand, Index)
            and (operand.tensors() or any(isinstance(i, SliceItem) and any(i.ends) for i in operand.items))
            for operand in walk_operands(self.root)
        )  # fmt: skip
        return "unclear" if moved else super().receptive_field(result, index, axis, *inputs)

    # ---- cost and memory ----------------------------------------------------------------------------

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        total = 0
        for operand in walk_operands(self.root):
            if isinstance(operand, Operation) and operand.sign == "@":
                first, product = (
                    self._shape(each, inputs) for each in (operand.values[0], operand)
                )
                assert first is not None and product is not None
                total += prod(int(str(size)) for size in (*product, first[-1]))
        return total

    def saves_input(self, index: int) -> bool:
        return any(
            _saves_operands(operand) and index in viewed_inputs(operand)
            for operand in walk_operands(self.root)
        )

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return self._strides(self.root, before, strides)

    def _strides(
        self, operand: Operand, before: ConcreteShape, strides: ConcreteShape
    ) -> ConcreteShape:
        if not isinstance(operand, Index):
            return strides
        base = self._shape(operand.base, (before,))
        assert base is not None
        inner = self._strides(operand.base, before, strides)
        return Indexing(operand, self.value).strides(len(base), inner)

    # ---- element types ------------------------------------------------------------------------------

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        return self._type(self.root, tensor_operands(dtypes, shapes), shapes)[0][0]

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        self._type(self.root, tensor_operands(dtypes, shapes), shapes)

    def _type(
        self, operand: Operand, inputs: Sequence[OperandType], shapes: Sequence[Shape]
    ) -> tuple[OperandType, Shape | None]:
        """The type of an operand, and its shape; None for a number, and after an error that `infer` reports."""
        if isinstance(operand, TensorOperand):
            return inputs[operand.number], shapes[operand.number]
        if isinstance(operand, NumberOperand):
            return (number_type(self.value(operand)), "number"), None
        typed = [self._type(each, inputs, shapes) for each in operand.operands()]
        types = [each for each, _ in typed]
        if isinstance(operand, Index):
            check_indices(operand, [dtype for dtype, _ in types[1:]])
            dtype = types[0][0]
        else:
            last = operand.values[-1]
            exponent = self.value(last) if isinstance(last, NumberOperand) else None
            dtype = operation_type(operand, types, exponent)
        tensors = [shape for (_, kind), shape in typed if kind != "number"]
        known = [shape for shape in tensors if shape is not None]
        try:
            shape = self._applied(operand, known, _INFERRED) if known == tensors else None
        except ShapeError:
            shape = None
        return (dtype, "scalar tensor" if shape == () else "tensor"), shape

    # ---- code -----------------------------------------------------------------------------------------

    @classmethod
    def canonical_inputs(cls) -> tuple[str, ...]:
        """The names of the tensors in `canonical_op`: `x`, or `x1` and so on."""
        count = len(cls.inputs)
        return ("x",) if count == 1 else tuple(f"x{k}" for k in range(1, count + 1))

    def canonical_op(self, op: str) -> str:
        return self._spelled({name: str(getattr(self, name)) for name in self.arguments})

    def canonical_arguments(self) -> dict[str, Any]:
        return {}

    def named_op(self) -> str:
        """The formula with `canonical_inputs`, and with its arguments by their names."""
        return self._spelled({name: name for name in self.arguments})

    def _spelled(self, numbers: dict[str, str]) -> str:
        from ast import parse, unparse

        tree = parse(self.write(*self.canonical_inputs(), **numbers), mode="eval")
        return f"={unparse(tree)}"

    def write(self, *inputs: str, **arguments: str) -> str:
        return self._text(self.root, inputs, arguments)

    def _text(self, operand: Operand, inputs: Sequence[str], arguments: dict[str, str]) -> str:
        """The expression of an operand, in brackets: the program is printed from its syntax tree."""
        if isinstance(operand, TensorOperand):
            return f"({inputs[operand.number]})"
        if isinstance(operand, NumberOperand):
            text = arguments[operand.argument] if operand.argument else repr(operand.value)
            return f"({text})"
        if isinstance(operand, Index):
            base = self._text(operand.base, inputs, arguments)
            items = [self._item(item, inputs, arguments) for item in operand.items]
            return f"({base}[{', '.join(items)}])"
        texts = [self._text(each, inputs, arguments) for each in operand.values]
        if len(texts) == 1:
            return f"({operand.sign}{texts[0]})"
        return f"({texts[0]} {operand.sign} {texts[1]})"

    def _item(self, item: Any, inputs: Sequence[str], arguments: dict[str, str]) -> str:
        if isinstance(item, str):
            return item
        if not isinstance(item, SliceItem):
            return self._text(item, inputs, arguments)
        start, end, step = [
            "" if each is None else self._text(each, inputs, arguments) for each in item.ends
        ]
        return f"{start}:{end}:{step}" if step else f"{start}:{end}"


def _kind(value: object) -> str:
    """What a value is that is not a number."""
    return "a list" if isinstance(value, list) else "null" if value is None else "text"


def _saves_operands(operand: Operand) -> bool:
    """Whether the backward pass of an operation reads its operands."""
    if isinstance(operand, Index):
        return bool(operand.tensors())
    if not isinstance(operand, Operation):
        return False
    tensors = [o for o in operand.values if not isinstance(o, NumberOperand)]
    return operand.sign == "**" or (operand.sign in ("*", "/", "@", "%") and len(tensors) > 1)


def formula_class(
    text: str, root: Operand, inputs: tuple[str, ...], numbers: Sequence[str]
) -> type[Layer]:
    """The layer of a formula.

    Args:
        text: The formula as it is written, with the `=`.
        root: Its tree.
        inputs: The names of the tensors that it reads.
        numbers: The names of the numbers that it computes.

    Returns:
        A subclass of `Formula`.
    """
    arguments = {name: required(ANY, "a number of the formula") for name in numbers}
    members = {
        "__doc__": Formula.__doc__,
        "__module__": __name__,
        "op": text,
        "torch_name": text[1:].strip(),
        "inputs": inputs,
        "root": root,
        "view": is_view(root),
        **arguments,
    }
    return type("Formula", (Formula,), members)
