"""The documented exceptions of layers to their formula, compared with torch."""

from __future__ import annotations

import pytest
import torch

from netspec import layers


def guide(name: str) -> str:
    layer = layers.find(name)
    assert layer is not None
    return " ".join((layer.__doc__ or "").split())


def test_channel_0_stays_in_the_sum_of_crossmaplrn2d() -> None:
    image = torch.ones(1, 7, 1, 1)
    image[0, 0] = 10
    sums = image / torch.nn.CrossMapLRN2d(3, alpha=3.0, beta=1.0, k=0.0)(image)
    assert sums.flatten().tolist() == pytest.approx([101, 102, 103, 103, 103, 103, 102])
    assert "PyTorch never removes channel 0 from the sum" in guide("CrossMapLRN2d")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_epsilon_of_rmsnorm(dtype: torch.dtype) -> None:
    counted = torch.float64 if dtype is torch.float64 else torch.float32
    value = torch.full((1, 4), 1e-8 if dtype is torch.float64 else 1e-4, dtype=dtype)
    out = torch.nn.functional.rms_norm(value, (4,))
    square = value.double()[0, 0] ** 2
    epsilon = square / out.double()[0, 0] ** 2 - square
    assert float(epsilon) == pytest.approx(torch.finfo(counted).eps, rel=0.02)
    layer = layers.find("RMSNorm")
    assert layer is not None
    assert "float32's epsilon (float64's for float64)" in layer.arguments["eps"].doc


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_window_of_lppool_over_the_edge_counts_as_full(axes: int) -> None:
    pool = getattr(torch.nn, f"LPPool{axes}d")(1, 3, stride=2, ceil_mode=True)
    assert pool(torch.ones(1, 1, *[6] * axes)).flatten().tolist() == pytest.approx(
        [3.0**axes] * 3**axes
    )
    assert "over the edge counts as if it were full" in guide(f"LPPool{axes}d")
