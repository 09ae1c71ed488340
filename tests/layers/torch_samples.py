"""PyTorch's own samples of its modules, as calls that the rules can be asked about."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
import torch
from layer_oracle import Numbers, Shapes, flat, infer
from torch import nn

from netspec.layer.base import Layer, Module, ShapeError
from netspec.layers import OPS, find
from netspec.layers.elements import misfit


class Sample(NamedTuple):
    """A module of torch, built and called in one way."""

    op: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    inputs: tuple[Any, ...]
    named: Mapping[str, Any]
    training: bool

    def run(self) -> Shapes | str:
        """The shapes that torch gives, or why it does not."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                built = getattr(nn, self.op)(*self.args, **self.kwargs).train(self.training)
                return [tuple(t.shape) for t in flat(built(*self.inputs, **self.named))]
            except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as error:
                return f"{type(error).__name__}: {error}"

    def asked(self) -> Shapes | str:
        """The shapes that the rule gives, or its rejection."""
        cls = find(self.op)
        assert cls is not None
        called, tensors = self._call(cls)
        layer, errors = cls.make({**self._arguments(cls), **called})
        if layer is None or not tensors:
            return errors[0].message if errors else "nothing flows in"
        layer = layer.taking(tuple(tensors))
        wrong = misfit(layer, [str(t.dtype).removeprefix("torch.") for t in tensors.values()])
        if wrong is not None:
            return wrong.message
        inferred = infer(layer, Numbers(), [tuple(t.shape) for t in tensors.values()])
        return inferred.message if isinstance(inferred, ShapeError) else inferred

    def empty(self) -> bool:
        """Whether a tensor without elements flows in, which netspec does not speak of."""
        return any(t.numel() == 0 for t in flat([*self.inputs, *self.named.values()]))

    def _arguments(self, cls: type[Layer]) -> dict[str, Any]:
        declared = _signature(getattr(nn, self.op))
        bound_arguments = inspect.Signature(declared).bind(*self.args, **self.kwargs).arguments
        written = dict(bound_arguments)
        for name in ("encoder_layer", "decoder_layer"):
            if name in written:
                written |= _of_layer(written.pop(name))
        return {n: _plain(v) for n, v in written.items() if n in cls.arguments}

    def _call(self, cls: type[Layer]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """The arguments of the call, and its tensors by the names of our inputs."""
        if not self.inputs and not self.named:
            return {}, {}
        forward = inspect.signature(getattr(nn, self.op).forward)
        call_arguments = forward.bind(None, *self.inputs, **self.named).arguments
        call_arguments.pop("self")
        called = {n: v for n, v in call_arguments.items() if n in cls.arguments and v is not None}
        flowing = {n: v for n, v in call_arguments.items() if n not in called and v is not None}
        by_name: dict[str, torch.Tensor] = {}
        for name, value in flowing.items():
            known = [name] if name in cls.inputs else cls.inputs[len(by_name) :]
            by_name.update(zip(known, flat(value), strict=False))
        return called, {n: by_name[n] for n in cls.inputs if n in by_name}


def _signature(module: Any) -> list[inspect.Parameter]:
    from typing import get_overloads

    declared = next(iter(get_overloads(module.__init__)), module.__init__)
    return [p for p in inspect.signature(declared).parameters.values() if p.name != "self"]


def _of_layer(layer: Any) -> dict[str, Any]:
    """The arguments that an encoder or decoder layer was built with."""
    return {
        "d_model": layer.self_attn.embed_dim,
        "nhead": layer.self_attn.num_heads,
        "dim_feedforward": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": layer.activation,
        "layer_norm_eps": layer.norm1.eps,
        "batch_first": layer.self_attn.batch_first,
        "norm_first": layer.norm_first,
        "bias": layer.linear1.bias is not None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, nn.LayerNorm):
        return "LayerNorm"
    return getattr(value, "__name__", value) if callable(value) else value


def infos() -> Iterator[Any]:
    """The entries of torch's table whose module is a layer of ours."""
    try:
        from torch.testing._internal.common_modules import module_db
    except ImportError as error:
        pytest.skip(f"torch's samples cannot be imported here: {error}")
    for info in module_db:
        name = info.module_cls.__name__
        layer = find(name) if name in OPS else None
        if layer is not None and issubclass(layer, Module):
            yield info


def _how(training: bool) -> dict[str, Any]:
    return {
        "device": "cpu", "dtype": torch.float32, "requires_grad": False, "training": training,
    }  # fmt: skip


def _sample(name: str, made: Any, training: bool) -> Sample:
    built, call = made.constructor_input, made.forward_input
    built.kwargs.pop(
        "_random_samples", None
    )  # of another dtype than the input, which torch rejects
    inputs, named = (call.args, call.kwargs) if call is not None else ((), {})
    return Sample(name, built.args, built.kwargs, inputs, named, training)


def samples() -> Iterator[Sample]:
    """Every sample of every layer that netspec has."""
    for info in infos():
        for training in (True, False):
            for made in info.module_inputs_func(info, **_how(training)):
                yield _sample(info.module_cls.__name__, made, training)


def rejected_samples() -> Iterator[Sample]:
    """Every sample that torch is known to reject."""
    for info in infos():
        if info.module_error_inputs_func is None:
            continue
        for training in (True, False):
            for made in info.module_error_inputs_func(info, **_how(training)):
                yield _sample(info.module_cls.__name__, made.module_error_input, training)
