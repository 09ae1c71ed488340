"""PyTorch's own samples of the functions of version 1.1, as specs: shape, element type, verdict and value."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from later_op_db import NO_SAMPLES, OP_ROWS, OpRow, SampleSpec, as_spec, ran, samples
from layer_oracle import flat

import netspec
from netspec.check import check_text
from netspec.layers.op_tables import SINCE

DTYPES = (torch.float32, torch.int64, torch.bool, torch.float16, torch.int32, torch.uint8)
FIXED_SEED = 7


def disagreement(spec: SampleSpec, theirs: list[torch.Tensor] | str) -> str | None:
    """How a spec differs from what torch does; None if it does not."""
    report = check_text(spec.text)
    errors = [d.message for d in report.diagnostics if d.severity == "error"]
    if isinstance(theirs, str):
        return None if errors or OF_VALUES in theirs else f"torch: {theirs}"
    if any(t.numel() == 0 for t in theirs):
        return None  # netspec has no empty tensors
    if errors:
        return f"netspec: {errors[0]}; torch: {[tuple(t.shape) for t in theirs]}"
    graph = report.graph
    assert graph is not None
    ours = graph.nodes[-1].outputs
    declared = [(value.shape, value.dtype) for value in ours]
    real = [(tuple(t.shape), str(t.dtype).removeprefix("torch.")) for t in theirs]
    if declared != real:
        return f"netspec: {declared}; torch: {real}"
    module = netspec.compile(spec.text)
    results = flat(module(*spec.tensors))
    for mine, other in zip(results, theirs, strict=False):
        if not torch.equal(torch.nan_to_num(mine), torch.nan_to_num(other)):
            return f"values: {mine} and {other}"
    return None


OF_VALUES = "is out of bounds for dimension"
"""Why torch rejects indices; their values are no matter of a spec."""
STRICTER = (
    ("OneHot", "`num_classes` of `OneHot` cannot be -1"),  # the number of classes depends on the elements
    ("Einsum", "requires floating-point numbers"),
    ("Median", "requires numbers"), ("KthValue", "requires numbers"),
)  # fmt: skip
"""What torch computes and a layer rejects on purpose: the layer, and a part of the message."""


def failures(row: OpRow, *, wrong: bool, every: int) -> list[str]:
    """The disagreements of every n-th sample of a function."""
    torch.manual_seed(FIXED_SEED)
    failed = []
    for op, sample in islice(samples(row, DTYPES, wrong=wrong), 0, None, every):
        spec = as_spec(row, sample)
        if spec is None:
            continue
        difference = disagreement(spec, ran(op, sample))
        if difference is not None and not any(
            row.ours == layer and part in difference for layer, part in STRICTER
        ):
            failed.append(f"{difference}\n{spec.text}")
    return failed


@pytest.mark.parametrize("row", OP_ROWS[::3], ids=lambda row: row.ours)
def test_some_samples_of_torch_are_what_specs_compute(row: OpRow) -> None:
    assert failures(row, wrong=False, every=29)[:1] == []


@pytest.mark.sweep
@pytest.mark.parametrize("row", OP_ROWS, ids=lambda row: row.ours)
def test_the_samples_of_torch_are_what_specs_compute(row: OpRow) -> None:
    assert failures(row, wrong=False, every=1)[:3] == []


@pytest.mark.sweep
@pytest.mark.parametrize("row", OP_ROWS, ids=lambda row: row.ours)
def test_what_torch_says_is_wrong_is_an_error_in_a_spec(row: OpRow) -> None:
    assert failures(row, wrong=True, every=1)[:3] == []


def test_every_layer_of_version_1_1_has_a_row_or_says_why_not() -> None:
    listed = {row.ours for row in OP_ROWS} - {"Pow"}
    assert SINCE.keys() - listed == NO_SAMPLES.keys()
    assert not listed & NO_SAMPLES.keys()
