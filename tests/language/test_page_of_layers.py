"""The functions that the language promises, with the arguments that it names."""

from __future__ import annotations

import pytest

from netspec.layers import find

PROMISED = """
Concat dim
Stack dim
Add
Sub
Mul
Div
MatMul
Maximum
Minimum
Chunk chunks dim
Split split_size dim
Reshape shape
Permute dims
Transpose dim0 dim1
Squeeze dim
Unsqueeze dim
Expand size
Slice dim start end step
Select dim index
Pad pad mode value
Interpolate size scale_factor mode
Mean dim keepdim
Sum dim keepdim
Max dim keepdim
Min dim keepdim
Norm dim keepdim
Abs
Neg
Sqrt
Rsqrt
Exp
Log
Pow exponent
Clamp min max
Parameter shape init
Constant value
DropPath p mode
ScaledDotProductAttention is_causal dropout_p
"""


@pytest.mark.parametrize("line", PROMISED.strip().splitlines())
def test_a_function_has_the_arguments_that_the_language_names(line: str) -> None:
    op, *names = line.split()
    layer = find(op)
    assert layer is not None
    assert set(names) <= layer.arguments.keys()


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("op", ["MaxPool", "AdaptiveMaxPool", "FractionalMaxPool"])
def test_pooling_with_indices_has_two_results(op: str, axes: int) -> None:
    layer = find(f"{op}{axes}d")
    if layer is None:
        assert f"{op}{axes}d" == "FractionalMaxPool1d"  # torch has none either
        return
    size = {"MaxPool": "kernel_size", "AdaptiveMaxPool": "output_size"}.get(op, "output_size")
    arguments = {"kernel_size": 2} if op == "FractionalMaxPool" else {}
    made, _ = layer.make({size: 2, **arguments, "return_indices": True})
    assert made is not None
    assert made.results == ("output", "indices")
