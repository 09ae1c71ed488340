"""A convolution of 1×1 as matrix products, each with the clamp of its input."""

import torch
from torch import Tensor

from netspec.program_helpers.activations import _ACTIVATIONS
from netspec.program_helpers.rectifier import _Rectifier

_MULTIPLIES_FAST = (
    torch.backends.mkl.is_available()
    and torch.backends.cpu.get_cpu_capability() == "AVX2"
)
"""Whether MKL multiplies as fast as oneDNN convolves: with AVX2, not with AVX-512."""
_ROWS = 784
"""The number of positions whose clamped channels remain in the cache of a processor."""


class _ClampedProduct:
    """The activation of a convolution of 1×1 of a clamp, for some positions at a time.

    The clamp of all positions would be written to memory and read again.

    Args:
        weight: The weight of the convolution.
        bias: The bias.
        activation: A key of `_ACTIVATIONS`.
        rectifier: The clamp.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, activation: str, rectifier: _Rectifier
    ) -> None:
        self.matrix, self.bias = weight.flatten(1).t().contiguous(), bias
        self.function, _ = _ACTIVATIONS[activation]
        self.rectifier = _Rectifier(rectifier.form, (1, -1))

    def __call__(self, x: Tensor) -> Tensor:
        """Return the result, with channels last."""
        batch, channels, height, width = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(-1, channels)
        y = rows.new_empty(len(rows), len(self.bias))
        size = min(len(rows), _ROWS * torch.get_num_threads())
        scratch = rows.new_empty(size, channels)
        for part, result in zip(rows.split(size), y.split(size), strict=True):
            clamped = self.rectifier(part, out=scratch[: len(part)])
            self.function(torch.addmm(self.bias, clamped, self.matrix, out=result))
        return y.view(batch, height, width, -1).permute(0, 3, 1, 2)
