"""Batch normalization and its activation, which the backward pass computes again."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netspec.program_helpers.guards import (
    _has_saving_hooks,
    _is_eager,
    _is_plain,
    _uses_batch_statistics,
)
from netspec.program_helpers.operations import (
    _batch_norm,
    _gradients,
    _normalized,
    _relu_backward,
)

_ELEMENTWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Hardswish,
    nn.Sigmoid,
    nn.Tanh,
)


class _Activation:
    """An activation to compute again when the backward pass reads it.

    Args:
        act: The activation.
        normalization: The input of the normalization, its weight and bias, the mean and
            the inverse standard deviation.
        cache: The activation once it is computed; shared by all who read it.
    """

    def __init__(
        self, act: nn.Module, normalization: tuple[Tensor, ...], cache: list[Tensor]
    ) -> None:
        self.act, self.cache = act, cache
        self.normalization = [tensor.detach() for tensor in normalization]
        self.version = 0

    def compute(self) -> Tensor:
        """Return the activation."""
        if not self.cache:
            with torch.no_grad():
                self.cache.append(
                    _activated(self.act, _normalized(*self.normalization))
                )
        return self.cache[0]


class _NormAct(torch.autograd.Function):
    """Batch normalization and an activation, which save their input only.

    Plain modules save the normalized values or the activation, too. The backward pass
    computes them again with the statistics of the forward pass: running statistics are
    updated once.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        _weight: Tensor,
        _bias: Tensor,
        norm: nn.BatchNorm2d,
        act: nn.Module,
        activations: list[_Activation],
    ) -> Tensor:
        """Return the activation; append how to compute it again to `activations`."""
        normalized, mean, invstd = _batch_norm(x, norm)
        normalization = (x, norm.weight, norm.bias, mean, invstd)
        ctx.save_for_backward(*normalization)
        ctx.act, ctx.eps, ctx.cache = act, norm.eps, []
        activations.append(_Activation(act, normalization, ctx.cache))
        return _activated(act, normalized)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the activation again, then the gradients of both modules."""
        x, weight, bias, mean, invstd = normalization = ctx.saved_tensors
        (grad,) = grads
        if torch.is_grad_enabled():  # `create_graph`: plain, differentiable operations
            plain = partial(_plain_norm_act, ctx.act, ctx.eps)
            return *_gradients(plain, (x, weight, bias), grad), None, None, None
        activation = _Activation(ctx.act, normalization, ctx.cache)
        grad = _activation_backward(activation, grad)
        ctx.cache.clear()
        grads = _normalization_backward(grad, x, weight, mean, invstd, ctx.eps)
        return *grads, None, None, None


class _Norm(torch.autograd.Function):
    """Batch normalization with statistics that keep the digits of the batch."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, _bias: Tensor, norm: nn.BatchNorm2d
    ) -> Tensor:
        """Return the normalized values."""
        normalized, mean, invstd = _batch_norm(x, norm)
        ctx.save_for_backward(x, weight, mean, invstd)
        ctx.eps = norm.eps
        return normalized

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the gradients of input, weight and bias."""
        x, weight, mean, invstd = ctx.saved_tensors
        (grad,) = grads
        if torch.is_grad_enabled():  # `create_graph`: plain, differentiable operations
            plain = partial(_plain_norm_act, nn.Identity(), ctx.eps)
            bias = torch.zeros_like(weight, requires_grad=True)
            return *_gradients(plain, (x, weight, bias), grad), None
        return *_normalization_backward(grad, x, weight, mean, invstd, ctx.eps), None


def _normalization_backward(
    grad: Tensor, x: Tensor, weight: Tensor, mean: Tensor, invstd: Tensor, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of input, weight and bias of a normalization."""
    grads: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.native_batch_norm_backward(
        grad, x, weight, None, None, mean, invstd, True, eps, [True, True, True]
    )
    return grads


def _plain_norm_act(
    act: nn.Module, eps: float, x: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    """Apply differentiable operations that update no statistics."""
    out: Tensor = act(F.batch_norm(x, None, None, weight, bias, True, 0.0, eps))
    return out


def _activated(act: nn.Module, x: Tensor) -> Tensor:
    """Apply an activation to a tensor that is not read again, in place if possible."""
    if isinstance(act, nn.ReLU):
        return x.relu_()
    out: Tensor = act(x)
    return out


def _activation_backward(activation: _Activation, grad: Tensor) -> Tensor:
    """Return the gradient of the input of an activation."""
    if isinstance(activation.act, nn.ReLU):
        out = activation.compute()
        return _relu_backward(grad, out, out)
    activation.cache.clear()
    normalized = _normalized(*activation.normalization).requires_grad_()
    is_in_place = getattr(activation.act, "inplace", False)
    with torch.enable_grad():
        out = activation.act(normalized.clone() if is_in_place else normalized)
    (normalized_grad,) = torch.autograd.grad(out, normalized, grad)
    return normalized_grad


def _norm_act(norm: nn.Module, act: nn.Module, x: Tensor) -> Tensor:
    """Apply batch normalization and an activation, and save their input only.

    What reads the result next and saves it goes through `_recomputing`.
    """
    if not (
        isinstance(norm, nn.BatchNorm2d)
        and _is_normalized(norm, x)
        and type(act) in _ELEMENTWISE
        and _is_plain(act)
    ):
        plain: Tensor = act(norm(x))
        return plain
    activations: list[_Activation] = []
    out: Tensor = _NormAct.apply(x, norm.weight, norm.bias, norm, act, activations)
    (activation,) = activations
    activation.version = out._version
    if not _has_saving_hooks():
        out.recomputed = activation  # type: ignore[attr-defined]
    return out


def _norm(norm: nn.Module, x: Tensor) -> Tensor:
    """Apply batch normalization, with statistics that keep the digits of the batch."""
    if isinstance(norm, nn.BatchNorm2d) and _is_normalized(norm, x):
        out: Tensor = _Norm.apply(x, norm.weight, norm.bias, norm)
    else:
        out = norm(x)
    return out


def _is_normalized(norm: nn.BatchNorm2d, x: Tensor) -> bool:
    """Return whether a function may normalize such images by the batch."""
    return (
        _is_eager(x)
        and x.is_contiguous(memory_format=torch.channels_last)
        and _uses_batch_statistics(norm, x)
    )


def _recomputing(module: nn.Module, x: Tensor) -> Tensor:
    """Apply a module; where it saves `x`, save how to compute it again."""
    activation = (
        None if torch.compiler.is_compiling() else getattr(x, "recomputed", None)
    )
    if (
        not isinstance(activation, _Activation)
        or activation.version != x._version
        or _has_saving_hooks()
    ):
        plain: Tensor = module(x)
        return plain
    with torch.autograd.graph.saved_tensors_hooks(_pack, _unpack):
        out: Tensor = module(x)
    return out


def _pack(saved: Tensor) -> Tensor | _Activation:
    """Save how to compute an activation in its place."""
    recomputed: Tensor | _Activation = getattr(saved, "recomputed", saved)
    return recomputed


def _unpack(saved: Tensor | _Activation) -> Tensor:
    """Return what `_pack` was called with."""
    return saved.compute() if isinstance(saved, _Activation) else saved
