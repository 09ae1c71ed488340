"""The folded weights of a network, and when they may replace its modules."""

from collections.abc import Iterator
from itertools import chain
from operator import attrgetter, is_
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import _has_any_global_hook

from netspec.program_helpers.fold_norms import (
    _affine,
    _by_input,
    _clamp_form,
    _fold_after,
    _response,
)
from netspec.program_helpers.fused_calls import _Convolution, _Linear

_SHAPES = 4
"""The number of input shapes for which packed weights are held."""


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

    def clamp(self, x: Tensor, path: str) -> Tensor:
        """Return a normalization and its ReLU but for what the next layer computes."""
        lower, upper = self.ready.get(path) or self._bounds(path, x)
        if upper is None:
            return torch.maximum(x, lower)
        return torch.clamp(x, lower, upper)

    def clamp_(self, x: Tensor, path: str) -> Tensor:
        """Compute `clamp` in the memory of its input."""
        lower, upper = self.ready.get(path) or self._bounds(path, x)
        if upper is None:
            return torch.maximum(x, lower, out=x)
        return torch.clamp(x, lower, upper, out=x)

    def _convolution(self, key: tuple[str, str, str, str], x: Tensor) -> _Convolution:
        """Fold and pack a convolution."""
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
            folded = self.folded[key] = _Convolution(weight, bias, geometry, key[2])
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
        """Return weight and bias of a layer with its normalizations."""
        _, norm, _, pre = key
        weight, bias = layer.weight.detach(), layer.bias
        bias = None if bias is None else bias.detach()
        if not norm and not pre:
            return weight, bias
        weight = weight.double()
        bias = weight.new_zeros(len(weight)) if bias is None else bias.double()
        if pre:
            form = _clamp_form(self.modules[pre], dtype)
            bias = bias + _response(weight, form.constant)
            weight = weight * _by_input(form.scale, weight)
        if norm:
            weight, bias = _fold_after(weight, bias, *_affine(self.modules[norm]))
        weight = weight.to(dtype)
        if pre:  # with the rounded weight, so that the zeros of the ReLU remain zeros
            bias = bias - _response(weight, form.threshold)
        return weight, bias.to(dtype)

    def _bounds(self, path: str, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the bounds of a clamp; None for no upper bound."""
        form = _clamp_form(self.modules[path], x.dtype)
        lower, upper = (t.view(1, -1, 1, 1) for t in (form.lower, form.upper))
        unbounded = bool(upper.isinf().all())
        self.ready[path] = lower, None if unbounded else upper
        return self.ready[path]


class _FoldedNetwork:
    """The folded weights of a network for the shapes of inputs that it has met.

    Args:
        network: The network, whose modules own the weights.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.clear()

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: it folds its own weights."""
        return {"network": self.network}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the network of a copy."""
        self.network = state["network"]
        self.clear()

    def clear(self) -> None:
        """Forget all folded weights."""
        self.folded: dict[Any, Any] = {}
        self.calls: dict[Any, _Calls] = {}
        self.met: set[Any] = set()
        self.state: _State | None = None

    def calls_for(self, *inputs: Tensor) -> _Calls | None:
        """Return the calls for inputs of these shapes, or None if the modules must run.

        The modules run in training, for gradients, on other devices, in other types,
        and under hooks, autocast and tracers.
        """
        if not all(map(_is_plain_tensor, inputs)) or _is_transformed():
            return None
        if self.state is None or not self.state.is_current():
            self.clear()
            self.state = _State(self.network)
        if not self.state.allows(inputs):
            return None
        key = (torch.get_num_threads(), *[x.shape for x in inputs])
        calls = self.calls.get(key)
        return self._new_calls(key) if calls is None else calls

    def _new_calls(self, key: Any) -> _Calls:
        """Return calls for new shapes.

        Weights are packed for the first shapes, and for others that come again.
        """
        assert self.state is not None
        packs = not self.calls or key in self.met
        calls = _Calls(self.state.modules, self.folded, packs=packs)
        if packs:
            while len(self.calls) >= _SHAPES:
                self.calls.pop(next(iter(self.calls)), None)
            self.calls[key] = calls
        elif len(self.met) < 64:
            self.met.add(key)
        else:
            self.met = {key}
        return calls


class _State:
    """The modules and tensors of a network when its weights were folded.

    Args:
        network: The network.
    """

    def __init__(self, network: nn.Module) -> None:
        self.modules = dict(network.named_modules(remove_duplicate=False))
        owned = [vars(module) for module in network.modules()]
        self.attributes = owned
        self.hooks = [
            attributes[name]
            for attributes in owned
            for name in (
                "_forward_hooks",
                "_forward_pre_hooks",
                "_backward_hooks",
                "_backward_pre_hooks",
            )
        ]
        self.registries = [
            attributes[name]
            for attributes in owned
            for name in ("_modules", "_parameters", "_buffers")
            if attributes[name]
        ]
        self.members = list(self._members())
        self.tensors = [t for t in self.members if isinstance(t, Tensor)]
        self.versions = [*map(_version, self.tensors)]
        self.addresses = [*map(Tensor.data_ptr, self.tensors)]
        self.on_cpu = all(t.device.type == "cpu" for t in self.tensors)
        self.dtypes = {t.dtype for t in self.tensors if t.is_floating_point()}

    def _members(self) -> Iterator[object]:
        return chain.from_iterable(map(dict.values, self.registries))

    def is_current(self) -> bool:
        """Whether the network has the same modules and weights as then.

        A change in place through `.data` is invisible.
        """
        members = list(self._members())
        return (
            len(members) == len(self.members)
            and all(map(is_, members, self.members))
            and [*map(_version, self.tensors)] == self.versions
            and [*map(Tensor.data_ptr, self.tensors)] == self.addresses
        )

    def allows(self, inputs: tuple[Tensor, ...]) -> bool:
        """Whether no module is in training, observed, replaced or has gradients."""
        dtypes = {x.dtype for x in inputs if x.is_floating_point()} | self.dtypes
        return (
            self.on_cpu
            and len(dtypes) <= 1
            and dtypes <= {torch.float32, torch.float64}
            and not any(self.hooks)
            and not any(a["training"] or "forward" in a for a in self.attributes)
            and not (
                torch.is_grad_enabled()
                and any(t.requires_grad for t in (*inputs, *self.tensors))
            )
        )


_version = attrgetter("_version")


def _is_plain_tensor(x: object) -> bool:
    """Whether an input is an ordinary tensor on the CPU."""
    return type(x) is Tensor and x.device.type == "cpu" and x.layout == torch.strided


def _is_transformed() -> bool:
    """Whether something other than this program decides what operations do."""
    return (
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch.is_autocast_enabled("cpu")
        or _has_any_global_hook()
        or torch._C._len_torch_dispatch_stack() > 0
        or torch._C._functorch.peek_interpreter_stack() is not None
    )
