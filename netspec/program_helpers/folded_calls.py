"""The calls of a forward pass on folded weights."""

from typing import Any

import torch
from torch import Tensor, nn

from netspec.program_helpers.fold_norms import (
    _affine,
    _by_input,
    _by_output,
    _Clamp,
    _clamp_form,
    _response,
)
from netspec.program_helpers.fused_calls import _Convolution, _Linear
from netspec.program_helpers.rectifier import _Rectifier


class _Calls:
    """The calls of a forward pass, with weights that are prepared at their first use.

    A layer is named by its path. `norm` is the batch normalization after it, `pre` the
    one before it, of which `clamp` has computed the nonlinear part.

    Args:
        modules: The modules by path.
        folded: Weights with their normalizations, by layer; shared by all shapes.
        packs: Whether to hold the weights in the order for the shapes of these inputs.
    """

    def __init__(
        self, modules: dict[str, nn.Module], folded: dict[Any, Any], *, packs: bool
    ) -> None:
        self.modules, self.folded, self.packs = modules, folded, packs
        self.ready: dict[Any, Any] = {}

    def __getitem__(self, path: str) -> nn.Module:
        """Return the module at a path."""
        return self.modules[path]

    def tensor(self, path: str) -> Tensor:
        """Return the parameter or buffer at a path."""
        owner, _, name = path.rpartition(".")
        tensor = getattr(self.modules[owner], name)
        assert isinstance(tensor, Tensor)
        return tensor

    def conv(
        self, x: Tensor, path: str, norm: str = "", act: str = "none", pre: str = ""
    ) -> Tensor:
        """Return a convolution, its normalization and activation."""
        key = path, norm, act, pre
        return (self.ready.get(key) or self._convolution(key, x))(x)

    def conv_add(
        self,
        x: Tensor,
        other: Tensor,
        path: str,
        norm: str = "",
        act: str = "none",
        pre: str = "",
    ) -> Tensor:
        """Return the activation of the sum of another tensor and a convolution."""
        key = path, norm, act, pre
        return (self.ready.get(key) or self._convolution(key, x)).add(x, other)

    def conv_add_(
        self,
        x: Tensor,
        other: Tensor,
        path: str,
        norm: str = "",
        act: str = "none",
        pre: str = "",
    ) -> Tensor:
        """Compute `conv_add` in the memory of the other tensor."""
        key = path, norm, act, pre
        return (self.ready.get(key) or self._convolution(key, x)).add_(x, other)

    def linear(self, x: Tensor, path: str, act: str = "none", pre: str = "") -> Tensor:
        """Return a linear layer and its activation."""
        key = path, "", act, pre
        return (self.ready.get(key) or self._linear(key, x))(x)

    def linear_add(self, x: Tensor, other: Tensor, path: str, pre: str = "") -> Tensor:
        """Return the sum of another tensor and a linear layer."""
        key = path, "", "none", pre
        return (self.ready.get(key) or self._linear(key, x)).add(x, other)

    def preact_conv(
        self, x: Tensor, pre: str, path: str, norm: str = "", act: str = "none"
    ) -> Tensor:
        """Return a convolution of a normalization and its ReLU, and its activation."""
        key = path, norm, act, pre
        return (self.ready.get(key) or self._convolution(key, x, rectifies=True))(x)

    def clamp(self, x: Tensor, path: str) -> Tensor:
        """Return a normalization and its ReLU but for what the next layer computes."""
        return (self.ready.get(path) or self._rectifier(path, x))(x)

    def clamp_(self, x: Tensor, path: str) -> Tensor:
        """Compute `clamp` in the memory of its input."""
        return (self.ready.get(path) or self._rectifier(path, x))(x, out=x)

    def _convolution(
        self,
        key: tuple[str, str, str, str],
        x: Tensor,
        *,
        rectifies: bool = False,
    ) -> Any:
        """Fold and pack a convolution, for a call that may clamp its input."""
        if (folded := self.folded.get(key)) is None:
            conv = self.modules[key[0]]
            assert isinstance(conv, nn.Conv2d)
            weight, bias = self._weights(key, conv, x.dtype)
            assert not isinstance(conv.padding, str)
            geometry = (
                list(conv.padding),
                list(conv.stride),
                list(conv.dilation),
                conv.groups,
            )
            weight = weight.contiguous(memory_format=torch.channels_last)
            rectifier = self._rectifier(key[3], x) if rectifies else None
            folded = _Convolution(weight, bias, geometry, key[2], rectifier)
            self.folded[key] = folded
        self.ready[key] = folded.packed(x.shape) if self.packs else folded
        return self.ready[key]

    def _linear(self, key: tuple[str, str, str, str], x: Tensor) -> _Linear:
        """Fold and pack a linear layer."""
        if (folded := self.folded.get(key)) is None:
            linear = self.modules[key[0]]
            assert isinstance(linear, nn.Linear)
            folded = self.folded[key] = _Linear(
                *self._weights(key, linear, x.dtype), key[2]
            )
        rows = x.numel() // max(x.shape[-1], 1)
        self.ready[key] = folded.packed(rows) if self.packs else folded
        return self.ready[key]

    def _weights(
        self,
        key: tuple[str, str, str, str],
        layer: nn.Conv2d | nn.Linear,
        dtype: torch.dtype,
    ) -> tuple[Tensor, Tensor | None]:
        """Return weight and bias of a layer with its normalizations.

        The scales and the sums of the bias are float64 until they are rounded.
        """
        _, norm, _, pre = key
        weight, bias = layer.weight.detach(), layer.bias
        bias = None if bias is None else bias.detach()
        if not norm and not pre:
            return weight, bias
        if bias is None:
            bias = weight.new_zeros(len(weight))
        if pre:
            form = self._clamp(pre, dtype)
            bias = bias + _response(weight, form.constant)
            weight = weight * _by_input(form.scale.to(dtype), weight)
        if norm:
            scale, shift = _affine(self.modules[norm])
            bias = bias * scale + shift
            weight = weight * _by_output(scale.to(dtype), weight)
        if pre:  # with the rounded weight, so that the zeros of the ReLU remain zeros
            bias = bias - _response(weight, form.threshold)
        return weight, bias.to(dtype)

    def _rectifier(self, path: str, x: Tensor) -> _Rectifier:
        """Return the clamp of a normalization and its ReLU."""
        self.ready[path] = _Rectifier(self._clamp(path, x.dtype), (1, -1, 1, 1))
        return self.ready[path]

    def _clamp(self, path: str, dtype: torch.dtype) -> _Clamp:
        """Return a normalization and its ReLU as a clamp, for all that read it."""
        if (form := self.folded.get(path)) is None:
            form = self.folded[path] = _clamp_form(self.modules[path], dtype)
        return form
