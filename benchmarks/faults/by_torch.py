"""A case run by torch alone: its layers as a PyTorch user writes them, nothing of netspec's rules.

What the text omits (`in_channels`, `in_features`, …) is what flows in, as a user would fill it in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.faults.cases import Step, steps

_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "Concat": lambda *xs, dim=1: torch.cat(xs, dim),
    "Add": lambda *xs: reduce(add, xs),
    "Permute": lambda x, dims: x.permute(dims),
    "Select": lambda x, dim, index: x.select(dim, index),
    "Transpose": lambda x, dim0, dim1: x.transpose(dim0, dim1),
    "Squeeze": lambda x, dim: x.squeeze(dim),
    "Expand": lambda x, size: x.expand(*size),
    "Parameter": torch.zeros,
}
_FLOWS_IN = (
    "in_channels", "in_features", "input_size", "num_features", "embed_dim", "d_model", "normalized_shape",
)  # fmt: skip


def verdict(text: str, device: str = "cpu") -> tuple[str, str]:
    """`rejects`, `gives another shape` or `runs`; and torch's words, or the step."""
    inputs, body = steps(text)
    torch.manual_seed(0)
    values = {name: _tensor(declaration, device) for name, declaration in inputs.items()}
    for step in body:
        try:
            with torch.device(device), torch.no_grad():
                result = _applied(step, [values[name] for name in step.inputs])
        except (
            RuntimeError,
            ValueError,
            IndexError,
            TypeError,
            AssertionError,
            AttributeError,
        ) as error:
            return "rejects", str(error).splitlines()[0]
        values[step.name] = result[0] if isinstance(result, tuple) else result
        if step.arguments.get("return_indices"):
            values[f"{step.name}.indices"] = result[1]
        if step.expect is not None and list(values[step.name].shape) != step.expect:
            return "gives another shape", f"{list(values[step.name].shape)}, not {step.expect}"
    return "runs", ""


def _tensor(declaration: dict[str, Any], device: str) -> Tensor:
    dtype = getattr(torch, declaration["dtype"])
    if dtype.is_floating_point:
        return torch.randn(declaration["shape"], dtype=dtype, device=device)
    return torch.zeros(declaration["shape"], dtype=dtype, device=device)


def _applied(step: Step, inputs: list[Tensor]) -> Any:
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in step.arguments.items()}
    if step.op in _FUNCTIONS:
        return _FUNCTIONS[step.op](*inputs, **arguments)
    layer = getattr(nn, step.op)
    signature = inspect.signature(layer.__init__).parameters
    if step.op in ("LSTM", "GRU", "RNN"):  # they hide their arguments
        arguments.setdefault("input_size", inputs[0].shape[-1])
    for name in _FLOWS_IN:
        if name in signature and name not in arguments:
            arguments[name] = inputs[0].shape[_axis(name, step.op)]
    if step.op == "MultiheadAttention":
        arguments.pop("need_weights", None)
        inputs = inputs * 3 if len(inputs) == 1 else inputs
    return layer(**arguments)(*inputs)


def _axis(name: str, op: str) -> int:
    """The axis that an argument counts, from the last: a picture may come without a batch."""
    if name in ("in_features", "input_size", "embed_dim", "d_model", "normalized_shape"):
        return -1
    return -1 - int(op[-2]) if op.startswith("Conv") else 1
