"""The operations of a network and their gradients, for functions that compute both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class _ConvArguments(NamedTuple):
    """The arguments of a convolution, as `torch.conv2d` takes them."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int


def _per_channel(values: Tensor) -> Tensor:
    """Return a value for each channel as a tensor that images broadcast with."""
    return values.view(1, -1, 1, 1)


def _statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the biased variance of each channel of images.

    With channels last, PyTorch adds up 32-bit numbers one after the other, and loses
    digits in large batches. Parts of the pixels are added up apart to keep them.
    """
    parts = _parts(x)
    mean, variance = torch.batch_norm_update_stats(_wide(x, parts), None, None, 0.0)
    means = mean.view(parts, -1).double()
    mean = means.mean(0)
    within, between = variance.view(parts, -1), (means - mean).square()
    return mean.to(x.dtype), (within + between).mean(0).to(x.dtype)


def _parts(x: Tensor) -> int:
    """Return the number of parts of equal size to sum apart."""
    return math.gcd(x.numel() // x.size(1), 64)


def _wide(x: Tensor, parts: int) -> Tensor:
    """View images as rows of pixels with a channel for each channel of each part."""
    rows = x.permute(0, 2, 3, 1).reshape(1, -1, 1, parts * x.size(1))
    return rows.permute(0, 3, 1, 2)


def _update_running(
    norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, count: int
) -> None:
    """Update the running statistics by those of a batch of `count` values."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    momentum = norm.momentum or 0.0
    norm.running_mean.lerp_(mean, momentum)
    norm.running_var.lerp_(variance * (count / (count - 1)), momentum)
    if norm.num_batches_tracked is not None:
        norm.num_batches_tracked.add_(1)


def _batch_norm(x: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor, Tensor]:
    """Normalize by the batch; return its mean and inverse standard deviation, too."""
    mean, variance = _statistics(x)
    _update_running(norm, mean, variance, x.numel() // x.size(1))
    invstd = torch.rsqrt(variance + norm.eps)
    return _normalized(x, norm.weight, norm.bias, mean, invstd), mean, invstd


def _normalized(
    x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, invstd: Tensor
) -> Tensor:
    """Normalize with known statistics."""
    scale = weight * invstd
    shift = bias - mean * scale
    return torch.addcmul(_per_channel(shift), x, _per_channel(scale))


def _batch_norm_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    statistics: Sequence[Tensor],
    sums: tuple[Tensor, Tensor],
) -> Tensor:
    """Return the gradient of the input of a normalization.

    Args:
        grad: The gradient of the output.
        x: The input.
        weight: The weight.
        statistics: The mean and the inverse standard deviation.
        sums: The gradients of the weight and the bias.
    """
    mean, invstd = statistics
    grad_weight, grad_bias = sums
    count = x.numel() // x.size(1)
    scale = weight * invstd
    slope = -scale * invstd * grad_weight / count
    shift = -scale * grad_bias / count - slope * mean
    result = torch.addcmul(_per_channel(shift), x, _per_channel(slope))
    return result.addcmul_(grad, _per_channel(scale))


def _relu_backward(grad: Tensor, out: Tensor, result: Tensor) -> Tensor:
    """Write the gradient of the input of ReLU into `result`."""
    masked: Tensor = torch.ops.aten.threshold_backward.grad_input(
        grad, out, 0, grad_input=result
    )
    return masked


def _convolution(
    x: Tensor, kernel: Tensor, bias: Tensor | None, conv: _ConvArguments
) -> Tensor:
    """Convolve images with channels last."""
    batch, channels, height, width = x.shape
    pixels = batch * height * width
    is_pointwise = kernel.shape[2:] == conv.stride == (1, 1) and conv.padding == (0, 0)
    if not is_pointwise or pixels % 16 or batch >= 16:
        return torch.conv2d(x, kernel, bias, *conv)
    # On one thread, PyTorch applies convolutions of 1 x 1 to fewer than 16 images by
    # slow loops. To them it is the same which image has a pixel: here, one of 16.
    rows = x.permute(0, 2, 3, 1).reshape(16, pixels // 16, 1, channels)
    out = torch.conv2d(rows.permute(0, 3, 1, 2), kernel, bias, *conv)
    images = out.permute(0, 2, 3, 1).reshape(batch, height, width, kernel.size(0))
    return images.permute(0, 3, 1, 2)


def _conv_backward(
    grad: Tensor, x: Tensor, kernel: Tensor, bias: Tensor | None, conv: _ConvArguments
) -> tuple[Any, ...]:
    """Return the gradients of input, kernel and bias of a convolution."""
    grads: tuple[Any, ...] = torch.ops.aten.convolution_backward(
        grad,
        x,
        kernel,
        None if bias is None else [kernel.size(0)],
        conv.stride,
        conv.padding,
        conv.dilation,
        False,
        [0, 0],
        conv.groups,
        [True, True, bias is not None],
    )
    return grads


def _gradients(
    function: Callable[..., Tensor], inputs: Sequence[Tensor | None], grad: Tensor
) -> list[Tensor | None]:
    """Return the differentiable gradients of a function; None for constants.

    An input may depend on the others. Views of them keep its gradient from theirs.
    """
    views = [None if t is None else t.view_as(t) for t in inputs]
    needed = [t for t in views if t is not None and t.requires_grad]
    out = function(*views)
    grads = iter(torch.autograd.grad(out, needed, grad, create_graph=True))
    return [None if t is None or not t.requires_grad else next(grads) for t in views]
