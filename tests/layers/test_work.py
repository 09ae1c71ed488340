"""MACs compared with PyTorch's own counter of floating-point operations."""

from __future__ import annotations

import pytest
import torch
from layer_oracle import Numbers, drawn, infer, make, run
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from netspec.layer.base import ShapeError

COUNTED = (
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Linear",
    "MatMul", "ScaledDotProductAttention", "MultiheadAttention", "RNN", "GRU", "LSTM", "RNNCell",
    "GRUCell", "LSTMCell", "Transformer", "TransformerEncoder", "TransformerDecoder",
    "TransformerEncoderLayer", "TransformerDecoderLayer",
)  # fmt: skip


@pytest.mark.filterwarnings(
    "ignore:Using padding",
    "ignore:dropout option adds",
    "ignore:TF32",
    "ignore:enable_nested_tensor",
)
@pytest.mark.parametrize("op", COUNTED)
def test_multiply_adds_are_half_of_the_operations_that_torch_counts(op: str) -> None:
    compared = 0
    for i in range(40):
        args, names, shapes = drawn(op, f"{op} work {i}")
        layer = make(op, args, names)
        result = infer(layer, Numbers(), shapes) if layer else None
        batches = op == "ScaledDotProductAttention" and len({s[:-2] for s in shapes[:3]}) > 1
        # The counter does not see vectors, nor that heads are stretched before they are multiplied.
        if layer is None or result is None or isinstance(result, ShapeError) or batches:
            continue
        if op in ("Linear", "MatMul") and min(map(len, shapes)) < 2:
            continue
        # What a fused kernel does is not counted; with gradients, attention and recurrence have none.
        counter = FlopCounterMode(display=False)
        with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), counter:
            run(layer, shapes)
        assert 2 * layer.macs(shapes, result) == counter.get_total_flops(), (args, shapes)
        compared += 1
    assert compared > 10
