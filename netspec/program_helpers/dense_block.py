"""A dense block as one function: one buffer, and statistics once for each feature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netspec.program_helpers.guards import (
    _is_eager,
    _is_plain,
    _is_trained,
    _uses_batch_statistics,
)
from netspec.program_helpers.operations import (
    _batch_norm,
    _batch_norm_backward,
    _conv_backward,
    _ConvArguments,
    _convolution,
    _gradients,
    _normalized,
    _per_channel,
    _relu_backward,
    _statistics,
    _update_running,
)


class _Stage(NamedTuple):
    """Batch normalization, ReLU and a convolution in a row."""

    norm: nn.BatchNorm2d
    act: nn.Module
    conv: nn.Conv2d


@runtime_checkable
class _DenseLayer(Protocol):
    """A layer of a dense block."""

    def stages(self) -> list[_Stage]:
        """Return its modules."""


class _Features:
    """The features of a dense block in one buffer with channels last.

    Attributes:
        values: The buffer.
        mean: The mean of each channel.
        invstd: The inverse standard deviation of each channel.
    """

    def __init__(self, values: Tensor, mean: Tensor, invstd: Tensor) -> None:
        self.values, self.mean, self.invstd = values, mean, invstd
        self.count = values.numel() // values.size(1)
        self.scratch: Tensor | None = None

    def append(self, chunk: Tensor, start: int, eps: float) -> Tensor:
        """Write the channels from `start`; return their biased variance."""
        stop = start + chunk.size(1)
        mean, variance = _statistics(chunk)
        self.values[:, start:stop] = chunk
        self.mean[start:stop] = mean
        self.invstd[start:stop] = torch.rsqrt(variance + eps)
        return variance

    def activated(self, weight: Tensor, bias: Tensor, largest: int) -> Tensor:
        """Return ReLU of the normalized first channels, valid until the next call.

        Args:
            weight: The weight of the normalization, for each of the channels.
            bias: The bias of the normalization.
            largest: The most channels of any call.
        """
        channels = weight.numel()
        batch, _, height, width = self.values.shape
        if self.scratch is None:
            self.scratch = self.values.new_empty(self.count * largest)
        flat = self.scratch[: self.count * channels]
        out = flat.view(batch, height, width, channels).permute(0, 3, 1, 2)
        scale = weight * self.invstd[:channels]
        shift = bias - self.mean[:channels] * scale
        values = self.values[:, :channels]
        torch.addcmul(_per_channel(shift), values, _per_channel(scale), out=out)
        return out.relu_()


class _FeatureGradients:
    """The gradients of the features, to which the layers add from last to first.

    The gradient of a normalization has three terms: that of the value, and those of the
    mean and of the variance. The last two are sums over the batch. They are added once
    for each feature, when all layers that read it are done.
    """

    def __init__(self, features: _Features, grad: Tensor) -> None:
        self.features = features
        self.values = grad.clone(memory_format=torch.channels_last)
        self.mean_term = torch.zeros_like(features.mean)
        self.variance_term = torch.zeros_like(features.mean)

    def add(
        self, grad: Tensor, weight: Tensor, bias: Tensor, products: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Add the gradient of a normalization; return those of its weight and bias.

        Args:
            grad: The gradient of the normalized first channels.
            weight: The weight of the normalization.
            bias: The bias of the normalization.
            products: The sums over the batch of `grad` times the normalized channels.
        """
        channels = weight.numel()
        mean, invstd = self.features.mean[:channels], self.features.invstd[:channels]
        inputs = self.features.values[:, :channels]
        grad_weight, grad_bias = _sums(
            grad, inputs, (weight, bias, mean, invstd), products
        )
        self.mean_term[:channels].addcmul_(weight, grad_bias)
        self.variance_term[:channels].addcmul_(weight, grad_weight)
        self.values[:, :channels].addcmul_(grad, _per_channel(weight * invstd))
        return grad_weight, grad_bias

    def finished(self, start: int, stop: int) -> Tensor:
        """Return the gradient of some channels, when no more is added to them."""
        features = self.features
        invstd = features.invstd[start:stop]
        scale = -invstd * invstd * self.variance_term[start:stop] / features.count
        shift = -invstd * self.mean_term[start:stop] / features.count
        shift -= scale * features.mean[start:stop]
        values = features.values[:, start:stop]
        grad = torch.addcmul(_per_channel(shift), values, _per_channel(scale))
        grad += self.values[:, start:stop]
        return grad.contiguous(memory_format=torch.channels_last)


class _DenseBlock(torch.autograd.Function):
    """All layers of a dense block: each reads the features of all layers before it.

    * The features are in one buffer, and a concatenation is a view of its first
      channels.
    * The statistics of a feature are the same for all normalizations that read it:
      they are computed once.
    * The backward pass computes normalized activations again, with the statistics of
      the forward pass: running statistics are updated once.

    It saves the buffer and what the later stages of a layer read, so memory is linear
    in the number of layers; plain modules save each concatenation.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        layers: Sequence[Sequence[_Stage]],
        *parameters: Tensor | None,
    ) -> Tensor:
        """Return the features of the input and of all layers."""
        batch, stop, height, width = x.shape
        *_, last_growth = growths = [each[-1].conv.out_channels for each in layers]
        total = stop + sum(growths)
        values = x.new_empty(batch, height, width, total).permute(0, 3, 1, 2)
        features = _Features(values, x.new_zeros(total), x.new_zeros(total))
        variance = x.new_zeros(total)
        chunk, start = x, 0
        saved: list[Tensor] = []
        for (norm, _, conv), *later in layers:
            stop = start + chunk.size(1)
            variance[start:stop] = features.append(chunk, start, norm.eps)
            _update_running(norm, features.mean[:stop], variance[:stop], features.count)
            z = features.activated(norm.weight, norm.bias, total - last_growth)
            chunk = _convolved(conv, z)
            for stage in later:
                normalized, *statistics = _batch_norm(chunk, stage.norm)
                saved += [chunk, *statistics]
                chunk = _convolved(stage.conv, normalized.relu_())
            start = stop
        values[:, start:] = chunk
        ctx.layers = [[_arguments(each.conv) for each in layer] for layer in layers]
        ctx.eps = [[each.norm.eps for each in layer] for layer in layers]
        ctx.in_channels, ctx.saved_count = x.size(1), len(saved)
        ctx.save_for_backward(
            values, features.mean, features.invstd, *saved, *parameters
        )
        return values

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the gradients of all layers, the last one first."""
        (grad,) = grads
        values, mean, invstd, *rest = ctx.saved_tensors
        saved, parameters = rest[: ctx.saved_count], rest[ctx.saved_count :]
        if torch.is_grad_enabled():  # `create_graph`: plain, differentiable operations
            plain = partial(_plain_dense_block, ctx.eps, ctx.layers)
            inputs = (values[:, : ctx.in_channels], *parameters)
            x_grad, *parameter_grads = _gradients(plain, inputs, grad)
            return x_grad, None, *parameter_grads
        features = _Features(values, mean, invstd)
        feature_grads = _FeatureGradients(features, grad)
        stop = values.size(1)
        largest = stop - parameters[-2].size(0)
        parameter_grads = []
        for first_conv, *later in reversed(ctx.layers):
            start = stop - parameters[-2].size(0)
            grad = feature_grads.finished(start, stop)
            for conv in reversed(later):
                weight, bias, kernel, kernel_bias = _taken(parameters, 4)
                x, *statistics = _taken(saved, 3)
                z = _normalized(x, weight, bias, *statistics).relu_()
                grad, *conv_grads = _conv_backward(grad, z, kernel, kernel_bias, conv)
                grad = _relu_backward(grad, z, z)
                sums = _sums(
                    grad,
                    x,
                    (weight, bias, *statistics),
                    _products(kernel, conv_grads[0]),
                )
                grad = _batch_norm_backward(grad, x, weight, statistics, sums)
                parameter_grads[:0] = [*sums, *conv_grads]
            weight, bias, kernel, kernel_bias = _taken(parameters, 4)
            z = features.activated(weight, bias, largest)
            grad, *conv_grads = _conv_backward(grad, z, kernel, kernel_bias, first_conv)
            products = _products(kernel, conv_grads[0])
            sums = feature_grads.add(_relu_backward(grad, z, z), weight, bias, products)
            parameter_grads[:0] = [*sums, *conv_grads]
            stop = start
        return feature_grads.finished(0, stop), None, *parameter_grads


def _products(kernel: Tensor, grad: Tensor) -> Tensor:
    """Return the sums of input times gradient by input channel of a convolution.

    A convolution is linear, so they are the sums of kernel times gradient.
    """
    return (kernel * grad).sum((0, 2, 3))


def _sums(
    grad: Tensor,
    x: Tensor,
    normalization: tuple[Tensor, Tensor, Tensor, Tensor],
    products: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the gradients of weight and bias of a normalization before ReLU.

    Args:
        grad: The gradient of the normalized values.
        x: The input of the normalization.
        normalization: Its weight and bias, the mean and the inverse standard deviation.
        products: The sums of activation times gradient for each channel.
    """
    weight, bias, mean, invstd = normalization
    grad_bias = grad.permute(0, 2, 3, 1).reshape(-1, weight.numel()).sum(0)
    if bool((bias.abs() <= 8 * weight.abs()).all()):
        return (products - bias * grad_bias) / weight, grad_bias
    # The difference would lose digits, or be divided by zero.
    inputs = (grad * x).permute(0, 2, 3, 1).reshape(-1, weight.numel()).sum(0)
    return (inputs - mean * grad_bias) * invstd, grad_bias


def _taken(tensors: list[Any], count: int) -> list[Any]:
    """Remove the last tensors of a list, and return them."""
    last = tensors[-count:]
    del tensors[-count:]
    return last


def _arguments(conv: nn.Conv2d) -> _ConvArguments:
    """Return the arguments of a convolution whose padding is given by numbers."""
    padding = tuple(map(int, conv.padding))
    return _ConvArguments(conv.stride, padding, conv.dilation, conv.groups)


def _convolved(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """Apply a convolution."""
    return _convolution(x, conv.weight, conv.bias, _arguments(conv))


def _plain_dense_block(
    eps: Sequence[Sequence[float]],
    layers: Sequence[Sequence[_ConvArguments]],
    x: Tensor,
    *parameters: Tensor,
) -> Tensor:
    """Apply a dense block of differentiable operations that update no statistics."""
    features = [x]
    groups = iter(zip(*[iter(parameters)] * 4, strict=True))
    for layer_eps, layer in zip(eps, layers, strict=True):
        out = torch.cat(features, 1)
        for stage_eps, conv in zip(layer_eps, layer, strict=True):
            weight, bias, kernel, kernel_bias = next(groups)
            out = F.batch_norm(out, None, None, weight, bias, True, 0.0, stage_eps)
            out = torch.conv2d(F.relu(out), kernel, kernel_bias, *conv)
        features.append(out)
    return torch.cat(features, 1)


def _stages(*modules: Any) -> list[_Stage]:
    """Return the modules of a layer by threes."""
    return list(map(_Stage, modules[::3], modules[1::3], modules[2::3]))


def _dense_layers(modules: Iterable[nn.Module], x: Tensor) -> list[_DenseLayer]:
    """Return the layers if `_dense_block` may apply them, otherwise none."""
    if not _is_eager(x) or x.dim() != 4:
        return []
    layers: list[_DenseLayer] = []
    for module in modules:
        if not isinstance(module, _DenseLayer) or not _is_plain(module):
            return []
        if not all(_is_stage(stage, x) for stage in module.stages()):
            return []
        layers.append(module)
    has_equal_eps = len({layer.stages()[0].norm.eps for layer in layers}) == 1
    return layers if has_equal_eps else []


def _is_stage(stage: _Stage, x: Tensor) -> bool:
    """Return whether the function of a dense block computes what the modules do."""
    norm, act, conv = stage
    return (
        _uses_batch_statistics(norm, x)
        and type(act) is nn.ReLU
        and _is_plain(act)
        and type(conv) is nn.Conv2d
        and conv.groups == 1
        and conv.padding_mode == "zeros"
        and not isinstance(conv.padding, str)
        and _is_trained(conv, x)
    )


def _dense_block(layers: Sequence[_DenseLayer], x: Tensor) -> Tensor:
    """Apply the layers of a dense block; return the input and all outputs, joined."""
    stages = [layer.stages() for layer in layers]
    parameters = [
        parameter
        for each in stages
        for norm, _, conv in each
        for parameter in (norm.weight, norm.bias, conv.weight, conv.bias)
    ]
    out: Tensor = _DenseBlock.apply(x, stages, *parameters)
    return out
