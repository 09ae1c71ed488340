"""For which sizes indices of a pool fit an unpool, held against torch on data that reaches every corner."""

from __future__ import annotations

import itertools
from random import Random

import pytest
import torch
from torch import nn

import netspec


def torch_restores(
    axes: int, sizes: tuple[int, ...], kernel: int, stride: int, size: object
) -> str:
    """`fails`, `misplaced`, or empty where each value comes back to its place."""
    pool = getattr(nn, f"MaxPool{axes}d")(kernel, stride, return_indices=True)
    unpool = getattr(nn, f"MaxUnpool{axes}d")(kernel, stride)
    x = torch.arange(1.0, 1 + torch.Size(sizes).numel()).reshape(1, 1, *sizes)
    pooled, indices = pool(x)
    try:
        back = unpool(pooled, indices, output_size=size)
    except (RuntimeError, ValueError):
        return "fails"
    inside = tuple(slice(0, min(a, b)) for a, b in zip(sizes, back.shape[2:], strict=True))
    same = (back[0, 0][inside] == x[0, 0][inside]) | (back[0, 0][inside] == 0)
    return "" if bool(same.all()) and back.count_nonzero() == pooled.numel() else "misplaced"


def spec(axes: int, sizes: tuple[object, ...], kernel: int, stride: int, size: object) -> str:
    out = "" if size is None else f", output_size: {size}"
    shape = ", ".join(map(str, sizes))
    arguments = f"kernel_size: {kernel}, stride: {stride}"
    return (
        f"netspec: 1\ninputs: {{a: [1, 1, {shape}]}}\nbody:\n"
        f"  - pool: {{op: MaxPool{axes}d, {arguments}, return_indices: true}}\n"
        f"  - {{op: MaxUnpool{axes}d, {arguments}, from: [pool, pool.indices]{out}}}\n"
    )


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_sizes_that_come_back_are_accepted_and_no_others(axes: int) -> None:
    r = Random(axes)
    for _ in range(120):
        kernel, stride = r.choice([(2, 2), (3, 2), (3, 3), (2, 3), (2, 1)])
        sizes = tuple(r.randint(kernel, 9) for _ in range(axes))
        size = r.choice([None, None, list(sizes)])
        accepted = not netspec.load(spec(axes, sizes, kernel, stride, size)).report.errors
        answer = torch_restores(axes, sizes, kernel, stride, size)
        assert not (accepted and answer), (sizes, kernel, stride, size, answer)
        if size is None and not accepted:  # torch may put every value at a wrong place
            assert answer, (sizes, kernel, stride)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_open_sizes_get_the_condition_of_fixed_ones(axes: int) -> None:
    names = ("D", "H", "W")[-axes:]
    graph = netspec.load(spec(axes, names, 3, 2, None)).report.graph
    assert graph is not None
    for sizes in itertools.product(range(3, 8), repeat=axes):
        open_says = all(s in graph.domains[n] for n, s in zip(names, sizes, strict=True))
        fixed = netspec.load(spec(axes, sizes, 3, 2, None))
        assert open_says == (not fixed.report.errors)


def test_the_help_writes_the_size_that_the_pool_had() -> None:
    (found,) = netspec.load(spec(2, (15, 15), 2, 2, None)).diagnostics
    assert found.helps[0].text == "write `output_size: [15, 15]`"
    assert netspec.load(spec(2, (15, 15), 2, 2, [15, 15])).diagnostics == ()
