"""The element type of a result of several operands: PyTorch's type promotion.

Source: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from netspec.dims import Shape

Kind = Literal["tensor", "scalar tensor", "number"]
"""What an operand is: a tensor with dimensions, one without, or a number of Python."""

_SIGNED: Final = ("int8", "int16", "int32", "int64")
_FLOATING: Final = ("float16", "bfloat16", "float32", "float64")
_CATEGORY: Final = {"bool": 0, "uint8": 1} | dict.fromkeys(_SIGNED, 1) | dict.fromkeys(_FLOATING, 2)


def promote(dtypes: Sequence[str]) -> str:
    """The element type that tensors are converted to.

    Source: `torch.promote_types`

    >>> promote(["int64", "float16"]), promote(["uint8", "int8"]), promote(["float16", "bfloat16"])
    ('float16', 'int16', 'float32')
    """
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = _promoted(result, dtype)
    return result


def _promoted(a: str, b: str) -> str:
    if a == b:
        return a
    if a not in _CATEGORY or b not in _CATEGORY:
        return a if a not in _CATEGORY else b
    low, high = sorted((a, b), key=lambda dtype: _CATEGORY[dtype])
    if _CATEGORY[low] < _CATEGORY[high]:
        return high
    if _CATEGORY[low] == 2:
        if {low, high} == {"float16", "bfloat16"}:
            return "float32"
        return max(low, high, key=_FLOATING.index)
    if "uint8" in (low, high):
        signed = high if low == "uint8" else low
        return "int16" if signed == "int8" else signed
    return max(low, high, key=_SIGNED.index)


def tensor_operands(dtypes: Sequence[str], shapes: Sequence[Shape]) -> list[tuple[str, Kind]]:
    """Tensors as operands of `result_type`.

    >>> tensor_operands(["int64", "float64"], [(3,), ()])
    [('int64', 'tensor'), ('float64', 'scalar tensor')]
    """
    return [
        (dtype, "tensor" if shape else "scalar tensor")
        for dtype, shape in zip(dtypes, shapes, strict=True)
    ]


def result_type(operands: Iterable[tuple[str, Kind]]) -> str:
    """The element type of an operation: tensors without dimensions and numbers only decide its category.

    Source: `torch.result_type`

    >>> result_type([("float16", "tensor"), ("float32", "number")])
    'float16'
    >>> result_type([("int64", "tensor"), ("float64", "scalar tensor")])
    'float64'
    """
    of_kind: dict[str, str] = {}
    for dtype, kind in operands:
        of_kind[kind] = promote([of_kind[kind], dtype]) if kind in of_kind else dtype
    result: str | None = None
    for kind in ("number", "scalar tensor", "tensor"):
        if (higher := of_kind.get(kind)) is not None:
            result = higher if result is None else _combined(higher, result)
    assert result is not None
    return result


def _combined(higher: str, lower: str) -> str:
    if _CATEGORY.get(higher, 3) >= _CATEGORY.get(lower, 3):
        return higher if higher != "bool" else _promoted(higher, lower)
    return _promoted(higher, lower)


def number_type(value: object) -> str:
    """The element type that a number of Python has before promotion."""
    if isinstance(value, bool):
        return "bool"
    return "float32" if isinstance(value, float) else "int64"


def is_floating(dtype: str) -> bool:
    """Whether the elements are floating-point or complex numbers."""
    return _CATEGORY.get(dtype, 3) >= 2


_LARGEST: Final = {"float16": 65504.0, "bfloat16": 3.39e38, "float32": 3.41e38}


def fits(value: float, dtype: str) -> bool:
    """Whether PyTorch converts a number to an element type without an error.

    >>> fits(-1e9, "float16"), fits(float("-inf"), "float16"), fits(300, "uint8"), fits(2.5, "int64")
    (False, True, False, True)
    """
    if dtype == "bool" or dtype not in _CATEGORY:
        return True
    if is_floating(dtype):
        return math.isinf(value) or abs(value) <= _LARGEST.get(dtype, math.inf)
    bits = int(dtype.lstrip("uint"))
    least, most = (0, 2**bits) if dtype == "uint8" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    return bool(least <= value < most)
