"""The argument `dtype`: an element type, as PyTorch spells it without `torch.`."""

from __future__ import annotations

from typing import Final

from netspec.layer.argument_kinds import Choice

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
