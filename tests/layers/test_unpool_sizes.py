"""The sizes for which indices of a pool fit an unpool, compared with torch on data that reaches every corner."""

from __future__ import annotations

import itertools
from random import Random

import pytest
import torch
import yaml
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
    (diagnostic,) = netspec.load(spec(2, (15, 15), 2, 2, None)).diagnostics
    assert diagnostic.helps[0].text == "write `output_size: [15, 15]`"
    assert netspec.load(spec(2, (15, 15), 2, 2, [15, 15])).diagnostics == ()


UNEQUAL = [
    ("AdaptiveMaxPool2d, output_size: 7", (15, 14), "", None),
    ("AdaptiveMaxPool2d, output_size: 7", (14, 14), "", None),
    ("AdaptiveMaxPool1d, output_size: 7", (15,), "", None),
    ("FractionalMaxPool2d, kernel_size: 2, output_size: 7", (15, 14), "", None),
    ("MaxPool2d, kernel_size: 2, padding: 1", (7, 8), ", padding: 1", [7, 8]),
    ("MaxPool2d, kernel_size: 2, padding: 1", (8, 8), ", padding: 1", [8, 8]),
    ("MaxPool2d, kernel_size: 2, padding: 1", (7, 8), ", padding: 1", None),
    ("MaxPool2d, kernel_size: [2, 1], stride: [2, 1], dilation: [2, 1]", (8, 8), "", None),
    ("MaxPool2d, kernel_size: 3, stride: 2", (15, 14), "", None),
    ("MaxPool2d, kernel_size: 3, stride: 2", (15, 15), "", [15, 15]),
    ("MaxPool1d, kernel_size: 3, stride: 2", (15,), "", None),
    ("MaxPool1d, kernel_size: 2, ceil_mode: true", (15,), "", None),
    ("MaxPool3d, kernel_size: 2, padding: 1", (6, 4, 4), ", padding: 1", None),
]
"""Pools that read rows which the unpool, of other arguments or with a padding, does not make."""


@pytest.mark.parametrize(("pool", "sizes", "padding", "size"), UNEQUAL)
def test_rows_of_a_pool_with_other_arguments(
    pool: str, sizes: tuple[int, ...], padding: str, size: list[int] | None
) -> None:
    axes = len(sizes)
    kernel = "[2, 1]" if "[2, 1]" in pool else "2"
    out = "" if size is None else f", output_size: {size}"
    text = (
        f"netspec: 1\ninputs: {{a: [1, 1, {', '.join(map(str, sizes))}]}}\nbody:\n"
        f"  - pool: {{op: {pool}, return_indices: true}}\n"
        f"  - {{op: MaxUnpool{axes}d, kernel_size: {kernel}{padding}, from: [pool, pool.indices]{out}}}\n"
    )
    network = netspec.load(text)
    arguments = yaml.safe_load(f"{{op: {pool}, return_indices: true}}")
    pooling = getattr(nn, arguments.pop("op"))(**arguments)
    unpool = getattr(nn, f"MaxUnpool{axes}d")(yaml.safe_load(kernel), padding=int(bool(padding)))
    runs = True
    for seed in range(40):
        torch.manual_seed(seed)
        try:
            unpool(*pooling(torch.randn(1, 1, *sizes)), output_size=size)
        except (RuntimeError, ValueError):
            runs = False
    assert runs == (not network.report.errors)


def test_no_help_offers_a_size_that_the_unpool_cannot_make() -> None:
    text = (
        "netspec: 1\ninputs: {a: [1, 1, 8, 8]}\nbody:\n"
        "  - pool: {op: MaxPool2d, kernel_size: 2, dilation: 3, return_indices: true}\n"
        "  - {op: MaxUnpool2d, kernel_size: 2, from: [pool, pool.indices]}\n"
    )
    (diagnostic,) = netspec.load(text).diagnostics
    assert diagnostic.helps == ()
