"""A convolution or linear layer with what follows it, as one call of oneDNN."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from netspec.program_helpers.activations import _ACTIVATIONS
from netspec.program_helpers.matrix_product import (
    _MULTIPLIES_FAST,
    _ROWS,
    _ClampedProduct,
)
from netspec.program_helpers.rectifier import _Rectifier

_HAS_ONEDNN = torch.backends.mkldnn.is_available() and all(
    hasattr(torch.ops.mkldnn, name)
    for name in (
        "_convolution_pointwise",
        "_convolution_pointwise_",
        "_linear_pointwise",
        "_reorder_convolution_weight",
        "_reorder_linear_weight",
    )
)
"""Whether PyTorch has the fused calls of oneDNN, which are not public."""


class _Convolution:
    """A convolution and its activation.

    Args:
        weight: The weight, with channels last.
        bias: The bias.
        geometry: Padding, stride, dilation and the number of groups.
        activation: A key of `_ACTIVATIONS`.
        rectifier: The clamp of its input, if another call has not computed it.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        geometry: tuple[list[int], list[int], list[int], int],
        activation: str,
        rectifier: _Rectifier | None = None,
    ) -> None:
        self.weight, self.bias, self.geometry = weight, bias, geometry
        self.rectifier = rectifier
        self.name = activation
        self.function, fused_activation = _ACTIVATIONS[activation]
        self.fused = _HAS_ONEDNN and weight.dtype == torch.float32
        self.arguments = (weight, bias, *geometry, *fused_activation)
        after_sum = None if activation == "none" else activation
        self.sum_arguments: tuple[Any, ...] = (
            *self.arguments[:6],
            "add",
            1.0,
            after_sum,
            [],
            None,
        )

    def packed(self, shape: torch.Size) -> "_Convolution | _ClampedProduct":
        """Return it with the weight as the fastest call reads it for a shape."""
        if self.clamps_much(shape) and self.bias is not None and self.rectifier:
            return _ClampedProduct(self.weight, self.bias, self.name, self.rectifier)
        if not self.fused:
            return self
        weight = torch.ops.mkldnn._reorder_convolution_weight(
            self.weight, *self.geometry, list(shape)
        )
        return _Convolution(weight, self.bias, self.geometry, self.name, self.rectifier)

    def clamps_much(self, shape: torch.Size) -> bool:
        """Whether it is a product of positions whose clamp exceeds the cache."""
        return (
            _MULTIPLIES_FAST
            and shape[0] * shape[2] * shape[3] > 2 * _ROWS
            and self.weight.shape[2:] == (1, 1)
            and self.geometry == ([0, 0], [1, 1], [1, 1], 1)
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Return the activation of the convolution."""
        if self.rectifier is not None:
            x = self.rectifier(x)
        if self.fused:
            return torch.ops.mkldnn._convolution_pointwise.default(x, *self.arguments)
        return self.function(self.convolved(x))

    def add(self, x: Tensor, other: Tensor) -> Tensor:
        """Return the activation of the sum of the convolution and a tensor."""
        if self.fused:
            return torch.ops.mkldnn._convolution_pointwise.binary(
                x, other, *self.sum_arguments
            )
        return self.function(self.convolved(x).add_(other))

    def add_(self, x: Tensor, other: Tensor) -> Tensor:
        """Compute `add` in the memory of the other tensor, and return that."""
        if self.fused:
            return torch.ops.mkldnn._convolution_pointwise_.binary(
                other, x, *self.sum_arguments
            )
        return self.function(other.add_(self.convolved(x)))

    def convolved(self, x: Tensor) -> Tensor:
        """Return the convolution alone."""
        padding, stride, dilation, groups = self.geometry
        return torch.conv2d(
            x, self.weight, self.bias, stride, padding, dilation, groups
        )


class _Linear:
    """A linear layer and its activation.

    Args:
        weight: The weight.
        bias: The bias.
        activation: A key of `_ACTIVATIONS`.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, activation: str) -> None:
        self.weight, self.bias, self.name = weight, bias, activation
        self.function, self.fused_activation = _ACTIVATIONS[activation]
        self.fused = _HAS_ONEDNN and weight.is_mkldnn

    def packed(self, rows: int) -> "_Linear":
        """Return it with the weight as oneDNN reads it for a number of rows."""
        if not _HAS_ONEDNN or self.weight.dtype != torch.float32 or rows < 2:
            return self
        weight = torch.ops.mkldnn._reorder_linear_weight(self.weight, rows)
        return _Linear(weight, self.bias, self.name)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the activation of the product."""
        if self.fused:
            return torch.ops.mkldnn._linear_pointwise.default(
                x, self.weight, self.bias, *self.fused_activation
            )
        return self.function(F.linear(x, self.weight, self.bias))

    def add(self, x: Tensor, other: Tensor) -> Tensor:
        """Return the sum of the product and a tensor."""
        if self.fused:
            return torch.ops.mkldnn._linear_pointwise.binary(
                x, other, self.weight, self.bias, "add"
            )
        return F.linear(x, self.weight, self.bias).add_(other)
