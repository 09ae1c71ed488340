"""The folded weights of a network, and when they may replace its modules."""

from collections.abc import Iterator
from itertools import chain
from operator import attrgetter, is_
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import _has_any_global_hook

from netspec.program_helpers.folded_calls import _Calls

_SHAPES = 4
"""The number of input shapes for which packed weights are held."""


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
