"""PyTorch's own samples of its modules, against the rules."""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from layer_oracle import Numbers, infer
from torch import nn

from netspec.layers import families, find
from netspec.layers.base import Module


def samples() -> Iterator[tuple[str, Any, bool]]:
    try:
        from torch.testing._internal.common_modules import module_db
    except ImportError as error:
        pytest.skip(f"torch's samples cannot be imported here: {error}")
    for info in module_db:
        name = info.module_cls.__name__
        found = find(name) if name in families() else None
        if found is None or not issubclass(found, Module):
            continue
        for training in (True, False):
            yield from (
                (name, sample, training)
                for sample in info.module_inputs_func(
                    info, device="cpu", dtype=torch.float32, requires_grad=False, training=training
                )
            )


def arguments(name: str, sample: Any) -> dict[str, Any]:
    cls = find(name)
    assert cls is not None
    given = inspect.signature(getattr(nn, name).__init__).bind(
        None, *sample.constructor_input.args, **sample.constructor_input.kwargs
    )
    written = {n: v for n, v in given.arguments.items() if n in cls.arguments}
    return {n: list(v) if isinstance(v, tuple) else v for n, v in written.items()}


@pytest.mark.sweep
def test_the_rules_give_what_torchs_own_samples_give() -> None:
    counts: Counter[str] = Counter()
    for name, sample, training in samples():
        tensors = sample.forward_input.args
        if sample.forward_input.kwargs or not all(isinstance(t, torch.Tensor) for t in tensors):
            continue
        built = getattr(nn, name)(
            *sample.constructor_input.args, **sample.constructor_input.kwargs
        ).train(training)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                out = built(*tensors)
            except RuntimeError:
                continue
        theirs = [tuple(t.shape) for t in (out if isinstance(out, tuple) else (out,))]
        cls = find(name)
        assert cls is not None
        layer, errors = cls.make(arguments(name, sample))
        assert layer is not None, (name, errors)
        shapes = [tuple(t.shape) for t in tensors]
        if all(all(shape) for shape in shapes):
            assert infer(layer, Numbers(), shapes) == theirs, (name, vars(layer), shapes)
            counts[name] += 1
    assert len(counts) > 60
    assert counts.total() > 300
