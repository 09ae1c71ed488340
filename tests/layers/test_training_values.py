"""Which layers torch cannot train on one value per channel, compared with torch."""

from __future__ import annotations

import warnings

import pytest
import torch
from layer_oracle import Numbers, apply, crashes, drawn, infer, make, tensors_for

import netspec
from netspec.layer.base import ShapeError
from netspec.layers import OPS
from netspec.report.status_line import verdict


def rejected_in_training(op: str, draw: int) -> tuple[bool, bool] | None:
    """Whether torch cannot train a random call, and whether we say so."""
    args, names, shapes = drawn(op, f"training {op} {draw}")
    if "Norm" in op and draw % 2:
        shapes = [tuple(s if axis == 1 else min(s, 2) for axis, s in enumerate(shapes[0]))]
    layer = make(op, args, names)
    if layer is None or crashes(layer, shapes):
        return None
    if isinstance(infer(layer, Numbers(), shapes), ShapeError):
        return None
    is_rejected = bool(shapes) and layer.normalized_sizes(shapes[0]) == ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            apply(layer, tensors_for(layer, shapes), True)
        except ValueError as error:
            assert "Expected more than 1" in str(error)
            return True, is_rejected
    return False, is_rejected


@pytest.mark.parametrize("op", OPS)
def test_a_single_value_for_each_channel_cannot_be_trained(op: str) -> None:
    draws = 60 if "Norm" in op else 4
    answers = [a for k in range(draws) if (a := rejected_in_training(op, k)) is not None]
    assert all(torch_rejects == is_claimed for torch_rejects, is_claimed in answers)


def test_torch_rejects_some_of_the_random_norms() -> None:
    for op in ("BatchNorm1d", "BatchNorm2d", "SyncBatchNorm", "InstanceNorm1d"):
        assert (True, True) in [rejected_in_training(op, k) for k in range(60)]


POOLED = """netspec: 1
inputs: {features: [%s, 8, H, W]}
body:
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - bn: BatchNorm2d
"""


@pytest.mark.parametrize("batch", ["1", "2", "N"])
def test_a_batch_norm_on_pooled_maps_trains_with_two_items_or_more(batch: str) -> None:
    network = netspec.load(POOLED % batch)
    codes = [d.code for d in network.diagnostics]
    module = network.compile().train()
    assert codes == (["NS404"] if batch == "1" else [])
    if batch != "1":
        module(torch.zeros(2, 8, 3, 3))
    if batch != "2":
        with pytest.raises(ValueError, match="more than 1 value"):
            module(torch.zeros(1, 8, 3, 3))
    assert ("trainable for N >= 2" in verdict(network.report)) == (batch == "N")


def test_a_batch_that_is_declared_large_enough_needs_no_word() -> None:
    network = netspec.load("dims: {N: {min: 2}}\n" + POOLED % "N")
    assert network.report.graph is not None
    assert network.report.graph.training == {}
