"""Whether the constructors of PyTorch are unmodified, so that a template may replace them."""

from __future__ import annotations

import os
from operator import is_
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks

_ROOT = os.path.dirname(torch.__file__) + os.sep
_FACTORIES = "empty", "zeros", "ones", "full", "tensor"
_FILLS = "uniform_", "normal_", "fill_", "zero_"


def is_ordinary() -> bool:
    """Whether layers are constructed as always: on the CPU, in `float32`, with nothing that watches.

    It is false in a `torch.device` context, with another default type, under each mode that intercepts operations
    (`FakeTensorMode`, `torch.func`, tracing), and with global hooks on the registration of modules and tensors.
    """
    try:
        return (
            torch.get_default_dtype() is torch.float32
            and not torch._C._len_torch_function_stack()
            and not torch._C._len_torch_dispatch_stack()
            and torch._C._functorch.peek_interpreter_stack() is None
            and torch._C._get_tracing_state() is None
            and not torch.is_inference_mode_enabled()
            and not torch.compiler.is_compiling()
            and not hooks._global_module_registration_hooks
            and not hooks._global_parameter_registration_hooks
            and not hooks._global_buffer_registration_hooks
        )
    except AttributeError:  # a version of PyTorch that has other modes
        return False


class Code:
    """The code that constructs layers: the methods of their classes, and the functions that these call.

    Some libraries replace a method, an initialization or a factory of tensors to change all layers.
    """

    def __init__(self) -> None:
        self._scopes: dict[object, list[Any]] = {nn: list(vars(nn).values())}
        self._factories = _factories()

    def is_of_torch(self, layer: type[nn.Module]) -> bool:
        """Whether PyTorch defines the code of a layer. From now on, `is_unchanged` includes this code."""
        scopes = *layer.__mro__[:-1], nn.Parameter, nn.init
        of_torch = all(
            _is_of_torch(value) for scope in scopes for value in vars(scope).values()
        ) and all(type(f) in (BuiltinFunctionType, MethodDescriptorType) for f in _factories())
        if of_torch:
            self._scopes.update((scope, list(vars(scope).values())) for scope in scopes)
        return of_torch

    def is_unchanged(self) -> bool:
        """Whether all code is that of the first look at it."""
        return _same(_factories(), self._factories) and all(
            _same(list(vars(scope).values()), values) for scope, values in self._scopes.items()
        )


def _factories() -> list[Any]:
    return [
        *(getattr(torch, name) for name in _FACTORIES),
        *(getattr(Tensor, name) for name in _FILLS),
    ]


def _same(these: list[Any], those: list[Any]) -> bool:
    return len(these) == len(those) and all(map(is_, these, those))


def _is_of_torch(value: Any) -> bool:
    """Whether a value in the scope of a class or module is not a function of another library."""
    function = getattr(value, "__func__", value)
    if isinstance(function, FunctionType):
        return function.__code__.co_filename.startswith(_ROOT)
    return (
        not callable(value)
        or isinstance(value, type | BuiltinFunctionType)
        or type(value).__module__ == "typing"
    )
