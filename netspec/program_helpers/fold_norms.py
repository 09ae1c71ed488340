"""Batch normalization as arithmetic on the weights of the layer before or after it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

_TINY = 1e-30
"""A scale below this part of its shift does not change a float32: the channel is constant."""


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
    """A normalization and its ReLU as a clamp, whose scale and shift are left to the next layer.

    `relu(scale * x + shift)` equals `scale * clamp(x, lower, upper) + offset`.
    """

    scale: Tensor
    offset: Tensor
    lower: Tensor
    upper: Tensor


def _clamp_form(norm: nn.Module) -> _Clamp:
    """Return a normalization and its ReLU as a clamp.

    The ReLU is zero where `scale * x` is less than `-shift`: below the threshold if the
    scale is positive, above it if negative. A channel of scale 0 is `relu(shift)`.
    """
    scale, shift = _affine(norm)
    constant = scale.abs() <= _TINY * shift.abs()
    threshold = torch.where(constant, 0.0, -shift / torch.where(constant, 1.0, scale))
    infinity = torch.full_like(scale, float("inf"))
    lower = torch.where((scale < 0) & ~constant, -infinity, threshold)
    upper = torch.where((scale > 0) & ~constant, infinity, threshold)
    scale = torch.where(constant, 0.0, scale)
    return _Clamp(scale, torch.where(constant, shift.relu(), shift), lower, upper)


def _fold_before(
    weight: Tensor, bias: Tensor | None, scale: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """Return weight and bias of a layer whose input is scaled and shifted by channel.

    Args:
        weight: The weight, with one output channel or feature for each row. A convolution has no padding.
        bias: The bias.
        scale: The factor of each input channel; each has the same number of features of a linear layer.
        shift: What is added to each input channel.
    """
    columns = weight.flatten(2).sum(2) if weight.dim() > 2 else weight
    groups = scale.numel() // columns.shape[1] if weight.dim() > 2 else 1
    if weight.dim() == 2:
        each = columns.shape[1] // scale.numel()
        scale, shift = (t.repeat_interleave(each) for t in (scale, shift))
    rows = columns.shape[0] // groups
    scales = scale.view(groups, 1, -1).expand(groups, rows, -1).reshape(columns.shape)
    shifts = shift.view(groups, 1, -1).expand(groups, rows, -1).reshape(columns.shape)
    offset = (columns * shifts).sum(1)
    shape = [*columns.shape] + [1] * (weight.dim() - 2)
    return weight * scales.view(shape), offset if bias is None else bias + offset


def _fold_after(
    weight: Tensor, bias: Tensor | None, scale: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """Return weight and bias of a layer whose output is scaled and shifted by channel."""
    shape = [-1] + [1] * (weight.dim() - 1)
    return weight * scale.view(shape), shift if bias is None else bias * scale + shift
