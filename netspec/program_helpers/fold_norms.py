"""Batch normalization as arithmetic on the weights of the layer before or after it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

_TINY = 1e-30
"""A channel whose scale is below this part of its shift is constant in float32."""
_CANCELS = 0.1
"""Thresholds whose squares are above this part of the variance cost accuracy."""


def _affine(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Return the scale and the shift of each channel, with the running statistics."""
    assert isinstance(norm, nn.BatchNorm2d)
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None
    assert variance is not None
    scale = torch.rsqrt(variance.double() + norm.eps)
    if norm.weight is not None:
        scale = scale * norm.weight.double()
    shift = -mean.double() * scale
    if norm.bias is not None:
        shift = shift + norm.bias.double()
    return scale, shift


class _Clamp(NamedTuple):
    """A normalization and its ReLU as a clamp; the next layer has the rest.

    `relu(scale * x + shift)` equals `scale * (clamp(x, lower, upper) - threshold)`, and
    `constant` where the scale is zero. With an offset, the clamp is that of
    `x - offset`, and the threshold is zero: large thresholds would cancel in the sums
    of the next layer.
    """

    scale: Tensor
    threshold: Tensor
    constant: Tensor
    lower: Tensor
    upper: Tensor
    offset: Tensor | None


def _clamp_form(norm: nn.Module, dtype: torch.dtype) -> _Clamp:
    """Return a normalization and its ReLU as a clamp, whose bounds have a type.

    The ReLU is zero below the threshold if the scale is positive, above it if negative.
    """
    scale, shift = _affine(norm)
    constant = scale.abs() <= _TINY * shift.abs()
    threshold = torch.where(constant, 0.0, -shift / torch.where(constant, 1.0, scale))
    threshold, offset = threshold.to(dtype), None
    if _cancels(norm, scale, shift):
        threshold, offset = torch.zeros_like(threshold), threshold
    return _Clamp(
        scale.masked_fill(constant, 0.0),
        threshold.double(),
        torch.where(constant, shift.relu(), 0.0),
        threshold.masked_fill((scale < 0) & ~constant, -torch.inf),
        threshold.masked_fill((scale > 0) & ~constant, torch.inf),
        offset,
    )


def _cancels(norm: nn.Module, scale: Tensor, shift: Tensor) -> bool:
    """Whether the thresholds are large next to the deviation of the input."""
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    deviation = scale.square() * norm.running_var
    return bool(shift.square().sum() > _CANCELS * deviation.sum())


def _by_input(values: Tensor, weight: Tensor) -> Tensor:
    """Return a value of each input channel for each element of a weight.

    Args:
        values: The values. A linear layer may have several features for each channel.
        weight: The weight, with an output channel or feature for each row.
    """
    if weight.dim() == 2:
        return values.repeat_interleave(weight.shape[1] // values.numel())
    groups = values.numel() // weight.shape[1]
    if groups == 1:
        return values.view(1, -1, 1, 1)
    rows = values.view(groups, 1, -1).expand(-1, weight.shape[0] // groups, -1)
    return rows.reshape(weight.shape[0], weight.shape[1], 1, 1)


def _response(weight: Tensor, values: Tensor) -> Tensor:
    """Return the output of a layer for an input that is constant in each channel."""
    if not values.any():
        return values.new_zeros(len(weight))
    return (weight.double() * _by_input(values, weight)).flatten(1).sum(1)


def _by_output(values: Tensor, weight: Tensor) -> Tensor:
    """Return a value of each output channel for each element of a weight."""
    return values.view([-1] + [1] * (weight.dim() - 1))
