"""Which layers may return a view of their input, compared with torch."""

from __future__ import annotations

import warnings

import torch
from layer_oracle import Numbers, apply, crashes, drawn, flat, infer, make, tensors_for

from netspec.layer.base import ShapeError
from netspec.layers import OPS, find


def gives_back(op: str, draws: int) -> bool:
    """Whether torch ever gives a result in the memory of an input."""
    for k in range(draws):
        args, names, shapes = drawn(op, f"memory {op} {k}")
        layer = make(op, args, names)
        if layer is None or getattr(layer, "inplace", False) or crashes(layer, shapes):
            continue
        if isinstance(infer(layer, Numbers(), shapes), ShapeError):
            continue
        for training in (True, False):
            tensors = tensors_for(layer, shapes)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    out = flat(apply(layer, tensors, training))
                except (
                    RuntimeError,
                    ValueError,
                ):  # a batch norm in training requires several values
                    continue
            memory = {t.untyped_storage().data_ptr() for t in tensors.values() if t.numel()}
            results = [t for t in out if isinstance(t, torch.Tensor) and t.numel()]
            if any(t.untyped_storage().data_ptr() in memory for t in results):
                return True
    return False


def test_a_layer_is_a_view_exactly_where_torch_returns_the_same_memory() -> None:
    declared = {op for op in OPS if (cls := find(op)) is not None and cls.view}
    assert {op for op in OPS if gives_back(op, 40)} == declared
