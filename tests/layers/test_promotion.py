"""Element types of two operands, with dimensions and without, compared with PyTorch."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from netspec.layers import find

DTYPES = (
    "float16", "bfloat16", "float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool",
)  # fmt: skip
FUNCTIONS = {
    "Add": torch.add, "Mul": torch.mul, "Sub": torch.sub, "Div": torch.div, "Maximum": torch.maximum,
    "Minimum": torch.minimum, "Remainder": torch.remainder, "FloorDivide": torch.floor_divide,
    "Pow": torch.pow, "Atan2": torch.atan2, "Eq": torch.eq, "BitwiseAnd": torch.bitwise_and,
    "Xlogy": torch.xlogy,
}  # fmt: skip


@pytest.mark.parametrize("op", FUNCTIONS)
def test_element_types_are_promoted_as_in_torch(op: str) -> None:
    cls = find(op)
    assert cls is not None
    layer, _ = cls.make({})
    assert layer is not None
    compared = 0
    for a, b in product(DTYPES, DTYPES):
        for shapes in product([(), (2,)], repeat=2):
            tensors = [
                torch.ones(shape, dtype=getattr(torch, dtype))
                for shape, dtype in zip(shapes, (a, b), strict=True)
            ]
            try:
                result = FUNCTIONS[op](*tensors)
            except RuntimeError:
                continue
            assert layer.result_dtype((a, b), shapes) == str(result.dtype).removeprefix("torch.")
            compared += 1
    assert compared > 100
