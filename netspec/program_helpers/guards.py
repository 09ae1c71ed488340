"""When a program may replace calls of modules by one function."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def _is_eager(x: Tensor) -> bool:
    """Return whether PyTorch runs each operation as it is called, in training.

    It does not under `torch.compile`, tracing, autocast, `torch.func`, and where hooks
    observe all modules.
    """
    return (
        not torch.compiler.is_compiling()
        and type(x) is Tensor
        and torch.is_grad_enabled()
        and not torch.jit.is_tracing()
        and x.dtype in {torch.float32, torch.float64}
        and x.device.type in {"cpu", "cuda"}
        and not torch.is_autocast_enabled(x.device.type)
        and torch.autograd.forward_ad.unpack_dual(x).tangent is None
        and not torch.nn.modules.module._has_any_global_hook()
    )


def _is_plain(module: nn.Module) -> bool:
    """Return whether no hook or attribute intercepts the calls of a module."""
    return not (
        module._forward_hooks
        or module._forward_pre_hooks
        or module._backward_hooks
        or module._backward_pre_hooks
        or "forward" in vars(module)
    )


def _is_trained(module: nn.Module, x: Tensor) -> bool:
    """Return whether a plain module trains all parameters, in the type of `x`."""
    return (
        module.training
        and _is_plain(module)
        and all(
            type(parameter) is nn.Parameter
            and parameter.requires_grad
            and parameter.dtype == x.dtype
            and parameter.device == x.device
            for parameter in module._parameters.values()
            if parameter is not None
        )
    )


def _uses_batch_statistics(norm: nn.Module, x: Tensor) -> bool:
    """Return whether a module is a complete batch normalization in training."""
    return (
        isinstance(norm, _BatchNorm)
        and type(norm) in {nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d}
        and norm.affine
        and norm.running_mean is not None
        and norm.running_var is not None
        and norm.momentum is not None
        and x.numel() > x.size(1)
        and _is_trained(norm, x)
    )


def _has_saving_hooks() -> bool:
    """Return whether hooks replace what autograd saves, as those of a checkpoint do."""
    return torch._C._autograd._top_saved_tensors_default_hooks(True) is not None
