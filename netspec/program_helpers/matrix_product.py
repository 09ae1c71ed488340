"""A convolution of 1×1 as a matrix product."""

import torch
from torch import Tensor

from netspec.program_helpers.activations import _ACTIVATIONS
from netspec.program_helpers.rectifier import _Rectifier

_PREFERS_PRODUCTS = (
    torch.backends.mkl.is_available()
    and torch.backends.cpu.get_cpu_capability() == "AVX2"
)
"""Whether MKL multiplies faster than oneDNN convolves: with AVX2, not with AVX-512."""
_ROWS = 784
"""The number of positions whose clamped channels remain in the cache of a processor."""


class _Product:
    """A convolution of 1×1 and its activation, as matrix products over the positions.

    The clamp before it is computed for as many positions as fit into the cache.

    Args:
        weight: The weight.
        bias: The bias.
        activation: A key of `_ACTIVATIONS`.
        rectifier: The clamp of its input.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        activation: str,
        rectifier: _Rectifier | None,
    ) -> None:
        self.matrix = weight.flatten(1).t().contiguous()
        self.bias = weight.new_zeros(len(weight)) if bias is None else bias
        self.function, _ = _ACTIVATIONS[activation]
        self.rectifier = (
            None if rectifier is None else _Rectifier(rectifier.form, (1, -1))
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Return the activation of the convolution, with channels last."""
        batch, channels, height, width = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(-1, channels)
        if self.rectifier is None:
            y = self.function(torch.addmm(self.bias, rows, self.matrix))
        else:
            y = self.rectified(rows, self.rectifier)
        return y.view(batch, height, width, -1).permute(0, 3, 1, 2)

    def rectified(self, rows: Tensor, rectifier: _Rectifier) -> Tensor:
        """Return the activation of the product of the clamped rows."""
        y = rows.new_empty(len(rows), len(self.bias))
        size = min(len(rows), _ROWS * torch.get_num_threads())
        clamped = rows.new_empty(size, rows.shape[1])
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            factor = rectifier(part, out=clamped[: len(part)])
            target = y[start : start + size]
            self.function(torch.addmm(self.bias, factor, self.matrix, out=target))
        return y
