"""Element types, as PyTorch spells them without `torch.`: the argument `dtype`, and rules that layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from netspec.diagnostics import Code
from netspec.layer.argument_kinds import Choice
from netspec.layer.shape_rules import ShapeError
from netspec.layers.promotion import fits

DTYPE: Final = Choice(
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"
)  # fmt: skip


def dtype_expression(text: str) -> str:
    """The expression of an element type, from the expression of its name.

    >>> dtype_expression("'float16'"), dtype_expression("self.dtype")
    ('torch.float16', 'getattr(torch, self.dtype)')
    """
    name = text.strip("\"'")
    return f"torch.{name}" if name != text else f"getattr(torch, {text})"


def require_one_dtype(op: str, dtypes: Sequence[str]) -> None:
    """Reject inputs of different element types.

    Raises:
        ShapeError: There are several.
    """
    distinct = list(dict.fromkeys(dtypes))
    if len(distinct) > 1:
        raise ShapeError(
            Code.DTYPE,
            f"`{op}` requires inputs of one element type, but they have {' and '.join(distinct)}",
        )


def require_fit(op: str, value: float, dtype: str) -> None:
    """Reject a number, the argument `value`, that elements cannot hold.

    Raises:
        ShapeError: The number is beyond their range.
    """
    if not fits(value, dtype):
        raise ShapeError(
            Code.DTYPE,
            f"`{op}` cannot write {value} into elements of {dtype}",
            argument="value",
            label=f"beyond the range of {dtype}",
        )
