"""Layers as copies: a constructor of `torch.nn` is recorded once for each configuration, and replayed.

A template repeats the constructor to the bit: the same attributes in the same order, tensors of the same
shapes with the same content, and the same draws of the random number generator in the same order. If a
constructor does anything that a template cannot repeat, there is no template.
"""

from __future__ import annotations

import marshal
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

_IMMUTABLE = (int, float, bool, str, bytes, type(None), torch.dtype, torch.device, torch.Size)
_MOST_TEMPLATES = 1000
"""Of one layer."""
_UNDEFINED = object()
"""The content of memory that is not written to."""
_ATEN = torch.ops.aten
_CREATIONS: dict[Any, Callable[[tuple[Any, ...]], object]] = {
    _ATEN.empty.memory_format: lambda _: _UNDEFINED,
    _ATEN.zeros.default: lambda _: 0,
    _ATEN.ones.default: lambda _: 1,
    _ATEN.full.default: lambda args: args[1],
}
"""The content of a new tensor, by the operation that makes it."""
_FILLS: dict[Any, Callable[..., Tensor]] = {
    _ATEN.zero_.default: Tensor.zero_,
    _ATEN.fill_.Scalar: Tensor.fill_,
    _ATEN.uniform_.default: Tensor.uniform_,
    _ATEN.normal_.default: Tensor.normal_,
}
"""The operations that overwrite a tensor."""
_DRAWS = Tensor.uniform_, Tensor.normal_
"""Those of them that draw from the random number generator."""
_WITHOUT_EFFECT = {_ATEN.detach.default, _ATEN.alias.default, _ATEN.lift_fresh.default}


class Templates:
    """The templates of one layer, by its arguments.

    A layer that is constructed once costs a template more than it saves, so the second use of the same arguments
    makes it.

    Args:
        layer: The class of the layer.
    """

    def __init__(self, layer: type[nn.Module]) -> None:
        self._layer = layer
        self._templates: dict[bytes, Template | None] = {}
        self._used_once: set[bytes] = set()

    def module(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A new layer, as its constructor makes it."""
        return self._module(args, kwargs, draws=True)

    def module_without_draws(self, *args: Any, **kwargs: Any) -> nn.Module:
        """A new layer whose random weights are undefined if there is a template."""
        return self._module(args, kwargs, draws=False)

    def _module(self, args: Any, kwargs: dict[str, Any], *, draws: bool) -> nn.Module:
        try:
            key = marshal.dumps((args, kwargs), 2)  # unlike a hash, it distinguishes 1 and True
        except ValueError:
            return self._layer(*args, **kwargs)
        if key in self._templates:
            template = self._templates[key]
            return template.module(draws=draws) if template else self._layer(*args, **kwargs)
        if key not in self._used_once:
            if len(self._used_once) >= _MOST_TEMPLATES:
                self._used_once.clear()
                self._templates.clear()
            self._used_once.add(key)
            return self._layer(*args, **kwargs)
        with Recorder() as recorder:
            module = self._layer(*args, **kwargs)
        try:
            self._templates[key] = Template(module, recorder.calls)
        except NotRepeatableError:
            self._templates[key] = None
        return module


class Call(NamedTuple):
    """One operation of PyTorch."""

    operation: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records the operations of this thread. It refers to their tensors, so no address is reused."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Whether `torch.compile` must not see the mode: no, which spares the import of `torch._dynamo`.

        PyTorch would import it, with sympy, at the first operation: seconds for a recorder that no compiled
        code ever runs in.
        """
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        self.calls.append(Call(func, args, kwargs or {}, result))
        return result


class NotRepeatableError(Exception):
    """The constructor does something that a template cannot repeat."""


class Template:
    """The constructor of a layer for one set of arguments.

    Args:
        module: A module of the constructor.
        calls: The operations of the constructor.

    Raises:
        NotRepeatableError: The constructor does something that a template cannot repeat.
    """

    def __init__(self, module: nn.Module, calls: list[Call]) -> None:
        self._makers: list[tuple[Callable[..., Tensor], tuple[Any, ...], dict[str, Any]]] = []
        self._fills: list[tuple[int, Callable[..., Tensor], tuple[Any, ...]]] = []
        histories = _histories(calls)
        indices: dict[int, int] = {}

        def index(tensor: Tensor) -> int:
            address = tensor.data_ptr()
            if not _is_whole(tensor) or address in indices or address not in histories:
                raise NotRepeatableError
            self._makers.append(_maker(tensor, histories[address]))
            indices[address] = len(indices)
            return indices[address]

        self._state = _State(module, index)
        for call in calls:
            if (fill := _FILLS.get(call.operation)) is not None:
                address = call.args[0].data_ptr()
                if address not in indices:
                    raise NotRepeatableError
                if histories[address].draws:
                    self._fills.append((indices[address], fill, call.args[1:]))

    def module(self, *, draws: bool = True) -> nn.Module:
        """A new module.

        Args:
            draws: Whether to fill tensors at random; otherwise their content is undefined.
        """
        tensors = [make(*args, **kwargs) for make, args, kwargs in self._makers]
        for index, fill, args in self._fills:
            if draws or fill not in _DRAWS:
                fill(tensors[index], *args)
        return self._state.module(tensors)


class _History:
    """The writes to one tensor: random ones, or otherwise the final content."""

    def __init__(self, content: object) -> None:
        self.content, self.draws = content, False


def _histories(calls: list[Call]) -> dict[int, _History]:
    """The writes to each tensor, by its address."""
    histories: dict[int, _History] = {}
    for operation, args, kwargs, result in calls:
        if operation in _CREATIONS:
            histories[result.data_ptr()] = _History(_CREATIONS[operation](args))
        elif operation in _FILLS:
            if kwargs or not _is_whole(args[0]):
                raise NotRepeatableError
            history = histories.setdefault(args[0].data_ptr(), _History(_UNDEFINED))
            if _FILLS[operation] in _DRAWS:
                history.draws = True
            else:
                history.content = args[1] if len(args) > 1 else 0
        elif operation not in _WITHOUT_EFFECT:
            raise NotRepeatableError
    return histories


def _is_whole(tensor: Tensor) -> bool:
    """Whether a tensor is on the CPU, in order, and all of its memory."""
    return (
        tensor.device.type == "cpu"
        and tensor.layout is torch.strided
        and tensor.numel() > 0
        and tensor.is_contiguous()
        and tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    )


def _maker(
    tensor: Tensor, history: _History
) -> tuple[Callable[..., Tensor], tuple[Any, ...], dict[str, Any]]:
    """The call that makes a tensor with the content that it has before the first draw."""
    shape, content = tuple(tensor.shape), history.content
    dtype = {} if tensor.dtype is torch.float32 else {"dtype": tensor.dtype}
    if history.draws or content is _UNDEFINED:
        return torch.empty, (shape,), dtype
    if str(content) in ("0", "0.0"):
        return torch.zeros, (shape,), dtype
    if content == 1:
        return torch.ones, (shape,), dtype
    return torch.full, (shape, content), {"dtype": tensor.dtype}


class _Slot(NamedTuple):
    """The place of a tensor in a module."""

    collection: str
    name: str
    tensor: int
    is_parameter: bool
    requires_grad: bool


class _State:
    """The attributes of a module, which its copies share as far as they are immutable.

    Attributes:
        module_class: The class of the module.
        attributes: All attributes, in order.
        mutable: The attributes that each copy has a new value of.
        slots: The places of the tensors.
        children: The states of the children, by name.
    """

    def __init__(self, module: nn.Module, index: Callable[[Tensor], int]) -> None:
        self.module_class = type(module)
        self.attributes = dict(vars(module))
        self.mutable: list[tuple[str, Callable[[], Any]]] = []
        self.slots: list[_Slot] = []
        self.children: dict[str, _State] = {}
        for name, value in self.attributes.items():
            if name in ("_parameters", "_buffers"):
                self.slots += _slots(name, value, index)
                self.mutable.append((name, dict.fromkeys(value).copy))
            elif name == "_modules":
                self.children = {child: _State(m, index) for child, m in value.items()}
                self.mutable.append((name, dict))
            elif not _is_immutable(value):
                self.mutable.append((name, _copies(value)))
        # No template holds on to the tensors of the module that it was made from.
        self.attributes.update((name, None) for name, _ in self.mutable)

    def module(self, tensors: list[Tensor]) -> nn.Module:
        """A new module with these tensors."""
        module = self.module_class.__new__(self.module_class)
        attributes = module.__dict__
        attributes.update(self.attributes)
        for name, make in self.mutable:
            attributes[name] = make()
        for collection, name, index, is_parameter, requires_grad in self.slots:
            tensor = tensors[index]
            if is_parameter:  # as the constructor of `nn.Parameter` does it
                tensor = Tensor._make_subclass(nn.Parameter, tensor, requires_grad)
            attributes[collection][name] = tensor
        for name, child in self.children.items():
            attributes["_modules"][name] = child.module(tensors)
        return module


def _slots(
    collection: str, tensors: dict[str, Tensor | None], index: Callable[[Tensor], int]
) -> Iterator[_Slot]:
    for name, tensor in tensors.items():
        if tensor is not None:
            is_parameter = type(tensor) is nn.Parameter
            if tensor.__dict__ or not (is_parameter or type(tensor) is Tensor):
                raise NotRepeatableError
            if tensor.requires_grad and not is_parameter:
                raise NotRepeatableError
            yield _Slot(collection, name, index(tensor), is_parameter, tensor.requires_grad)


def _is_immutable(value: object) -> bool:
    if type(value) is tuple:
        return all(map(_is_immutable, value))
    return type(value) in _IMMUTABLE


def _copies(value: Any) -> Callable[[], Any]:
    """A function that makes copies of a collection."""
    if type(value) in (dict, OrderedDict, set) and not value:
        make: Callable[[], Any] = type(value)
        return make
    if type(value) is list and all(map(_is_immutable, value)):
        copy: Callable[[], Any] = value.copy
        return copy
    raise NotRepeatableError
