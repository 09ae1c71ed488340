"""The element types of the operations in a formula, and which ones PyTorch has no kernel for."""

from __future__ import annotations

from typing import Final

from netspec.diagnostics import Code
from netspec.layer.shape_rules import ShapeError
from netspec.layers.formula_tree import Index, Operation
from netspec.layers.promotion import Kind, is_floating, result_type

COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")
LOGICAL: Final = ("&", "|")

OperandType = tuple[str, Kind]
"""The element type of an operand, and whether it is a tensor, a tensor without dimensions, or a number."""


def operation_type(operation: Operation, types: list[OperandType], exponent: object) -> str:
    """The element type of an operation.

    Args:
        operation: The operation.
        types: The types of its operands.
        exponent: The value of the second operand if that is a number.

    Returns:
        The element type.

    Raises:
        ShapeError: PyTorch does not define the operation for these types.
    """
    if len(types) == 1:
        return _unary_type(operation, types[0][0])
    dtype, names, sign = result_type(types), [name for name, _ in types], operation.sign
    if sign in LOGICAL and is_floating(dtype):
        raise dtype_error(
            operation,
            f"combines {names[0]} and {names[1]}; `{sign}` is for booleans and integers",
            "compare first: `(a > 0) & (b > 0)`",
        )
    if sign == "-" and "bool" in names:
        raise dtype_error(
            operation, _UNDEFINED.format(sign), "write `~mask` for the opposite of a mask"
        )
    if sign in ("//", "%") and dtype == "bool":
        raise dtype_error(operation, _UNDEFINED.format(sign))
    if sign == "**":
        _check_power(operation, dtype, types, exponent)
    if sign == "@" and "number" in [kind for _, kind in types]:
        raise dtype_error(
            operation, "multiplies a matrix by a number", "write `*` to multiply each element"
        )
    if sign == "@" and (names[0] != names[1] or dtype == "bool"):
        message = (
            f"multiplies matrices of {names[0]} and {names[1]}; both must have one type of numbers"
        )
        raise dtype_error(operation, message)
    if sign in COMPARISONS:
        return "bool"
    return "float32" if sign == "/" and not is_floating(dtype) else dtype


_UNDEFINED: Final = "applies `{}` to booleans, for which it is not defined"


def _unary_type(operation: Operation, dtype: str) -> str:
    if operation.sign == "~" and is_floating(dtype):
        raise dtype_error(operation, f"inverts {dtype}; `~` is for booleans and integers")
    if operation.sign in ("-", "+") and dtype == "bool":
        message = _UNDEFINED.format(operation.sign)
        raise dtype_error(operation, message, "write `~` to invert a mask")
    return dtype


def _check_power(
    operation: Operation, dtype: str, types: list[OperandType], exponent: object
) -> None:
    if dtype == "bool" and types[1][1] != "number":
        raise dtype_error(operation, _UNDEFINED.format("**"))
    if not is_floating(dtype) and isinstance(exponent, int) and exponent < 0:
        raise dtype_error(
            operation,
            f"raises {types[0][0]} to a negative power",
            f"write `{exponent}.0`: the result is not an integer",
        )


def check_indices(index: Index, dtypes: list[str]) -> None:
    """Reject tensors that are no indices.

    Args:
        index: The index.
        dtypes: The element types of the tensors in it.

    Raises:
        ShapeError: A tensor has elements that are not int64 or int32.
    """
    for dtype in dtypes:
        if dtype in ("bool", "uint8"):
            raise dtype_error(
                index,
                "selects elements by a mask, so the size of the result depends on the values",
                "multiply by the mask, or replace elements with `Where`",
            )
        if dtype not in ("int64", "int32"):
            raise dtype_error(index, f"is indexed with {dtype}; indices are int64 or int32")


def dtype_error(operation: Operation | Index, predicate: str, *helps: str) -> ShapeError:
    """The error of an operation on element types, at its place in the formula."""
    error = ShapeError(Code.DTYPE, f"`{operation.text}` {predicate}", helps=helps)
    error.operation = operation.span
    return error
